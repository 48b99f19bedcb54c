"""External validation: scores of elsewhere beside those inside, each model on the cycles it predicts."""

import numpy as np
import pyarrow as pa
import pytest

from auscultation.data.target import Target
from auscultation.scores.constant import constant
from auscultation.scores.differences import CONSTANT, differences
from auscultation.scores.external import apart, by_range, validate
from auscultation.scores.fit_scores import scores
from cohorts import cohort, only, part_of, probabilities, rows_of_part

PATIENT, TRUE, _, CALLED = cohort(2, 24, (0.35, 0.55, 0.8))
N = len(TRUE)
DEVICE = np.array(["a", "b"])[PATIENT % 2]
P = probabilities(TRUE, 3)
ALGORITHMS = {"knn": "knn", "most_frequent": "most_frequent", "svr": "svr"}
SAID = {
    "knn": P.argmax(1).astype(float),
    "most_frequent": np.zeros(N),
    "svr": CALLED[1] + np.linspace(-0.6, 0.6, N),
}
TARGET = Target()


def predicted(keep=None, target=TARGET, models=tuple(SAID)):
    """The predictions of each model, of the rows that it keeps."""
    for model in models:
        p = P if model == "knn" else None
        table = rows_of_part(PATIENT, TRUE, SAID[model], p=p, target=target)
        table = table.append_column("device", pa.array(DEVICE))
        rows = np.ones(N, bool) if keep is None or model not in keep else keep[model]
        about = {"model": model, "algorithm": ALGORITHMS[model]}
        yield about, table.filter(pa.array(rows))


def inside(model="knn", metric="icbhi_score", value=0.5, ends=(0.4, 0.65), split="patient"):
    row = {"model": model, "algorithm": model, "split": split, "part": "test", "metric": metric}
    return row | {"value": value, "ci_low": ends[0], "ci_high": ends[1], "n_folds": 5}


def parts():
    device = PATIENT % 2
    return {
        model: part_of(PATIENT, TRUE, said, model, device, p=P if model == "knn" else None)
        for model, said in SAID.items()
    }


def test_every_metric_is_that_of_the_comparison():
    made = validate("there", predicted(), [], "patient", N, TARGET)
    for model, part in parts().items():
        expected = scores(part)
        rows = [row for row in made.rows if row["model"] == model]
        assert [row["metric"] for row in rows] == [score["metric"] for score in expected]
        for row, score in zip(rows, expected, strict=True):
            assert {name: row[name] for name in score} == score
            assert row["n_patients"] == 24 and row["n_cycles"] == N
            assert row["n_without_prediction"] == 0
    assert {row["split"] for row in made.comparison} == {"there"}
    assert {row["model"] for row in made.calibration} == {"knn"}


def test_where_all_predict_all_the_differences_are_those_of_a_split():
    made = validate("there", predicted(), [], "patient", N, TARGET)
    expected = [
        row
        for row in differences("there", parts(), ALGORITHMS, None, TARGET)
        if row["against_is"] == CONSTANT
    ]
    key = ("metric", "model")
    order = sorted(expected, key=lambda row: [row[name] for name in key])
    assert sorted(made.gaps, key=lambda row: [row[name] for name in key]) == order
    row = only(made.rows, model="svr", metric="icbhi_score")
    gap = only(expected, model="svr", metric="icbhi_score")
    assert (row["from_constant"], row["p_holm"]) == (gap["difference"], gap["p_holm"])
    assert row["value"] - row["constant"] == pytest.approx(row["from_constant"])
    assert only(made.rows, model="most_frequent", metric="accuracy")["from_constant"] is None


def test_a_model_without_some_predictions_is_scored_on_the_others():
    keep = np.arange(N) % 5 != 0
    keep &= PATIENT[0] != PATIENT
    made = validate("there", predicted({"knn": keep}), [], "patient", N + 7, TARGET)
    part = part_of(PATIENT[keep], TRUE[keep], SAID["knn"][keep], "knn", p=P[keep])
    row = only(made.rows, model="knn", metric="accuracy")
    assert row["value"] == np.mean(SAID["knn"][keep] == TRUE[keep])
    assert row["constant"] == constant(part, TARGET).values["accuracy"]
    assert row["constant"] == np.bincount(TRUE[keep]).max() / keep.sum()
    assert (row["n_patients"], row["n_without_prediction"]) == (23, N + 7 - keep.sum())
    assert only(made.rows, model="svr", metric="accuracy")["n_without_prediction"] == 7
    assert made.answer["n_cycles"] == N


