"""The files of a folder: which are recordings, by what name, and which may be annotations.

A recording's name is that of its file without the ending, in the spelling of
`auscultation.data.text.fold`: it is the name by which annotations, patients and lists refer to it,
so no two recordings of a folder may share one.

Checks: `file` (not readable), `name` (one name, two recordings; or one that Snakemake cannot take).
"""

import filecmp
import os
import re
from collections.abc import Iterator
from typing import NamedTuple

from auscultation.data.text import fold
from auscultation.job.errors import InputError
from auscultation.recordings.problems import Problem

# what libsndfile reads, by the endings that programs give it
READABLE = frozenset(
    ["wav", "wave", "w64", "rf64", "flac", "ogg", "oga", "opus", "mp3", "aif", "aiff", "aifc", "au"]
    + ["snd", "caf", "sph", "nist", "voc"]
)
# sound that it does not read
REFUSED = frozenset(["m4a", "mp4", "aac", "wma", "amr", "3gp", "mov", "webm", "mka"])
SOUNDS = READABLE | REFUSED
NOTES = frozenset(["txt", "json"])  # annotations of one recording
UNFOLLOWED = (
    "Snakemake cannot follow a file whose name has one of { } < >, a line break, or bytes that are no "
    "UTF-8; rename it"
)


class Recording(NamedTuple):
    """A recording: its name, its file, its path in the folder, and that without the ending."""

    name: str
    path: str
    file: str
    place: str


class Folder(NamedTuple):
    """The files of a folder.

    `recordings` are sorted by name, one for each name; `others` are the paths in the folder of the
    files that may be annotations of one recording, sorted. Of a sound that cannot be read or shares
    its name, `problems` has the file.
    """

    path: str
    recordings: list[Recording]
    others: list[str]
    problems: list[Problem]
    notes: list[str]


def shown(text: str) -> str:
    """Return a file's name as text, also where its bytes are no UTF-8."""
    return text.encode("utf-8", "backslashreplace").decode()


def place_of(path: str) -> str:
    """Return a path in a folder as recordings are named in tables: `/` between folders, no ending."""
    return fold(shown(os.path.splitext(path)[0].replace("\\", "/")))


def recording_of(file: str) -> str:
    """Return the name of the recording that a file is, or annotates."""
    return place_of(file).rpartition("/")[2]


def place_in_table(text: str) -> str:
    """Return the path, or the name, by which a table refers to a recording, as `place_of` has it."""
    path = fold(text).replace("\\", "/").removeprefix("./").lstrip("/")
    return place_of(path) if ending_of(path) in READABLE else path


def ending_of(path: str) -> str:
    """Return the ending of a file's name in lower case, without the point."""
    return os.path.splitext(path)[1][1:].lower()


def refused(file: str) -> Problem:
    """Return the problem of a file whose kind of sound is not read."""
    message = f"sound of kind .{ending_of(file)} cannot be read; convert it to wav or flac"
    return Problem("file", shown(file), "", message)


def list_folder(path: str | os.PathLike) -> Folder:
    """Return the recordings of a folder and the folders in it, and the files that may be annotations.

    Hidden files and folders are skipped, and those that programs make of open or old files (`~`).

    Raises
    ------
    InputError
        Where there is no such folder, or no sound in it.
    """
    root = os.fspath(path)
    if not os.path.isdir(root):
        what = "a file, not a folder" if os.path.exists(root) else "no such folder"
        raise InputError(f"recordings {root}: {what}")
    all_files = sorted(_files(root))
    files = [file for file in all_files if _followed(file)]
    problems = [
        Problem("name", shown(file), "", UNFOLLOWED)
        for file in all_files
        if ending_of(file) in READABLE and not _followed(file)
    ]
    notes: list[str] = []
    by_name: dict[str, list[str]] = {}
    for file in files:
        if ending_of(file) in READABLE:
            by_name.setdefault(recording_of(file), []).append(file)
    for file in files:
        if ending_of(file) in REFUSED:
            if (name := recording_of(file)) in by_name:
                notes.append(f"{shown(file)} cannot be read, {shown(by_name[name][0])} is taken")
                continue
            problems.append(refused(file))
    if not by_name and not problems:
        endings = ", ".join(f".{ending}" for ending in ("wav", "flac", "ogg", "mp3", "aiff"))
        raise InputError(
            f"recordings {root}: there is no sound in this folder ({endings} or others)"
        )
    recordings = []
    for name, same in sorted(by_name.items()):
        at = os.path.join(root, same[0])
        recordings.append(Recording(name, at, same[0], place_of(same[0])))
        for other in same[1:]:
            if _equal(at, os.path.join(root, other)):
                notes.append(f"{shown(other)} is the same file as {shown(same[0])}: left out")
            else:
                message = f"another recording has this name, {shown(same[0])}; rename or remove one"
                problems.append(Problem("name", shown(other), "", message))
    others = [file for file in files if ending_of(file) in NOTES]
    return Folder(root, recordings, others, problems, notes)


def _files(root: str) -> Iterator[str]:
    """Yield the paths in a folder of all files, also behind links, each folder once."""
    seen = set()
    for at, folders, files in os.walk(root, followlinks=True):
        about = os.stat(at)
        if (about.st_dev, about.st_ino) in seen:
            folders.clear()
            continue
        seen.add((about.st_dev, about.st_ino))
        folders[:] = sorted(name for name in folders if not _skipped(name))
        inside = os.path.relpath(at, root)
        for name in files + [name for name in folders if ending_of(name) in READABLE]:
            if not _skipped(name):
                yield os.path.normpath(os.path.join(inside, name))


def _followed(file: str) -> bool:
    """Return whether a file can be an input of a rule, so that its recording is heard anew with it."""
    return file == shown(file) and not re.search(r"[{}<>\n\r]", file)


def _skipped(name: str) -> bool:
    return name.startswith((".", "~")) or name.endswith("~") or name == "__MACOSX"


def _equal(first: str, second: str) -> bool:
    """Return whether two files have the same bytes; False where one cannot be read."""
    try:
        return filecmp.cmp(first, second, shallow=False)
    except OSError:
        return False
