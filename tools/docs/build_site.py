"""Write the site: README.md, docs/, CHANGELOG.md and a page of the config's keys as HTML, in a folder.

    .venv/bin/python tools/docs/build_site.py site

A broken link is an error, and so is everything else that Sphinx warns of.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

from sphinx.cmd.build import main as sphinx

from config_page import config_page, script_defaults
from site_pages import BrokenLink, images, navigation, page_sources, page_text, repository_address

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]


def lay_out(folder: Path, root: Path = ROOT) -> None:
    """Write the sources of all pages into a folder."""
    sources, address = page_sources(root), repository_address(root)
    texts = {name: page_text(source, root, address) for name, source in sources.items()}
    schema = json.loads((root / "config.schema.json").read_text(encoding="utf-8"))
    scripts = {path.stem.removeprefix("fit_"): path for path in (root / "scripts").glob("fit_*.py")}
    defaults = {
        name: script_defaults(name, path.read_text(encoding="utf-8"))
        for name, path in scripts.items()
    }
    texts["config-keys"] = config_page(schema, defaults)
    texts["index"] += "\n" + navigation(texts)
    for name, text in texts.items():
        (folder / f"{name}.md").write_text(text, encoding="utf-8")
    for source in sources.values():
        for image in images(source):
            copy = folder / image.relative_to(root)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(image, copy)


def build(site: Path) -> int:
    """Write the site into a folder, in place of an earlier one; return 0 if all went well."""
    if site.exists() and any(site.iterdir()) and not (site / "searchindex.js").exists():
        print(
            f"{site} holds other files than a site. Name an empty or new folder.", file=sys.stderr
        )
        return 1
    with tempfile.TemporaryDirectory() as work:
        pages, trees, html = (Path(work) / name for name in ("pages", "trees", "html"))
        pages.mkdir()
        try:
            lay_out(pages)
        except BrokenLink as error:
            print(error, file=sys.stderr)
            return 1
        options = ["--fail-on-warning", "--keep-going", "--nitpicky", "--quiet", "-b", "html"]
        status = sphinx([*options, "-c", str(HERE), "-d", str(trees), str(pages), str(html)])
        if status == 0:
            shutil.rmtree(site, ignore_errors=True)
            shutil.copytree(html, site)
        return status


if __name__ == "__main__":
    sys.exit(build(Path(sys.argv[1])))
