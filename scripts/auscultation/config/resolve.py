"""Check the config before any job starts, and give each rule the part of it that it needs.

Imports only what starting the workflow can afford: no pandas, no scikit-learn.
"""

import copy
import inspect
from collections.abc import Iterable
from pathlib import Path

from auscultation.config.combinations import Beside, classes_of, refused
from auscultation.config.paths import (
    problems_of_folders,
    problems_of_name,
    problems_of_paths,
    without_dot,
)
from auscultation.config.schema import (
    PATHS,
    as_text,
    closed,
    fill_defaults,
    nearest,
    normalise,
    problems_of,
)
from auscultation.config.sweep import combinations, expand, swept, unsuited, with_lists
from auscultation.data.derived import OPTIONAL, SOURCES
from auscultation.data.target import CLASSES, Target
from auscultation.fits.algorithms import ALGORITHMS, REGRESSORS
from auscultation.metrics.names import tuned_by
from auscultation.splits.registry import PROTOCOLS, unit_of
from auscultation.splits.registry import protocol as function_of
from auscultation.workbook.sources import is_folder, problems_of_origin

# what a model may say beside its algorithm's settings
MODEL_KEYS = ("algorithm", "features", "scale", "tune", "fit_timeout")
# of the settings of protocols, by the annotations of their functions
TYPES = {int: "integer", float: "number", str: "string", bool: "boolean", dict: "object"}
TYPES |= {dict | None: "object", list | None: "array"}
NEEDED = ("patient_ID", "state")  # columns that no later stage can do without


class ConfigError(ValueError):
    """The config is wrong; `problems` holds one line for each wrong key."""

    def __init__(self, problems: list[str]):
        self.problems = problems
        super().__init__("\n".join(f"  - {problem}" for problem in problems))


def resolve(config: dict, schema: dict) -> dict:
    """Check a config and fill in its defaults.

    Parameters
    ----------
    config
        As read from YAML; left as it is.
    schema
        The JSON schema in config.schema.yaml.

    Returns
    -------
    dict
        The whole config, normalised, each model with its `algorithm` and `settings`, each split
        with its `protocol` and `settings`. Sweeps are expanded to their models, each with `sweep`.

    Raises
    ------
    ConfigError
        Naming every wrong key, each with the nearest right name.
    """
    config = copy.deepcopy(dict(config))
    for section in ("splits", "models"):
        if isinstance(config.get(section), dict):
            # `knn:` with nothing behind it is None in YAML: a model without settings.
            config[section] = {k: {} if v is None else v for k, v in config[section].items()}
    if isinstance(config.get("checks"), dict):  # YAML 1.1 takes off for false
        config["checks"] = {k: "off" if v is False else v for k, v in config["checks"].items()}
    # `--config allow_missing=true` is text to Snakemake, which takes True alone for true
    given = str(config.get("allow_missing")).lower()
    if given in ("true", "false"):
        config["allow_missing"] = given == "true"
    fill_defaults(config, schema)
    problems = problems_of(config, schema)
    schema = _for_target(with_algorithms(schema), config["target"])
    for section, resolve_entry in (("splits", _resolve_split), ("models", _resolve_model)):
        entries = config.get(section)
        if not isinstance(entries, dict):
            continue
        resolved: dict[str, dict] = {}
        for name, entry in entries.items():
            where = f"{section}.{name}"
            made = {str(name): entry}
            misnamed = problems_of_name(name, where)
            problems += misnamed
            if isinstance(entry, dict) and not misnamed:
                made = resolve_entry(str(name), entry, where, schema, problems)
            twice = sorted(made.keys() & resolved.keys())
            problems += [f"{where}: `{key}` is there already, or a sweep makes it" for key in twice]
            resolved |= made
        config[section] = resolved
        problems += problems_of_folders(section, resolved)
    # what `--config sheet=1e5` becomes; a position has no point
    problems += [
        f"{key}: {config[key]!r} is no position ({as_text(key)})"
        for key in ("sheet", "score_sheet")
        if isinstance(config[key], float) and config[key].is_integer() and config[key] >= 0
    ]
    problems += _dropped(config) + problems_of_origin(config) + problems_of_paths(config)
    problems += _combined(config) if not problems else []
    if not problems and not fits(config):
        problems.append(f"models: none can predict {config['target']}, all give a number")
    if problems:
        raise ConfigError(problems)
    config["clean"]["drop"] = sorted(config["clean"]["drop"])
    for part in (config, *(split["settings"] for split in config["splits"].values())):
        for key in (*PATHS, "list"):
            if key in part:
                listed = isinstance(part[key], list)
                part[key] = [*map(without_dot, part[key])] if listed else without_dot(part[key])
    return normalise(config)


