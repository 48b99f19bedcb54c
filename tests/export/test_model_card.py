"""What a model card claims and holds, and that texts of others stay texts in it."""

import re
from types import SimpleNamespace

import pytest
from markdown_it import MarkdownIt

from answering import SPLITS, answered, split_of
from auscultation.data.target import Target
from auscultation.export.card_scores import analyses_of, statement_of
from auscultation.export.model_card import card, features_table
from auscultation.fits.preprocess import Column
from harness import ROOT

TEMPLATE = str(ROOT / "report" / "model_card.md.j2")
MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HOSTILE = ["<script>alert(1)</script>", "a|b `c` |", "**b**", "[l](http://e.org)", "# h", "1. x"]

FIT = {
    "inputs": ["Var", "device"],
    "features": ["Var", "device=A"],
    "scale": "standard",
    "settings": {"n_neighbors": 5},
    "folds": [{"fold": 0, "warnings": ["it <b>warns"]}],
}


VALUES = {"information": (0.61, 0.001, 0.2), "beyond_device": (0.55, 0.3), "useful": (0.45, 0.4)}


def about(model="near", algorithm="knn", values=VALUES, **changes):
    """What a card is made of: a model with a split that keeps patients apart and a final one."""
    given = {name: changes.pop(name) for name in tuple(changes) if name in ANSWERED}
    fits = {(model, algorithm, split): values for split in given.get("splits", SPLITS)}
    answer, rows = answered(fits if values else {}, **given)
    made = {
        "model": model,
        "algorithm": algorithm,
        "final": "final",
        "fits": dict.fromkeys(SPLITS, FIT),
        "rows": rows,
        "answer": answer,
        "source": {"workbook": "a/|b`.xlsx", "sheet": 0, "sha256": "ab12"},
        "quality": {"imputed": {}},
        "provenance": {
            "code": {"commit": "c0ffee", "changed": True},
            "lock": {"file": "requirements.txt", "sha256": "cd34"},
            "versions": {"numpy": "2"},
            "config": {"workbook": "b.xlsx"},
        },
        "data": {
            "cycles": 50,
            "recordings": 12,
            "patients": 9,
            "devices": ["A"],
            "classes": [{"class": "normal", "cycles": 30, "patients": 9}],
        },
        "onnx": {"columns": [Column("Var"), Column("device", "A")], "bytes": 10, "sha256": "ef56"}
        | {"agreement": SimpleNamespace(cycles=50, number=2e-7, share=0.0)},
        "holds_cycles": 50,
        "model_sha256": "0a0b",
    }
    return made | changes


ANSWERED = ("splits", "target", "n_patients", "sides", "leakage", "constant")


def card_of(target=Target(), **changes):
    return card(about(target=target, **changes), target, TEMPLATE)


def first_of(target=Target(), **changes):
    """What the split to rely on says of the model, and the paragraph on top of its card."""
    made = about(target=target, **changes)
    paragraph = card(made, target, TEMPLATE).splitlines()[2]
    return statement_of(made, made["answer"]["splits"][0]), paragraph


def analyses(**changes):
    return analyses_of(about(**changes), Target())


def test_the_sheet_is_named_where_there_is_one():
    """Fault 18: the card names the sheet that was read; a CSV has none."""
    source = {"workbook": "a.csv", "sha256": "ab12"}
    assert "Workbook a.csv, sheet Table, SHA-256" in card_of(source=source | {"sheet": "Table"})
    assert "Workbook a.csv, SHA-256" in card_of(source=source | {"sheet": None})


def recorded(inputs, folder="data/lungs"):
    """What a card of recordings is made of: a model with these features."""
    families = ["bands", "mfcc"]
    frames = {"frame": 64, "hop": 16, "low": 100, "high": 1800}
    config = {"recordings": folder, "families": families, "frames": frames, "exact": False}
    source = {"workbook": "data/lungs", "sheet": None, "sha256": "ab12", "bytes": 9, "rows": 50}
    source |= {"sounds": 12, "recordings": 12, "without_rows": {}, "checks": {}, "columns": inputs}
    columns = [Column(name) for name in inputs]
    onnx = about()["onnx"] | {"columns": columns}
    origin = about()["provenance"] | {"config": config | {"workbook": "demo"}}
    fits = dict.fromkeys(SPLITS, FIT | {"inputs": inputs})
    return {"source": source, "provenance": origin, "fits": fits, "onnx": onnx}