def test_the_score_inside_is_of_the_split_that_is_named():
    internal = [inside(value=0.9, split="shuffled"), inside(), inside("other")]
    internal.append(inside(value=0.8) | {"part": "train"})
    made = validate("there", predicted(), internal, "patient", N, TARGET)
    row = only(made.rows, model="knn", metric="icbhi_score")
    assert (row["internal_split"], row["internal_value"]) == ("patient", 0.5)
    assert row["difference"] == row["value"] - 0.5
    assert row["difference_low"] < row["difference"] < row["difference_high"]
    assert only(made.rows, model="svr", metric="icbhi_score")["difference"] is None


def test_symmetric_intervals_give_the_root_of_the_sum_of_squared_errors():
    assert apart(0.7, (0.64, 0.76), 0.5, (0.42, 0.58)) == pytest.approx((0.2, 0.1, 0.3))
    # skewed ones keep their skew: down by the lower end of the first, the upper of the second
    low, high = apart(0.9, (0.6, 0.95), 0.5, (0.48, 0.54))[1:]
    assert (low, high) == pytest.approx((0.4 - np.hypot(0.3, 0.04), 0.4 + np.hypot(0.05, 0.02)))
    assert apart(None, (None, None), 0.5, (0.4, 0.6)) == (None, None, None)
    assert apart(0.75, (None, None), 0.5, (0.4, 0.6)) == (0.25, None, None)


def test_the_interval_of_a_difference_covers():
    """Of shares of independent samples, 95 % of the intervals should have the true difference."""
    rng = np.random.default_rng(0)
    n, m, p, q = 60, 90, 0.8, 0.6

    def wilson(k, n):
        z, share = 1.959964, k / n
        middle, reach = share + z**2 / 2 / n, z * np.sqrt(share * (1 - share) / n + z**2 / 4 / n**2)
        return share, ((middle - reach) / (1 + z**2 / n), (middle + reach) / (1 + z**2 / n))

    covered = 0
    for k, j in zip(rng.binomial(n, p, 4000), rng.binomial(m, q, 4000), strict=True):
        _, low, high = apart(*wilson(k, n), *wilson(j, m))
        covered += low <= p - q <= high
    assert 0.935 < covered / 4000 < 0.965


@pytest.mark.parametrize("known", [(), ("101", "102", "103")])
def test_the_answer_says_whether_training_may_know_the_patients(known):
    made = validate("there", predicted(), [], "patient", N, TARGET, known)
    kind = made.answer["kind"]
    assert kind == ("known_patients" if known else "new_patients")
    useful = {m["model"]: m["yes"] for m in made.answer["answers"]["useful"]["models"]}
    gaps = {g["model"]: g for g in made.gaps if g["metric"] == "icbhi_score"}
    assert useful == {m: g["p_holm"] < 0.05 and g["difference"] > 0 for m, g in gaps.items()}


def test_classes_without_order_and_devices_that_are_blank():
    target = Target(
        "Diagnosis", ("Healthy", "COPD", "URTI", "LRTI"), (("h",), ("c",), ("u",), ("l",))
    )
    tables = [
        (
            about,
            table.set_column(
                table.column_names.index("device"), "device", pa.nulls(N, pa.string())
            ),
        )
        for about, table in predicted(target=target, models=("knn",))
    ]
    made = validate("there", tables, [], "patient", N, target)
    names = {row["metric"] for row in made.rows}
    assert "sensitivity" not in names and "auc_ovr_between_patients" in names
    assert not any("within_device" in name for name in names)


def test_few_patients_have_no_interval_and_no_verdict():
    few = PATIENT < 102
    made = validate("there", predicted(dict.fromkeys(SAID, few)), [inside()], "patient", N, TARGET)
    row = only(made.rows, model="knn", metric="icbhi_score")
    assert row["value"] is not None and row["ci_low"] is None and row["difference_low"] is None
    assert not made.answer["enough"]
    assert validate("there", [], [inside()], "patient", 0, TARGET).answer is None


def test_scores_inside_and_outside_the_range_are_of_these_cycles():
    outside = np.random.default_rng(1).random(N) < 0.4
    (about, table) = next(predicted())
    rows = list(by_range(about, table.append_column("outside", pa.array(outside)), TARGET))
    for row, mask in zip(rows, (~outside, outside), strict=True):
        part = part_of(PATIENT[mask], TRUE[mask], SAID["knn"][mask], "knn", p=P[mask])
        score = only(scores(part), metric="auc_ovr_between_patients")
        assert {name: row[name] for name in score} == score
    few = outside & (PATIENT < 104)  # three patients are none to speak of
    rows = list(by_range(about, table.append_column("outside", pa.array(few)), TARGET))
    assert [row["where"] for row in rows] == ["inside"]
    none = table.append_column("outside", pa.array(np.zeros(N, bool)))
    assert list(by_range(about, none, TARGET)) == []
