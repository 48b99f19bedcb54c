"""The site that `make docs` builds: whole, searchable without a network, with every key of the config."""

import json
import re
import subprocess
import sys

import pytest

from browser import chromium
from config_page import config_page, markdown, script_defaults
from harness import ROOT
from site_pages import (
    BrokenLink,
    diagram_table,
    navigation,
    page_sources,
    page_text,
    repository_address,
    unplaced,
)

SCHEMA = json.loads((ROOT / "config.schema.json").read_text(encoding="utf-8"))


def build(folder):
    """Build the site in a folder; give how that ended."""
    command = [sys.executable, "tools/docs/build_site.py", folder]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300)


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    folder = tmp_path_factory.mktemp("built") / "site"
    done = build(folder)
    assert done.returncode == 0, f"A broken link? {done.stderr[-3000:]}"
    return folder


@pytest.mark.slow
def test_every_page_is_built_and_nothing_is_fetched(site):
    pages = {path.stem: path.read_text(encoding="utf-8") for path in site.glob("*.html")}
    assert pages.keys() >= {"index", "changelog", "config-keys", "search", *page_sources(ROOT)}
    fetched = re.compile(r"<(?:script|link|img)[^>]*(?:src|href)=\"((?:https?:)?//[^\"]*)")
    assert {
        name: fetched.findall(text) for name, text in pages.items() if fetched.search(text)
    } == {}
    for path in site.rglob("*.css"):
        assert not re.search(r"url\(['\"]?(https?:)?//|@import", path.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_links_within_the_site_lead_somewhere(site):
    pages = {path.name: path.read_text(encoding="utf-8") for path in site.glob("*.html")}
    for name, text in pages.items():
        for target in re.findall(r"<a[^>]* href=\"([^\":]+)\"", text):
            path, _, anchor = target.partition("#")
            assert (site / (path or name)).exists(), (name, target)
            if anchor:
                assert f'id="{anchor}"' in pages[path or name], (name, target)


@pytest.mark.slow
def test_search_finds_a_word_without_a_server(site, tmp_path):
    assert "bonferroni" in (site / "searchindex.js").read_text(encoding="utf-8")
    done = chromium(tmp_path, f"{site}/search.html?q=leakage")
    results = re.findall(r'<li class="kind-[a-z]+"><a href="([\w-]+)\.html', done.stdout)
    assert "splits" in results, done.stdout[-2000:]


def test_another_folder_is_not_overwritten(tmp_path):
    (tmp_path / "thesis.txt").write_text("mine")
    assert build(tmp_path).returncode != 0
    assert (tmp_path / "thesis.txt").read_text() == "mine"


def keys(part, path=""):
    """Yield every key of a schema by its path, as far as it is one of ours."""
    if "$ref" in part:
        part = SCHEMA["$defs"][part["$ref"].split("/")[-1]]
    for option in part.get("anyOf", ()):
        yield from keys(option, path)
    for name, below in part.get("properties", {}).items():
        yield f"{path}{name}"
        if path + name not in ("models", "splits"):
            yield from keys(below, f"{path}{name}.")


def test_every_key_has_its_entry():
    page = config_page(SCHEMA, {})
    entries = set(re.findall(r"^## (\w+)$|^\| `([\w.]+)` \|", page, re.MULTILINE))
    entries = {heading or row for heading, row in entries}
    assert set(keys(SCHEMA)) - entries == set()
    for kind in ("model_", "split_"):
        for name in [name for name in SCHEMA["$defs"] if name.startswith(kind)]:
            section = page.split(f"\n### {name.removeprefix(kind)}\n")[1].split("\n### ")[0]
            settings = set(SCHEMA["$defs"][name]["properties"]) - {"algorithm", "protocol"}
            common = {"features", "missing", "scale", "tune", "fit_timeout", "class_weight"}
            assert {key for key in settings - common if f"| `{key}` |" not in section} == set()


@pytest.mark.parametrize(
    ("row", "page"),
    [
        ("`demo.patients` | whole number from 8 to 18000 | `126` |", None),
        ("`clean.missing` | `impute`, `drop` | `impute` |", None),
        ("`list` | text | required |", "published"),
        ("`learning_rate` | number above 0 | `0.001` |", "mlp"),
        ("`n_neighbors` | whole number at least 1 |", "knn"),
    ],
)
def test_values_and_defaults(row, page):
    script = (ROOT / "scripts" / "fit_mlp.py").read_text(encoding="utf-8")
    text = config_page(SCHEMA, {"mlp": script_defaults("mlp", script)})
    if page:
        text = text.split(f"\n### {page}\n")[1].split("\n### ")[0]
    assert f"| {row}" in text


def test_comments_become_lists():
    comment = "Sound of a_b.\n  null (default): none\n    at all.\n  {a: [1], b: x}: both.   yes: it is.\nEnd."
    expected = ["Sound of a\\_b.", "- `null` (default): none at all.", "- `{a: [1], b: x}`: both."]
    assert markdown(comment).split("\n\n") == [*expected, "- `yes`: it is.", "End."]


def test_every_document_has_a_place_in_the_navigation():
    assert unplaced(page_sources(ROOT)) == [], "give them one in tools/docs/site_pages.py"


def test_a_document_without_a_place_is_still_shown():
    text = navigation(["index", "models", "new"])
    assert "Models <models>" in text and text.split(":caption: More\n\n")[1].startswith("new\n")
    assert "Splits" not in text


@pytest.fixture
def project(tmp_path):
    """A project with a document that links to what a test writes."""
    (tmp_path / "docs").mkdir()
    for name in ("README.md", "CHANGELOG.md", "config.yaml", "docs/a.md"):
        (tmp_path / name).write_text("")

    def page(text, address=None):
        (tmp_path / "docs" / "b.md").write_text(text)
        return page_text(tmp_path / "docs" / "b.md", tmp_path, address)

    return page


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("[x](a.md#y)", "[x](a.md#y)"),
        ("[x](../README.md)", "[x](index.md)"),
        ("[x\ny](../config.yaml)", "x\ny (`config.yaml`)"),
        ("[x](https://x.org/a.md)", "[x](https://x.org/a.md)"),
        ("[x](#y)", "[x](#y)"),
        ("```\n[x](none.md)\n```", "```\n[x](none.md)\n```"),
    ],
)
def test_links_of_a_document(project, link, expected):
    assert project(link) == expected


def test_files_of_the_project_are_in_its_repository(project):
    assert (
        project("[x](../config.yaml)", "https://x.org/r")
        == "[x](https://x.org/r/blob/HEAD/config.yaml)"
    )
    assert (repository_address(ROOT) or "https://").startswith("https://")


def test_a_broken_link_is_an_error(project):
    with pytest.raises(BrokenLink, match=r"docs/b\.md links to none\.md"):
        project("[x](none.md)")


def test_a_diagram_becomes_a_table_of_its_arrows():
    block = '```mermaid\nflowchart TB\n  a[/"in"/] --> b & c["c_d: all"]\n  b -->|"x.csv"| c -.-> d\n```'
    rows = diagram_table(block).splitlines()[2:]
    assert rows == [
        "| in |  | `b`, `c_d`: all |",
        "| `b` | x.csv | `c_d`: all |",
        "| `c_d`: all |  | `d` |",
    ]
