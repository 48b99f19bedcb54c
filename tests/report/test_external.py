"""The page of what was scored: with labels, without, with patients that training may know."""

import json
import re
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import validate_scored
from answering import answered
from auscultation.data.parquet import write_parquet
from auscultation.data.target import Target
from auscultation.export.new_predictions import no_predictions
from auscultation.report.external import Held, changes, held, outside_table
from auscultation.scores.comparison import SCHEMA
from auscultation.scores.fit_scores import CALIBRATION
from auscultation.scores.tables import to_table
from cohorts import cohort, only, rows_of_part
from harness import ROOT

TARGET = Target()
PATIENT, TRUE, _, (WEAK, _, STRONG) = cohort(5, 30, (0.3, 0.5, 0.9))
N = len(TRUE)
MODELS = {"near & far": "knn", "mean": "mean", "weak": "svc"}
FEATURE = {"low": 0.0, "high": 1.0, "below": 0, "above": 2, "other": 0, "missing": 1}


def about_of(n_classes=4, **more):
    called = {of: [3, 2, 1, 0][:n_classes] for of in ("cycle", "patient", "recording")}
    about = {
        "cycles": N + 3,
        "patients": 30,
        "recordings": 60,
        "windows": 0,
        "patients_in_training": [],
        "notes": [],
        "label_columns": ["state"],
        "labelled": N,
        "labelled_patients": 30,
        "left_out": {"without a label": 3},
        "cycles_outside": 2,
        "outside": [{"feature": "a <b>", **FEATURE}, {"feature": "c", **FEATURE, "below": 9}],
        "models": [{"model": m, "algorithm": a, "called": called} for m, a in MODELS.items()],
        "silent": {"svr": "its fit has no result"},
    }
    return about | more


def said_of(target):
    """True classes, and of each model its predictions and probabilities."""
    k = len(target.classes)
    true = TRUE % k
    p = 0.2 + 0.2 * np.eye(k)[STRONG % k]
    p /= p.sum(1, keepdims=True)
    made = {"near & far": (STRONG % k, p), "mean": (np.full(N, true.mean()), None)}
    return true, made | {"weak": (WEAK % k, None)}


@pytest.fixture
def page(tmp_path):
    """Make the page; give its HTML, its answer in one line, and the table."""

    def make(predicted=MODELS, target=TARGET, **more):
        values = {"useful": (0.45, 0.3), "accuracy": (0.5, None)}
        fits = {(model, algorithm, "patient"): values for model, algorithm in MODELS.items()}
        answer, rows = answered(fits, target=target)
        rows = [row for row in rows if row["model"] in MODELS]
        keys = {"cycle": [0], "patient_ID": [1], "fold": [0], target.name: [0]}
        empty = no_predictions(pa.table(keys), target)
        tables = [empty]
        true, said = said_of(target)
        for model, (called, p) in said.items():
            table = rows_of_part(PATIENT, true, called, p=p, target=target)
            table = table.append_column("model", pa.array([model] * N))
            tables.append(table.cast(empty.schema) if model in predicted else empty)
        names = ("predictions", "about", "comparison", "answer", "calibration")
        inputs = {name: tmp_path / name for name in names}
        write_parquet(iter(tables), inputs["predictions"])
        inputs["about"].write_text(json.dumps(about_of(len(target.classes), **more)))
        inputs["answer"].write_text(json.dumps(answer))
        comparison = pa.Table.from_pylist(rows, SCHEMA)
        comparison = comparison.replace_schema_metadata(target.to_metadata())
        pq.write_table(comparison, inputs["comparison"])
        pq.write_table(to_table([], CALIBRATION), inputs["calibration"])
        files = {"template": "external.html.j2", "css": "style.css", "script": "report.js"}
        inputs |= {name: [ROOT / "report" / file] for name, file in files.items()}
        output = SimpleNamespace(page=tmp_path / "x.html", table=tmp_path / "x.csv")
        params = SimpleNamespace(name="ward <3>")
        validate_scored.main(
            SimpleNamespace(input=SimpleNamespace(**inputs), output=output, params=params)
        )
        html = output.page.read_text(encoding="utf-8")
        text = re.search(r'<p class="answer"[^>]*>(.*?)</p>', html, re.S)[1]
        return html, text, pyarrow.csv.read_csv(output.table).to_pylist()

    return make