def test_a_card_of_recordings_speaks_of_recordings():
    text = card_of(**recorded(["bands_100_200", "mfcc_1_mean", "own"]))
    assert "workbook" not in text.lower() and "Simulated" not in text
    assert "Recordings lungs, 12 sound files, SHA-256 `ab12`" in text
    assert "score=new_recordings" in text and "3.6 kHz or more; bands and mfcc are" in text
    assert "| `mfcc_1_mean` | of the family mfcc |" in text
    assert "| `own` | a column of the table |" in text
    assert "Simulated recordings, 12 sound files" in card_of(**recorded(["own"], "demo"))


def test_gain_matters_where_a_feature_depends_on_it():
    text = card_of(**recorded(["bands_100_200"]))
    assert (
        "the family bands do not depend on the amplification" in text
        and "amplification, too" not in text
    )
    text = card_of(**recorded(["bands_100_200", "Var", "Range"]))
    assert "Var and Range depend on the amplification, too." in text
    assert "depends on the device, its amplification" in card_of(**recorded(["Var"]))


def test_information_and_usefulness_are_both_on_top():
    """What could not be shown is not said to be absent: what would have been seen stands beside it."""
    statement, paragraph = first_of()
    findings = (statement.information, statement.beyond_device, statement.useful)
    assert [finding.claim for finding in findings] == ["yes", "no", "no"]
    assert statement.information.significant and statement.information.folds is False
    for numbers in ("0.610", "0.510 to 0.710", "0.550", "ICBHI score 0.450", "`patient`"):
        assert numbers in paragraph
    for finding in findings[1:]:
        assert not finding.significant and f"{finding.entry['limit']:.3f}" in paragraph
    assert "80 %" in paragraph and "no better" not in paragraph


@pytest.mark.parametrize(
    ("useful", "claim", "folds"),
    [
        ((0.60, 0.01), "yes", None),
        ((0.60, 0.01, 0.01), "yes", True),
        ((0.60, 0.01, 0.3), "yes", False),
        ((0.60, 0.2), "no", None),
        ((0.40, 0.01), "worse", None),
        ((0.60, None), "unknown", None),
    ],
)
def test_a_classifier_is_called_what_its_test_says(useful, claim, folds):
    statement, paragraph = first_of(values=VALUES | {"useful": useful})
    assert (statement.useful.claim, statement.useful.folds) == (claim, folds)
    assert statement.useful.significant == (claim in ("yes", "worse"))
    assert f"{useful[0]:.3f}" in paragraph or claim == "unknown"


@pytest.mark.parametrize(
    ("information", "claim"),
    [((0.45, 0.01), "worse"), ((0.55, 0.2), "no"), ((0.55, None), "unknown")],
)
def test_without_information_nothing_is_said_of_devices(information, claim):
    statement, paragraph = first_of(values=VALUES | {"information": information})
    assert statement.information.claim == claim and statement.beyond_device is None
    assert "device" not in paragraph


def test_each_claim_has_words_of_its_own():
    values = ((0.60, 0.01), (0.60, 0.2), (0.40, 0.01), (0.60, None))
    for question in ("information", "useful"):
        shown = {first_of(values=VALUES | {question: value})[1] for value in values}
        assert len({re.sub(r"[\d.]+", "", paragraph) for paragraph in shown}) == 4


def test_too_few_patients_are_no_verdict():
    few = {"n_patients": 9, "sides": (5, 9), "values": VALUES | {"useful": (0.9, 0.001)}}
    statement, paragraph = first_of(**few)
    assert not statement.split["enough"] and statement.useful.claim == "unknown"
    assert "no verdict: 9 patients" in paragraph and "useful" not in paragraph
    answers = {row.question: row.answer for row in analyses(**few).answers}
    assert answers["useful"] == "unknown"


