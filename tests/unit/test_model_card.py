"""What a model card says, and that texts of others stay texts in it."""

import html
import re
from types import SimpleNamespace

import pytest
from lib.markdown import table, text
from lib.modelcard import card
from lib.target import Target
from markdown_it import MarkdownIt

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


def row(model, split, value, algorithm="knn", metric="icbhi_score"):
    about = {"model": model, "algorithm": algorithm, "split": split, "part": "test"}
    about |= {"metric": metric, "value": value, "ci_low": value - 0.1, "ci_high": value + 0.1}
    return about | {"n_cycles": 50, "n_patients": 9}


def gap(model, split, difference, low, high, p=0.01):
    about = {"split": split, "metric": "icbhi_score", "model": model, "against": "always"}
    about |= {"against_is": "best baseline", "difference": difference}
    return about | {"ci_low": low, "ci_high": high, "p_holm": p}


FOLD = {"patients_on_both_sides": []}
FIT = {
    "inputs": ["Var", "device"],
    "features": ["Var", "device=A"],
    "scale": "standard",
    "settings": {"n_neighbors": 5},
    "folds": [{"fold": 0, "warnings": ["it <b>warns"]}],
}


def about(**changes):
    """What a card is made of: a model with a split that keeps patients apart and a final one."""
    splits = {"patient": "patient", "final": "final"}
    made = {
        "model": "near",
        "algorithm": "knn",
        "final": "final",
        "fits": {split: FIT for split in splits},
        "rows": [
            *(row("near", split, 0.45) for split in splits),
            *(row("always", split, 0.5, "most_frequent") for split in splits),
            *(row("always", split, 1.0, "most_frequent", "specificity") for split in splits),
        ],
        "differences": [gap("near", split, -0.05, -0.1, 0.02) for split in splits],
        "leakage": [],
        "splits": {
            name: {"protocol": protocol, "settings": {}, "folds": [FOLD]}
            for name, protocol in splits.items()
        },
        "source": {"workbook": "a/|b`.xlsx", "sheet": 0, "sha256": "ab12"},
        "quality": {"imputed": {}},
        "provenance": {
            "code": {"commit": "c0ffee", "changed": True},
            "lock": {"file": "requirements.txt", "sha256": "cd34"},
            "versions": {"numpy": "2"},
            "config": {"workbook": "b.xlsx", "bootstrap": {"resamples": 2000}},
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


def said(**changes):
    return card(about(**changes), Target())


def test_the_sheet_is_named_where_there_is_one():
    """Fault 18: the card names the sheet that was read; a CSV has none."""
    source = {"workbook": "a.csv", "sha256": "ab12"}
    assert "Workbook a.csv, sheet Table, SHA-256" in said(source=source | {"sheet": "Table"})
    assert "Workbook a.csv, SHA-256" in said(source=source | {"sheet": None})


def test_a_model_that_is_no_better_is_said_to_be_so_at_once():
    first = said().splitlines()[2]
    assert "Under `patient`" in first and "0.450 (0.350 to 0.550)" in first
    assert "no better than calling everything normal" in first
    for low, high, p, words in (
        (0.02, 0.2, 0.01, "better than calling everything normal"),
        (0.02, 0.2, 0.2, "no better than calling everything normal"),
        (-0.2, -0.02, 0.01, "worse than calling everything normal"),
        (None, None, None, "no evidence"),
    ):
        gaps = [gap("near", split, 0.1, low, high, p) for split in ("patient", "final")]
        line = said(differences=gaps).splitlines()[2]
        assert words in line
        assert ("no better" in line) == ("no better" in words)


def test_without_a_split_that_keeps_patients_apart():
    known = about()
    splits = known["splits"] | {
        "patient": {"protocol": "half", "folds": [{"patients_on_both_sides": [101]}]}
    }
    text_ = card(known | {"splits": splits}, Target())
    assert "No split of this run keeps patients apart" in text_.splitlines()[2]
    assert "none of this says what to expect for a new patient" in text_


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
    known = about(model="<script>x</script>", algorithm="`a|b`")
    known["rows"] = [
        r | {"model": known["model"]} if r["model"] == "near" else r for r in known["rows"]
    ]
    classes = ("Healthy", "<img src=x>", "a|b")
    counts = [{"class": name, "cycles": 1, "patients": 1} for name in classes]
    text_ = card(
        known | {"data": known["data"] | {"classes": counts}}, Target("Diagnosis", classes)
    )
    rendered = MARKDOWN.render(text_)
    assert "<script" not in rendered and "<img" not in rendered
    assert "<td>&lt;img src=x&gt;</td>" in rendered and "<td>a|b</td>" in rendered


def test_a_fit_that_failed():
    failed = {"failed": "k is <too> large", "folds": []}
    reason = {"reason": "its fit to all cycles failed: k is <too> large"}
    text_ = said(fits={"patient": failed, "final": failed}, rows=[], differences=[], onnx=reason)
    assert "Could not be fitted under `patient`:** k is &lt;too&gt; large" in text_
    assert "No ONNX file: its fit to all cycles failed" in text_
    assert "- `final`: It has no score." in text_ and "best baseline |" not in text_
    assert "it has no score" in text_.splitlines()[2]
    known = FIT | {"folds": [{"fold": 0, "warnings": [], "approximated": "by <some> cycles"}]}
    text_ = said(fits={"patient": known, "final": failed}, onnx=reason)
    assert (
        "Approximated under `patient`:** by &lt;some&gt; cycles" in text_ and "n_neighbors" in text_
    )


def test_leakage_and_baselines():
    leak = {"model": "near", "metric": "icbhi_score", "shuffled_split": "half", "difference": 0.2}
    leak |= {"patient_split": "patient", "ci_low": 0.1, "ci_high": 0.3}
    assert "0.200 higher than under `patient`" in said(leakage=[leak])
    assert "0.200" not in said(leakage=[leak | {"model": "other"}])
    lines = said(model="always", algorithm="most_frequent").splitlines()
    assert "It is a baseline" in lines[2]
