"""The models of a run, as its methods tell them: settings, sweeps, features, scaling, tuning, failures."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, cast

from auscultation.data.columns import NOTEBOOK
from auscultation.export.methods.run import Run
from auscultation.fits.algorithms import ALGORITHMS, REGRESSORS
from auscultation.report.models import REPORTED
from auscultation.report.recordings import family_of

LISTED = 12  # features that are named; of more, their number
SEEDS = ("random_state", "seed")  # settings whose common value is told once


class Setting(NamedTuple):
    """A setting with its value, or with the values of a sweep or of a choice."""

    key: str
    values: list[str]


class Variant(NamedTuple):
    """Models of one algorithm that differ in what they sweep over alone; one model without a sweep."""

    name: str  # of the model, or of the sweep
    n: int
    fixed: list[Setting]
    swept: list[Setting]


class Group(NamedTuple):
    """The models of an algorithm."""

    algorithm: str
    title: str
    variants: list[Variant]


class Seen(NamedTuple):
    """Models that see the same features."""

    models: list[str]
    n: int
    features: list[str]  # of no family; none where there are too many to name
    n_others: int  # of no family
    families: list[tuple[str, int]]  # of recordings


class Tuned(NamedTuple):
    """How settings of a model were chosen, and what was chosen under the split to rely on."""

    model: str
    metric: str
    folds: int
    seed: int
    candidates: list[Setting]
    chosen: list[str]  # each once


class Failure(NamedTuple):
    """Fits without a result, or in doubt, for one reason."""

    what: str
    fits: list[tuple[str, str]]  # model and split
    why: str


def value_text(value: object) -> str:
    """Return the value of a setting for reading."""
    if isinstance(value, str):
        return value
    if isinstance(value, Mapping):
        pairs = (f"{key}: {value_text(part)}" for key, part in value.items())
        return f"{{{', '.join(pairs)}}}"
    if isinstance(value, list):
        return value_text(value[0]) if len(value) == 1 else f"[{', '.join(map(value_text, value))}]"
    return "none" if value is None else json.dumps(value, default=str)


def in_order(values: Iterable[object]) -> list[str]:
    """Return values for reading, each once: numbers from the smallest on, others as they come."""
    distinct = list({value_text(value): value for value in values}.items())
    if all(isinstance(value, int | float) and not isinstance(value, bool) for _, value in distinct):
        distinct.sort(key=lambda pair: cast("float", pair[1]))
    return [text for text, _ in distinct]


def settings_of(settings: Mapping, without: Iterable[str] = ()) -> list[Setting]:
    """Return settings, sorted."""
    leave = {*without}
    return [Setting(k, [value_text(v)]) for k, v in sorted(settings.items()) if k not in leave]


def seed_of(run: Run, models: Iterable[str]) -> str | None:
    """Return the seed that models have in common; None without any, or where they differ."""
    settings = (run.config["models"][model]["settings"] for model in models)
    seeds = {value_text(own[key]) for own in settings for key in SEEDS if key in own}
    return seeds.pop() if len(seeds) == 1 else None


def groups_of(run: Run, models: Iterable[str]) -> list[Group]:
    """Return models by algorithm, in the order of the registry, those of a sweep as one variant.

    A seed that all of them have in common is left out.
    """
    models = [*models]
    entries, leave = run.config["models"], SEEDS if seed_of(run, models) is not None else ()
    by_algorithm: dict[str, dict[str, list[str]]] = {}
    for model in sorted(models):
        sweep = entries[model].get("sweep", {}).get("model", model)
        by_sweep = by_algorithm.setdefault(entries[model]["algorithm"], {})
        by_sweep.setdefault(sweep, []).append(model)
    return [
        Group(
            algorithm,
            ALGORITHMS[algorithm].title,
            [variant(entries, *pair, leave) for pair in by_algorithm[algorithm].items()],
        )
        for algorithm in ALGORITHMS
        if algorithm in by_algorithm
    ]


def variant(entries: Mapping, name: str, members: list[str], leave: Iterable[str]) -> Variant:
    """Return the models of a sweep, or one model, without some settings."""
    first = entries[members[0]]
    swept = [key for key in first.get("sweep", {}) if key != "model"]
    values = {key: in_order(entries[m]["sweep"][key] for m in members) for key in swept}
    tuned = {key for own in first.get("tune", {}).get("candidates", []) for key in own}
    fixed = settings_of(first["settings"], [*swept, *tuned, *leave])
    return Variant(name, len(members), fixed, [Setting(*pair) for pair in values.items()])


def seen_of(run: Run) -> list[Seen]:
    """Return what features models see, those of most models first; baselines are left out."""
    families = run.config["families"] if run.config["recordings"] else []
    by_inputs: dict[tuple[str, ...], list[str]] = {}
    for model in sorted(run.models):
        if inputs := run.shown(model).get("inputs"):
            by_inputs.setdefault(tuple(inputs), []).append(model)
    seen = []
    for inputs, models in sorted(by_inputs.items(), key=lambda pair: (-len(pair[1]), pair[1])):
        of = [family_of(name, families) for name in inputs]
        own = [(name, of.count(name)) for name in families if name in of]
        rest = [name for name, family in zip(inputs, of, strict=True) if family not in families]
        seen.append(Seen(models, len(inputs), rest if len(rest) <= LISTED else [], len(rest), own))
    return seen


def has_notebook(run: Run) -> bool:
    """Return whether some model sees a statistic of the notebook."""
    return bool({*NOTEBOOK} & {*inputs_of(run)})


def inputs_of(run: Run) -> list[str]:
    """Return the features of all models, also of folds that chose among several lists; sorted."""
    names: set[str] = set()
    for model in run.models:
        for summary in run.by_model.get(model, {}).values():
            names |= {*summary.get("inputs", [])}
            names |= {n for fold in summary.get("folds", []) for n in fold.get("inputs", [])}
    return sorted(names)


def has_categories(run: Run) -> bool:
    """Return whether some model sees a category as columns of 0 and 1."""
    return any(
        name.split("=")[0] in {*run.shown(model).get("inputs", [])} and "=" in name
        for model in run.models
        for name in run.shown(model).get("features", [])
    )


def by_option(run: Run, option: str, default: str) -> list[tuple[str, list[str]]]:
    """Return the models by what an option (`scale`, `missing`) was, that of most models first."""
    by_value: dict[str, list[str]] = {}
    for model in sorted(run.models):
        if summary := run.shown(model):
            by_value.setdefault(summary.get(option, default), []).append(model)
    return sorted(by_value.items(), key=lambda pair: (-len(pair[1]), pair[0]))


def filled(run: Run) -> list[tuple[str, list[str]]]:
    """Return the models by what becomes of missing values; none where no feature lacks any."""
    gaps = run.quality["missing_after"]
    if not any(gaps.get(name) for name in inputs_of(run)):
        return []
    return by_option(run, "missing", "median")


def tuned_of(run: Run) -> list[Tuned]:
    """Return the models whose settings were chosen, and how."""
    made = []
    for model in sorted(run.models):
        entry = run.config["models"][model]
        if not (tune := entry.get("tune")):
            continue
        keys = sorted({key for candidate in tune["candidates"] for key in candidate})
        candidates = [
            Setting(key, in_order(own[key] for own in tune["candidates"])) for key in keys
        ]
        folds = run.by_model.get(model, {}).get(run.first["split"], {}).get("folds", [])
        texts = (chosen_text(fold["chosen"]) for fold in folds if "chosen" in fold)
        chosen = list(dict.fromkeys(texts))
        made.append(Tuned(model, tune["metric"], tune["folds"], tune["seed"], candidates, chosen))
    return made


def chosen_text(chosen: Mapping) -> str:
    """Return chosen settings for reading."""
    return ", ".join(f"{key} = {value_text(value)}" for key, value in sorted(chosen.items()))


def failures_of(run: Run) -> list[Failure]:
    """Return the fits without a result and those in doubt, by what is wrong and why."""
    by_reason: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for fit, what, why in _doubts(run):
        by_reason.setdefault((what, why), []).append((fit["model"], fit["split"]))
    return [Failure(what, fits, why) for (what, why), fits in sorted(by_reason.items())]


def _doubts(run: Run) -> Iterator[tuple[Mapping, str, str]]:
    """Yield the fits in doubt, what is wrong and why; of several folds the first's reason."""
    for lost in run.lost:
        yield lost, "failed", lost["reason"]
    for fit, summary in zip(run.fits, run.summaries, strict=True):
        if "failed" in summary:
            yield fit, "failed", summary["failed"]
        for what, reported in REPORTED.items():
            reasons = [reason for fold in summary["folds"] if (reason := reported(fold))]
            if reasons:
                more = ", and likewise in other folds" if len({*reasons}) > 1 else ""
                yield fit, what, reasons[0].rstrip(".") + more


def device_features(run: Run) -> list[str]:
    """Return the features by whose values by_device predicts."""
    models = (m for m in run.baselines if run.algorithms[m] == "by_device")
    return sorted({name for m in models for name in run.shown(m).get("inputs", ["device"])})


def regressors(run: Run) -> list[str]:
    """Return the models that predict a number, baselines left out."""
    return sorted(model for model in run.models if run.algorithms[model] in REGRESSORS)
