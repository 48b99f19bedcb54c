"""The answer as data, from rows made by hand."""

import json

import numpy as np
import pytest

from auscultation.data.target import Target
from auscultation.scores.answer import answers, asked, enough
from auscultation.scores.differences import CONSTANT
from auscultation.scores.intervals import detectable, holm, share_interval
from auscultation.scores.needed_auc import needed_auc
from auscultation.scores.split_kinds import kind_of, split_order

TARGET = Target()
SE, DF = 0.02, 20


def split_of(protocol="patient", known=(0,), tested=(126,)):
    """The content of a `split.json`: patients on both sides, and tested on, in each fold."""
    folds = [
        {"patients_on_both_sides": [str(k) for k in range(both)], "test": {"patients": n}}
        for both, n in zip(known, tested, strict=True)
    ]
    return {"protocol": protocol, "folds": folds}


def rows_of(said, split="patient", n_patients=126):
    """Rows of the comparison and of the differences: what each model has by (model, metric).

    `said` gives value and p; and fold_t_p, se, or what it is held against, where not as usual.
    """
    rows, gaps = [], []
    for (model, metric), (value, p, *more) in said.items():
        known = {"against": 0.5, "fold_t_p": None, "se": SE if p is not None else None}
        known |= more[0] if more else {}
        row = {"model": model, "algorithm": model, "split": split, "part": "test"}
        row |= {"metric": metric, "value": value, "n_folds": 1}
        low, high = (None, None) if p is None else (value - 0.04, value + 0.04)
        row |= {"ci_low": low, "ci_high": high, "n_cycles": 6898, "n_patients": n_patients}
        rows += [row, row | {"part": "train", "value": 0.99}]
        gap = {"split": split, "metric": metric, "model": model, "against": "constant"}
        gap |= {
            "against_is": CONSTANT,
            "difference": None if value is None else value - known["against"],
        }
        gap |= {"se": known["se"], "df": DF if known["se"] is not None else None, "p": p}
        gaps.append(gap | {"fold_t_p": known["fold_t_p"]})
    return rows, gaps


def answer(said, split=None, n_patients=126, sides=(92, 124), **more):
    """The answer under one split, `patient`, of models that say so."""
    rows, gaps = rows_of(said, n_patients=n_patients)
    splits = {"patient": split or split_of()}
    got = answers(rows, gaps, splits, {"patient": sides}, more.pop("target", TARGET), **more)
    json.dumps(got, allow_nan=False)
    return got


INFORMED = {("knn", "auc_ovr_between_patients"): (0.6, 0.001), ("knn", "icbhi_score"): (0.46, 0.2)}


class TestVerdict:
    def test_yes_where_a_model_is_above_the_constant_for_sure(self):
        got = answer(INFORMED)
        assert (got["information"], got["useful"], got["beyond_device"]) == ("yes", "no", "unknown")
        assert (got["target"], got["metric"], got["split"]) == ("state", "icbhi_score", "patient")
        (about,) = got["splits"]
        (knn,) = about["answers"]["information"]["models"]
        assert knn["by_patients"] is True and knn["metric"] == "auc_ovr_between_patients"
        (knn,) = about["answers"]["useful"]["models"]
        assert knn["by_patients"] is False and knn["value"] == 0.46

    @pytest.mark.parametrize(
        ("value", "p", "expected"),
        [(0.6, 0.049, "yes"), (0.6, 0.051, "no"), (0.4, 0.0001, "no"), (0.5, 1.0, "no")],
    )
    def test_worse_than_the_constant_for_sure_is_no_yes(self, value, p, expected):
        assert answer({("knn", "icbhi_score"): (value, p)})["useful"] == expected

    def test_unknown_where_nothing_is_known_of_any_error(self):
        got = answer(
            {("knn", "icbhi_score"): (0.6, None), ("knn", "auc_ovr_between_patients"): (None, None)}
        )
        assert (got["useful"], got["information"]) == ("unknown", "unknown")
        useful = got["splits"][0]["answers"]["useful"]
        assert useful["limit"] is None and useful["n_models"] == 1
        assert useful["models"][0]["by_patients"] is False
        assert useful["models"][0]["best_low"] is useful["models"][0]["p_holm"] is None
        assert got["splits"][0]["answers"]["information"]["models"] == []

    def test_other_metrics_and_baselines_answer_nothing(self):
        rows, gaps = rows_of({("knn", "accuracy"): (0.9, 1e-9)})
        gaps += [gap | {"metric": "icbhi_score", "against_is": "best baseline"} for gap in gaps]
        got = answers(rows, gaps, {"patient": split_of()}, {"patient": (92, 124)}, TARGET)
        assert {got[q] for q in ("information", "beyond_device", "useful")} == {"unknown"}

    def test_of_two_classes_both_aucs_are_one(self):
        target = Target("crackles", ("no crackles", "crackles"))
        assert asked("useful", target) == ("balanced_accuracy",)
        assert asked("information", target) == ("auc_abnormal_between_patients",)

    def test_metrics_of_each_question(self):
        target = Target()
        assert asked("useful", target) == ("icbhi_score",)
        assert asked("information", target) == (
            "auc_ovr_between_patients",
            "auc_abnormal_between_patients",
        )
        assert asked("beyond_device", target) == (
            "auc_ovr_within_device",
            "auc_abnormal_within_device",
        )


