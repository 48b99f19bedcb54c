"""Batches of recordings: which files each is made from, so that one more recording is heard in one.

A recording is always in the same batch, by the CRC-32 of its name, whatever lies beside it. Imports
only what starting the workflow can afford.
"""

import os
import zlib
from pathlib import Path

from auscultation.recordings.folder import Folder, place_of

BATCHES = 16  # jobs that hear recordings: several at once, and few starts of Python
PARTS = 4  # jobs of each family, each of several batches
TABLES = ("csv", "tsv", "csv.gz", "xlsx", "xlsm", "xlsb", "xls", "ods", "parquet")


def batch_of(name: str, n: int = BATCHES) -> int:
    """Return the batch, 0 to n - 1, of a recording."""
    return zlib.crc32(name.encode()) % n


def is_table(file: str) -> bool:
    """Return whether the file of a folder has the name of a table of annotations."""
    stem, _, ending = os.path.basename(file).partition(".")
    return stem.lower() == "annotations" and ending.lower() in TABLES


def tables_of(folder: Folder) -> list[str]:
    """Return the names of the tables of annotations in a folder, sorted."""
    return sorted(entry.name for entry in os.scandir(folder.path) if is_table(entry.name))


def only(folder: Folder, batch: int) -> Folder:
    """Return a folder as if there were only the recordings of a batch, with what may annotate them."""
    recordings = [r for r in folder.recordings if batch_of(r.name) == batch]
    names = {r.name for r in recordings}
    others = [file for file in folder.others if Path(place_of(file)).name in names]
    return folder._replace(recordings=recordings, others=others, problems=[], notes=[])


def batches_of(folder: Folder) -> dict[int, list[str]]:
    """Return the batches that have recordings, each with the paths of the files it is made from."""
    tables = tables_of(folder)
    files: dict[int, list[str]] = {}
    for batch in sorted({batch_of(r.name) for r in folder.recordings}):
        part = only(folder, batch)
        names = [r.file for r in part.recordings] + part.others + tables
        files[batch] = [os.path.join(folder.path, name) for name in names]
    return files


def parts_of(batches: list[int]) -> dict[int, list[int]]:
    """Return the parts in which families are computed, each with its batches."""
    parts: dict[int, list[int]] = {}
    for batch in sorted(batches):
        parts.setdefault(batch % PARTS, []).append(batch)
    return parts
