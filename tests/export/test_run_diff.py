"""What changed between two runs."""

import copy
import json
import re

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from auscultation.data.target import Target
from auscultation.export.run_diff import config_differences, score_changes, split_order
from auscultation.report.render import render
from diff_runs import prepare, read_run
from harness import ROOT
from provenance import data_of
from runs import knowing, row, run, with_score


def change(old, new):
    return prepare(old, new, ("old", "new"))[0]["change"]


def page(old, new, names=("old", "new")):
    """The page itself, whose template must know every kind of change."""
    folder = ROOT / "report"
    files = (str(folder / name) for name in ("diff.html.j2", "style.css", "report.js"))
    beside = {"figure": {"svg": "", "file": "figures/diff.svg"}, "many": False}
    return render(prepare(old, new, names)[0] | beside, *files)


def headline(old, new):
    (text,) = re.findall(r'<p class="answer">(.*?)</p>', page(old, new))
    return text


def test_splits_that_keep_patients_apart_come_first():
    """Fault 14: folds listed by patient stand with the folds of patients, before shuffled ones."""
    rows = [{"split": name} for name in ("a_half", "final", "listed", "patient")]
    splits = {name: {"protocol": name, "settings": {}} for name in ("final", "patient")}
    splits["a_half"] = {"protocol": "half", "settings": {}}
    splits["listed"] = {"protocol": "listed_folds", "settings": {"by": "patient"}}
    runs = [{"rows": rows, "config": {"splits": splits}}] * 2
    assert split_order(*runs) == ["listed", "patient", "a_half", "final"]
    splits["listed"]["settings"]["by"] = "recording"
    assert split_order(*runs) == ["patient", "a_half", "listed", "final"]


def test_config_key_by_key():
    old = {"a": 1, "b": {"c": [1], "d": {"e": 2}}, "results": "x", "score": "s", "against": None}
    new = {"a": 1, "b": {"c": [1, 2], "f": None}, "results": "y"}
    assert config_differences([old, new]) == [
        ("b.c", ["[1]", "[1, 2]"]),
        ("b.d", ['{"e": 2}', None]),
        ("b.f", [None, "null"]),
    ]


def test_nothing_differs():
    other = run(config=run()["config"] | {"results": "b", "score": "new.xlsx"})
    made = change(other, run())
    assert made.nothing and made.same_origin and made.code_known and made.n_scores == 8
    assert headline(other, run()) == (
        "Nothing differs: config, workbook, code, packages and all 8 scores are the same."
    )
    assert prepare(other, run(), ("a", "b"))[0]["config"]["rows"] == []
    assert change(run(cycles=None), run()).nothing  # not known is no change


def differing(made):
    """What a change names."""
    flags = {name for name in ("data", "code", "lock") if getattr(made, name)}
    flags |= {"config"} if made.config_keys else set()
    return flags | {*made.packages} | {row.kind for row in made.others}


def test_each_thing_that_differs_is_named():
    config = copy.deepcopy(run()["config"])
    config["models"]["near"]["settings"]["n_neighbors"] = 7
    for changes, names, words in (
        ({"config": config}, {"config"}, "1 config key differs;"),
        ({"workbook": {"sha256": "x", "sheet": 0}}, {"data"}, "The workbook differs;"),
        ({"code": {"commit": "decade", "changed": False}}, {"code"}, "The code differs;"),
        ({"code": {"commit": "c0ffee", "changed": True}}, {"code"}, "The code differs;"),
        (
            {"versions": {"numpy": "2.1", "scipy": "1.0"}},
            {"numpy"},
            "The version of numpy differs;",
        ),
        ({"versions": {"numpy": "2.1"}}, {"numpy", "scipy"}, "The versions of numpy and scipy"),
        ({"cycles": 49}, {"cycles"}, "Cycles after cleaning changed from 50 to 49;"),
        ({"lock": {"sha256": "other"}}, {"lock"}, "The lock file differs;"),
    ):
        made = change(run(), run(**changes))
        assert differing(made) == names and not made.nothing and not made.same_origin
        assert made.splits[0].largest is None
        best = made.splits[0].best
        assert (best.other, best.this, best.this_score) == ("far", "far", 0.5)
        assert headline(run(), run(**changes)).startswith(words)