class TestEnoughPatients:
    @pytest.mark.parametrize(
        ("n", "sides", "expected"),
        [(10, (5, 5), True), (9, (9, 9), False), (126, (4, 126), False), (126, (126, 4), False)],
    )
    def test_ten_and_five_of_each_side(self, n, sides, expected):
        got = answer(INFORMED, n_patients=n, sides=sides)
        about = got["splits"][0]
        assert about["enough"] is expected and (about["why"] is None) is expected
        assert (about["n_patients"], about["n_with"], about["n_without"]) == (n, *sides)
        assert got["information"] == ("yes" if expected else "unknown")
        assert about["answers"]["information"]["models"][0]["p_holm"] == 0.001  # said all the same

    def test_the_reason_says_how_many_there_are(self):
        assert enough(9, (9, 9)).startswith("9 patients were tested on, and 10 are")
        assert "4 have cycles that are not of the first class and 30 have" in enough(30, (4, 30))


class TestModels:
    SAID = {
        ("forest", "auc_ovr_between_patients"): (0.59, 0.01),
        ("forest", "auc_abnormal_between_patients"): (0.7, 1e-6),
        ("knn", "auc_ovr_between_patients"): (0.61, 0.02),
        ("svr", "auc_abnormal_between_patients"): (0.65, 0.03),
        ("svc", "auc_abnormal_between_patients"): (0.5, 0.9),
        ("odd", "auc_abnormal_between_patients"): (0.52, None),
    }

    def of(self, said=SAID, question="information"):
        return answer(said)["splits"][0]["answers"][question]

    def test_each_answers_by_the_first_metric_it_has(self):
        found = [(m["model"], m["metric"], m["value"]) for m in self.of()["models"]]
        assert found == [
            ("knn", "auc_ovr_between_patients", 0.61),
            ("forest", "auc_ovr_between_patients", 0.59),
            ("svr", "auc_abnormal_between_patients", 0.65),
            ("odd", "auc_abnormal_between_patients", 0.52),
            ("svc", "auc_abnormal_between_patients", 0.5),
        ]
        unknown = self.SAID | {
            ("knn", "auc_ovr_between_patients"): (None, None),
            ("knn", "auc_abnormal_between_patients"): (0.6, 0.02),
        }
        assert {m["model"]: m["metric"] for m in self.of(unknown)["models"]}[
            "knn"
        ] == "auc_abnormal_between_patients"

    def test_p_values_are_corrected_over_all_of_them_together(self):
        found = {m["model"]: m["p_holm"] for m in self.of()["models"]}
        expected = holm([0.01, 0.02, 0.03, 0.9, None])
        names = ("forest", "knn", "svr", "svc", "odd")
        assert found == dict(zip(names, expected, strict=True))
        assert found["forest"] == 0.04 and found["odd"] is None
        assert [m["model"] for m in self.of()["models"] if m["by_patients"]] == ["forest"]

    def test_the_best_of_several_has_a_wider_interval(self):
        found = self.of()
        assert found["n_models"] == 5
        for one in found["models"]:
            ends = (one["best_low"], one["best_high"])
            if one["model"] == "odd":
                assert ends == (None, None)
                continue
            assert ends == share_interval(one["value"], SE, DF, 5)
            assert ends[0] < one["ci_low"] + 0.001 and one["difference"] == one["value"] - 0.5

    def test_folds_agree_or_not_or_are_not_asked(self):
        said = {
            ("a", "icbhi_score"): (0.6, 0.001, {"fold_t_p": 0.01}),
            ("b", "icbhi_score"): (0.6, 0.001, {"fold_t_p": 0.04}),
            ("c", "icbhi_score"): (0.6, 0.001, {"fold_t_p": None}),
            ("d", "icbhi_score"): (0.4, 0.001, {"fold_t_p": 0.001}),
        }
        found = {m["model"]: m for m in self.of(said, "useful")["models"]}
        assert {k: m["by_folds"] for k, m in found.items()} == {
            "a": True,
            "b": True,
            "c": None,
            "d": False,
        }
        assert [found[k]["fold_p"] for k in "abcd"] == [0.01, 0.04, None, 0.001]

    def test_a_yes_needs_the_folds_too_where_they_are_asked(self):
        """The folds hold the luck of the training part, which makes yeses of noise by patients."""
        said = {("a", "icbhi_score"): (0.6, 0.001, {"fold_t_p": 0.3})}
        found = self.of(said, "useful")
        assert found["models"][0]["by_patients"] and not found["models"][0]["yes"]
        assert found["answer"] == "no"
        said = {("a", "icbhi_score"): (0.6, 0.001, {"fold_t_p": None})}
        assert self.of(said, "useful")["answer"] == "yes"


