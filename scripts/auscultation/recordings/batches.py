"""Batches of recordings: which files each is made from, so that one more recording is heard in one.

A recording is always in the same batch, by the CRC-32 of its name, whatever lies beside it. Imports
only what starting the workflow can afford.
"""

import os
import zlib

from auscultation.recordings.folder import Folder, recording_of

BATCHES = 8  # jobs that hear recordings: several at once, and few starts of Python
PARTS = 4  # jobs of each family, each of several batches
TABLES = ("csv", "tsv", "csv.gz", "xlsx", "xlsm", "xlsb", "xls", "ods", "parquet")

_SHORT = ("low", "high", "frame", "hop")
# by family the settings of `frames` that it looks at
SETTINGS = {
    "spectrum": _SHORT,
    "bands": _SHORT,
    "mfcc": (*_SHORT, "mel_bands"),
    "tonal": ("low", "high", "long_frame", "long_hop", "tonal_high"),
    "transient": ("low", "high", "frame"),
    "envelope": _SHORT,
    "log_mel": _SHORT,
}


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
    others = [file for file in folder.others if recording_of(file) in names]
    return folder._replace(recordings=recordings, others=others, problems=[], notes=[])


def batches_of(folder: Folder) -> dict[int, list[str]]:
    """Return the batches that have recordings, each with the paths of the files it is made from."""
    tables = tables_of(folder)
    files: dict[int, list[str]] = {}
    for batch in sorted({batch_of(r.name) for r in folder.recordings}):
        part = only(folder, batch)
        names = [r.file for r in part.recordings] + part.others + tables
        paths = [os.path.join(folder.path, name) for name in names]
        # Snakemake would stop for a link to nothing; the job names it
        files[batch] = [path for path in paths if os.path.exists(path)]
    return files


def parts_of(batches: list[int]) -> dict[int, list[int]]:
    """Return the parts in which families are computed, each with its batches."""
    parts: dict[int, list[int]] = {}
    for batch in sorted(batches):
        parts.setdefault(batch % PARTS, []).append(batch)
    return parts
