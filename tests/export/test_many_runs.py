"""Several runs side by side: names, scores, answers, what differs, and the page."""

import copy
import io
import itertools
import re

import matplotlib
import pytest

from auscultation.data.target import Target
from auscultation.export.many_runs import (
    data_names,
    doubts,
    origin_differences,
    rows_of_many,
    run_names,
    side_by_side,
)
from auscultation.export.run_diff import config_differences, origin_changes
from auscultation.export.runs_page import forest, page_of
from auscultation.figures.style import METADATA, RC
from auscultation.report.render import render
from harness import ROOT
from runs import knowing, row, run, with_score

ABNORMAL = Target("abnormal", ("normal", "abnormal"))


def data(name, digest):
    return {"workbook": name, "sheet": 0, "bytes": 1, "sha256": digest * 32}


def of_abnormal():
    """A run of another target, whose models have its score and an AUC."""
    rows = [
        row(model, split, value, metric)
        for (model, split, value) in (("near", "patient", 0.6), ("far", "patient", 0.7))
        for metric in ("balanced_accuracy", "accuracy", "auc_abnormal_between_patients")
    ]
    return run(rows=rows, target=ABNORMAL, workbook=data("b.xlsx", "cd"))


def three():
    first = run(workbook=data("x/a.xlsx", "ab"), answer=knowing(0.01, 0.3))
    second = with_score(first, ("near", "patient"), 0.58) | {"answer": knowing(0.2, 0.01)}
    second["config"] = copy.deepcopy(first["config"])
    second["config"]["models"]["near"]["settings"]["n_neighbors"] = 7
    second["rows"] = [r for r in second["rows"] if (r["model"], r["split"]) != ("far", "half")]
    return [first, second, of_abnormal()]


NAMES = ["a", "b", "c"]


def page(runs, names=NAMES):
    context, _ = page_of(runs, names)
    context["figure"] = {"svg": "", "file": "figures/diff.svg"}
    folder = ROOT / "report"
    files = (str(folder / name) for name in ("runs.html.j2", "style.css", "report.js"))
    return render(context, *files)


def drawn(sides):
    """The forest as SVG."""
    file = io.StringIO()
    with matplotlib.rc_context(RC):
        forest(sides).savefig(file, format="svg", metadata=METADATA)
    return file.getvalue()


@pytest.mark.parametrize(
    ("folders", "names"),
    [
        (["/x/a", "/x/b/"], ["a", "b"]),
        (["/x/results", "/y/results", "/z"], ["x/results", "y/results", "z"]),
        (["/p/x/r", "/q/x/r", "/p/s"], ["p/x/r", "q/x/r", "s"]),
    ],
)
def test_each_run_has_a_name_of_its_own(folders, names):
    assert run_names(folders) == names


def test_data_of_one_name_are_told_apart():
    runs = [{"workbook": data(name, digest)} for name, digest in (("x/a", "ab"), ("a", "cd"))]
    runs.append({"recordings": {"folder": "y/lungs/", "sha256": "ef" * 32}})
    assert data_names(runs) == ["a (abababa)", "a (cdcdcdc)", "lungs"]
    assert data_names([runs[0], runs[0]]) == ["a", "a"]


def test_of_two_runs_the_same_differs_as_on_their_own_page():
    old, new = three()[:2]
    new["versions"] = {"numpy": "2.1"}
    differing = [(o.name, o.other, o.this) for o in origin_changes(old, new) if o.differs]
    of_many = [
        (what, *("–" if value is None else value for value in values))
        for what, values in origin_differences([old, new])
    ]
    assert of_many == differing and {"numpy", "scipy"} == {name for name, *_ in of_many}


def test_what_differs_between_three_runs_is_what_differs_between_two_of_them():
    configs = [
        {"a": 1, "b": {"c": [1], "d": 2}, "same": {"x": 1}, "results": "p"},
        {"a": 1, "b": {"c": [1], "d": 3}, "same": {"x": 1}, "results": "q"},
        {"a": 1.5, "b": {"c": [1, 2], "d": 2}, "same": {"x": 1}, "against": ["p"]},
    ]
    pairs = itertools.combinations(configs, 2)
    wanted = {key for pair in pairs for key, _ in config_differences(pair)}
    differing = config_differences(configs)
    assert {key for key, _ in differing} == wanted == {"a", "b.c", "b.d"}
    assert dict(differing)["b.d"] == ["2", "3", "2"]


def test_what_is_not_known_does_not_differ():
    unknown = run(code={"commit": None, "changed": None}, cycles=None)
    runs = [run(), unknown, run()]
    assert origin_differences(runs) == []
    page_ = page([r | {"workbook": data("a", "ab")} for r in runs])
    assert "Whether the code of b is the same is unknown" in page_
    assert "do not differ" in page_


