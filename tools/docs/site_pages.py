"""The pages of the site: README.md, docs/, CHANGELOG.md, where each is in the navigation, where its links lead.

The texts stay as GitHub shows them: links between them become links of the site, links to other files of the project
links to its repository, if CITATION.cff has its address, else the name of the file.
"""

import os
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import quote

import yaml

# Headings and short titles of the navigation, by name of the page. What is in no place is shown under the last heading.
NAVIGATION = {
    "Your data": {
        "recordings": "Recordings",
        "workbooks": "Workbooks",
        "features": "Features",
    },
    "Settings": {
        "models": "Models",
        "splits": "Splits",
        "config-keys": "Config keys",
    },
    "Results": {
        "results": "What is where",
        "statistics": "Statistics",
        "results-icbhi": "ICBHI 2017",
        "notebook": "The notebook",
    },
    "From the run to the paper": {
        "methods": "Methods and tables",
        "reviewers": "What reviewers ask",
        "score": "Predict new patients",
        "export": "Take results away",
    },
    "Running it": {
        "reruns": "What runs again",
        "cluster": "On a cluster",
        "container": "In a container",
        "windows": "On Windows",
        "module": "In another workflow",
        "benchmarks": "Time and memory",
    },
    "The project": {
        "architecture": "How it is built",
        "add-a-model": "Add a model",
        "security": "Files from others",
        "changelog": "Changes",
    },
}
REST = "More"
OTHER_PLACES = {"README.md": "index", "CHANGELOG.md": "changelog"}  # pages that are not in docs/
CODE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"(!?)\[([^\[\]]*)\]\(([^()\s]+)\)")
EDGE = re.compile(r" *(?:-->|-\.->)(?:\|\"([^\"]*)\"\|)? *")
NODE = re.compile(r"(\w+)(?:[\[(/]+\"?([^\"\])]+?)\"?[\])/]+)?$")


class BrokenLink(ValueError):
    """A link leads to a file that the project does not have."""


def page_sources(root: Path) -> dict[str, Path]:
    """Return the file of each page that is written by hand, by the page's name."""
    sources = {name: root / path for path, name in OTHER_PLACES.items()}
    return sources | {path.stem: path for path in sorted((root / "docs").glob("*.md"))}


def repository_address(root: Path) -> str | None:
    """Return the address of the project's repository, as CITATION.cff has it."""
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    return citation.get("repository-code")


def unplaced(names: Iterable[str]) -> list[str]:
    """Return the names of pages that have no place in the navigation."""
    placed = {"index"}.union(*NAVIGATION.values())
    return [name for name in names if name not in placed]


def navigation(names: Iterable[str]) -> str:
    """Return the navigation for the end of the first page: a hidden table of contents for each heading."""
    names = list(names)
    parts = {
        heading: [f"{title} <{name}>" for name, title in entries.items() if name in names]
        for heading, entries in NAVIGATION.items()
    }
    parts[REST] = unplaced(names)
    blocks = [
        "\n".join(["```{toctree}", ":hidden:", f":caption: {heading}", "", *entries, "```"])
        for heading, entries in parts.items()
        if entries
    ]
    start = "```{toctree}\n:hidden:\n\nStart <self>\n```"
    return "\n\n".join([start, *blocks]) + "\n"


def page_text(source: Path, root: Path, address: str | None) -> str:
    """Return the text of a page for the site.

    Parameters
    ----------
    source : Path
        The file as it is in the repository.
    root : Path
        Folder of the project.
    address : str or None
        Address of the repository.

    Raises
    ------
    BrokenLink
        If a link leads to a file that is not there.
    """
    names = {path: name for name, path in page_sources(root).items()}

    def link(match: re.Match) -> str:
        image, text, target = match.groups()
        path, hash_sign, anchor = target.partition("#")
        if not path or re.match(r"\w+:", target):
            return match[0]
        file = Path(os.path.normpath(source.parent / path))
        if not file.exists():
            raise BrokenLink(f"{source.relative_to(root)} links to {target}, which is not there.")
        if file in names:
            return f"[{text}]({names[file]}.md{hash_sign}{anchor})"
        inside = PurePosixPath(file.relative_to(root).as_posix())
        if image:
            return f"![{text}]({inside})"
        if address:
            return f"[{text}]({address}/blob/HEAD/{quote(str(inside))}{hash_sign}{anchor})"
        return text if str(inside) in text else f"{text} (`{inside}`)"

    parts = CODE.split(source.read_text(encoding="utf-8"))
    return "".join(
        diagram_table(part)
        if part.startswith("```mermaid")
        else part
        if i % 2
        else LINK.sub(link, part)
        for i, part in enumerate(parts)
    )


def images(source: Path) -> Iterator[Path]:
    """Yield the files of the pictures of a page."""
    for image, _, target in LINK.findall(source.read_text(encoding="utf-8")):
        if image and "://" not in target:
            yield Path(os.path.normpath(source.parent / target))


def diagram_table(block: str) -> str:
    """Return a table of the arrows of a flowchart: without a network there is nothing that draws Mermaid.

    Parameters
    ----------
    block : str
        A block of code in Mermaid's language: "flowchart", then lines of arrows between nodes.
    """
    titles: dict[str, str] = {}
    rows = []
    for line in block.splitlines()[2:-1]:
        if not line.strip():
            continue
        # nodes, label, nodes, label, nodes, ...
        nodes, *steps = EDGE.split(line.strip())
        before = _node_titles(nodes, titles)
        for label, after in zip(steps[::2], steps[1::2], strict=True):
            now = _node_titles(after, titles)
            rows.append((before, label or "", now))
            before = now
    lines = [f"| {before} | {label} | {now} |" for before, label, now in rows]
    return "\n".join(["| From | What passes | To |", "| --- | --- | --- |", *lines])


def _node_titles(text: str, titles: dict[str, str]) -> str:
    """Return the titles of the nodes of one end of an arrow; a node has its title where it first comes."""
    shown = []
    for node in text.split(" & "):
        match = NODE.match(node.strip())
        if not match:
            raise ValueError(f"The diagram has a node that cannot be read: {node}")
        name, title = match.groups()
        # rules and files as code: a node without a title, what is before a colon, what has _ or . in it
        title = re.sub(r"^[\w*]+(?=:)|^\w+[._]\w+$", r"`\g<0>`", title or f"{name}:")
        shown.append(titles.setdefault(name, title.removesuffix(":")))
    return ", ".join(shown)