class TestLimit:
    """What would have been seen: the median over the models, and the most."""

    def test_is_of_the_models_errors(self):
        said = {
            (name, "icbhi_score"): (0.5, 0.5, {"se": se})
            for name, se in (("a", 0.01), ("b", 0.02), ("c", 0.05))
        }
        found = answer(said)["splits"][0]["answers"]["useful"]
        middle, most = (detectable(0.5, se, DF, 3) for se in (0.02, 0.05))
        assert found["limit"] == [middle, most]
        assert {m["model"]: m["limit"] for m in found["models"]}["b"] == middle

    def test_is_above_what_the_constant_scores(self):
        target = Target("crackles", ("no", "yes"))
        said = {("a", "balanced_accuracy"): (0.6, 0.5, {"against": 0.25})}
        (one,) = answer(said, target=target)["splits"][0]["answers"]["useful"]["models"]
        assert one["limit"] == pytest.approx(detectable(0.25, SE, DF, 1), abs=1e-12)

    def test_a_model_that_no_patient_changes_has_none(self):
        """What says the same of every cycle is not a sign that anything would have been seen."""
        said = {
            ("same", "auc_abnormal_between_patients"): (0.5, 1.0, {"se": 0.0}),
            ("svr", "auc_abnormal_between_patients"): (0.55, 0.3),
        }
        found = answer(said)["splits"][0]["answers"]["information"]
        assert found["limit"] == [detectable(0.5, SE, DF, 2)] * 2
        got = answer({("same", "auc_abnormal_between_patients"): (0.5, 1.0, {"se": 0.0})})
        assert got["information"] == "no"
        assert got["splits"][0]["answers"]["information"]["limit"] is None

    @pytest.mark.parametrize("se", [0.0, 0.1])
    def test_a_model_that_is_never_wrong_keeps_its_own_interval(self, se):
        """Its constant may change with the patients, as where one of them has all of a class."""
        target = Target("Diagnosis", ("Healthy", "COPD", "URTI"))
        said = {("knn", "balanced_accuracy"): (1.0, 0.001, {"against": 1 / 3, "se": se})}
        (one,) = answer(said, target=target)["splits"][0]["answers"]["useful"]["models"]
        assert (one["best_low"], one["best_high"]) == (one["ci_low"], one["ci_high"])
        assert one["by_patients"] and (one["limit"] is None) == (se == 0)

    def test_stays_a_share_with_few_degrees_of_freedom_and_many_models(self):
        said = {(f"m{k}", "icbhi_score"): (0.6, 0.5, {"se": 0.3}) for k in range(60)}
        rows, gaps = rows_of(said)
        gaps = [gap | {"df": 1.0} for gap in gaps]
        got = answers(rows, gaps, {"patient": split_of()}, {"patient": (92, 124)}, TARGET)
        useful = got["splits"][0]["answers"]["useful"]
        assert useful["limit"][1] <= 1
        assert all(0 <= one["best_low"] < one["best_high"] <= 1 for one in useful["models"])

    def test_comes_with_the_auc_that_it_takes(self):
        shares = np.array([0.53, 0.27, 0.13, 0.07])
        useful = answer(INFORMED, shares={"patient": shares})["splits"][0]["answers"]["useful"]
        assert useful["needed_auc"] == needed_auc(useful["limit"], shares, icbhi=True)
        assert 0.5 < useful["needed_auc"][0] < 1
        known = answer(INFORMED, split_of("half", (100,)), shares={"patient": shares})
        assert known["splits"][0]["answers"]["useful"]["needed_auc"] is None
        assert answer(INFORMED)["splits"][0]["answers"]["useful"]["needed_auc"] is None