def test_the_answer_of_labelled_cycles(page):
    html, text, rows = page()
    assert text.startswith(
        "near &amp; far classifies better than any constant prediction, for patients"
    )
    assert f"({N:,} labelled cycles of 30 patients)." in text
    assert "<h1>How the models do on ward &lt;3&gt;</h1>" in html and "a &lt;b&gt;" in html
    assert "3 cycles are left out of the validation: 3 without a label." in html
    assert "near &amp; far is useful as a classifier here, and not shown inside." in html
    assert "svr (its fit has no result)" in html
    assert html.count("<svg") == 5 and "<script src" not in html
    expected = only(rows, model="near & far", metric="accuracy")
    assert expected["value"] == pytest.approx(np.mean(STRONG == TRUE), rel=1e-12)
    inside = only(rows, model="weak", metric="icbhi_score")
    assert inside["internal_value"] == 0.45 and inside["internal_split"] == "patient"


def test_patients_that_training_may_know_are_named(page):
    html, text, _ = page(patients_in_training=["101", "102", "103", "104"], windows=1)
    assert "for patients who may have been seen in training" in text
    assert "4 patient ids of 30 (101, 102, 103, 104) also are those of training patients" in html
    assert "1 row of" in html and "is a window" in html


def test_without_labels_the_page_says_so(page):
    unlabelled = {"labelled": 0, "labelled_patients": 0, "label_columns": [], "left_out": {}}
    html, text, rows = page(predicted=(), **unlabelled)
    assert "has no labels for crackles and wheezes" in text and rows == []
    assert 'id="scores"' not in html and "left out" not in html and "<svg" not in html
    assert "2 cycles of" in html and "How often each class is called" in html


def test_labels_without_a_prediction(page):
    html, text, _ = page(predicted=())
    assert f"No model has a prediction for any of {N:,} labelled cycles" in text
    assert 'id="scores"' not in html


def test_models_that_pass_where():
    models = [{"model": name, "yes": name != "c"} for name in "abc"]
    inside = {"enough": True, "answers": {"useful": {"models": models}}}
    here = [{"model": name, "yes": name != "a"} for name in "abc"]
    about = {"enough": True, "answers": {"useful": {"models": here}}}
    assert held(inside, SimpleNamespace(about=about), "useful") == Held(["b"], ["a"], ["c"])
    few = SimpleNamespace(about=about | {"enough": False})
    assert held(inside, few, "useful") == Held([], ["a", "b"], [])


def test_changes_are_those_beyond_their_interval():
    def row(value, half=0.01):
        ends = (("value", 0.5, half), ("internal_value", value, half))
        return {"model": "knn", "algorithm": "knn", "metric": "icbhi_score"} | {
            name: middle for name, middle, _ in ends
        }

    near = row(0.52) | {"difference": -0.02, "difference_low": -0.05, "difference_high": 0.01}
    far = row(0.8) | {"difference": -0.3, "difference_low": -0.4, "difference_high": -0.2}
    some = row(0.3) | {"difference": 0.2, "difference_low": 0.1, "difference_high": 0.3}
    none = row(None) | dict.fromkeys(("difference", "difference_low", "difference_high"))
    baseline = far | {"algorithm": "mean"}
    made = changes([near, some, far, none, baseline], "icbhi_score")
    assert [change["difference"] for change in made] == [-0.3, 0.2]


def test_features_with_the_most_cycles_outside_come_first():
    shown = outside_table(about_of())["rows"]
    assert [row["cells"][0]["text"] for row in shown] == ["c", "a <b>"]
    assert shown[0]["cells"][-1]["exact"] == str(12 / (N + 3))


@pytest.mark.parametrize("classes", [("Healthy", "COPD"), ("Healthy", "COPD", "URTI")])
def test_other_targets_have_their_own_words(page, classes):
    target = Target(
        "Diagnosis", classes, tuple((name,) for name in classes), "the class of the ill"
    )
    html, text, rows = page(target=target)
    two = len(classes) == 2
    assert text.startswith("near &amp; far and weak classify better than any constant prediction")
    assert "The models predict <code>Diagnosis</code>" in html and html.count("<svg") == 5
    assert ("The positive class of Diagnosis is COPD" in html) == two
    assert ("sensitivity" in {row["metric"] for row in rows}) == two
    assert "ICBHI" not in html
