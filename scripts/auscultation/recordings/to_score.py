"""What `snakemake score` is to score: workbooks, folders of recordings, single recordings.

Imports only what starting the workflow can afford.
"""

import os
import re
from collections.abc import Sequence
from pathlib import Path

from auscultation.data.text import fold
from auscultation.recordings.batches import is_table, tables_of
from auscultation.recordings.folder import (
    NOTES,
    REFUSED,
    SOUNDS,
    Folder,
    Recording,
    ending_of,
    list_folder,
    place_of,
    refused,
)
from auscultation.workbook.sources import SUFFIXES, is_folder, result_name

ANNOTATED, WINDOW = "annotated", "window"  # what column `cut` says of a row of recordings


def to_score(score: str | Sequence[str] | None, fits: Sequence) -> dict[str, str]:
    """Return what is to be scored: the names of the results, and the paths of workbooks and recordings.

    Parameters
    ----------
    score
        A path, several, or None where there is nothing to score. A folder with sound is one of
        recordings, with one result; of a folder without, each workbook has its own.
    fits
        Those to all cycles, which are to speak.

    Raises
    ------
    ValueError
        Where there is no such file, nothing to score in a folder, or no fit; where a path has a
        meaning for Snakemake; where two results would have one name, or two that macOS and Windows
        take for one.
    """
    if score is None:
        return {}
    if not fits:
        raise ValueError("no model is fitted to all cycles; add `final: {}` under `splits`")
    paths: dict[str, str] = {}
    names: dict[str, str] = {}  # by how a file system without case sees them
    for entry in [score] if isinstance(score, str) else score:
        for path in _paths(entry):
            if re.search(r"[{}<>]", path):
                raise ValueError(f"{path}: {{ }} < > have a meaning for Snakemake; rename it")
            # a folder's name has no ending
            name = result_name(f"{os.path.realpath(path)}." if os.path.isdir(path) else path)
            other = paths.get(names.setdefault(name.casefold(), name))
            if other is None:
                paths[name] = path
            elif not os.path.samefile(path, other):
                raise ValueError(
                    f"the results of {other} and {path} would both be scored/{name}.xlsx; rename "
                    "one of them"
                )
    return paths


def _paths(entry: str) -> list[str]:
    """Return the paths that one entry stands for: itself, or the workbooks of a folder."""
    path = Path(entry)
    if not path.is_dir():
        if not path.is_file():
            raise ValueError(f"no such file or folder: {entry}")
        return [entry]
    if path.suffix.lower() == ".parquet":
        raise ValueError(is_folder(entry))
    inside = workbooks_in(entry)
    if _is_sound_in(path) or (all(map(is_table, inside)) and _is_sound_below(entry)):
        return [entry]
    if not inside:
        kinds = f"{', '.join(SUFFIXES)}, .wav, .flac"
        raise ValueError(f"no workbook and no recording in the folder {entry}: {kinds} or others")
    return inside


def workbooks_in(folder: str) -> list[str]:
    """Return the paths of the workbooks in a folder, sorted."""
    inside = sorted(p for p in Path(folder).iterdir() if p.name.lower().endswith(SUFFIXES))
    return [str(p) for p in inside if not p.name.startswith(("~$", "."))]


def _is_sound_in(folder: Path) -> bool:
    return any(ending_of(p.name) in SOUNDS and p.name[0] not in ".~" for p in folder.iterdir())


def _is_sound_below(folder: str) -> bool:
    return any(ending_of(name) in SOUNDS for _, _, names in os.walk(folder) for name in names)


def is_recordings(path: str) -> bool:
    """Return whether a path to score is a recording, or a folder of these, and no workbook."""
    return os.path.isdir(path) or ending_of(path) in SOUNDS


def new_recordings(path: str | os.PathLike) -> Folder:
    """Return a folder of recordings, or one recording as a folder that has nothing else.

    Raises InputError where a folder has no sound.
    """
    if os.path.isdir(path):
        return list_folder(path)
    path = os.fspath(path)
    root, file = os.path.split(path)
    root, place = root or os.curdir, place_of(file)
    beside = sorted(e.name for e in os.scandir(root) if e.is_file() and ending_of(e.name) in NOTES)
    others = [name for name in beside if place_of(name) == place]
    if ending_of(file) in REFUSED:
        return Folder(root, [], others, [refused(file)], [])
    return Folder(root, [Recording(fold(place), path, file, place)], others, [], [])


def files_of(path: str) -> list[str]:
    """Return the files that what is heard of new recordings is made from."""
    folder = new_recordings(path)
    names = [r.file for r in folder.recordings] + folder.others + tables_of(folder)
    paths = [os.path.normpath(os.path.join(folder.path, name)) for name in names]
    # Snakemake would stop for a link to nothing; the job names it
    return [path for path in paths if os.path.exists(path)]