class TestSplits:
    SPLITS = {
        "half": split_of("half", (100,), (110,)),
        "final": split_of("final", (126,), (126,)),
        "published": split_of("published", (2,), (49,)),
        "few": split_of("listed_folds", (0,), (40,)),
        "patient": split_of("patient", (0, 0, 0), (42, 42, 42)),
    }

    def test_kinds(self):
        assert {name: kind_of(split) for name, split in self.SPLITS.items()} == {
            "half": "known_patients",
            "final": "known_cycles",
            "published": "mostly_new_patients",  # two of 49
            "few": "new_patients",
            "patient": "new_patients",
        }
        assert kind_of(split_of("published", (5,), (50,))) == "mostly_new_patients"
        assert kind_of(split_of("published", (6,), (50,))) == "known_patients"

    def test_order_is_that_of_what_to_believe(self):
        order = ["patient", "few", "published", "half", "final"]
        assert split_order(self.SPLITS) == order
        assert split_order(dict(reversed(self.SPLITS.items()))) == order

    def of(self, p):
        """Answers where each split's model has such a p value of the score."""
        rows, gaps = [], []
        for split, value in p.items():
            more = rows_of({("knn", "icbhi_score"): (0.6, value)}, split)
            rows, gaps = rows + more[0], gaps + more[1]
        splits = {name: self.SPLITS[name] for name in p}
        return answers(rows, gaps, splits, dict.fromkeys(p, (40, 40)), TARGET)

    def test_the_answer_is_that_of_the_split_to_believe_first(self):
        got = self.of({"half": 0.001, "patient": 0.3, "final": 0.001, "published": 0.001})
        assert (got["useful"], got["split"]) == ("no", "patient")
        assert [about["split"] for about in got["splits"]] == [
            "patient",
            "published",
            "half",
            "final",
        ]
        given = [about["answers"]["useful"]["answer"] for about in got["splits"]]
        assert given == ["no", "yes", "yes", "yes"] and got["disagree"] == []

    def test_splits_that_keep_patients_apart_may_disagree(self):
        got = self.of({"patient": 0.3, "few": 0.001, "half": 0.001})
        assert (got["useful"], got["disagree"]) == ("no", ["useful"])
        assert self.of({"patient": 0.3, "few": None, "half": 0.001})["disagree"] == []

    def test_without_a_split_that_keeps_patients_apart_nothing_is_known(self):
        got = self.of({"half": 0.001, "published": 0.001})
        assert {got[q] for q in ("information", "beyond_device", "useful")} == {"unknown"}
        assert got["split"] == "published"
        assert got["splits"][0]["answers"]["useful"]["answer"] == "yes"

    def test_a_split_where_every_fit_has_failed_has_no_answer(self):
        rows, gaps = rows_of({("knn", "icbhi_score"): (0.6, 0.001)}, "half")
        rows += [
            row | {"split": "patient", "value": None, "n_cycles": 0, "n_patients": 0}
            for row in rows
        ]
        splits = {name: self.SPLITS[name] for name in ("half", "patient")}
        got = answers(rows, gaps, splits, {"half": (40, 40)}, TARGET)
        assert got["useful"] == "unknown" and got["split"] == "patient"
        first = got["splits"][0]
        assert not first["enough"] and first["answers"]["useful"]["models"] == []
