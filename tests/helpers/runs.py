"""Runs as `diff_runs` reads them, without files: two models under two splits."""

from answering import SPLITS, answered
from auscultation.data.target import Target


def row(model, split, value, metric="icbhi_score", part="test", half=0.05):
    about = {"model": model, "algorithm": "knn", "split": split, "part": part, "metric": metric}
    about |= {"value": value, "ci_low": value - half, "ci_high": value + half}
    return about | {"n_folds": 1, "n_cycles": 50, "n_patients": 9}


SCORES = {("near", "patient"): 0.45, ("far", "patient"): 0.5, ("near", "half"): 0.6}
SCORES |= {("far", "half"): 0.55}


def run(**changes):
    rows = [
        row(m, s, v, metric)
        for (m, s), v in SCORES.items()
        for metric in ("icbhi_score", "accuracy")
    ]
    splits = {name: {"protocol": name, "settings": {}} for name in ("patient", "half")}
    models = {"near": {"settings": {"n_neighbors": 5}}, "far": {"settings": {"n_neighbors": 50}}}
    return {
        "rows": rows,
        "target": Target(),
        "cycles": 50,
        "answer": None,
        "config": {"splits": splits, "models": models, "results": "a", "score": None},
        "workbook": {"sha256": "ab", "sheet": 0},
        "code": {"commit": "c0ffee", "changed": False},
        "lock": {"sha256": "cd"},
        "versions": {"numpy": "2.0", "scipy": "1.0"},
    } | changes


def with_score(run_, key, value, half=0.05):
    """Return the run with another ICBHI score of a model under a split."""
    rows = [
        row(*key, value, half=half)
        if (r["model"], r["split"], r["metric"]) == (*key, "icbhi_score")
        else r
        for r in run_["rows"]
    ]
    return run_ | {"rows": rows}


def knowing(information, useful):
    """The answer where a model has such p values, each above what it is held against."""
    values = {"information": (0.61, information), "useful": (0.55, useful)}
    return answered({("near", "knn", split): values for split in SPLITS})[0]
