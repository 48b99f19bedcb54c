"""Where workbooks come from: simulated, files, a folder, or a URL to download."""

import os
import re
import unicodedata
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import quote, unquote, urlsplit

# The notebook's own workbook, in its author's repository, whose default branch is HEAD.
PUBLISHED = {
    "workbook": "https://raw.githubusercontent.com/santiagortiiz/Lungs-Auscultation-Signals/HEAD/"
    + quote("Tablas de Excel Generadas/auscultation_features.xlsx"),
    "sha256": "ca34da3b46294d0891270c664b6f5c154999014ad4aabf13a0dc88a9ea492588",
}
SUFFIXES = (
    *(".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"),
    *(".csv", ".tsv", ".csv.gz", ".tsv.gz", ".parquet"),
)
LONGEST = 180  # bytes of a result's name; with what is put around it, file systems take 255
UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


def origins(config: Mapping) -> list:
    """Return what config key `workbook` names: one workbook, or several."""
    workbook = config.get("workbook")
    return workbook if isinstance(workbook, list) else [workbook]


def url_of(workbook: object) -> str | None:
    """Return the URL that config key `workbook` stands for; None where it is no URL."""
    if workbook == "published":
        return PUBLISHED["workbook"]
    if isinstance(workbook, str) and urlsplit(workbook).scheme.lower() in ("http", "https"):
        return workbook
    return None


def expected_sha256(config: Mapping) -> str | None:
    """Return the SHA-256 that the download must have, in lower case; None where none is known."""
    published = PUBLISHED["sha256"] if "published" in origins(config) else None
    sha256 = config["sha256"] or published
    return sha256 and sha256.lower()


def file_name(url: str) -> str:
    """Return the name of the downloaded file, which is that in the URL."""
    name = UNSAFE.sub("_", PurePosixPath(unquote(urlsplit(url).path)).name).lstrip(".")
    return name or "workbook"


def is_folder(path: str) -> str:
    """Return the message for a folder in place of a file; a Parquet data set may be a folder."""
    message = f"{path} is a folder, not a file"
    if Path(path).suffix.lower() == ".parquet" or any(Path(path).glob("*.parquet")):
        message += "; a partitioned Parquet data set is a folder: write it as one .parquet file"
    return message


def problems_of_origin(config: Mapping) -> list[str]:
    """Return what is wrong with the keys that name the workbooks' origins."""
    urls = [url for url in map(url_of, origins(config)) if url]
    if config.get("sha256") is not None and not urls:
        return ["sha256: only for a `workbook` that is a URL"]
    problems = [f"workbook: {url} names no server" for url in urls if not urlsplit(url).hostname]
    if len(urls) > 1:
        problems.append("workbook: one of several may be a URL; download the others")
    names = [result_name(file_name(url_of(w) or str(w))) for w in origins(config)]
    twice = sorted({name for name in names if names.count(name) > 1})
    problems += [f"workbook: two are named `{name}`, which `dataset` tells apart" for name in twice]
    return problems


def result_name(path: str) -> str:
    """Return the name of a workbook's results, after its file: letters of any script stay.

    The same on every system, whether it keeps an accent as a character of its own or not.
    """
    stem = unicodedata.normalize("NFC", Path(re.sub(r"(?i)\.gz$", "", path)).stem)
    kept = (c if c in "_.-" or unicodedata.category(c)[0] in "LMN" else " " for c in stem)
    name = "_".join("".join(kept).split()).encode()[:LONGEST].decode(errors="ignore")
    return name.strip("._") or "workbook"


def new_workbooks(score: str | Sequence[str] | None, fits: Sequence) -> dict[str, str]:
    """Return the workbooks to score: the names of their results, and their paths.

    Parameters
    ----------
    score
        A path, several, or a folder of workbooks; None where there is nothing to score.
    fits
        Those to all cycles, which are to speak.

    Raises
    ------
    ValueError
        Where there is no such file, no workbook in a folder, or no fit; where a path has a meaning
        for Snakemake; where two results would have one name, or two that macOS and Windows take
        for one.
    """
    if score is None:
        return {}
    if not fits:
        raise ValueError("no model is fitted to all cycles; add `final: {}` under `splits`")
    workbooks: dict[str, str] = {}
    names: dict[str, str] = {}  # by how a file system without case sees them
    for entry in [score] if isinstance(score, str) else score:
        path, paths = Path(entry), [entry]
        if path.is_dir():
            if path.suffix.lower() == ".parquet":
                raise ValueError(is_folder(entry))
            inside = sorted(p for p in path.iterdir() if p.name.lower().endswith(SUFFIXES))
            paths = [str(p) for p in inside if not p.name.startswith(("~$", "."))]
            if not paths:
                raise ValueError(f"no workbook in the folder {entry}: {', '.join(SUFFIXES)}")
        elif not path.is_file():
            raise ValueError(f"no such file or folder: {entry}")
        for file in paths:
            if re.search(r"[{}<>]", file):
                raise ValueError(f"{file}: {{ }} < > have a meaning for Snakemake; rename it")
            name = result_name(file)
            other = workbooks.get(names.setdefault(name.casefold(), name))
            if other is None:
                workbooks[name] = file
            elif not os.path.samefile(file, other):
                raise ValueError(
                    f"the results of {other} and {file} would both be scored/{name}.xlsx; rename "
                    "one of the files"
                )
    return workbooks