def with_algorithms(schema: dict) -> dict:
    """Return the schema with the settings and features of every algorithm of the registry."""
    schema = copy.deepcopy(schema)
    for name, row in ALGORITHMS.items():
        schema["$defs"]["algorithms"][name] = dict(row.settings)
        if row.features is not None:
            schema["$defs"]["own_features"][name] = {"default": list(row.features)}
    return schema


def _for_target(schema: dict, name: str) -> dict:
    """Return the schema with what depends on the target: classes that have weights, metrics."""
    if not isinstance(name, str) or name not in CLASSES:
        return schema
    schema, target = copy.deepcopy(schema), Target(name, CLASSES[name])
    if target.classes:
        names = [str(code) for code in range(len(target.classes))]
        schema["$defs"]["weights"]["propertyNames"] = {"enum": names}
    metric = {"enum": list(tuned_by(target)), "default": tuned_by(target)[0]}
    schema["$defs"]["tune"]["properties"]["metric"] = metric
    return schema


def missing_file(key: str, path: str) -> str:
    """Say that a file which the config names does not exist, with the nearest that does."""
    if Path(path).is_dir():
        return f"{key}: {is_folder(path)}"
    folder, suffix = Path(path).parent, Path(path).suffix
    beside = [p.name for p in folder.glob(f"*{suffix}")] if folder.is_dir() else []
    near = nearest(Path(path).name, beside) if beside else f"no {suffix} file in {folder}/"
    return f"{key}: no such file: {path} ({near})"


def _combined(config: dict) -> list[str]:
    """Say which settings of a model do not go together; of a sweep or of candidates, each once."""
    said = []
    for name, model in config["models"].items():
        where = f"models.{model.get('sweep', {}).get('model', name)}"
        beside = Beside(
            model.get("features", config["features"]),
            model.get("scale", "none"),
            classes_of(config["target"]),
        )
        said += [f"{where}.tune.metric: {why}" for why in unsuited(model)]
        for candidate in model.get("tune", {}).get("candidates", [{}]):
            wrong = refused(model["algorithm"], model["settings"] | candidate, beside)
            said += [f"{where}.{line}" for line in wrong]
    return list(dict.fromkeys(said))


def _dropped(config: dict) -> list[str]:
    """Say which columns are to be left out though they are needed."""
    clean = config["clean"]
    drop = clean.get("drop") if isinstance(clean, dict) else None
    used = used_columns(config)
    return [
        f"clean.drop: `{column}` cannot be left out, {used[str(column)]}"
        for column in (drop if isinstance(drop, list) else ())
        if str(column) in used
    ]


def used_columns(config: dict) -> dict[str, str]:
    """Return the columns of the table that the workflow needs under a config, each with why.

    Parameters
    ----------
    config
        Resolved but perhaps not right: what has the wrong type is passed over.
    """
    models, splits = (
        config[section] if isinstance(config.get(section), dict) else {}
        for section in ("models", "splits")
    )
    used = dict.fromkeys(NEEDED, "the workflow needs it")
    used.setdefault(str(config["target"]), "it is the target")
    asked: list[tuple[str, str]] = []
    for name, model in models.items():
        features = model.get("features", config["features"]) if isinstance(model, dict) else None
        for feature in map(str, features if isinstance(features, list) else ()):
            asked.append((feature, f"{{}} is a feature of model {name}"))
    for name, split in splits.items():
        settings = split.get("settings") if isinstance(split, dict) else None
        if isinstance(settings, dict) and "column" in settings:
            asked.append((str(settings["column"]), f"split {name} groups by {{}}"))
    for asks, why in asked:
        for column in SOURCES.get(asks, [asks]):
            used.setdefault(column, why.format("it" if column == asks else f"`{asks}`"))
    return used


def optional_columns(config: dict) -> list[str]:
    """Name the columns that a workbook may lack, but not under this config."""
    return sorted(used_columns(config).keys() & set(OPTIONAL))


def _resolve_split(name: str, entry: dict, where: str, schema: dict, problems: list[str]) -> dict:
    settings = {key: value for key, value in entry.items() if key != "protocol"}
    protocol = entry.get("protocol", name)
    if not isinstance(protocol, str) or protocol not in PROTOCOLS:
        problems.append(_unknown(where, "protocol", name, entry, PROTOCOLS))
        return {name: entry}
    parameters = inspect.signature(function_of(protocol)).parameters
    known = {k: p for k, p in parameters.items() if p.kind is p.KEYWORD_ONLY}
    properties = {
        key: {"type": TYPES[p.annotation]} | schema["$defs"]["protocols"].get(key, {})
        for key, p in known.items()
    }
    of = f"a setting of protocol {protocol}"
    problems += problems_of(settings, closed(properties, schema), where, of)
    missing = [k for k, p in known.items() if p.default is p.empty and k not in settings]
    problems += [f"{where}.{key}: missing; protocol {protocol} needs it" for key in missing]
    defaults = {k: p.default for k, p in known.items() if p.default not in (p.empty, None)}
    return {name: {"protocol": protocol, "settings": defaults | settings}}


