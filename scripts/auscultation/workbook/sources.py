"""Where workbooks come from: simulated, files, a folder, or a URL to download."""

import re
import unicodedata
from collections.abc import Mapping
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
