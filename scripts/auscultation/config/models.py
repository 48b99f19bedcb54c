"""Entries under `models:` of the config: algorithm and settings of each, sweeps and tuning expanded."""

from collections.abc import Iterator, Mapping

from auscultation.config.columns import MADE
from auscultation.config.combinations import Beside, classes_of, refused
from auscultation.config.queries import features_of, scale_of, tune_of
from auscultation.config.schema import (
    Resolved,
    closed,
    fill_defaults,
    normalise,
    problems_of,
    unknown_name,
)
from auscultation.config.sweep import combinations, expand, swept, unsuited, with_lists
from auscultation.data.columns import WORKBOOK
from auscultation.data.features import LEFT_OUT, is_pattern
from auscultation.fits.algorithms import ALGORITHMS

# What a model may have beside its algorithm and the settings of that.
OPTIONS = ("features", "missing", "scale", "tune", "fit_timeout")
SEVERAL = ("features", "missing", "scale")  # that may be lists: a sweep, or candidates of tune
KEEP = "keep is for algorithms that take missing values, and {} takes none; write median"
OPTION_SCHEMAS = {key: {"$ref": f"#/$defs/{key}"} for key in OPTIONS}


def resolve_model(name: str, entry: dict, where: str, schema: dict) -> Resolved:
    """Return the models that an entry stands for: one, or one for each combination of a sweep.

    `where` is the key of the entry, for messages; `schema` has the settings of every algorithm.
    """
    algorithms = schema["$defs"]["algorithms"]
    algorithm = entry.get("algorithm", name)
    if not isinstance(algorithm, str) or algorithm not in algorithms:
        return {name: entry}, [unknown_name(where, "algorithm", name, entry, algorithms)]
    settings = {k: value for k, value in entry.items() if k not in (*OPTIONS, "algorithm")}
    lists = swept(settings, algorithms[algorithm], schema)
    whole = closed(with_lists(algorithms[algorithm], lists), schema)
    fill_defaults(settings, whole)
    problems = problems_of(settings, whole, where, f"a setting of algorithm {algorithm}")
    options = _options(entry, algorithm, schema)
    listed = [key for key in SEVERAL if _is_several(key, options.get(key))]
    option_schemas = closed(with_lists(OPTION_SCHEMAS, listed), schema)
    problems += problems_of(options, option_schemas, where, "a key of tune")
    if "tune" in options and not lists + listed:
        problems.append(f"{where}.tune: nothing to choose among; give a setting a list of values")
    model = {"algorithm": algorithm, "settings": settings} | options
    if problems:
        return {name: model}, problems
    model = normalise(model)
    if "tune" in model:
        return {name: _tuned(model, lists, listed, schema)}, []
    try:
        return expand(name, model, lists, listed), []
    except ValueError as error:
        return {name: model}, [f"{where}: {error}"]


def _options(entry: dict, algorithm: str, schema: dict) -> dict:
    """Return what an entry says beside its settings, `tune` in full; its features where they are its own."""
    options = {key: entry[key] for key in OPTIONS if key in entry and key != "tune"}
    tune = entry.get("tune")
    if isinstance(tune, str):
        options["tune"] = {"metric": tune}
    elif tune is not None and tune is not False:
        options["tune"] = {} if tune is True else tune
    own = {"features": schema["$defs"]["own_features"].get(algorithm, {})}
    fill_defaults(options, {"properties": own})
    return options


def _is_several(key: str, value: object) -> bool:
    """Return whether an option has several values; features are a list in themselves."""
    if key != "features":
        return isinstance(value, list)
    return isinstance(value, list) and any(isinstance(part, list) for part in value)


def _tuned(model: dict, lists: list[str], listed: list[str], schema: dict) -> dict:
    """Return a model with its candidates: every combination of the settings and options that are lists."""
    fill_defaults(model, {"properties": OPTION_SCHEMAS}, schema)
    candidates = combinations(model | model["settings"], [*lists, *listed])
    settings = {key: value for key, value in model["settings"].items() if key not in lists}
    kept = {key: value for key, value in model.items() if key not in listed}
    return kept | {"settings": settings, "tune": model["tune"] | {"candidates": candidates}}


def expand_sets(entries: list[str], sets: Mapping[str, list[str]]) -> list[str]:
    """Return a list of features with the entries of sets in place of their names.

    Behind `!` a set leaves out all that it names. Raises ValueError where a set holds itself.
    """
    return list(dict.fromkeys(_expanded(entries, sets, ())))


def _expanded(
    entries: list[str], sets: Mapping[str, list[str]], within: tuple[str, ...]
) -> Iterator[str]:
    for entry in entries:
        name = entry.removeprefix(LEFT_OUT)
        if name not in sets:
            yield entry
        elif name in within:
            raise ValueError(f"`{name}` holds itself")
        else:
            own = _expanded(sets[name], sets, (*within, name))
            yield from own if name == entry else (f"{LEFT_OUT}{e}" for e in own if e[0] != LEFT_OUT)


def with_sets(config: dict) -> list[str]:
    """Put the entries of feature sets in place of their names, and return what is wrong with the sets."""
    sets = config["feature_sets"]
    taken = [name for name in sets if name in {*WORKBOOK, *MADE}]
    problems = [f"feature_sets.{name}: a column has this name; rename the set" for name in taken]
    misnamed = [name for name in sets if is_pattern(name) or LEFT_OUT in name]
    problems += [f"feature_sets.{name}: a name holds no * ? [ and no !" for name in misnamed]
    try:
        for own in sets.values():
            expand_sets(own, sets)
        config["features"] = expand_sets(config["features"], sets)
        for model in config["models"].values():
            for part in (model, *model.get("tune", {}).get("candidates", ())):
                if "features" in part:
                    part["features"] = expand_sets(part["features"], sets)
    except ValueError as error:
        problems.append(f"feature_sets: {error}")
    return problems


def problems_of_combinations(config: dict) -> list[str]:
    """Return which settings of a model do not go together; of a sweep or of candidates, each once."""
    problems, n_classes = [], classes_of(config["target"])
    for name, model in config["models"].items():
        where = f"models.{model.get('sweep', {}).get('model', name)}"
        features, scale = features_of(config, name), scale_of(config, name)
        problems += [f"{where}.tune.metric: {reason}" for reason in unsuited(model)]
        for candidate in tune_of(config, name).get("candidates", [{}]):
            own = model | candidate
            takes_missing = ALGORITHMS[model["algorithm"]].takes_missing
            if own.get("missing") == "keep" and not takes_missing:
                problems.append(f"{where}.missing: {KEEP.format(model['algorithm'])}")
            beside = Beside(own.get("features", features), own.get("scale", scale), n_classes)
            settings = {key: value for key, value in candidate.items() if key not in SEVERAL}
            lines = refused(model["algorithm"], model["settings"] | settings, beside)
            problems += [f"{where}.{line}" for line in lines]
    return list(dict.fromkeys(problems))
