"""What is kept of one fit: every metric of both parts, counts, costs, devices."""

import math

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import accuracy_score, mean_squared_error

from auscultation.data.target import Target
from auscultation.metrics.names import METRICS
from auscultation.scores import one_fit
from auscultation.scores.comparison import SCHEMA
from auscultation.scores.errors import groups_of
from auscultation.scores.fit_scores import LOSSES, scores, sum_parts
from auscultation.scores.one_fit import first_cycles, read_measured, score_fit
from compared import ABNORMAL, COSTS, FITS, OVR, fit_of, predictions, rows_of, summary_of

TRAIN = [(0, 0), (0, 0), (1, 1), (2, 2), (3, 0)]
TEST = [(0, 0), (0, 1), (1, 1), (3, 0.4)]


class TestRowsOf:
    def test_every_metric_of_both_parts(self):
        rows = rows_of(fit_of(), predictions(TRAIN, TEST))
        named = (*METRICS, *ABNORMAL[:2], ABNORMAL[3])
        expected = [(part, metric) for part in ("train", "test") for metric in named]
        assert [(row["part"], row["metric"]) for row in rows] == expected
        for row in rows:
            assert list(row) == SCHEMA.names
            assert fit_of().items() <= row.items()
            assert (row["ci_low"] is None) == (row["ci_high"] is None)
            assert row["ci_low"] is None or row["ci_low"] <= row["value"] <= row["ci_high"]

    def test_probabilities_add_rows(self):
        rows = rows_of(fit_of(), predictions(TRAIN, TEST, p=0.7))
        named = (*METRICS, *LOSSES, *OVR[:2], OVR[3], *ABNORMAL[:2], ABNORMAL[3])
        expected = [(part, metric) for part in ("train", "test") for metric in named]
        assert [(row["part"], row["metric"]) for row in rows] == expected
        got = {(row["part"], row["metric"]): row["value"] for row in rows}
        assert got["train", "log_loss"] == pytest.approx(
            -(4 * np.log(0.7) + np.log(0.1)) / 5, abs=1e-15
        )
        right, wrong = 0.3**2 + 3 * 0.1**2, 0.7**2 + 0.9**2 + 2 * 0.1**2
        assert got["test", "brier_score"] == pytest.approx((2 * right + 2 * wrong) / 4, abs=1e-15)

    def test_values(self):
        rows = rows_of(fit_of(), predictions(TRAIN, TEST))
        got = {(row["part"], row["metric"]): row["value"] for row in rows}
        for part, pairs in (("train", TRAIN), ("test", TEST)):
            state, raw = zip(*pairs, strict=True)
            called = np.rint(raw).astype(int)
            accuracy = accuracy_score(state, called)
            assert got[part, "accuracy"] == pytest.approx(accuracy, abs=1e-15)
            assert got[part, "mse"] == pytest.approx(mean_squared_error(state, raw), abs=1e-15)
        assert got["train", "sensitivity"] == pytest.approx(2 / 3, abs=1e-15)
        assert got["test", "icbhi_score"] == pytest.approx((1 / 2 + 1 / 2) / 2, abs=1e-15)

    def test_counts(self):
        rows = rows_of(fit_of(), predictions(TRAIN, TEST, folds=3))
        counts = {(r["part"], r["n_folds"], r["n_cycles"], r["n_patients"]) for r in rows}
        assert counts == {("train", 3, 5, 3), ("test", 3, 4, 2)}

    def test_folds_are_pooled(self):
        # Two cycles in fold 0, both right; one in fold 1, wrong: averaging folds would give 1/2.
        table = pa.table(
            {
                "cycle": [0, 1, 2],
                "patient_ID": ["a", "a", "b"],
                "fold": [0, 0, 1],
                "part": ["test"] * 3,
                "state": [0, 1, 2],
                "prediction": [0.0, 1.0, 0.0],
            }
            | {f"p{s}": pa.nulls(3, pa.float64()) for s in range(4)}
        )
        part = sum_parts(table)["test"]
        got = {row["metric"]: row["value"] for row in scores(part)}
        assert got["accuracy"] == pytest.approx(2 / 3, abs=1e-15)
        assert got["mse"] == pytest.approx(4 / 3, abs=1e-15)
        assert (part.counts["n_folds"], part.counts["n_patients"]) == (2, 2)

    def test_undefined_is_none(self):
        rows = rows_of(fit_of(), predictions([(1, 1), (1, 0)], TEST))
        got = {row["metric"]: row["value"] for row in rows if row["part"] == "train"}
        unknown = {name for name, value in got.items() if value is None}
        assert unknown == {"r2", "specificity", "icbhi_score", *ABNORMAL[:2], ABNORMAL[3]}
        assert not any(math.isnan(value) for value in got.values() if value is not None)


