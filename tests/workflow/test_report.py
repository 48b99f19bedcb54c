"""The page of a finished run: its numbers are those of the comparison, and it needs no network."""

import html
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from types import SimpleNamespace

import pyarrow.parquet as pq
import pytest
import report
from harness import ROOT, SMALL, Project


class Page(HTMLParser):
    """Texts of table cells by caption, tags, and references to other files."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.tables, self.ids = [], [], {}, []
        self.caption, self.cell, self.row = None, None, []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attrs = dict(attrs)
        self.tags.append(tag)
        self.ids += [attrs["id"]] if "id" in attrs else []
        for key in ("src", "href", "xlink:href"):
            if key in attrs:
                self.links.append(attrs[key])
        if tag == "caption":
            self.caption = ""
        if tag in ("td", "th"):
            self.cell = ""
        if tag == "tr":
            self.row = []

    def handle_data(self, data):
        if self.cell is not None:
            self.cell += data
        elif self.tags and self.tags[-1] == "caption":
            self.caption += data.strip()

    def handle_endtag(self, tag):
        if tag in ("td", "th"):
            self.row.append(" ".join(self.cell.split()))
            self.cell = None
        if tag == "tr":
            self.tables.setdefault(self.caption, []).append(self.row)


@pytest.fixture(scope="module")
def text(finished):
    return (finished.results / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


def test_numbers_of_the_ranking_are_those_of_the_comparison(finished, page):
    rows = pq.read_table(finished.results / "comparison.parquet").to_pylist()
    values = {
        (r["split"], r["model"], r["metric"]): r["value"] for r in rows if r["part"] == "test"
    }
    shown = {
        "ICBHI score": "icbhi_score",
        "Se": "sensitivity",
        "Sp": "specificity",
        "accuracy": "accuracy",
        "MSE": "mse",
        "R²": "r2",
    }
    compared = 0
    for caption, (head, *lines) in page.tables.items():
        if "test part" not in (caption or ""):
            continue
        split = caption.split(":")[0]
        assert len(lines) == 4
        for line in lines:
            model = line[0].split()[0]
            for name, metric in shown.items():
                text = line[head.index(name)].replace("−", "-")
                assert float(text) == pytest.approx(values[split, model, metric], abs=5.1e-4)
                compared += 1
    assert compared == 2 * 4 * len(shown)


def test_page_needs_no_network(page):
    outside = [link for link in page.links if not link.startswith(("#", "data:"))]
    assert outside == []
    assert "script" not in page.tags


def test_page_is_well_made(text, page):
    assert page.tags.count("h1") == 1
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
    assert len(page.ids) == len(set(page.ids))
    assert page.tags.count("figure") == len(
        re.findall(r'<figure role="img" aria-label="[^"]+"', text)
    )
    assert len(text) < 2_000_000


def test_page_says_what_it_was_made_from(finished, text):
    source = json.loads((finished.results / "table" / "source.json").read_text(encoding="utf-8"))
    assert source["sha256"] in text
    assert "Simulated data" in text
    assert "n_neighbors: 5" in text


def test_quality_table_has_the_imputed_cells(finished, page):
    quality = json.loads((finished.results / "table" / "quality.json").read_text(encoding="utf-8"))
    lines = {line[0]: line for line in page.tables["Missing values, by column"]}
    for name, about in quality["imputed"].items():
        assert lines[name][1] == f"{quality['missing_before'][name]:,}"
        assert lines[name][3] == f"{about['cells']:,} imputed with {about['value']}"
    assert lines["IMC"][3] == "column dropped"


def test_what_the_workbook_says_is_text(finished, tmp_path):
    evil = "<script>alert(1)</script>"
    results = tmp_path / "results"
    shutil.copytree(finished.results, results)
    source = json.loads((results / "table" / "source.json").read_text(encoding="utf-8"))
    source |= {"workbook": f"{evil}.xlsx", "sheet": evil}
    (results / "table" / "source.json").write_text(json.dumps(source), encoding="utf-8")
    fits = [("knn", "half"), ("knn", "final")]
    summaries = [results / "fits" / model / split / "fit.json" for model, split in fits]
    for path in summaries:
        summary = json.loads(path.read_text(encoding="utf-8"))
        summary["folds"][0]["warnings"] = [evil]
        path.write_text(json.dumps(summary), encoding="utf-8")
    names = ("missing", "states", "scores")
    inputs = SimpleNamespace(
        source=results / "table" / "source.json",
        quality=results / "table" / "quality.json",
        cycles=results / "table" / "cycles.parquet",
        splits=[results / "splits" / split / "split.json" for split in ("final", "half")],
        comparison=results / "comparison.parquet",
        differences=results / "differences.parquet",
        leakage=results / "leakage.parquet",
        costs=results / "costs.tsv",
        fits=summaries,
        losses=[],
        models=[results / "figures" / "models" / f"{m}.{s}.svg" for m, s in fits],
        **{name: results / "figures" / f"{name}.svg" for name in names},
    )
    config = {
        "workbook": f"{evil}.xlsx",
        "splits": {"half": {}, "final": {}},
        "bootstrap": {"resamples": 2000, "seed": 0},
    }
    params = SimpleNamespace(
        config=config,
        fits=[{"model": m, "algorithm": "knn", "split": s} for m, s in fits],
    )
    context = report.prepare(inputs, params, report.datetime.now(report.UTC))
    folder = ROOT / "report"
    text = report.render(context, folder / "template.html.j2", folder / "style.css")
    assert "<script" not in text
    assert text.count(html.escape(evil)) >= 4


@pytest.mark.skipif(shutil.which("chromium") is None, reason="chromium is not installed")
def test_page_fits_a_phone_and_a_desk(finished, tmp_path):
    """No text sticks out of the page at 390 and 1440 px: only boxes that scroll by themselves do."""
    text = (finished.results / "report.html").read_text(encoding="utf-8")
    probe = """<script>addEventListener("load", () => {
      document.querySelectorAll("details").forEach(d => d.open = true);
      const wide = document.documentElement.clientWidth;
      const out = [...document.querySelectorAll("body *")].filter(e =>
        !e.closest(".scroll") && !e.closest("pre") && e.getBoundingClientRect().right > wide + 1);
      parent.postMessage(out.length + ": " + out.slice(0, 3).map(e => e.outerHTML.slice(0, 90)), "*");
    });</script>"""
    for width in (390, 1440):
        # headless Chromium has no window narrower than 500 px: a frame of the width stands in
        (tmp_path / "inner.html").write_text(text.replace("</body>", probe + "</body>"))
        frame = f'<iframe src="inner.html" style="width:{width}px;height:900px;border:0"></iframe>'
        listen = """<script>addEventListener("message", event => {
          document.body.dataset.said = event.data; });</script>"""
        outer = f"<!DOCTYPE html><body>{listen}{frame}</body>"
        (tmp_path / "outer.html").write_text(outer)
        done = subprocess.run(
            [
                "chromium",
                *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic"),
                *("--no-first-run", "--disable-background-networking", "--disable-sync"),
                *("--disable-component-update",),
                f"--user-data-dir={tmp_path / f'profile{width}'}",
                *("--virtual-time-budget=8000", "--window-size=1500,900", "--dump-dom"),
                f"file://{tmp_path / 'outer.html'}",
            ],
            capture_output=True,
            text=True,
            timeout=120,
        )
        said = re.search(r'data-said="([^"]*)"', done.stdout)
        assert said, done.stderr[-2000:]
        assert said[1].startswith("0:"), (width, html.unescape(said[1]))


def test_imputed_feature_is_warned_of(tmp_path):
    project = Project(tmp_path)
    models = {"lstsq": {"features": ["Var", "sex"]}}
    project.configure(SMALL | {"models": models, "splits": {"final": {}}})
    project.run()
    text = (project.results / "report.html").read_text(encoding="utf-8")
    assert "sex is a feature of some model" in text
