"""The works that a text cites, as entries of BibTeX."""

import re
from collections.abc import Iterable
from pathlib import Path

ENTRY = re.compile(r"^@(\w+)\{([\w-]+),\n(.*?)^\}$", re.MULTILINE | re.DOTALL)


def entries(path: str | Path) -> dict[str, str]:
    """Return the entries of a file of BibTeX by their keys, each as it stands there."""
    text = Path(path).read_text(encoding="utf-8")
    return {match[2]: match[0] for match in ENTRY.finditer(text)}


def select(all_entries: dict[str, str], keys: Iterable[str]) -> str:
    """Return a file of BibTeX with the entries of some keys, sorted.

    Raises KeyError for a key without an entry.
    """
    return "\n\n".join(all_entries[key] for key in sorted(set(keys))) + "\n"