def test_every_score_of_every_run_is_in_the_table():
    runs = three()
    rows = rows_of_many(runs, NAMES)
    assert len(rows) == sum(len(r["rows"]) for r in runs)
    (moved,) = [r for r in rows if r["run"] == "b" and r["difference"]]
    assert (moved["model"], moved["split"], moved["metric"]) == ("near", "patient", "icbhi_score")
    assert moved["difference"] == pytest.approx(0.45 - 0.58) and moved["intervals_overlap"] is False
    assert {r["difference"] for r in rows if r["run"] == "b"} == {0, moved["difference"]}
    for line in rows:
        if line["run"] != "b":  # this run itself, and another target: nothing to set against
            assert line["difference"] is None and line["intervals_overlap"] is None
            mine = "this" if line["run"] == "a" else "other"
            assert line[mine] == pytest.approx((line[f"{mine}_low"] + line[f"{mine}_high"]) / 2)
            assert line[{"this": "other", "other": "this"}[mine]] is None
    assert {r["target"] for r in rows if r["run"] == "c"} == {"abnormal"}


def test_each_run_has_its_score_its_auc_and_its_answers():
    runs = three()
    first, second, third = side_by_side(runs, NAMES)
    assert [side.split for side in (first, second, third)] == ["patient"] * 3
    assert [(r.model, r.score) for r in second.rows] == [("near", 0.58), ("far", 0.5)]
    assert [(r.model, r.score, r.area) for r in third.rows] == [
        ("far", 0.7, 0.7),
        ("near", 0.6, 0.6),
    ]
    assert first.rows[1].answers == {"information": "yes", "beyond_device": None, "useful": "no"}
    assert second.rows[0].answers["useful"] == "yes"
    assert third.about is None and set(third.rows[0].answers.values()) == {None}
    kinds = doubts(runs, [first, second, third])
    assert kinds.targets == {"state": ["a", "b"], "abnormal": ["c"]}
    assert kinds.splits == {"patient": NAMES}
    assert kinds.data == {"a.xlsx": ["a", "b"], "b.xlsx": ["c"]}


def test_the_page_says_what_is_shown_where_and_what_cannot_be_compared():
    text = re.sub(r"<[^>]+>", "", page(three()))
    assert "Some model carries information about the class: shown in a; not shown in b." in text
    assert "Some model is a useful classifier: shown in b; not shown in a." in text
    assert (
        "b: the highest ICBHI score is that of near, 0.580 (95 % interval 0.530 to 0.630)" in text
    )
    assert "cannot be compared directly: state (a and b); abnormal (c)." in text
    assert "The runs use different data" in text and "different splits" not in text
    assert "The answers of c are unknown" in text
    assert "models.near.settings.n_neighbors" in text
    alike = page([run(workbook=data("a", "ab")) for _ in range(3)])
    assert "cannot be compared" not in alike and "The runs use different" not in alike


def test_runs_under_other_splits_are_not_compared():
    """The same name, but other settings: other patients are tested."""
    other = run(config=copy.deepcopy(run()["config"]))
    other["config"]["splits"]["patient"]["settings"] = {"folds": 5}
    text = page([run(), other], ["a", "b"])
    assert "under different splits" in text and "patient: folds 5 (b)" in text


def test_the_forest_has_a_line_for_each_model_of_each_run():
    svg = drawn(side_by_side(three(), NAMES))
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", svg)
    assert texts.count("near") == texts.count("far") == 1
    assert [texts.count(name) for name in NAMES] == [2, 2, 2]
    assert "c: abnormal, split patient" in texts and "ICBHI score or balanced accuracy" in texts
    assert svg == drawn(side_by_side(three(), NAMES))


def test_failed_fits_and_runs_of_many_models():
    lost = run()
    lost["rows"] = [r | {"value": None, "ci_low": None, "ci_high": None} for r in lost["rows"]]
    names = [f"k{n}" for n in range(20)]
    many = run(rows=[row(m, "patient", 0.4, k) for m in names for k in ("icbhi_score", "accuracy")])
    sides = side_by_side([lost, many], ["lost", "many"])
    texts = re.findall(r"<text[^>]*>([^<]*)</text>", drawn(sides))
    assert texts.count("knn") == 1  # the algorithm stands for its models
    assert drawn(side_by_side([lost], ["lost"]))
    text = page([lost, many], ["lost", "many"])
    assert "Each algorithm" in text and "lost: the highest" not in text


def test_the_page_escapes_what_it_shows():
    bad = "<script>x</script>"
    strange = run(workbook=data(bad, "ab"), versions={bad: bad})
    strange["rows"] = [r | {"model": bad} if r["model"] == "far" else r for r in strange["rows"]]
    shown = page([run(), strange], ["a", bad])
    assert shown.count("<script") == 1 and "&lt;script&gt;x" in shown
