"""The pages in headless Chromium: no request, no error, nothing sticks out, sorting and saving."""

import csv
import io
import json

import pyarrow.parquet as pq
import pytest

import bigrun
from browser import ask, axe, chromium
from harness import ROOT


@pytest.fixture(scope="module")
def text(finished):
    return (finished.results / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def rich(tmp_path_factory):
    """A page with every section, of a few models."""
    return bigrun.run(tmp_path_factory.mktemp("rich"), 8)


def opened(folder, page):
    """Open a page; give its errors and requests."""
    log = folder / "net.json"
    done = chromium(folder, page, "--enable-logging=stderr", f"--log-net-log={log}", budget=5000)
    assert "</html>" in done.stdout, done.stderr[-2000:]
    events = json.loads(log.read_text(encoding="utf-8"))["events"]
    asked = [event["params"] for event in events if "initiator" in event.get("params", {})]
    # what the browser asks for itself has no origin
    requests = {one["url"] for one in asked if one["initiator"] != "not an origin"}
    return [line for line in done.stderr.splitlines() if "CONSOLE" in line], requests


def test_page_opens_without_a_request_or_an_error(tmp_path, rich):
    (tmp_path / "page.html").write_text(rich, encoding="utf-8")
    assert opened(tmp_path, tmp_path / "page.html") == ([], set())


def test_a_request_and_an_error_would_be_seen(tmp_path):
    body = '<img src="https://example.org/x.png"><script>nothing()</script>'
    (tmp_path / "page.html").write_text(f"<!DOCTYPE html><body>{body}")
    errors, requests = opened(tmp_path, tmp_path / "page.html")
    assert any("nothing is not defined" in line for line in errors)
    assert requests == {"https://example.org/x.png"}


OVERFLOW = """
  const wide = document.documentElement.clientWidth;
  const out = [...document.querySelectorAll("body *")].filter(e =>
    !e.closest(".scroll") && !e.closest("pre") && !e.closest(".unseen, .skip")
    && e.getBoundingClientRect().right > wide + 1);
  const cramped = [...document.querySelectorAll(".scroll")].filter(e =>
    e.scrollWidth > e.clientWidth + 1 && e.tabIndex !== 0);
  const drawn = [...document.querySelectorAll("svg")].map(e => e.getBoundingClientRect().height);
  say({out: out.slice(0, 3).map(e => e.outerHTML.slice(0, 90)), cramped: cramped.length,
       wide: document.documentElement.scrollWidth - wide, least: Math.min(...drawn),
       broken: [...document.images].filter(e => !e.naturalWidth).length, n: drawn.length});
"""


@pytest.mark.parametrize("width", [390, 1440])
def test_page_fits_a_phone_and_a_desk(rich, tmp_path, width):
    """No text sticks out: what is wider scrolls by itself, also by keyboard; figures are drawn."""
    said = ask(tmp_path, rich, OVERFLOW, width)
    assert (said["out"], said["cramped"], said["wide"], said["broken"]) == ([], 0, 0, 0)
    assert said["n"] > 20 and said["least"] > 30


SORT = """
  const tables = [...document.querySelectorAll("table")];
  const table = tables.find(t => t.caption.textContent.startsWith("half: test part"));
  const column = [...table.tHead.rows[0].cells].findIndex(h => h.dataset.names === "mse");
  const head = table.tHead.rows[0].cells[column], button = head.querySelector("button");
  const shown = () => [...table.tBodies[0].rows].map(r => r.cells[column].textContent);
  const states = [[head.getAttribute("aria-sort"), shown()]];
  for (let i = 0; i < 3; i++) {
    button.click();
    states.push([head.getAttribute("aria-sort"), shown()]);
  }
  const spoken = document.querySelector("[role=status]").textContent;
  say({states, spoken, heads: tables.flatMap(t => [...t.tHead.rows[0].cells]).length,
       buttons: document.querySelectorAll("th[aria-sort] > button").length,
       tables: tables.length, savers: document.querySelectorAll("button.csv").length});
"""


def test_every_table_sorts_by_every_column(text, tmp_path):
    said = ask(tmp_path, text, SORT)
    (way, first), (down, falling), (up, rising), (end, last) = said["states"]
    assert (way, down, up, end) == ("none", "descending", "ascending", "none")
    assert [float(v) for v in falling] == sorted(map(float, first), reverse=True)
    assert [float(v) for v in rising] == sorted(map(float, first))
    assert first == last != rising
    assert said["spoken"] == "In the first order again"
    assert said["heads"] == said["buttons"] > 100 and said["tables"] == said["savers"] > 5


SAVE = """
  const blobs = [], names = [];
  URL.createObjectURL = blob => { blobs.push(blob); return "blob:kept"; };
  HTMLAnchorElement.prototype.click = function () { names.push(this.download); };
  document.querySelectorAll("button.csv").forEach(b => b.click());
  const texts = await Promise.all(blobs.map(b => b.text()));
  say(Object.fromEntries(names.map((name, i) => [name, texts[i]])));
"""


def test_every_table_saves_its_numbers_in_full(text, finished, tmp_path):
    saved = ask(tmp_path, text, SAVE)
    assert len(saved) > 5 and all(name.endswith(".csv") for name in saved)
    (name,) = (name for name in saved if name.startswith("half-every-metric"))
    rows = {row["model"]: row for row in csv.DictReader(io.StringIO(saved[name].lstrip("\ufeff")))}
    compared = 0
    for row in pq.read_table(finished.results / "comparison.parquet").to_pylist():
        if row["split"] != "half":
            continue
        prefix = "train_" if row["part"] == "train" else ""
        ends = () if prefix else (("_low", "ci_low"), ("_high", "ci_high"))
        for ending, key in (("", "value"), *ends):
            text = rows[row["model"]][f"{prefix}{row['metric']}{ending}"]
            assert (float(text) if text else None) == row[key]
            compared += 1
    assert compared > 100


def test_a_saved_text_is_no_formula(text, tmp_path):
    """A spreadsheet runs a cell that begins like a formula; a negative number is none."""
    cells = ["=1+1", "@x", "+a", "-1.5e-3", "-x", 'say "hi", you', "plain"]
    rows = "".join(f"<tr><th>{cell}</th></tr>" for cell in cells)
    head = '<thead><tr><th data-names="name">name</th></tr></thead>'
    table = f"<table><caption>t</caption>{head}<tbody>{rows}</tbody></table>"
    code = (ROOT / "report" / "report.js").read_text(encoding="utf-8")
    page = f'<!DOCTYPE html><body><div class="scroll">{table}</div><script>{code}</script></body>'
    (saved,) = ask(tmp_path, page, SAVE).values()
    read = [row[0] for row in csv.reader(io.StringIO(saved.lstrip("\ufeff")))]
    assert read == ["name", "'=1+1", "'@x", "'+a", "-1.5e-3", "'-x", 'say "hi", you', "plain"]


CHECK = """
  const found = await axe.run(document, {resultTypes: ["violations"]});
  say({passes: found.passes.length, violations: found.violations.map(v =>
    [v.impact, v.id, v.nodes.slice(0, 3).map(n => n.html.slice(0, 120))])});
"""


def serious(folder, text, dark):
    """Ask axe-core for serious and critical violations of a page."""
    end = text.rindex("</body>")
    said = ask(folder, f"{text[:end]}<script>{axe()}</script>{text[end:]}", CHECK, dark=dark)
    assert said["passes"] > 15
    return [one for one in said["violations"] if one[0] in ("serious", "critical")]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_page_is_accessible(rich, tmp_path, dark):
    assert serious(tmp_path, rich, dark) == []


def test_faint_text_in_the_dark_would_be_seen(text, tmp_path):
    """The check looks at colours, at the dark scheme's."""
    short = text[: text.index('<section id="scores"')] + "</main></body>"
    faint = short.replace("--muted: #a9b3c0", "--muted: #3a4048")
    assert faint != short
    assert "color-contrast" in [one[1] for one in serious(tmp_path, faint, dark=True)]