def test_runs_of_recordings_speak_of_recordings():
    heard = {k: v for k, v in run().items() if k != "workbook"}
    folder = {"workbook": "lungs", "bytes": 9, "sha256": "0", "sounds": 2, "without_rows": {}}
    old, new = (heard | data_of(folder | {"sha256": digest}) for digest in ("0", "1"))
    assert old["recordings"] == {"folder": "lungs", "files": 2, "bytes": 9, "sha256": "0"}
    assert "config, recordings, code" in headline(old, old)
    assert headline(old, new).startswith("The recordings differ;")
    assert headline(run(), new).startswith("The data differ;")
    names = [row["cells"][0]["text"] for row in prepare(old, new, ("a", "b"))[0]["origin"]["rows"]]
    assert names[0] == "recordings, SHA-256" and "sheet" not in names


@pytest.mark.parametrize("commits", [(None, None), (None, "c0ffee"), ("c0ffee", None)])
def test_code_that_is_not_known_is_neither_the_same_nor_another(commits):
    """Fault 6: a run without a commit says nothing of its code, and so does the page."""
    old, new = (run(code={"commit": c, "changed": c and False}) for c in commits)
    made = change(old, new)
    assert made.nothing and not made.code and not made.code_known
    assert "code" not in headline(old, new).split(". ")[0]
    assert "Whether the code is the same is unknown" in headline(old, new)
    moved = change(old, with_score(new, ("near", "patient"), 0.58))
    assert moved.same_origin and not moved.nothing and not moved.code_known
    origin = prepare(old, new, ("a", "b"))[0]["origin"]
    rows = {row["cells"][0]["text"]: [c["text"] for c in row["cells"]] for row in origin["rows"]}
    assert rows["code, commit"][1:] == ["–" if c is None else c for c in commits]
    assert rows["code changed since"][1:] == ["–" if c is None else "no" for c in commits]
    assert not any(cell["note"] for row in origin["rows"] for cell in row["cells"])


def test_scores_by_how_much_they_changed():
    old = run()
    new = with_score(with_score(old, ("near", "patient"), 0.58), ("near", "half"), 0.62)
    rows = score_changes(old["rows"], new["rows"])
    assert [(r["model"], r["split"], r["metric"]) for r in rows[:2]] == [
        ("near", "patient", "icbhi_score"),
        ("near", "half", "icbhi_score"),
    ]
    assert rows[0]["difference"] == pytest.approx(0.13)
    # 0.40 to 0.50 and 0.53 to 0.63 are apart; 0.55 to 0.65 and 0.57 to 0.67 are not
    assert [row_["intervals_overlap"] for row_ in rows[:2]] == [False, True]
    assert all(row_["difference"] == 0 for row_ in rows[2:])
    first, second = change(old, new).splits
    assert (first.split, second.split) == ("patient", "half")
    assert (first.best.other, first.best.this) == ("far", "near")
    assert (first.best.other_score, first.best.this_score) == (0.5, 0.58)
    assert first.largest == rows[0]
    assert (first.n_apart, second.n_apart) == (1, 0)
    text = headline(old, new)
    assert "+0.130, of near, from 0.450 to 0.580; the intervals do not overlap." in text
    assert "+0.020, of near, from 0.600 to 0.620; the intervals overlap." in page(old, new)


def test_answers_that_changed_are_said():
    old, new = run(answer=knowing(0.01, 0.3)), run(answer=knowing(0.02, 0.4), cycles=49)
    assert change(old, new).splits[0].answers == {
        "information": ("yes", "yes"),
        "beyond_device": ("unknown", "unknown"),
        "useful": ("no", "no"),
    }
    assert "The answers under patient are the same" in headline(old, new)
    new = run(answer=knowing(0.2, 0.01), cycles=49)
    answers = change(old, new).splits[0].answers
    assert (answers["information"], answers["useful"]) == (("yes", "no"), ("no", "yes"))
    assert re.search("information .* yes to not shown; .* not shown to yes", headline(old, new))


