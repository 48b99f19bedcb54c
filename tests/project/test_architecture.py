"""The page on how it is built names what there is."""

import re
from pathlib import Path

import pytest

pytestmark = pytest.mark.consistency

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "scripts" / "auscultation"
FOLDERS = (ROOT, ROOT / "scripts", PACKAGE)  # that pages name files from
DOCS = sorted((ROOT / "docs").glob("*.md"))
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")


def test_every_package_has_a_line():
    section = PAGE.split("## Packages")[1].split("\n## ")[0]
    names = re.findall(r"^\| `(\w+)` \|", section, re.M)
    assert sorted(names) == sorted(path.parent.name for path in PACKAGE.glob("*/__init__.py"))


@pytest.mark.parametrize("path", [ROOT / "README.md", *DOCS], ids=lambda path: path.name)
def test_files_and_links_that_pages_name_are_there(path):
    """A Python, YAML or Snakemake file in backquotes, and a page or heading that is linked."""
    text = path.read_text(encoding="utf-8")
    for name in re.findall(r"`((?:\w+/)+[\w.-]+\.(?:py|smk|yaml|j2))`", text):
        if "decision_tree" not in name and "left_side" not in name:  # examples
            assert any((folder / name).exists() for folder in FOLDERS), name
    for link, heading in re.findall(r"\]\(([^)#: ]*)(?:#([^)]+))?\)", text):
        target = path.parent / link if link else path
        assert target.exists(), link
        if heading:
            headings = re.findall(r"^#+ (.*)$", target.read_text(encoding="utf-8"), re.M)
            slugs = [re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings]
            assert heading in slugs, f"{link}#{heading}"
