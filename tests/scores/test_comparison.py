"""The comparison as it is shown: wide, ranked, one row a model."""

import pytest

from auscultation.data.target import Target
from auscultation.scores.comparison import train_and_test, wide


def tidy(split, **scores):
    """Rows of the test part: by model, its score and accuracy; the same halved for training."""
    return [
        {"model": model, "algorithm": model.split("-")[0], "split": split}
        | {"part": part, "metric": metric, "value": None if value is None else value * share}
        | {"ci_low": part, "ci_high": value}
        | {"n_folds": 1, "n_cycles": 9, "n_patients": 3}
        for model, pair in scores.items()
        for part, share in (("train", 0.5), ("test", 1))
        for metric, value in zip(("icbhi_score", "accuracy"), pair, strict=True)
    ]


class TestWide:
    def test_ranked_by_score_then_accuracy_then_name(self):
        rows = tidy("half", c=(0.5, 0.9), b=(0.6, 0.1), a=(0.5, 0.9), d=(0.5, 0.95), e=(None, 1))
        rows += tidy("a-split", b=(0.1, 0.2), knn=(0.3, None))
        got = wide(rows, "test")
        assert list(got) == ["a-split", "half"]
        assert [row["model"] for row in got["half"]] == ["b", "d", "a", "c", "e"]
        assert [row["model"] for row in got["a-split"]] == ["knn", "b"]
        best = got["half"][0]
        assert best["values"] == {"icbhi_score": 0.6, "accuracy": 0.1}
        assert (best["n_folds"], best["n_cycles"], best["n_patients"]) == (1, 9, 3)
        assert best["intervals"] == {"icbhi_score": ("test", 0.6), "accuracy": ("test", 0.1)}

    def test_parts_do_not_mix(self):
        rows = tidy("half", a=(0.5, 0.9))
        assert wide(rows, "train")["half"][0]["values"]["accuracy"] == 0.45
        assert wide(rows, "validate") == {}

    def test_baselines_are_marked_by_their_algorithm(self):
        rows = tidy("half", **{"mean": (0.5, 0), "most_frequent-2": (0.5, 0), "knn": (0.5, 0)})
        marked = {row["model"]: row["baseline"] for row in wide(rows, "test")["half"]}
        assert marked == {"mean": True, "most_frequent-2": True, "knn": False}

    def test_train_and_test_side_by_side(self):
        got = train_and_test(
            tidy("half", a=(0.5, 0.9), b=(None, 0.4)), ("icbhi_score", "accuracy"), Target()
        )
        assert [row["model"] for row in got] == ["a", "b"]
        assert got[0]["accuracy train"] == 0.45 and got[0]["accuracy test"] == 0.9
        assert got[0]["accuracy difference"] == pytest.approx(0.45, abs=1e-15)
        assert got[1]["icbhi_score difference"] is None
