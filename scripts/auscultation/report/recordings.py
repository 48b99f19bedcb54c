"""What the page shows of a folder of recordings: who is in the table, who is not and why, what was heard."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from auscultation.data.columns import NOTEBOOK
from auscultation.report.tables import Table, cell, count, table

LISTED = 10  # recordings without rows that the page names
SHORT = 160  # characters of a problem
SHORT_FRAMES = ("spectrum", "bands", "mfcc", "envelope", "log_mel")
LONG_FRAMES = ("tonal",)
BAND = (87.5, 1012.5)  # Hz, of the notebook


class Recordings(NamedTuple):
    """The recordings of a run.

    `sounds` are the files that the SHA-256 is of; `warnings` has a row for each check; `exact`:
    whether the notebook's statistics have every digit. `heard` says what the features come from.
    """

    folder: str
    name: str
    simulated: bool
    sounds: int
    bytes: int
    sha256: str
    n: int
    in_table: int
    left_out: list[tuple[str, str]]  # files without a row, and why
    more_left_out: int
    cycles: int
    annotated: int
    warnings: Table
    heard: Table
    exact: bool


def recordings_of(source: Mapping, config: Mapping) -> Recordings | None:
    """Return the recordings of a run; None where its table is of a workbook.

    Parameters
    ----------
    source
        The content of `source.json`.
    config
        With all defaults.
    """
    if not config.get("recordings"):
        return None
    left_out = [(file, short(why)) for file, why in source["without_rows"].items()]
    return Recordings(
        folder=source["workbook"],
        name=Path(source["workbook"]).name,
        simulated=config["recordings"] == "demo",
        sounds=source["sounds"],
        bytes=source["bytes"],
        sha256=source["sha256"],
        n=source["recordings"],
        in_table=source["recordings"] - len(left_out),
        left_out=left_out[:LISTED],
        more_left_out=max(0, len(left_out) - LISTED),
        cycles=source["rows"],
        annotated=source.get("cycles", source["rows"]),
        warnings=warnings_table(source["checks"]),
        heard=heard_table(source["columns"], config["families"], config["frames"]),
        exact=config["exact"],
    )


def short(text: str) -> str:
    """Return a text, cut where it is long."""
    return text if len(text) <= SHORT else f"{text[: SHORT - 1].rstrip()}…"


def warnings_table(checks: Mapping[str, Mapping]) -> Table:
    """Return the warnings by check, from `checks` of `source.json`."""
    rows = [
        [cell(check), count(about["files"]), count(about["problems"])]
        + [cell(short(about["first"]), about["first"])]
        for check, about in checks.items()
    ]
    return table(["check", "files", "warnings", "the first"], rows, texts=(0, 3))


def family_of(feature: str, families: Sequence[str]) -> str:
    """Return the family that a feature is of: of the config, `notebook`, or `others`."""
    if feature in NOTEBOOK:
        return "notebook"
    return next((name for name in families if feature.startswith(f"{name}_")), "others")


def heard_table(
    columns: Sequence[str], families: Sequence[str], frames: Mapping[str, float]
) -> Table:
    """Return how many features each family has, in ms its frames, and in Hz what it hears.

    `columns` are those of the table, `frames` as in the config.
    """
    of = [family_of(column, families) for column in columns]
    rows = []
    for family in ("notebook", *families):
        line = [cell(family), count(of.count(family))]
        kind = "" if family in SHORT_FRAMES else "long_" if family in LONG_FRAMES else None
        for key in ("frame", "hop"):
            ms = None if kind is None else frames[f"{kind}{key}"]
            line.append(cell("–" if ms is None else f"{ms:g}", ms))
        ends = (frames["low"], frames["tonal_high" if family == "tonal" else "high"])
        hz = BAND if family == "notebook" else ends
        rows.append([*line, cell(f"{hz[0]:g} to {hz[1]:g}", hz)])
    head: list[str | tuple[str, str]] = ["family", "features", "frame, ms", "every, ms"]
    head.append(("Hz", "Hz at least|Hz at most"))
    return table(head, rows)