class TestCosts:
    @pytest.mark.parametrize("known", [(2.5, 0.25, 130.25), (0.4, None, None), (None, None, None)])
    def test_what_a_fit_measured_of_itself(self, tmp_path, known):
        """Fault 5: costs are what the fit measured, and unknown where it could not."""
        (tmp_path / "fit.json").write_text(summary_of(*known))
        assert read_measured(tmp_path / "fit.json") == dict(zip(COSTS, known, strict=True))
        (tmp_path / "fit.json").write_text("{}")
        assert set(read_measured(tmp_path / "fit.json").values()) == {None}


class TestDevices:
    def test_are_numbered_by_the_cycles_number(self):
        cycles = {
            "cycle": np.array([7, 2, 5]),
            "patient_ID": np.array([1, 2, 3]),
            "device": np.array(["Litt", "AKG", "Litt"], dtype=object),
        }
        found = groups_of(cycles)["device"].of_cycle
        assert found[[7, 2, 5]].tolist() == [1, 0, 1]


@pytest.mark.parametrize("algorithm", ["knn", "stratified", "svr"])
def test_folds_read_one_by_one_give_what_they_give_together(tmp_path, monkeypatch, algorithm):
    rng = np.random.default_rng(3)
    n = 300
    p = np.round(rng.dirichlet(np.ones(4), n), 1 if algorithm == "knn" else 9)
    part = np.where(np.arange(n) % 20 < 14, "train", "test")
    columns = {"cycle": rng.integers(0, 90, n), "patient_ID": rng.integers(0, 12, n)}
    columns |= {"fold": np.arange(n) // 100, "part": part, "state": rng.integers(0, 4, n)}
    columns["prediction"] = rng.normal(1, 1, n) if algorithm == "svr" else p.argmax(1) * 1.0
    nothing = pa.nulls(n, pa.float64())
    columns |= {f"p{k}": nothing if algorithm == "svr" else p[:, k] for k in range(4)}
    order = np.lexsort([part == "test", columns["fold"]])
    table = pa.table(columns).replace_schema_metadata(Target().to_metadata()).take(order)
    path, fit = tmp_path / "predictions.parquet", fit_of(algorithm, algorithm, "s")
    with pq.ParquetWriter(path, table.schema) as writer:
        for fold in range(3):
            for name in ("train", "test"):
                writer.write_table(
                    table.filter((pc.field("fold") == fold) & (pc.field("part") == name))
                )
    device = rng.integers(0, 3, 90)
    whole = score_fit(fit, path, device, Target())
    monkeypatch.setattr(one_fit, "ROWS", 50)
    single = score_fit(fit, path, device, Target())
    assert len(single.rows) == len(whole.rows) > 20 and single.first == whole.first
    for one, other in zip(single.rows, whole.rows, strict=True):
        for name, value in other.items():
            exact = value is None or isinstance(value, str)
            assert one[name] == (value if exact else pytest.approx(value, rel=1e-12, abs=1e-12))
    assert single.confusion == whole.confusion and single.calibration == whole.calibration
    assert [of.tolist() for of in single.hits] == [of.tolist() for of in whole.hits]
    for one, other in zip(single.evaluated.test.scores, whole.evaluated.test.scores, strict=True):
        for name, values in other.items():
            assert one[name] == pytest.approx(values, rel=1e-12, abs=1e-12, nan_ok=True)


def test_first_cycles_are_those_of_the_first_fold():
    many = predictions([(1, 1)] * 70, [(0, 2)] * 3, folds=2)
    some = first_cycles(FITS[0], many, Target(), 0)["part"].to_pylist()
    assert some == ["train"] * 50 + ["test"] * 3