def test_the_number_of_a_regressor_is_told_from_the_class_it_is_rounded_to():
    values = VALUES | {"information": (0.63, 0.001), "useful": (0.29, 0.001)}
    rounded = analyses(algorithm="svr", values=values).rounded
    assert (rounded.split, rounded.area, rounded.score) == ("patient", 0.63, 0.29)
    assert "rounded" in first_of(algorithm="svr", values=values)[1]
    assert analyses(values=values).rounded is None and "rounded" not in card_of(values=values)


def test_without_a_split_that_keeps_patients_apart():
    splits = {"half": split_of("half", both=[101]), "final": SPLITS["final"]}
    assert analyses(splits=splits).apart == []
    paragraph = first_of(splits=splits)[1]
    assert "**No split of this run keeps patients apart" in paragraph and "0.6" not in paragraph
    few = split_of("published", both=[101], tested=60)
    (split,) = analyses(splits={"published": few}).splits
    assert split["kind"] == "mostly_new_patients"
    card_of(splits={"published": few})


def test_each_split_that_keeps_patients_apart_is_said():
    splits = {"patient": split_of(), "clinic": split_of("leave_group_out", tested=40)}
    made = analyses(splits=splits)
    assert made.apart == ["patient", "clinic"]
    (statement,) = made.statements
    assert (statement.split["split"], statement.information.claim) == ("clinic", "yes")
    shown = card_of(splits=splits)
    assert "`patient`, `clinic` keep" in shown and re.search(r"^- `clinic` \(", shown, re.MULTILINE)


def test_what_it_holds():
    shown = card_of()
    pieces = ("ab12", "c0ffee", "with changes", "near", "n_neighbors = 5", "ef56", "0a0b", "2e-07")
    for piece in pieces:
        assert piece in shown
    assert "holds the features of 50 of the cycles" in shown
    assert "Not a medical device" in shown and "Simulated data" not in shown
    assert "a/|b" not in shown and "\\|b\\`.xlsx" in shown and "&lt;b&gt;warns" in shown
    headings = re.findall(r"^## (.*)$", shown, re.MULTILINE)
    assert headings[:4] == ["Model details", "Intended use", "Factors", "Metrics"]
    rendered = MARKDOWN.render(shown)
    assert "<b>" not in rendered and rendered.count("<table>") == 4
    assert rendered.count("<h2>") == len(headings) == 10 and "<p></p>" not in rendered


def test_names_that_want_to_be_code():
    classes = ("Healthy", "<img src=x>", "a|b")
    counts = [{"class": name, "cycles": 1, "patients": 1} for name in classes]
    target = Target("Diagnosis", classes)
    made = about("<script>x</script>", "`a|b`", target=target, constant=1 / 3)
    data = made["data"] | {"classes": counts, "devices": HOSTILE}
    quality = {"imputed": {"Var": {"cells": 2, "value": "<i>"}}}
    reason = {"reason": "<u> [a](http://e.org)"}
    shown = card(made | {"data": data, "quality": quality, "onnx": reason}, target, TEMPLATE)
    rendered = MARKDOWN.render(shown)
    assert not re.search(r"<(script|img|i|u|a|em|del|h1> h)\b", rendered)
    assert "<td>&lt;img src=x&gt;</td>" in rendered and "<td>a|b</td>" in rendered
    assert "AUC of any other than Healthy 0.610" in rendered
    hostile = Target("Diagnosis", ("<b>", "c"))
    assert "<b>" not in card_of(hostile).splitlines()[2]


