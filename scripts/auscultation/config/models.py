"""Entries under `models:` of the config: algorithm and settings of each, sweeps and tuning expanded."""

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

# What a model may have beside its algorithm and the settings of that.
OPTIONS = ("features", "scale", "tune", "fit_timeout")
OPTION_SCHEMAS = {key: {"$ref": f"#/$defs/{key}"} for key in OPTIONS}


def resolve_model(name: str, entry: dict, where: str, schema: dict) -> Resolved:
    """Return the models that an entry stands for: one, or one for each combination of a sweep.

    `where` is the key of the entry, for messages; `schema` has the settings of every algorithm.
    """
    algorithms = schema["$defs"]["algorithms"]
    algorithm = entry.get("algorithm", name)
    if not isinstance(algorithm, str) or algorithm not in algorithms:
        return Resolved({name: entry}, [unknown_name(where, "algorithm", name, entry, algorithms)])
    settings = {k: value for k, value in entry.items() if k not in (*OPTIONS, "algorithm")}
    lists = swept(settings, algorithms[algorithm], schema)
    whole = closed(with_lists(algorithms[algorithm], lists), schema)
    fill_defaults(settings, whole)
    problems = problems_of(settings, whole, where, f"a setting of algorithm {algorithm}")
    options = _options(entry, algorithm, schema)
    problems += problems_of(options, closed(OPTION_SCHEMAS, schema), where, "a key of tune")
    if "tune" in options and not lists:
        problems.append(f"{where}.tune: nothing to choose among; give a setting a list of values")
    model = {"algorithm": algorithm, "settings": settings} | options
    if problems:
        return Resolved({name: model}, problems)
    model = normalise(model)
    if "tune" in model:
        return Resolved({name: _tuned(model, lists, schema)}, [])
    try:
        return Resolved(expand(name, model, lists), [])
    except ValueError as error:
        return Resolved({name: model}, [f"{where}: {error}"])


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


def _tuned(model: dict, lists: list[str], schema: dict) -> dict:
    """Return a model with its candidates: every combination of the settings that are lists."""
    fill_defaults(model, {"properties": OPTION_SCHEMAS}, schema)
    tune = model["tune"] | {"candidates": combinations(model["settings"], lists)}
    settings = {key: value for key, value in model["settings"].items() if key not in lists}
    return model | {"settings": settings, "tune": tune}


def problems_of_combinations(config: dict) -> list[str]:
    """Return which settings of a model do not go together; of a sweep or of candidates, each once."""
    problems = []
    for name, model in config["models"].items():
        where = f"models.{model.get('sweep', {}).get('model', name)}"
        features, scale = features_of(config, name), scale_of(config, name)
        beside = Beside(features, scale, classes_of(config["target"]))
        problems += [f"{where}.tune.metric: {reason}" for reason in unsuited(model)]
        for candidate in tune_of(config, name).get("candidates", [{}]):
            lines = refused(model["algorithm"], model["settings"] | candidate, beside)
            problems += [f"{where}.{line}" for line in lines]
    return list(dict.fromkeys(problems))
