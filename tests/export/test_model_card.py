"""What a model card says, and that texts of others stay texts in it."""

import html
import re
from types import SimpleNamespace

import pytest
from markdown_it import MarkdownIt

from answering import SPLITS, answered, split_of
from auscultation.data.target import Target
from auscultation.export.markdown import table, text
from auscultation.export.model_card import card

MARKDOWN = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
HOSTILE = [
    "<script>alert(1)</script>",
    "a|b `c` |",
    "**b** _x_ a_b __y__ ~~z~~",
    "[l](http://e.org) ![i](x) <http://e.org>",
    "&lt; &amp; &#60;",
    "\\| back\\",
    "<!-- c",
    "# h",
    "- y",
    "1. x",
    "> q",
    "---",
    "``` x",
    "=1+1",
    "two\n\nlines",
    "$x$",
]


@pytest.mark.parametrize("said", HOSTILE)
def test_text_shows_as_it_is(said):
    line = " ".join(said.split())
    (cell,) = re.findall(
        r"<td>(.*?)</td>", MARKDOWN.render("\n".join(table(["h"], [[text(said)]])))
    )
    (paragraph,) = re.findall(r"^<p>(.*)</p>$", MARKDOWN.render(text(said)))
    for shown in (cell, paragraph):
        assert "<" not in shown and html.unescape(shown) == line


def test_addresses_are_no_links():
    # GitHub makes links of these, CommonMark does not: what begins one must be broken
    for said in ("http://e.org", "see www.e.org", "a@b.org", "mailto:a@b.org"):
        assert not re.search(r"https?://|www\.|\w@|mailto:", text(said))
        assert html.unescape(MARKDOWN.render(text(said))) == f"<p>{said}</p>\n"


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
        "onnx": {"columns": ["Var", "device=A"], "bytes": 10, "sha256": "ef56"}
        | {"agreement": SimpleNamespace(cycles=50, number=2e-7, share=0.0)},
        "holds_cycles": 50,
        "model_sha256": "0a0b",
    }
    return made | changes


ANSWERED = ("splits", "target", "n_patients", "sides", "leakage", "constant")


def said(target=Target(), **changes):
    return card(about(target=target, **changes), target)


def test_the_sheet_is_named_where_there_is_one():
    """Fault 18: the card names the sheet that was read; a CSV has none."""
    source = {"workbook": "a.csv", "sha256": "ab12"}
    assert "Workbook a.csv, sheet Table, SHA-256" in said(source=source | {"sheet": "Table"})
    assert "Workbook a.csv, SHA-256" in said(source=source | {"sheet": None})


def test_information_and_usefulness_are_said_at_once():
    """What could not be shown is not said to be absent: what would have been seen stands beside it."""
    first = said().splitlines()[2]
    assert "Under `patient`, which keeps patients apart" in first
    assert (
        "some information about crackles and wheezes (AUC of abnormal against normal 0.610, 95 % "
        "interval 0.510 to 0.710; by patients yes, by folds no)"
    ) in first
    assert "but none of it could be shown to be more than the device tells" in first
    assert "could not be told from calling everything normal (ICBHI score 0.450" in first
    limits = [one["limit"] for one in models_of(about(), "beyond_device", "useful")]
    for limit in limits:
        assert f"{limit:.3f} would have been seen with a chance of 80 %" in first
    assert "no better" not in first and "it is useful" not in first


def models_of(made, *questions):
    """What answers of the first split rest on."""
    asked = made["answer"]["splits"][0]["answers"]
    return [one for question in questions for one in asked[question]["models"]]


@pytest.mark.parametrize(
    ("useful", "words"),
    [
        ((0.60, 0.01), "it is useful as a classifier, better than calling everything normal"),
        ((0.60, 0.01, 0.01), "0.700; by patients yes, by folds yes)"),
        ((0.60, 0.01, 0.3), "0.700; by patients yes, by folds no)"),
        ((0.60, 0.2), "as a classifier it could not be told from calling everything normal"),
        ((0.40, 0.01), "as a classifier it is worse than calling everything normal"),
        ((0.60, None), "whether it is useful as a classifier is not known"),
    ],
)
def test_a_classifier_is_called_what_its_test_says(useful, words):
    assert words in said(values=VALUES | {"useful": useful}).splitlines()[2]


@pytest.mark.parametrize(
    ("information", "words"),
    [
        ((0.45, 0.01), "it puts cycles in the wrong order more often than chance would"),
        ((0.55, 0.2), "it could not be told from a model without information"),
        ((0.55, None), "whether it carries information about crackles and wheezes is not known"),
    ],
)
def test_without_information_nothing_is_said_of_devices(information, words):
    first = said(values=VALUES | {"information": information}).splitlines()[2]
    assert words in first and "device" not in first


def test_too_few_patients_are_no_verdict():
    text_ = said(n_patients=9, sides=(5, 9), values=VALUES | {"useful": (0.9, 0.001)})
    first = text_.splitlines()[2]
    assert "there is no verdict: 9 patients were tested on" in first and "useful" not in first
    assert "| `patient`: useful classifier | unknown |" in text_


