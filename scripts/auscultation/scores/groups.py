"""Groups of cycles by which a score is broken down: sex, bands of age, device, location."""

import logging
import re
from collections.abc import Mapping, Sequence

import numpy as np

from auscultation.data.derived import derive, missing, numbered
from auscultation.data.text import fold

UNKNOWN = ""  # the text of a cycle whose group is not known
MOST_GROUPS = 12  # a column with more values does not group, it lists
NUMBER = re.compile(r"(under )?(\d+(?:\.\d+)?)\b")


def age_bands(ages: np.ndarray, edges: Sequence[float]) -> np.ndarray:
    """Return the band of each age (years, shape (n,)), as text; unknown where the age is nan.

    `edges` are the first ages of all bands but the lowest, rising: 18 and 65 make `under 18`,
    `18 to 64` and `65 and over`.

    Raises ValueError where the edges do not rise.
    """
    if not len(edges) or any(b <= a for a, b in zip(edges, edges[1:], strict=False)):
        raise ValueError(f"age_bands: {list(edges)} is not a list of rising ages, such as [18, 65]")
    names = [f"under {edges[0]:g}"]
    names += [_band(low, high) for low, high in zip(edges, edges[1:], strict=False)]
    names.append(f"{edges[-1]:g} and over")
    ages = np.asarray(ages, dtype=np.float64)
    unknown = np.isnan(ages)
    bands = np.array(names, object)[np.searchsorted(edges, ages, side="right") * ~unknown]
    bands[unknown] = UNKNOWN
    return bands


def _band(low: float, high: float) -> str:
    """Return the name of the ages from one edge to below the next."""
    if float(low) != int(low) or float(high) != int(high):
        return f"{low:g} to under {high:g}"
    return f"{low:g}" if high == low + 1 else f"{low:g} to {high - 1:g}"


def in_order(names: Sequence[str]) -> list[str]:
    """Return names of groups in their order: numbers by size, all else by the alphabet."""

    def place(name: str) -> tuple[bool, float, bool, str]:
        match = NUMBER.match(name)
        return match is None, float(match[2]) if match else 0, not (match and match[1]), name

    return sorted(names, key=place)


def texts_of_table(
    table: Mapping[str, np.ndarray], subgroups: Sequence[str], edges: Sequence[float]
) -> dict[str, np.ndarray]:
    """Return what cycles are grouped by, by name, as texts by the number of the cycle.

    `table` has columns of the cleaned table, `subgroups` are names of them; ages are put into bands
    with these edges. A column that the table lacks is left out, and the log says so. An unknown
    value is an empty text.
    """
    texts = {}
    for name in subgroups:
        try:
            values = derive(table, name)
        except ValueError:
            logging.info("no scores by %s: the table has no such column", name)
            continue
        texts[name] = np.full(int(table["cycle"].max()) + 1, UNKNOWN, object)
        texts[name][table["cycle"]] = age_bands(values, edges) if name == "age" else _texts(values)
    return texts


def groups_of_cycles(texts: Mapping[str, np.ndarray], cycle: np.ndarray) -> dict[str, np.ndarray]:
    """Return the groups of cycles (their numbers, shape (n,)) by name, as texts of shape (n,).

    `texts` are those of `texts_of_table`. A column that has a single value or more than twelve is
    left out; the log says so.
    """
    groups = {}
    for name, of_cycle in texts.items():
        own = of_cycle[cycle]
        present = {*own.tolist()} - {UNKNOWN}
        if 1 < len(present) <= MOST_GROUPS:
            groups[name] = own
        elif present:
            logging.warning(
                "no scores by %s: it has %s, and 2 to %d make groups",
                name,
                "one value" if len(present) == 1 else f"{len(present):,} values",
                MOST_GROUPS,
            )
    return groups


def _texts(values: np.ndarray) -> np.ndarray:
    """Return values as texts, shape (n,); texts that look alike are one, unknown ones are empty."""
    unknown = missing(values)
    texts = np.full(len(values), UNKNOWN, object)
    distinct, position = numbered(values[~unknown])
    names = [fold(v) if isinstance(v, str) else _number(v) for v in distinct.tolist()]
    texts[~unknown] = np.array(names, object)[position]
    return texts


def _number(value: object) -> str:
    """Return a number as text, without a fraction that is 0."""
    return f"{value:g}" if isinstance(value, float) else str(value)
