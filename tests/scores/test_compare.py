"""The comparison's files: tables, answer and costs, whatever the order and number of processes."""

import csv
import json
import math

import numpy as np
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from sklearn.metrics import accuracy_score, mean_squared_error

from auscultation.data.target import Target
from auscultation.job.errors import InputError
from auscultation.metrics.names import METRICS
from auscultation.scores.comparison import SCHEMA, read_costs
from auscultation.scores.differences import DIFFERENCES, Evaluated, compare_splits
from auscultation.scores.fit_scores import CALIBRATION, LOSSES, sum_parts
from auscultation.scores.leakage import LEAKAGE, leakage_of_all
from cohorts import only
from compared import (
    ABNORMAL,
    APART,
    CALLED,
    COSTS,
    CYCLES,
    FITS,
    MEASURED,
    MODELS,
    NAMES,
    OVR,
    PATIENT,
    PROTOCOLS,
    SPLITS,
    STATE,
    TABLES,
    N,
    device_of,
    rows_of,
    run,
)

TARGET = Target()


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Two models and a baseline under two splits, compared by the script."""
    return run(tmp_path_factory.mktemp("compare"))


@pytest.fixture(scope="module")
def parts():
    """Test part, and training rows of a fold, of each fit."""
    found = {}
    for fit, table in zip(FITS, TABLES, strict=True):
        both = sum_parts(table, fit["algorithm"], device_of(table))
        size = both["train"].n_rows / 2
        found[fit["model"], fit["split"]] = Evaluated(both["test"], size)
    return found


def clean(rows, names):
    """Rows as a table keeps them: nothing for nan."""
    return [
        {k: None if isinstance(row[k], float) and math.isnan(row[k]) else row[k] for k in names}
        for row in rows
    ]


def read_csv(path, schema):
    options = pyarrow.csv.ConvertOptions(column_types=schema, strings_can_be_null=False)
    return pyarrow.csv.read_csv(path, convert_options=options)


class TestFiles:
    def test_comparison(self, files):
        table = pq.read_table(files.parquet)
        assert table.schema.equals(SCHEMA)
        expected = [
            row
            for fit, t in zip(FITS, TABLES, strict=True)
            for row in rows_of(fit, t, device_of(t))
        ]
        assert table.to_pylist() == expected
        assert read_csv(files.csv, SCHEMA).to_pylist() == expected

    def test_each_model_has_the_metrics_of_what_it_says(self, files):
        found = {}
        for row in pq.read_table(files.parquet).to_pylist():
            found.setdefault((row["model"], row["split"], row["part"]), []).append(row["metric"])
        assert len(found) == 3 * 2 * 2
        for (model, _, _), metrics in found.items():
            known = (*LOSSES, *OVR) if model == "knn, scaled" else ()
            assert tuple(metrics) == (*METRICS, *known, *ABNORMAL)

    def test_first_cycles_are_those_of_the_first_fold(self, files):
        names = "part", "cycle", "state", "prediction"
        expected = []
        for fit, table in zip(FITS, TABLES, strict=True):
            key = {name: fit[name] for name in ("model", "split")}
            first = table["fold"][0].as_py()
            for part in ("train", "test"):
                rows = [r for r in table.to_pylist() if (r["part"], r["fold"]) == (part, first)]
                expected += [key | {name: row[name] for name in names} for row in rows[:50]]
        assert pq.read_table(files.first_cycles).to_pylist() == expected

    def test_differences(self, files, parts):
        table = pq.read_table(files.differences)
        assert table.schema.equals(DIFFERENCES)
        got = table.to_pylist()
        expected = compare_splits(FITS, parts, PROTOCOLS, TARGET)
        assert clean(expected, DIFFERENCES.names) == got
        assert read_csv(files.differences_csv, DIFFERENCES).to_pylist() == got
        found = {
            (row["model"], row["against_is"], row["against"])
            for row in got
            if (row["split"], row["metric"]) == ("mixed", "accuracy")
        }
        assert found == {
            ("knn, scaled", "best constant", "constant"),
            ("knn, scaled", "best baseline", "mean"),
            ("svc", "best constant", "constant"),
            ("svc", "best baseline", "mean"),
            ("svc", "best model", "knn, scaled"),
        }
        row = only(got, split="mixed", metric="accuracy", model="svc", against="mean")
        expected = accuracy_score(STATE, CALLED[1]) - np.mean(STATE == 1)
        assert row["difference"] == pytest.approx(expected, abs=1e-15)
        assert row["fold_t_p"] is not None

    @pytest.mark.parametrize("protocol", ["patient", "recording", "shuffled", "leave_group_out"])
    def test_folds_of_unlike_size_have_no_t_test(self, parts, protocol):
        """Groups differ in size, which the corrected resampled t test does not allow for."""
        protocols = PROTOCOLS | {"by patient": protocol}
        rows = [
            row
            for row in compare_splits(FITS, parts, protocols, TARGET)
            if (row["split"], row["metric"]) == ("by patient", "accuracy")
        ]
        assert {row["fold_t_p"] is None for row in rows} == {protocol == "leave_group_out"}

    def test_leakage(self, files, parts):
        table = pq.read_table(files.leakage)
        assert table.schema.equals(LEAKAGE)
        got = table.to_pylist()
        expected = leakage_of_all(FITS, parts, APART, TARGET)
        assert clean(expected, LEAKAGE.names) == got
        assert read_csv(files.leakage_csv, LEAKAGE).to_pylist() == got
        assert {row["model"] for row in got} == {"knn, scaled", "svc"}
        row = only(got, model="knn, scaled", metric="accuracy")
        assert (row["heard"], row["split"], row["other_split"]) == (
            *("patient or recording", "mixed", "by patient"),
        )
        values = [accuracy_score(STATE, called) for called in (CALLED[2], CALLED[0])]
        assert [row["score"], row["other_score"]] == pytest.approx(values, abs=1e-15)
        assert row["difference"] == pytest.approx(values[0] - values[1], abs=1e-15)

    def test_leakage_is_of_every_pair_of_splits(self, parts):
        apart = APART | {"again": "cycle", "recordings": "recording"}
        more = parts | {
            (model, split): parts[model, "mixed"]
            for model in MODELS
            for split in apart
            if split not in SPLITS
        }
        rows = leakage_of_all(FITS, more, apart, TARGET)
        found = [r for r in rows if (r["model"], r["metric"]) == ("svc", "accuracy")]
        assert [(r["heard"], r["split"], r["other_split"]) for r in found] == [
            ("recording", "again", "recordings"),
            ("recording", "mixed", "recordings"),
            ("patient", "recordings", "by patient"),
            ("patient or recording", "again", "by patient"),
            ("patient or recording", "mixed", "by patient"),
        ]
        assert leakage_of_all(FITS, parts, {"by patient": "patient"}, TARGET) == []

    def test_answer_is_json_that_every_reader_takes(self, files):
        def refuse(text):
            raise AssertionError(text)

        got = json.loads(files.answer.read_text(encoding="utf-8"), parse_constant=refuse)
        assert (got["target"], got["metric"], got["split"]) == (
            "state",
            "icbhi_score",
            "by patient",
        )
        assert [about["split"] for about in got["splits"]] == [*SPLITS]
        first = got["splits"][0]
        assert (first["kind"], first["n_patients"], first["n_cycles"]) == ("new_patients", 24, N)
        sides = [len(set(PATIENT[side])) for side in (STATE != 0, STATE == 0)]
        assert [first["n_with"], first["n_without"]] == sides
        for question in ("information", "beyond_device", "useful"):
            assert got[question] == first["answers"][question]["answer"] in ("yes", "no")
            assert first["answers"][question]["n_models"] == 2
        found = {
            (row["model"], row["metric"]): row["value"]
            for row in pq.read_table(files.parquet).to_pylist()
            if (row["split"], row["part"]) == ("by patient", "test")
        }
        for one in first["answers"]["useful"]["models"]:
            assert one["value"] == found[one["model"], "icbhi_score"]
        needed = first["answers"]["useful"]["needed_auc"]
        assert needed is None or all(0.5 <= value <= 1 for value in needed)
        leaked = {(row["model"], row["metric"]) for row in got["leakage"]}
        assert leaked == {
            *(("knn, scaled", "icbhi_score"), ("knn, scaled", "auc_ovr_between_patients")),
            *(
                ("knn, scaled", "auc_abnormal_between_patients"),
                ("svc", "icbhi_score"),
                ("svc", "auc_abnormal_between_patients"),
            ),
        }

    def test_calibration(self, files):
        table = pq.read_table(files.calibration)
        assert table.schema.equals(CALIBRATION)
        got = table.to_pylist()
        assert read_csv(files.calibration_csv, CALIBRATION).to_pylist() == got
        assert {(row["model"], row["part"]) for row in got} == {("knn, scaled", "test")}
        by_split = {s: [r for r in got if r["split"] == s] for s in PROTOCOLS}
        for split, called in (("by patient", CALLED[0]), ("mixed", CALLED[2])):
            # p0 is 0.4 where normal is called, else 0.2
            values = [(r["mean_predicted"], r["n_cycles"]) for r in by_split[split]]
            n = np.count_nonzero(called == 0)
            assert np.ravel(values) == pytest.approx([0.6, n, 0.8, N - n], abs=1e-12)
            observed = [np.mean(STATE[side] != 0) for side in (called == 0, called != 0)]
            assert [r["observed"] for r in by_split[split]] == pytest.approx(observed, abs=1e-15)

    def test_csv_is_plain(self, files):
        with open(files.csv, encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        assert header == SCHEMA.names
        assert len(rows) == 6 * 2 * (len(METRICS) + 4) + 2 * 2 * (len(LOSSES) + 4)
        row = next(row for row in rows if row[:5] == ["svc", "svc", "mixed", "test", "mse"])
        assert float(row[5]) == pytest.approx(mean_squared_error(STATE, CALLED[1]), abs=1e-15)
        assert float(row[6]) < float(row[5]) < float(row[7])

    def test_measurements_of_the_machine_stay_apart(self, files):
        assert read_costs(files.costs) == [
            fit | dict(zip(COSTS, measured, strict=True))
            for fit, measured in zip(FITS, MEASURED, strict=True)
        ]
        metrics = set(pq.read_table(files.parquet)["metric"].to_pylist())
        assert metrics == {*METRICS, *LOSSES, *OVR, *ABNORMAL}


SORTED = ("differences", "differences_csv", "leakage", "leakage_csv", "answer")


def test_the_order_of_the_fits_does_not_matter(files, tmp_path):
    other = run(tmp_path, FITS[::-1])
    for name in SORTED:
        assert getattr(other, name).read_bytes() == getattr(files, name).read_bytes(), name
    rows, before = (pq.read_table(o.parquet).to_pylist() for o in (other, files))
    key = [(row["split"], row["model"]) for row in before]
    assert sorted(rows, key=lambda r: key.index((r["split"], r["model"]))) == before


def test_the_number_of_threads_does_not_matter(files, tmp_path):
    other = run(tmp_path, threads=2)
    for name in set(NAMES) - {"xlsx"}:
        assert getattr(other, name).read_bytes() == getattr(files, name).read_bytes(), name


def test_devices_that_are_not_named_leave_their_metrics_and_question_out(tmp_path):
    output = run(tmp_path, cycles=CYCLES.select(["cycle", "patient_ID"]))
    metrics = set(pq.read_table(output.parquet)["metric"].to_pylist())
    assert not [name for name in metrics if name.endswith("_within_device")]
    answer = json.loads(output.answer.read_text(encoding="utf-8"))
    assert answer["beyond_device"] == "unknown" != answer["information"]


def test_fits_without_a_result_have_rows_without_values(files, tmp_path):
    """One that has written no predictions, one whose job has failed; the others are as before."""
    failed, gone = FITS[0], FITS[1]
    present = [fit for fit in FITS if fit != gone]
    empty = {failed["model"] + failed["split"]: TABLES[0].slice(0, 0)}
    output = run(tmp_path, present, [gone | {"reason": "out of memory"}], threads=2, **empty)
    rows, before = (pq.read_table(path).to_pylist() for path in (output.parquet, files.parquet))
    without = [fit["model"] + fit["split"] for fit in (failed, gone)]
    here = [row for row in rows if row["model"] + row["split"] in without]
    assert len(here) == 2 * 2 * len(METRICS)
    assert {(row["value"], row["ci_low"], row["n_cycles"]) for row in here} == {(None, None, 0)}
    others = [row for row in before if row["model"] + row["split"] not in without]
    assert [row for row in rows if row not in here] == others
    for name in ("differences", "leakage", "confusion", "errors"):
        table = pq.read_table(getattr(output, name)).to_pylist()
        assert not any(row["model"] + row.get("split", "") in without for row in table)
    assert [row["model"] for row in read_costs(output.costs)] == [fit["model"] for fit in present]
    answer = json.loads(output.answer.read_text(encoding="utf-8"))
    models = {one["model"] for one in answer["splits"][0]["answers"]["useful"]["models"]}
    assert models == {"svc"}


def test_no_result_at_all_is_an_error(tmp_path):
    empty = {fit["model"] + fit["split"]: TABLES[0].slice(0, 0) for fit in FITS}
    with pytest.raises(InputError, match="no fit has a result"):
        run(tmp_path, **empty)
