"""Which columns of the table the workflow needs under a config, and what is wrong with those it names."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from auscultation.config.queries import own_lists, with_own_features
from auscultation.config.schema import nearest
from auscultation.data.columns import WORKBOOK
from auscultation.data.derived import SOURCES
from auscultation.data.features import (
    KEYS,
    LEFT_OUT,
    REFUSED,
    FeatureError,
    available,
    is_pattern,
    kind_of,
    matching,
    resolve_features,
)
from auscultation.data.name_pattern import PARTS, problems_of_pattern
from auscultation.data.target import CLASSES, label_sources

# Columns that the workflow makes of others, or of several workbooks.
MADE = ("recording", *PARTS, "dataset", *SOURCES)
# Imputed in the fold where they are features.
OF_PATIENTS = ("age", "sex", "IMC", "weight", "height")


def target_column(config: Mapping) -> str:
    """Return the column to be predicted; the config may have wrong types."""
    target = config["target"]
    return str(target.get("column", "") if isinstance(target, Mapping) else target)


def used_columns(config: dict) -> dict[str, str]:
    """Return the columns that the config names, each with the reason; skips wrong types."""
    used = {"patient_ID": "the workflow needs it", target_column(config): "it is the target"}
    reasons = [
        (entry, f"{{}} is a feature of model {name}")
        for name, model in _section(config, "models")
        for entries in feature_lists(config | {"models": {name: model}}).values()
        for entry in entries
        if not is_pattern(entry) and not entry.startswith(LEFT_OUT)  # these name no column
    ]
    groups = split_settings(config, "column")
    reasons += [(str(column), f"split {name} groups by {{}}") for name, column in groups]
    for name, reason in reasons:
        for column in SOURCES.get(name, [name]):
            used.setdefault(column, reason.format("it" if column == name else f"`{name}`"))
    return used


def feature_lists(config: dict) -> dict[str, list[str]]:
    """Return every list of features of a resolved config, by its key; candidates have several."""
    lists: dict[str, list[str]] = {}
    for name, model in _section(config, "models"):
        if not isinstance(model, Mapping):
            continue
        several = own_lists(model)
        base = model.get("sweep", {}).get("model", name)
        for entries in several:
            taken = lists.setdefault(f"models.{base}.features", [])
            taken += [entry for entry in entries if isinstance(entry, str) and entry not in taken]
        if not several and isinstance(config["features"], list):
            lists["features"] = [entry for entry in config["features"] if isinstance(entry, str)]
    return lists


def split_settings(config: Mapping, key: str) -> Iterator[tuple[str, object]]:
    """Yield each split that has a setting, with its value; the config may have wrong types."""
    for name, split in _section(config, "splits"):
        settings = split.get("settings") if isinstance(split, Mapping) else None
        if isinstance(settings, Mapping) and key in settings:
            yield name, settings[key]


def _section(config: Mapping, name: str) -> Iterable[tuple[str, object]]:
    return config[name].items() if isinstance(config.get(name), Mapping) else ()


def needed_columns(config: dict) -> list[str]:
    """Return the columns that the workbook must have beside the patient: for the target and the splits.

    Not the features, so that another feature reads nothing anew; `describe_features` looks for them.
    """
    groups = {str(column) for _, column in split_settings(config, "column")}
    labels = set() if label_sources(target_column(config)) else {target_column(config)}
    return sorted((groups | labels) - {*MADE})


def imputed_in_fold(config: dict) -> list[str]:
    """Return the known columns whose gaps are imputed in each fold: those that may be features.

    Of what is known of the patient only what is a feature, so that a change of other features cleans
    nothing anew. A split that groups by a column needs all its cells.
    """
    entries = {entry for entries in feature_lists(config).values() for entry in entries}
    of_patients = {n for n in OF_PATIENTS if any(matching(entry, [n]) for entry in entries)}
    sounds = {n for n, of in WORKBOOK.items() if of.kind == "number"} - {*OF_PATIENTS}
    groups = {column for _, column in split_settings(config, "column")}
    return sorted((of_patients | sounds) - groups - {"start", "end"})


def problems_of_dropped(config: dict) -> list[str]:
    """Return which columns of `clean.drop` are needed, one line each."""
    clean = config["clean"]
    drop = clean.get("drop") if isinstance(clean, dict) else None
    used = used_columns(config)
    return [
        f"clean.drop: `{column}` cannot be left out, {used[str(column)]}"
        for column in (drop if isinstance(drop, list) else ())
        if str(column) in used
    ]


def problems_of_names(config: dict) -> list[str]:
    """Return what is wrong with the columns that a config names, before the workbook is looked at."""
    unknown = sorted(map(str, config["columns"].keys() - WORKBOOK.keys()))
    problems = [f"columns.{n}: no column that is known; {nearest(n, WORKBOOK)}" for n in unknown]
    mapped = [*config["columns"].values()]
    twice = sorted({name for name in mapped if mapped.count(name) > 1})
    problems += [f"columns: `{name}` is there twice" for name in twice]
    wrong = problems_of_pattern(config["name_pattern"])
    problems += [f"name_pattern: {problem}" for problem in wrong]
    target = target_column(config)
    if target in KEYS:
        problems.append(f"target: `{target}` is a key of the cycle, and no class")
    if isinstance(config["target"], dict) and target in CLASSES and len(config["target"]) > 1:
        problems.append(
            f"target: `{target}` has classes of its own; write `target: {target}`, or take another of "
            f"{', '.join(CLASSES)}"
        )
    for where, entries in feature_lists(config).items():
        refused = [name for name in entries if name in REFUSED or name == target]
        problems += [f"{where}: `{n}` is {kind_of(n)}, and no feature" for n in refused]
    return problems


def problems_of_table(config: dict, columns: Collection[str]) -> list[str]:
    """Return what a workbook with these columns lacks for a config: its target, groups and features."""
    drop, target = config["clean"]["drop"], target_column(config)
    names = dict.fromkeys(name for name in columns if name not in (*drop, "adq_format"))
    if not {"recording", "adq_format"}.isdisjoint(columns):
        names |= dict.fromkeys(["recording", *PARTS])
    if isinstance(config["workbook"], list):
        names["dataset"] = None
    problems = []
    if "patient_ID" not in columns:
        problems.append(
            f"workbook: no column `patient_ID` ({nearest('patient_ID', names)}); if it has another "
            "name, `columns: {patient_ID: its name}` says which"
        )
    sources = label_sources(target) or [(target,)]
    if not any({*of} <= {*columns} for of in sources):
        problems.append(f"target: the workbook has no column `{target}` ({nearest(target, names)})")
    for split, column in split_settings(config, "column"):
        if column not in available(names, ()):
            near = nearest(str(column), names)
            problems.append(f"splits.{split}.column: no column `{column}` ({near})")
    for split, about in config["splits"].items():
        if about["protocol"] in ("recording", "published") and "recording" not in names:
            problems.append(
                f"splits.{split}: the workbook has no recordings; leave the split out, or name their "
                "column, `columns: {recording: its name}`"
            )
    # a baseline that lacks its column has no result, and stops nothing
    own = with_own_features(config)
    named = {name: model for name, model in config["models"].items() if name not in own}
    for where, entries in feature_lists(config | {"models": named}).items():
        try:
            resolve_features(entries, list(names), target)
        except FeatureError as error:
            problems += [f"{where}: {problem}" for problem in error.problems]
    return problems
