"""Check the config before any job starts, and fill in what it leaves out.

Imports only what starting the workflow can afford: no pandas, no scikit-learn.
"""

import copy
from collections.abc import Callable

from auscultation.config.columns import problems_of_dropped, problems_of_names, target_column
from auscultation.config.merged_schema import for_target, with_algorithms
from auscultation.config.models import problems_of_combinations, resolve_model, with_sets
from auscultation.config.paths import (
    problems_of_folders,
    problems_of_name,
    problems_of_paths,
    without_dot,
)
from auscultation.config.queries import fits
from auscultation.config.schema import (
    PATHS,
    Resolved,
    as_text,
    fill_defaults,
    normalise,
    problems_of,
    read_texts,
)
from auscultation.config.splits import resolve_split
from auscultation.data.columns import NOTEBOOK
from auscultation.data.target import wanted
from auscultation.workbook.sources import problems_of_origin

SWITCHES = ("learning_curve", "importance")  # `true` stands for their defaults
Resolve = Callable[[str, dict, str, dict], Resolved]


class ConfigError(ValueError):
    """The config is wrong; `problems` holds one line for each wrong key."""

    def __init__(self, problems: list[str]):
        self.problems = problems
        super().__init__("\n".join(f"  - {problem}" for problem in problems))


def resolve(config: dict, schema: dict) -> dict:
    """Return a config, as read from YAML and left as it is, checked, normalised, with its defaults.

    Each model has its `algorithm` and `settings`, each split its `protocol` and `settings`. Sweeps
    are expanded to their models, each with `sweep`. Raises ConfigError, naming every wrong key.
    """
    config = _as_meant(config)
    read_texts(config, schema)
    fill_defaults(config, schema)
    problems = problems_of(config, schema)
    if config["features"] == "auto":
        config["features"] = _usual_features(config)
    schema = with_algorithms(schema)
    if not any(problem.startswith("target") for problem in problems):
        schema = for_target(schema, wanted(config["target"]))
    problems += _resolve_section(config, "splits", resolve_split, schema)
    problems += _resolve_section(config, "models", resolve_model, schema)
    problems += _problems_of_sheets(config) + problems_of_dropped(config)
    problems += problems_of_origin(config) + problems_of_paths(config)
    problems = problems or with_sets(config) or problems_of_dropped(config)
    problems = problems or problems_of_names(config) + problems_of_combinations(config)
    problems = problems or _problems_of_requests(config)
    if not problems and not fits(config):
        problems = [f"models: none can predict {target_column(config)}, all give a number"]
    if problems:
        raise ConfigError(problems)
    config["clean"]["drop"] = sorted(config["clean"]["drop"])
    if isinstance(config["target"], dict) and "classes" in config["target"]:
        # pairs, as mappings are sorted, and the first class is the normal one
        config["target"]["classes"] = [*map(list, config["target"]["classes"].items())]
    for part in (config, *(split["settings"] for split in config["splits"].values())):
        for key in (*PATHS, "list"):
            if key in part:
                listed = isinstance(part[key], list)
                part[key] = [*map(without_dot, part[key])] if listed else without_dot(part[key])
    return normalise(config)


def _usual_features(config: dict) -> list[str]:
    """Return the features of models that name none: the families' of recordings, else the notebook's."""
    families = config["families"] if config["recordings"] else None
    if isinstance(families, list) and families:
        return [f"{family}_*" for family in families]
    return [*NOTEBOOK]


def _as_meant(config: dict) -> dict:
    """Return a copy of a config, with what YAML and Snakemake's command line read otherwise than meant."""
    config = copy.deepcopy(dict(config))
    for section in ("splits", "models"):
        if isinstance(config.get(section), dict):
            # `knn:` with nothing behind it is None in YAML: a model without settings.
            config[section] = {k: {} if v is None else v for k, v in config[section].items()}
    if isinstance(config.get("checks"), dict):  # YAML 1.1 takes off for false
        config["checks"] = {k: "off" if v is False else v for k, v in config["checks"].items()}
    # `--config allow_missing=true` is text to Snakemake, which takes True alone for true
    for key in ("allow_missing", *SWITCHES):
        text = str(config.get(key)).lower()
        if text in ("true", "false"):
            config[key] = text == "true"
    for key in SWITCHES:
        if config.get(key) is True:
            config[key] = {}
    return config


def _problems_of_requests(config: dict) -> list[str]:
    """Return which requests to examine the models do not suit the rest of the config."""
    problems = []
    if config["threshold"] and not wanted(config["target"]).ordered:
        problems.append(
            "threshold: the target has several classes without order, so that none is the abnormal "
            "one; name one, as in `target: {column: .., positive: ..}`"
        )
    importance = config["importance"]
    if importance and importance["groups"] == "sets" and not config["feature_sets"]:
        problems.append("importance.groups: there are no sets; name some under `feature_sets`")
    if importance and importance["groups"] == "families" and not config["recordings"]:
        problems.append("importance.groups: only features of recordings are of families")
    return problems


def _resolve_section(config: dict, section: str, resolve_entry: Resolve, schema: dict) -> list[str]:
    """Resolve every entry of a section, in place, and return what is wrong with them."""
    if not isinstance(config.get(section), dict):
        return []
    problems: list[str] = []
    resolved: dict[str, dict] = {}
    for name, entry in config[section].items():
        where = f"{section}.{name}"
        entries = {str(name): entry}
        misnamed = problems_of_name(name, where)
        problems += misnamed
        if isinstance(entry, dict) and not misnamed:
            entries, wrong = resolve_entry(str(name), entry, where, schema)
            problems += wrong
        twice = sorted(entries.keys() & resolved.keys())
        problems += [f"{where}: `{key}` is there already, or a sweep makes it" for key in twice]
        resolved |= entries
    config[section] = resolved
    return problems + problems_of_folders(section, resolved)


def _problems_of_sheets(config: dict) -> list[str]:
    """Return which sheets are a number with a point, such as `--config sheet=1e5` becomes."""
    return [
        f"{key}: {config[key]!r} is no position ({as_text(key)})"
        for key in ("sheet", "score_sheet")
        if isinstance(config[key], float) and config[key].is_integer() and config[key] >= 0
    ]
