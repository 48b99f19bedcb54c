"""Settings with several values: a sweep makes a model of each, tuning chooses among them.

Names of a sweep's models become folders and wildcards: `knn-n_neighbors-1`.
"""

import itertools
import re
from collections.abc import Iterator, Mapping, Sequence

from auscultation.config.schema import deref
from auscultation.fits.algorithms import ALGORITHMS
from auscultation.metrics.names import AREA, LOSSES

SEEDS = ("random_state", "seed")  # settings that are luck and nothing else
UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


def takes_list(part: dict, root: dict) -> bool:
    """Return whether a schema lets a value be a list; then a list is one value, not several."""
    part = deref(part, root)
    kinds = part.get("type", [])
    listed = "array" in ([kinds] if isinstance(kinds, str) else kinds)
    return listed or any(takes_list(choice, root) for choice in part.get("anyOf", []))


def swept(settings: Mapping, properties: dict, root: dict) -> list[str]:
    """Return the settings that are lists of values, sorted, so that their order says nothing."""
    return sorted(
        key
        for key, value in settings.items()
        if isinstance(value, list) and key in properties and not takes_list(properties[key], root)
    )


def with_lists(properties: dict, keys: list[str]) -> dict:
    """Return the schema's properties with lists of values in place of those named."""
    several = {"type": "array", "minItems": 1, "uniqueItems": True}
    return properties | {key: several | {"items": properties[key]} for key in keys}


def combinations(settings: Mapping, keys: list[str]) -> list[dict]:
    """Return every combination of the values named, the last setting's changing fastest."""
    values = itertools.product(*(settings[key] for key in keys))
    return [dict(zip(keys, chosen, strict=True)) for chosen in values]


def unsuited(model: Mapping) -> Iterator[str]:
    """Yield that a model lacks what its candidates are to be scored by."""
    metric, algorithm = model.get("tune", {}).get("metric"), model["algorithm"]
    if metric in LOSSES and not ALGORITHMS[algorithm].probabilities:
        yield f"{metric} is of probabilities, and {algorithm} gives none; take {AREA}"


def value_name(value) -> str:
    """Return a value as text with letters, digits, `_`, `-` and `.` alone.

    Two values may have one name (`a b` and `a+b`); the check of the config finds that.
    """
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list):
        return "_".join(map(value_name, value))
    if isinstance(value, Mapping):
        return "-".join(f"{value_name(key)}_{value_name(value[key])}" for key in value)
    return UNSAFE.sub("_", str(value).replace("e+", "e")).rstrip(".")


def expand(name: str, model: dict, keys: list[str], options: Sequence[str] = ()) -> dict[str, dict]:
    """Return a model for each combination of a sweep's values, or the model itself if there are none.

    `keys` are settings, `options` stand beside these, as features do. Each has `sweep`: the sweep's name under `model`, and its own settings. Raises ValueError where
    two combinations have one name.
    """
    if not keys and not options:
        return {name: model}
    models: dict[str, dict] = {}
    for chosen in combinations(model | model["settings"], [*keys, *options]):
        member = "-".join([name, *(f"{key}-{value_name(chosen[key])}" for key in chosen)])
        if member in models:
            raise ValueError(f"two of its values make a model of the same name, `{member}`")
        settings = model["settings"] | {key: chosen[key] for key in keys}
        own = {key: chosen[key] for key in options}
        models[member] = model | own | {"settings": settings, "sweep": {"model": name} | chosen}
    return models


def curves(models: Mapping[str, dict]) -> list[dict]:
    """Return the curves that can be drawn: each setting of each sweep that has two numbers or more.

    Seeds are no scale on which scores could rise or fall.

    Each has sweep, key (the setting), algorithm, and points: by model its x and its series, the
    other swept settings as text. Sorted.
    """
    curves: dict[tuple[str, str], dict] = {}
    for name, model in sorted(models.items()):
        chosen = dict(model.get("sweep", {}))
        sweep = chosen.pop("model", None)
        for key, value in chosen.items():
            if key in SEEDS or isinstance(value, bool) or not isinstance(value, int | float):
                continue
            others = ", ".join(f"{k} = {value_name(v)}" for k, v in chosen.items() if k != key)
            start = {"sweep": sweep, "key": key, "algorithm": model["algorithm"], "points": {}}
            curve = curves.setdefault((sweep, key), start)
            curve["points"][name] = {"x": value, "series": others}
    return [
        curve
        for _, curve in sorted(curves.items())
        if len({point["x"] for point in curve["points"].values()}) > 1
    ]


def seed_sweeps(models: Mapping[str, Mapping]) -> dict[str, list[str]]:
    """Return the models of each sweep that is over the seed alone, by the name of the sweep."""
    sweeps: dict[str, list[str]] = {}
    for name, model in sorted(models.items()):
        chosen = dict(model.get("sweep", {}))
        sweep = chosen.pop("model", "")
        if len(chosen) == 1 and {*chosen} <= {*SEEDS}:
            sweeps.setdefault(sweep, []).append(name)
    return {name: members for name, members in sorted(sweeps.items()) if len(members) > 1}