def test_a_fit_that_failed():
    failed = {"failed": "k is <too> large", "folds": []}
    reason = {"reason": "its fit to all cycles failed: k is <too> large"}
    changes = {"fits": {"patient": failed, "final": failed}, "values": {}, "onnx": reason}
    shown = card_of(**changes)
    assert "Could not be fitted under `patient`:** k is &lt;too&gt; large" in shown
    assert "No ONNX file: its fit to all cycles failed" in shown
    assert not first_of(**changes)[0].has_score and "p (Holm)" not in shown
    assert [stated.has_score for stated in analyses(**changes).statements] == [False]
    kept = FIT | {"folds": [{"fold": 0, "warnings": [], "approximated": "by <some> cycles"}]}
    shown = card_of(fits={"patient": kept, "final": failed}, onnx=reason)
    assert "Approximated under `patient`:** by &lt;some&gt; cycles" in shown
    assert "n_neighbors" in shown


def test_chosen_settings_are_shown_once_each():
    folds = [{"fold": k, "warnings": [], "chosen": {"C": c}} for k, c in enumerate((1, 1, 10))]
    shown = card_of(fits={"patient": FIT | {"folds": folds, "tune": {"metric": "auc"}}})
    assert "Chosen by auc inside the training part of `patient`, in 3 folds: C = 1; C = 10" in shown


def heard(**changes):
    row = {"model": "near", "metric": "icbhi_score", "heard": "patient or recording"}
    row |= {"split": "shuffled", "other_split": "patient", "score": 0.7, "other_score": 0.5}
    row |= {"difference": 0.2, "ci_low": 0.1, "ci_high": 0.3, "p": 0.001, "p_holm": 0.002}
    return row | changes


def test_of_known_patients_only_what_is_shown_is_said():
    """A score without skill cannot come of knowing anybody."""
    splits = {"patient": split_of(), "shuffled": split_of("shuffled", both=range(60))}
    skilled = VALUES | {"useful": (0.7, 0.001)}
    shown = {"splits": splits, "values": skilled, "leakage": [heard()]}
    (gain,) = analyses(**shown).gains
    assert (gain.split, gain.other_split, gain.difference.value) == ("shuffled", "patient", 0.2)
    assert "0.200 higher (95 % interval 0.100 to 0.300)" in card_of(**shown)
    for values, row in (
        (skilled, heard(model="other")),
        (skilled, heard(p_holm=0.06)),
        (skilled, heard(p_holm=None)),
        (skilled, heard(difference=-0.2)),
        (skilled, heard(metric="accuracy")),
        (VALUES, heard()),
        (VALUES | {"useful": (0.3, 0.001)}, heard()),
    ):
        assert analyses(splits=splits, values=values, leakage=[row]).gains == []


def test_a_baseline_is_called_one():
    baseline = {"model": "always", "algorithm": "most_frequent", "values": {}}
    assert "It is a baseline" in first_of(**baseline)[1]
    assert analyses(**baseline).statements == [] and "no score" not in card_of(**baseline)


def test_many_features_are_counted_and_listed_beside_the_card():
    names = [f"f{k:03}" for k in range(100)]
    columns = [
        Column("sex", "F"),
        Column("sex", ""),
        *map(Column, names),
        Column("f000", None, True),
    ]
    imputed = {"f000": 1.5, "sex": "F"}
    fit = FIT | {"inputs": ["sex", *names], "missing": "indicator"}
    fit |= {"folds": [{"fold": 0, "warnings": [], "imputed": imputed | {"sex": ""}}]}
    onnx = about()["onnx"] | {"columns": columns}
    shown = card_of(fits=dict.fromkeys(SPLITS, fit), onnx=onnx, features_file="features.csv")
    assert "- Features: 101, the first of which are sex, f000, f001," in shown
    assert "f028" in shown and "f029" not in shown and "(`features.csv` lists all)" in shown
    assert "with a column that says where it was missing" in shown and "(f000: 1.5)" in shown
    assert "There are 103 columns; `features.csv` lists all." in shown
    table = features_table(columns, imputed).to_pylist()
    assert [row["what"] for row in (table[0], table[1], table[-1])] == [
        "1 where sex of the patient, F or M is F, else 0",
        "1 where sex of the patient, F or M is missing, else 0",
        "1 where f000 is missing, else 0",
    ]
    assert [row["column"] for row in table] == list(range(103)) and table[2]["missing"] == "1.5"
    assert len(MARKDOWN.render(shown)) < 30_000
