"""Features whose missing values were replaced before the split."""

from typing import NamedTuple


class Imputed(NamedTuple):
    """A feature, how many of its values were replaced, and by what."""

    name: str
    cells: int
    value: object


def imputed_features(quality: dict, features: list[str]) -> list[Imputed]:
    """Return the imputed columns that are features of some model, from the content of `quality.json`."""
    return [
        Imputed(name, about["cells"], about["value"])
        for name, about in sorted(quality["imputed"].items())
        if name in features
    ]
