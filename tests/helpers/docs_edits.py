"""The edits that docs/add-a-model.md describes, carried out in a copy of the project."""

import re
from pathlib import Path

from harness import ROOT

PAGE = ROOT / "docs" / "add-a-model.md"


def edits(page: str):
    """The code blocks of "Another algorithm", each with the file that the text before it names."""
    section = page.split("## Another algorithm")[1].split("\n## ")[0]
    before = 0
    for block in re.finditer(r"^```\w+\n(.*?)^```$", section, re.M | re.S):
        named = re.findall(r"`([\w./]+\.(?:py|smk|yaml))`", section[before : block.start()])
        yield named, block[1]
        before = block.end()


def add_algorithm(folder: Path, replace: dict[str, str] | None = None) -> None:
    """Add the page's algorithm to a project, or another with these texts in place of the page's."""
    found = list(edits(PAGE.read_text(encoding="utf-8")))
    assert len(found) == 3
    for named, text in found:
        name = named[-1]
        for old, new in (replace or {}).items():
            text, name = text.replace(old, new), name.replace(old, new)
        path = folder / name
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        if path.name == "config.yaml":
            whole = before.replace("\nmodels:\n", f"\nmodels:\n{text}")
        else:
            whole = before + text
        path.write_text(whole, encoding="utf-8")
