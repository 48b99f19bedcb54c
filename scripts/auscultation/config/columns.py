"""Which columns of the table the workflow needs under a config."""

from collections.abc import Iterator

from auscultation.data.derived import OPTIONAL, SOURCES

NEEDED = ("patient_ID", "state")  # columns that no later stage can do without


def used_columns(config: dict) -> dict[str, str]:
    """Return the columns that the workflow needs, each with the reason.

    Parameters
    ----------
    config
        Resolved but perhaps not right: what has the wrong type is passed over.
    """
    used = dict.fromkeys(NEEDED, "the workflow needs it")
    used.setdefault(str(config["target"]), "it is the target")
    for name, reason in (*_features(config), *_groups(config)):
        for column in SOURCES.get(name, [name]):
            used.setdefault(column, reason.format("it" if column == name else f"`{name}`"))
    return used


def _features(config: dict) -> Iterator[tuple[str, str]]:
    """Yield each feature of each model, with the reason why it is needed."""
    for name, model in _section(config, "models"):
        features = model.get("features", config["features"]) if isinstance(model, dict) else None
        for feature in features if isinstance(features, list) else ():
            yield str(feature), f"{{}} is a feature of model {name}"


def _groups(config: dict) -> Iterator[tuple[str, str]]:
    """Yield each column that a split groups by, with the reason why it is needed."""
    for name, split in _section(config, "splits"):
        settings = split.get("settings") if isinstance(split, dict) else None
        if isinstance(settings, dict) and "column" in settings:
            yield str(settings["column"]), f"split {name} groups by {{}}"


def _section(config: dict, name: str) -> list[tuple[str, object]]:
    return list(config[name].items()) if isinstance(config.get(name), dict) else []


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