@pytest.fixture
def folder(tmp_path):
    """A results folder of an older version: few metrics, draws in its config, no answer."""
    old = run(config=run()["config"] | {"bootstrap": {"resamples": 2000, "seed": 0}})
    pq.write_table(pa.Table.from_pylist(old["rows"]), tmp_path / "comparison.parquet")
    known = {key: old[key] for key in ("config", "workbook", "code", "lock", "versions")}
    (tmp_path / "provenance.json").write_text(json.dumps(known))
    return tmp_path


def read(folder):
    return read_run(str(folder / "comparison.parquet"), str(folder / "provenance.json"))


def test_results_of_an_older_version_are_compared_and_said_to_be_so(folder):
    new = run(answer=knowing(0.01, 0.3))
    new["rows"] = [*new["rows"], row("near", "patient", 0.6, "auc_abnormal")]
    old = read(folder)
    assert old["answer"] is None and old["cycles"] is None
    context, rows = prepare(old, new, ("old", "new"))
    assert len(rows) == len(old["rows"])
    assert context["one_without_answer"] and context["change"].splits[0].answers is None
    keys = [line["cells"][0]["text"] for line in context["config"]["rows"]]
    assert keys == ["bootstrap"] and context["change"].config_keys == 1
    assert "nswers" not in headline(old, new)


def test_the_answer_is_read_where_it_lies_beside_the_scores(folder):
    known = knowing(0.01, 0.3)
    (folder / "answer.json").write_text(json.dumps(known))
    assert read(folder)["answer"] == known
    context, _ = prepare(read(folder), run(answer=known), ("old", "new"))
    assert not context["one_without_answer"] and not context["other_cycles"]


def test_scores_that_are_missing():
    old = run()
    lost = [r | {"value": None, "ci_low": None, "ci_high": None} for r in old["rows"]]
    rows = score_changes(old["rows"], lost)
    assert all(r["difference"] is None and r["intervals_overlap"] is None for r in rows)
    assert change(old, old | {"rows": lost}).splits[0].best is None
    assert "No ICBHI score changed" in headline(old, old | {"rows": lost})


def test_models_and_splits_of_one_run_alone():
    old = run()
    new = old | {"rows": [r for r in old["rows"] if r["model"] != "far"]}
    new["rows"] += [row("new", "patient", 0.4, metric) for metric in ("icbhi_score", "accuracy")]
    context, rows = prepare(old, new, ("a", "b"))
    assert {r["model"] for r in rows} == {"near"}
    alone = [(entry.what, entry.run, entry.names) for entry in context["change"].alone]
    assert alone == [("model", "other", ["far"]), ("model", "this", ["new"])]
    assert "Models only in the other run: far." in page(old, new)
    elsewhere = old | {"rows": [r | {"split": "third"} for r in old["rows"]]}
    assert change(old, elsewhere).splits == []
    assert "No split is in both runs" in headline(old, elsewhere)


def test_other_targets_are_not_compared():
    crackles = Target("crackles", ("no crackles", "crackles"))
    context, rows = prepare(run(), run(target=crackles), ("a", "b"))
    assert context["change"].targets == ("state", "crackles")
    assert rows == [] and context["scores"] == []
    assert "cannot be compared" in headline(run(), run(target=crackles))


def test_the_page_escapes_what_it_shows():
    bad = "<script>x</script>"
    new = run(config=run()["config"] | {bad: bad}, workbook={"sha256": bad, "sheet": bad})
    new["versions"] = {bad: bad}
    new["rows"] = [r | {"model": bad} if r["model"] == "far" else r for r in new["rows"]]
    shown = page(run(), new, (bad, bad))
    assert shown.count("<script") == 1 and "&lt;script&gt;x" in shown
    assert "http" not in shown.replace("http://www.w3.org", "")