def test_the_number_of_a_regressor_is_told_from_the_class_it_is_rounded_to():
    values = VALUES | {"information": (0.63, 0.001), "useful": (0.29, 0.001)}
    text_ = said(algorithm="svr", values=values)
    assert "the classes that its numbers are rounded to are worse than" in text_.splitlines()[2]
    assert "of the number is 0.630, the ICBHI score of the nearest class 0.290." in text_
    assert "rounded" not in said(values=values)


def test_without_a_split_that_keeps_patients_apart():
    splits = {"half": split_of("half", both=[101]), "final": SPLITS["final"]}
    text_ = said(splits=splits)
    assert "No split of this run keeps patients apart" in text_.splitlines()[2]
    assert "none of this says what to expect for a new patient" in text_
    few = split_of("published", both=[101], tested=60)
    text_ = said(splits={"published": few})
    assert "`published`: patients of whom it may have heard a few" in text_


def test_each_split_that_keeps_patients_apart_is_said():
    splits = {"patient": split_of(), "clinic": split_of("leave_group_out", tested=40)}
    text_ = said(splits=splits)
    assert "Only `patient`, `clinic` keep patients apart" in text_
    assert "- `clinic` (patients it has not heard): it carries some information" in text_


def test_what_it_holds():
    text_ = said()
    for one in (
        "ab12",
        "c0ffee",
        "with changes",
        "near",
        "n_neighbors = 5",
        "ef56",
        "0a0b",
        "2e-07",
    ):
        assert one in text_
    assert "holds the features of 50 of the cycles" in text_
    assert "Not a medical device" in text_ and "Simulated data" not in text_
    assert "a/|b" not in text_ and "\\|b\\`.xlsx" in text_ and "&lt;b&gt;warns" in text_
    headings = re.findall(r"^## (.*)$", text_, re.MULTILINE)
    assert headings[:4] == ["Model details", "Intended use", "Factors", "Metrics"]
    rendered = MARKDOWN.render(text_)
    assert "<b>" not in rendered and rendered.count("<table>") == 4


def test_names_that_want_to_be_code():
    classes = ("Healthy", "<img src=x>", "a|b")
    counts = [{"class": name, "cycles": 1, "patients": 1} for name in classes]
    target = Target("Diagnosis", classes)
    known = about("<script>x</script>", "`a|b`", target=target, constant=1 / 3)
    text_ = card(known | {"data": known["data"] | {"classes": counts}}, target)
    rendered = MARKDOWN.render(text_)
    assert "<script" not in rendered and "<img" not in rendered
    assert "<td>&lt;img src=x&gt;</td>" in rendered and "<td>a|b</td>" in rendered
    assert "AUC of any other than Healthy 0.610" in rendered
    hostile = Target("Diagnosis", ("<b>", "c"))
    assert "<b>" not in said(hostile).splitlines()[2]


def test_a_fit_that_failed():
    failed = {"failed": "k is <too> large", "folds": []}
    reason = {"reason": "its fit to all cycles failed: k is <too> large"}
    text_ = said(fits={"patient": failed, "final": failed}, values={}, onnx=reason)
    assert "Could not be fitted under `patient`:** k is &lt;too&gt; large" in text_
    assert "No ONNX file: its fit to all cycles failed" in text_
    assert "it has no score" in text_.splitlines()[2] and "p (Holm)" not in text_
    assert "- `final` (the cycles it was fitted on): it has no score." in text_
    known = FIT | {"folds": [{"fold": 0, "warnings": [], "approximated": "by <some> cycles"}]}
    text_ = said(fits={"patient": known, "final": failed}, onnx=reason)
    assert (
        "Approximated under `patient`:** by &lt;some&gt; cycles" in text_ and "n_neighbors" in text_
    )


def heard(**changes):
    row = {"model": "near", "metric": "icbhi_score", "heard": "patient or recording"}
    row |= {"split": "shuffled", "other_split": "patient", "score": 0.7, "other_score": 0.5}
    row |= {"difference": 0.2, "ci_low": 0.1, "ci_high": 0.3, "p": 0.001, "p_holm": 0.002}
    return row | changes


def test_of_having_heard_somebody_only_what_is_shown_is_said():
    """A score without skill cannot come of having heard anybody."""
    splits = {"patient": split_of(), "shuffled": split_of("shuffled", both=range(60))}
    skilled = VALUES | {"useful": (0.7, 0.001)}
    words = "Of having heard the patient or recording: under `shuffled`, the ICBHI score is 0.200"
    assert f"{words} higher (95 % interval 0.100 to 0.300) than under `patient`." in said(
        splits=splits, values=skilled, leakage=[heard()]
    )
    for values, row in (
        (skilled, heard(model="other")),
        (skilled, heard(p_holm=0.06)),
        (skilled, heard(p_holm=None)),
        (skilled, heard(difference=-0.2)),
        (skilled, heard(metric="accuracy")),
        (VALUES, heard()),
        (VALUES | {"useful": (0.3, 0.001)}, heard()),
    ):
        assert "Of having heard" not in said(splits=splits, values=values, leakage=[row])


def test_a_baseline_is_called_one():
    text_ = said(model="always", algorithm="most_frequent", values={})
    assert "It is a baseline, here to compare models with." in text_.splitlines()[2]
    assert "no score" not in text_
