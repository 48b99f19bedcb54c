"""Which columns of the table the workflow needs under a config."""

from collections.abc import Iterable, Iterator, Mapping

from auscultation.data.derived import OPTIONAL, SOURCES

NEEDED = ("patient_ID", "state")  # columns that no later stage can do without


def used_columns(config: dict) -> dict[str, str]:
    """Return the columns that the workflow needs, each with the reason; skips wrong types."""
    used = dict.fromkeys(NEEDED, "the workflow needs it")
    used.setdefault(str(config["target"]), "it is the target")
    groups = split_settings(config, "column")
    reasons = [(str(column), f"split {name} groups by {{}}") for name, column in groups]
    for name, reason in (*_features(config), *reasons):
        for column in SOURCES.get(name, [name]):
            used.setdefault(column, reason.format("it" if column == name else f"`{name}`"))
    return used


def _features(config: dict) -> Iterator[tuple[str, str]]:
    """Yield each feature of each model, with the reason why it is needed."""
    for name, model in _section(config, "models"):
        features = model.get("features", config["features"]) if isinstance(model, dict) else None
        for feature in features if isinstance(features, list) else ():
            yield str(feature), f"{{}} is a feature of model {name}"


def split_settings(config: Mapping, key: str) -> Iterator[tuple[str, object]]:
    """Yield each split that has a setting, with its value; the config may have wrong types."""
    for name, split in _section(config, "splits"):
        settings = split.get("settings") if isinstance(split, Mapping) else None
        if isinstance(settings, Mapping) and key in settings:
            yield name, settings[key]


def _section(config: Mapping, name: str) -> Iterable[tuple[str, object]]:
    return config[name].items() if isinstance(config.get(name), Mapping) else ()


def optional_columns(config: dict) -> list[str]:
    """Return the columns that a workbook may lack, but not under this config."""
    return sorted(used_columns(config).keys() & set(OPTIONAL))


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
