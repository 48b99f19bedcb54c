"""Start and end that a workbook formats as times, exactly: its readers round these to milliseconds."""

import os
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager

from lib.archive import kind_of
from lib.cells import pack
from lib.gather import Cells, gather
from lib.names import KNOWN, key
from lib.sheets import open_sheet
from lib.table import WORKBOOK
from lib.times import DAY, seconds_of

MICROSECONDS = 6  # digits; a day as a float has no more
STYLES = ("xl/styles.xml", "xl/styles.bin")


def exact_times(
    path: str | os.PathLike, cells: Cells, reader: str, max_rows: int, limit: float
) -> Cells:
    """Give the cells with times in seconds, where a column is in seconds.

    An .xlsx or .xlsb keeps them as days and says in a part of its own how cells look. Without that
    part the days themselves are read. Other kinds have what the reader gave.
    """
    places = {
        at: [row for row, v in enumerate(column) if not isinstance(v, str) and _is_time(v)]
        for at, (name, column) in enumerate(zip(cells.names, cells.columns, strict=True))
        if isinstance(column, list)
        and key(name) in KNOWN
        and WORKBOOK[KNOWN[key(name)]].unit == "s"
    }
    kind = kind_of(path, limit)[0] if any(places.values()) else ""
    if kind not in ("xlsx", "xlsb"):
        return cells
    with _without_styles(path, kind) as plain:
        days = gather(plain, open_sheet(plain, kind, cells.sheet, reader), max_rows)
    columns = list(cells.columns)
    for at, rows in places.items():
        column = list(columns[at])
        for row in rows:
            number = days.columns[at][row]
            column[row] = round(
                float(getattr(number, "as_py", lambda n=number: n)()) * DAY, MICROSECONDS
            )
        columns[at] = pack(column)
    return cells._replace(columns=columns)


def _is_time(value: object) -> bool:
    return not isinstance(value, float) and seconds_of(value) is not None


@contextmanager
def _without_styles(path: str | os.PathLike, kind: str) -> Iterator[str]:
    """Give the path of a copy that does not say how its cells look."""
    with tempfile.TemporaryDirectory() as folder:
        plain = os.path.join(folder, f"plain.{kind}")
        with zipfile.ZipFile(path) as old, zipfile.ZipFile(plain, "w") as new:
            for name in old.namelist():
                if name.lower() not in STYLES:
                    with old.open(name) as source, new.open(name, "w") as target:
                        shutil.copyfileobj(source, target)
        yield plain
