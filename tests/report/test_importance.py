"""What the page says of the features that models rely on, and which recognise patients."""

import re

import pytest

from auscultation.report.importance import MOST_GROUPS, grouped_by, reliance
from auscultation.report.render import environment
from harness import ROOT
from importances import ABNORMAL, STATE, gain, row

SPLITS = [
    {"split": "patient", "enough": True, "why": None},
    {"split": "shuffled", "enough": True, "why": None},
]
ROWS = [
    row("lda", "Var", 0.1, value=0.6),
    row("lda", "age", 0.001, value=0.6),
    row("lda", "Range", 0.02, value=0.6, p_holm=0.06),  # its interval alone is above 0
    row("knn", "age", 0.02, value=0.5),
    row("by_device", "device", 0.2, value=0.9),
]
GAINS = [gain("knn", "age", 0.3), gain("lda", "Var", 0.001), gain("by_device", "device", 0.5)]


def text_of(made, not_permuted=""):
    """The words of the section."""
    context = {
        "reliance": made,
        "importance_figures": [],
        "target": STATE,
        "not_permuted": not_permuted,
        "permuted_together": "features of a kind",
        "most_groups": MOST_GROUPS,
    }
    page = environment(ROOT / "report").get_template("sections/importance.html.j2")
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page.render(context)))


def test_names_what_the_best_model_relies_on_and_what_recognises_patients():
    made = reliance(ROWS, GAINS, SPLITS, STATE)
    assert (made.split, made.known, made.best["model"]) == ("patient", "shuffled", "lda")
    text = text_of(made)
    assert "lda relies on Var (0.100, 0.090 to 0.110)." in text
    assert "These features recognise patients: in knn age (+0.300, 0.290 to 0.310)." in text
    assert "device" not in text.split("The numbers")[0]


def test_no_evidence_is_said_to_be_none():
    made = reliance([row("lda", "Var", 0.001)], [gain("lda", "Var", 0.001)], SPLITS, STATE)
    text = text_of(made)
    assert "Nothing is shown that lda relies on." in text
    assert "No features are shown to recognise patients" in text
    without = text_of(reliance([row("lda", "Var", 0.001)], [], SPLITS, STATE))
    assert "recognise" not in without


def test_too_few_patients_give_no_verdict():
    few = [SPLITS[0] | {"enough": False, "why": "4 patients were tested on"}]
    text = text_of(reliance(ROWS, GAINS, few, STATE))
    assert "No verdict: 4 patients were tested on." in text
    assert "relies" not in text and "These features" not in text


def test_the_first_split_with_losses_counts():
    rows = [row("lda", "Var", None), row("lda", "Var", 0.1, split="shuffled")]
    assert reliance(rows, [], SPLITS, STATE).split == "shuffled"
    assert reliance([], [], SPLITS, STATE) is None
    assert reliance(rows[:1], [], SPLITS, STATE) is None


def test_where_nothing_could_be_permuted_it_is_said_why():
    assert "No features could be permuted: every fold is one." in text_of(None, "every fold is one")
    assert "no model that looks at features has a result" in text_of(None)


def test_baselines_lead_where_there_is_nothing_else():
    rows = [row("by_device", "device", 0.2, metric=ABNORMAL)]
    assert reliance(rows, [], SPLITS, STATE).best["model"] == "by_device"


def test_the_table_has_both_losses_and_is_cut():
    rows = [row("lda", f"f{k}", 0.2 - k / 100) for k in range(15)]
    made = reliance(rows, [gain("lda", "f1", 0.3)], SPLITS, STATE)
    lines = [[cell["text"] for cell in line["cells"]] for line in made.table["rows"]]
    assert len(lines) == MOST_GROUPS and made.is_cut
    assert lines[1] == [
        *("lda", "f1", "AUC", "0.700", "0.190", "0.180 to 0.200", "0.020"),
        *("0.400", "0.300", "0.290 to 0.310", "0.020"),
    ]
    assert lines[0][7:] == ["–"] * 4
    assert len(made.table["head"]) == len(lines[0])
    assert "importance.csv has all" in text_of(made)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"groups": "sets"}, "the features of a set of the config"),
        ({"groups": "families"}, "the features of a family"),
        ({"groups": "correlated", "limit": 1}, "features with the same ranks"),
        (
            {"groups": "correlated", "limit": 0.7},
            "features whose rank correlation is 0.7 or more on average",
        ),
    ],
)
def test_what_is_permuted_together_in_words(settings, words):
    assert grouped_by(settings) == words
