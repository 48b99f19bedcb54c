"""Where the workbook comes from: simulated, a file, or a URL to download."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from urllib.parse import quote, unquote, urlsplit

# The notebook's own workbook, in its author's repository, whose default branch is HEAD.
PUBLISHED = {
    "workbook": "https://raw.githubusercontent.com/santiagortiiz/Lungs-Auscultation-Signals/HEAD/"
    + quote("Tablas de Excel Generadas/auscultation_features.xlsx"),
    "sha256": "ca34da3b46294d0891270c664b6f5c154999014ad4aabf13a0dc88a9ea492588",
}
UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


def url_of(workbook: object) -> str | None:
    """Give the URL that config key `workbook` stands for; None where it is no URL."""
    if workbook == "published":
        return PUBLISHED["workbook"]
    is_url = isinstance(workbook, str) and urlsplit(workbook).scheme.lower() in ("http", "https")
    return workbook if is_url else None


def sha256_of(config: Mapping) -> str | None:
    """Give the SHA-256 that the download must have, in lower case; None where none is known."""
    given = config["sha256"] or (PUBLISHED["sha256"] if config["workbook"] == "published" else None)
    return given and given.lower()


def file_name(url: str) -> str:
    """Name the downloaded file as the URL does; its ending says how to read it."""
    name = UNSAFE.sub("_", PurePosixPath(unquote(urlsplit(url).path)).name).lstrip(".")
    return name if PurePosixPath(name).suffix else f"{name or 'workbook'}.xlsx"


def problems_of_origin(config: Mapping) -> list[str]:
    """Say what is wrong with the keys that name the workbook's origin."""
    url, sha256 = url_of(config.get("workbook")), config.get("sha256")
    if sha256 is not None and url is None:
        return ["sha256: only for a `workbook` that is a URL"]
    if url is not None and not urlsplit(url).hostname:
        return [f"workbook: {url} names no server"]
    return []