def _resolve_model(name: str, entry: dict, where: str, schema: dict, problems: list[str]) -> dict:
    settings = {key: value for key, value in entry.items() if key not in MODEL_KEYS}
    algorithms = schema["$defs"]["algorithms"]
    algorithm = entry.get("algorithm", name)
    if not isinstance(algorithm, str) or algorithm not in algorithms:
        problems.append(_unknown(where, "algorithm", name, entry, algorithms))
        return {name: entry}
    keys = swept(settings, algorithms[algorithm], schema)
    whole = closed(with_lists(algorithms[algorithm], keys), schema)
    fill_defaults(settings, whole)
    wrong = problems_of(settings, whole, where, f"a setting of algorithm {algorithm}")
    resolved = {"algorithm": algorithm, "settings": settings}
    beside = {key: entry[key] for key in ("features", "scale", "fit_timeout") if key in entry}
    tune = _tune(entry.get("tune", False))
    if tune is not None:
        beside["tune"] = tune
    known = {key: {"$ref": f"#/$defs/{key}"} for key in MODEL_KEYS[1:]}
    own = {"features": schema["$defs"]["own_features"].get(algorithm, {})}
    fill_defaults(beside, {"properties": own})
    wrong += problems_of(beside, closed(known, schema), where, "a key of tune")
    if tune is not None and not keys:
        wrong.append(f"{where}.tune: nothing to choose among; give a setting a list of values")
    problems += wrong
    resolved |= beside
    if wrong:
        return {name: resolved}
    resolved = normalise(resolved)
    if tune is None:
        try:
            return expand(name, resolved, keys)
        except ValueError as error:
            problems.append(f"{where}: {error}")
            return {name: resolved}
    fill_defaults(resolved, {"properties": known}, schema)
    resolved["tune"]["candidates"] = combinations(resolved["settings"], keys)
    resolved["settings"] = {k: v for k, v in resolved["settings"].items() if k not in keys}
    return {name: resolved}


def _tune(value) -> dict | None:
    """Write the short forms of `tune` in full: true, or the name of a metric."""
    if value is False or value is None:
        return None
    if isinstance(value, str):
        return {"metric": value}
    return {} if value is True else value


def _unknown(where: str, key: str, name: str, entry: dict, known: Iterable[str]) -> str:
    """Say that a split's protocol or a model's algorithm does not exist."""
    if key in entry:
        return f"{where}.{key}: there is no {key} `{entry[key]}`; {nearest(entry[key], known)}"
    return (
        f"{where}: there is no {key} `{name}`; {nearest(name, known)} "
        f"(a name of your own needs `{key}:`)"
    )


def fits(config: dict) -> list[dict[str, str]]:
    """List every fit of a resolved config: model, algorithm and split, sorted."""
    without = left_out(config)
    return [
        {"model": model, "algorithm": config["models"][model]["algorithm"], "split": split}
        for split in sorted(config["splits"])
        for model in sorted(config["models"])
        if model not in without
    ]


def finals(config: dict) -> list[dict[str, str]]:
    """List the fits to all cycles, of the first split that is such; none where there is none."""
    splits = config["splits"]
    names = [name for name in sorted(splits) if splits[name]["protocol"] == "final"]
    return [fit for fit in fits(config) if [fit["split"]] == names[:1]]


def apart(config: dict) -> dict[str, str]:
    """Return what splits deal out whole: cycles, recordings or patients; others are left out."""
    units = {name: unit_of(**split) for name, split in sorted(config["splits"].items())}
    return {name: unit for name, unit in units.items() if unit}


def left_out(config: dict) -> list[str]:
    """Name the models that give a number, where the target is a class that is none."""
    if Target(config["target"]).ordered:
        return []
    models = config["models"]
    return sorted(name for name in models if models[name]["algorithm"] in REGRESSORS)


def features_of(config: dict, model: str) -> list[str]:
    """Return the features a model looks at, in the order of its theta."""
    return list(config["models"][model].get("features", config["features"]))


def scale_of(config: dict, model: str) -> str:
    """Say how a model's features are scaled."""
    return config["models"][model].get("scale", "none")


def tune_of(config: dict, model: str) -> dict:
    """Say how a model's settings are chosen; nothing where they are given."""
    return config["models"][model].get("tune", {})


def timeout_of(config: dict, model: str) -> float | None:
    """Say how many seconds a fit of a model may take; None where it may take any."""
    return config["models"][model].get("fit_timeout", config["fit_timeout"])
