"""The page of a finished run: its numbers are those of the artifacts, and it needs no network."""

import csv
import html
import json
import re

import pyarrow.parquet as pq
import pytest

import bigrun
from harness import SMALL, Project
from report_page import Page

NUMBER = r"-?\d+(\.\d+)?(e[-+]?\d+)?"
COSTS = ("fit_seconds", "predict_seconds", "peak_memory_mb")
ARTIFACTS = (
    "table/feature_shares",
    "comparison",
    "differences",
    "leakage",
    "calibration",
    "confusion",
    "errors",
    "hardest",
    "units",
    "probabilities",
    "subgroups",
    "power",
    "luck",
)


@pytest.fixture(scope="module")
def text(finished):
    return (finished.results / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def page(text):
    return Page(text)


@pytest.fixture(scope="module")
def artifacts(finished):
    return {n: pq.read_table(finished.results / f"{n}.parquet").to_pylist() for n in ARTIFACTS}


@pytest.fixture(scope="module")
def numbers(finished, artifacts) -> set[float]:
    """Every number of every artifact that the page is made from."""

    def inside(value):
        if isinstance(value, dict):
            value = list(value.values())
        if isinstance(value, list):
            return {number for one in value for number in inside(one)}
        known = isinstance(value, int | float) and not isinstance(value, bool)
        return {float(value)} if known else set()

    found = inside(list(artifacts.values()))
    for path in finished.results.rglob("*.json"):
        found |= inside(json.loads(path.read_text(encoding="utf-8")))
    with open(finished.results / "costs.tsv", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            found |= {float(row[name]) for name in COSTS if row[name]}
    return found


def read(text):
    """The number that a cell shows, a share where it is in percent; None for no number."""
    text = text.replace("−", "-").replace(",", "")
    if re.fullmatch(r"-?\d+(\.\d+)? %", text):
        return float(text[:-2]) / 100
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) else None


def test_every_number_of_the_tables_is_one_of_the_artifacts(page, numbers):
    """In full where it is sorted and saved, rounded where it is read."""
    checked = 0
    for caption, (_, *lines) in page.tables.items():
        for line in lines:
            for shown, exact in line:
                parts = (exact or "").split("|")
                values = [float(v) for v in parts if re.fullmatch(NUMBER, v)]
                assert set(values) <= numbers, (caption, shown, exact)
                checked += len(values)
                if read(shown) is None or not values:
                    continue
                digits = len(shown.rstrip(" %").partition(".")[2]) + 2 * ("%" in shown)
                assert read(shown) == pytest.approx(values[0], abs=0.50001 * 10**-digits), caption
    assert checked > 500


@pytest.fixture(scope="module")
def constants(artifacts) -> set[float]:
    """What the best constants have, and what follows from them: roots of errors, R2."""
    values = {
        (row["split"], row["model"], row["metric"]): row["value"]
        for row in artifacts["comparison"]
        if row["part"] == "test" and row["value"] is not None
    }
    found = set()
    for row in artifacts["differences"]:
        value = values.get((row["split"], row["model"], row["metric"]))
        if row["against_is"] == "best constant" and None not in (value, row["difference"]):
            constant = value - row["difference"]
            found.add(constant)
            if row["metric"] in ("mse", "mse_expected"):
                found |= {constant**0.5, value**0.5, 1 - value / constant}
    return found


def test_every_decimal_of_the_sentences_is_one_of_the_artifacts(page, numbers, constants):
    """Also as percent; what would have been detected has two digits. No information is 0.5, p < 0.001."""
    scales = ((1, 3), (1, 2), (100, 1))
    rounded = {f"{abs(n) * k:.{d}f}" for n in numbers | constants for k, d in scales}
    prose = " ".join(page.prose)
    decimals = set(re.findall(r"(?<![\d.])\d+\.\d+(?![\d.])", prose.replace(",", "")))
    assert len(decimals) > 10
    assert decimals - rounded <= {"0.5", "0.001"}, decimals - rounded


def test_costs_are_what_each_fit_measured_of_itself(finished, page):
    """Fault 5: no fit takes less memory than Python, and the page shows what fit.json says."""
    (caption,) = (c for c in page.tables if c and c.startswith("Wall time and peak memory"))
    head, *lines = page.texts(caption)
    shown = {line[0]: dict(zip(head, line, strict=True)) for line in lines}
    with open(finished.results / "costs.tsv", newline="") as file:
        costs = list(csv.DictReader(file, delimiter="\t"))
    assert len(costs) == 2 * 4
    for row in costs:
        path = finished.results / "fits" / row["model"] / row["split"] / "fit.json"
        measured = json.loads(path.read_text(encoding="utf-8"))["measured"]
        assert {name: float(row[name]) for name in COSTS} == measured
        assert 30 < measured["peak_memory_mb"] < 2000
        assert 0 < measured["fit_seconds"] < 60 and 0 < measured["predict_seconds"] < 60
        cells, split = shown[row["model"]], row["split"]
        assert cells[f"{split}, fit, s"] == f"{measured['fit_seconds']:.3f}"
        assert cells[f"{split}, MB"] == f"{measured['peak_memory_mb']:.0f}"


def test_numbers_of_the_ranking_are_those_of_their_model_and_metric(page, artifacts):
    values = {
        (r["split"], r["model"], r["metric"]): r["value"]
        for r in artifacts["comparison"]
        if r["part"] == "test"
    }
    shown = {
        "ICBHI score": "icbhi_score",
        "Se": "sensitivity",
        "Sp": "specificity",
        "accuracy": "accuracy",
        "MSE": "mse",
    }
    compared = 0
    for caption, (head, *lines) in page.tables.items():
        if not re.match(r"\w+: test part", caption or ""):
            continue
        names = [name for name, _ in head]
        assert len(lines) == 4
        for line in lines:
            for name, metric in shown.items():
                model = line[0][0].split()[0]
                text, exact = line[names.index(name)]
                value = values[caption.split(":")[0], model, metric]
                assert float(exact or text) == value
                compared += 1
    assert compared == 2 * 4 * len(shown)


def test_confusion_counts_are_those_of_the_predictions(finished, artifacts):
    for row in artifacts["confusion"]:
        path = finished.results / "fits" / row["model"] / row["split"] / "predictions.parquet"
        table = pq.read_table(path, filters=[("part", "=", row["part"])])
        called = table["prediction"].to_numpy().round().clip(0, 3)
        found = (table["state"].to_numpy() == row["true"]) & (called == row["predicted"])
        assert row["n"] == found.sum()
    drawn = (finished.results / "figures" / "confusion" / "knn.svg").read_text(encoding="utf-8")
    for row in artifacts["confusion"]:
        if (row["model"], row["part"]) == ("knn", "test"):
            assert f">{row['n']:,}</text>" in drawn


def test_page_needs_no_network(page):
    outside = [link for link in page.links if not link.startswith(("#", "data:"))]
    assert outside == []
    assert page.tags.count("script") == 1


def well_made(text):
    page = Page(text)
    assert page.tags.count("h1") == 1
    levels = [int(tag[1]) for tag in page.tags if re.fullmatch("h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
    assert len(page.ids) == len(set(page.ids))
    assert page.tags.count("figure") == len(re.findall(r'role="img" aria-label="[^"]{20,}"', text))
    assert {link[1:] for link in page.links if link.startswith("#")} <= set(page.ids)


def test_page_is_well_made(text):
    well_made(text)
    assert len(text.encode()) < 2_000_000


def test_page_says_what_it_was_made_from(finished, text):
    source = json.loads((finished.results / "table" / "source.json").read_text(encoding="utf-8"))
    assert source["sha256"] in text
    assert "Simulated data" in text
    assert "n_neighbors: 5" in text


def test_quality_table_has_the_imputed_cells(finished, page):
    quality = json.loads((finished.results / "table" / "quality.json").read_text(encoding="utf-8"))
    lines = {line[0]: line for line in page.texts("Missing values, by column")}
    for name, about in quality["imputed"].items():
        assert lines[name][1] == f"{quality['missing_before'][name]:,}"
        assert lines[name][3] == f"{about['cells']:,} imputed with {about['value']}"
    assert lines["IMC"][3] == "column dropped"


@pytest.fixture(scope="module")
def big(tmp_path_factory):
    """Folder and page of 60 models under three splits, with a sweep and published scores."""
    folder = tmp_path_factory.mktemp("big")
    return folder, bigrun.run(folder, 60)


def test_sixty_models_are_grouped_and_folded(big):
    _, text = big
    well_made(text)
    assert len(text.encode()) < 5_000_000
    unfolded = re.sub(r"<details>.*</details>", "", text, flags=re.DOTALL)
    assert len(unfolded) < 0.1 * len(text)
    page = Page(text)
    (short,) = (c for c in page.tables if c and "the best model of each algorithm" in c)
    assert len(page.tables[short]) == 1 + 5 + 2  # a head, algorithms, baselines
    ranked = [c for c in page.tables if c and re.fullmatch(r"\w+: test part.*patients", c)]
    assert [len(page.tables[caption]) for caption in ranked] == [1 + 60] * 3
    assert "svc (13)" in text and "knn (5)" in text


def test_what_the_workbook_says_is_text(big):
    _, text = big
    assert bigrun.WARNING not in text and "<script>alert" not in text
    assert text.count(html.escape(bigrun.WARNING)) >= 4


def test_published_scores_stand_beside_the_models(big):
    _, text = big
    page = Page(text)
    with open(bigrun.ROOT / "report" / "icbhi_published_scores.csv", newline="") as file:
        papers = list(csv.DictReader(file))
    (caption,) = (c for c in page.tables if c and c.startswith("Published scores"))
    shown = {line[0]: line for line in page.texts(caption)[1:]}
    assert set(shown) == {row["method"] for row in papers}
    for row in papers:
        assert shown[row["method"]][2] == row["icbhi_score"]
        chosen = [row["chosen_on"] or "unknown", row["chosen_source"]]
        assert shown[row["method"]][5:] == [*chosen, row["source"], row["seen_in"]]
    # these cycles are not those of the official division
    assert "official division has 4,142 cycles" in text


def test_no_published_scores_without_their_split(text):
    assert "Published scores" not in text and "from the audio" not in text


def test_imputed_feature_is_warned_of(tmp_path):
    project = Project(tmp_path)
    models = {"lstsq": {"features": ["Var", "sex"]}}
    whole = {"clean": {"impute": "before_split"}}
    project.configure(SMALL | {"models": models, "splits": {"final": {}}} | whole)
    project.run()
    text = (project.results / "report.html").read_text(encoding="utf-8")
    assert "sex is a feature" in text
