"""Pages in headless Chromium, without a driver: a script inside the page says what it finds."""

import functools
import html
import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from harness import ROOT

REQUIRED = os.environ.get("REQUIRE_BROWSER") == "1"  # set where the tests must not be skipped
FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-sync", "--disable-component-update"),
    # there is no network
    "--host-resolver-rules=MAP * ~NOTFOUND",
)
DARK = "--blink-settings=preferredColorScheme=0"


def need(programme: str) -> None:
    """Skip the test, or fail where it is required, if a programme is missing."""
    if shutil.which(programme) is None:
        (pytest.fail if REQUIRED else pytest.skip)(f"{programme} is not installed")


def chromium(folder: Path, page: Path, *flags: str, budget: int = 20000):
    """Open a page; give what the browser wrote: its document and its log."""
    need("chromium")
    profile = folder / "profile"
    done = subprocess.run(
        [
            *("chromium", *FLAGS, f"--user-data-dir={profile}", *flags),
            *(f"--virtual-time-budget={budget}", "--dump-dom", f"file://{page}"),
        ],
        capture_output=True,
        text=True,
        timeout=240,
    )
    shutil.rmtree(profile, ignore_errors=True)
    return done


def ask(folder: Path, text: str, script: str, width: int = 1440, dark: bool = False):
    """Open a page in a window so wide, and give what `say(...)` in a script says.

    Parameters
    ----------
    folder
        Where to put files.
    text
        The page.
    script
        JavaScript that runs when the page is loaded, all folds open.
    width
        In pixels. Headless Chromium has no window narrower than 500: a frame stands in.
    dark
        Whether the reader prefers a dark scheme.
    """
    probe = f"""<script>const say = what => parent.postMessage(JSON.stringify(what), "*");
      addEventListener("load", async () => {{
        document.querySelectorAll("details").forEach(d => d.open = true);
        try {{ {script} }} catch (error) {{ say({{error: String(error), stack: error.stack}}); }}
      }});</script>"""
    end = text.rindex("</body>")
    (folder / "inner.html").write_text(text[:end] + probe + text[end:], encoding="utf-8")
    frame = f'<iframe src="inner.html" style="width:{width}px;height:900px;border:0"></iframe>'
    listen = """<script>addEventListener("message", event => {
      document.body.dataset.said = event.data; });</script>"""
    (folder / "outer.html").write_text(f"<!DOCTYPE html><body>{listen}{frame}</body>")
    flags = ("--window-size=1500,900", *([DARK] if dark else []))
    done = chromium(folder, folder / "outer.html", *flags)
    said = re.search(r'data-said="([^"]*)"', done.stdout)
    assert said, done.stderr[-2000:]
    said = json.loads(html.unescape(said[1]))
    assert not (isinstance(said, dict) and "error" in said), said
    return said


@functools.cache
def axe() -> str:
    """Return the source of axe-core, as locked in tests/package-lock.json; npm checks its hash."""
    folder = ROOT / "tests" / "node_modules"
    locked = json.loads((ROOT / "tests" / "package-lock.json").read_text(encoding="utf-8"))
    version = locked["packages"]["node_modules/axe-core"]["version"]
    own = folder / "axe-core" / "package.json"
    if not own.exists() or json.loads(own.read_text(encoding="utf-8"))["version"] != version:
        need("npm")
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=ROOT / "tests",
            capture_output=True,
            text=True,
            timeout=300,
        )
        if done.returncode:
            (pytest.fail if REQUIRED else pytest.skip)(
                f"npm cannot install axe-core: {done.stderr}"
            )
    return (folder / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
