"""The comparison: rows of a fit, costs, and the files."""

import csv
import json
import math
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from sklearn.metrics import accuracy_score, mean_squared_error

import compare
from auscultation.data.target import Target
from auscultation.job.errors import InputError
from auscultation.metrics.names import METRICS
from auscultation.scores.comparison import SCHEMA, read_costs
from auscultation.scores.differences import DIFFERENCES, Evaluated, compare_splits
from auscultation.scores.fit_scores import CALIBRATION, LOSSES, scores, sum_parts
from auscultation.scores.leakage import LEAKAGE, leakage_of_all
from auscultation.scores.one_fit import devices, first_cycles, read_measured
from cohorts import cohort, only, rows_of_part

SHEETS = [
    "The answer",
    "Which model is best",
    "Known and unknown cycles",
    "Is a model better",
    "Knowing the patients",
    "What a fit costs",
    "All metrics",
]
TARGET = Target()
ENDINGS = ("", "_between_patients", "_within_device", "_within_patient")
ABNORMAL = tuple(f"auc_abnormal{ending}" for ending in ENDINGS)
OVR = tuple(f"auc_ovr{ending}" for ending in ENDINGS)
COSTS = ("fit_seconds", "predict_seconds", "peak_memory_mb")


def fit_of(model="knn", algorithm="knn", split="half"):
    return {"model": model, "algorithm": algorithm, "split": split}


def predictions(train, test, folds=1, p=None):
    """Predictions of pairs (state, prediction); every pair in each fold, two cycles a patient.

    Probabilities are p of the state predicted and the same for the other three; None for none.
    """
    rows = []
    for fold in range(folds):
        first = 0
        for part, pairs in (("train", train), ("test", test)):
            for number, (state, prediction) in enumerate(pairs, first):
                row = {"cycle": number, "patient_ID": 101 + number // 2, "fold": fold, "part": part}
                row |= {"state": state, "prediction": float(prediction)}
                for other in range(4):
                    share = (
                        p if other == np.rint(prediction) else None if p is None else (1 - p) / 3
                    )
                    row[f"p{other}"] = share
                rows.append(row)
            first = 100
    schema = pa.Table.from_pylist([rows[0] | {f"p{s}": 0.5 for s in range(4)}]).schema
    return pa.Table.from_pylist(rows, schema)


def rows_of(fit, table, device=None):
    """Rows of the comparison that a fit gives."""
    return [
        {**fit, "part": part, **row, **side.counts}
        for part, side in sum_parts(table, fit["algorithm"], device).items()
        for row in scores(side)
    ]


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


def summary_of(*costs):
    """The content of a fit.json that says what the fit took."""
    return json.dumps({"settings": {}, "measured": dict(zip(COSTS, costs, strict=True))})


class TestCosts:
    @pytest.mark.parametrize("known", [(2.5, 0.25, 130.25), (0.4, None, None), (None, None, None)])
    def test_what_a_fit_measured_of_itself(self, tmp_path, known):
        """Fault 5: costs are what the fit measured, and unknown where it could not."""
        (tmp_path / "fit.json").write_text(summary_of(*known))
        assert read_measured(tmp_path / "fit.json") == dict(zip(COSTS, known, strict=True))
        (tmp_path / "fit.json").write_text("{}")
        assert set(read_measured(tmp_path / "fit.json").values()) == {None}


MODELS = {"knn, scaled": "knn", "mean": "mean", "svc": "svc"}
SPLITS = ("by patient", "mixed")
FITS = [fit_of(model, MODELS[model], split) for split in SPLITS for model in MODELS]
PROTOCOLS = {"by patient": "patient", "mixed": "shuffled"}
APART = {"by patient": "patient", "mixed": "cycle"}
PATIENT, STATE, _, CALLED = cohort(4, 24, (0.4, 0.3, 0.8))
N = len(STATE)
DEVICES = np.array(["AKGC417L", "Meditron"])
CYCLES = pa.table(
    {
        "cycle": np.arange(N),
        "patient_ID": PATIENT,
        "recording": [f"{p}_1b1_Al_sc_{DEVICES[p % 2]}" for p in PATIENT.tolist()],
    }
)


def table_of(fit):
    """Predictions of a fit in two folds; nearest neighbours know a cycle that they have heard."""
    fold = PATIENT % 2 if fit["split"] == "by patient" else np.arange(N) % 2
    p, called = None, CALLED[1]
    if fit["model"] == "mean":
        called = np.full(N, STATE.mean())
    if fit["model"] == "knn, scaled":
        called = CALLED[0] if fit["split"] == "by patient" else CALLED[2]
        p = np.full((N, 4), 0.2)
        p[np.arange(N), called] = 0.4
    test = rows_of_part(PATIENT, STATE, called, fold, "test", p)
    return pa.concat_tables([rows_of_part(PATIENT, STATE, called, 1 - fold, "train", p), test])


TABLES = [table_of(fit) for fit in FITS]
MEASURED = [(2.5, 0.5, 130.25), (1.0, None, None), (0.25, 0.0625, 77.0)]
MEASURED += [(3.0, 0.1, 85.5), (4.0, 0.2, 90.0), (5.0, None, 1.0)]
NAMES = ("parquet", "csv", "xlsx", "differences", "differences_csv", "leakage", "leakage_csv")
NAMES += ("calibration", "calibration_csv", "costs", "confusion", "confusion_csv")
NAMES += ("errors", "errors_csv", "hardest", "hardest_csv", "first_cycles", "answer")


def device_of(table):
    return table["patient_ID"].to_numpy() % 2


def run(folder, fits=FITS, lost=(), cycles=CYCLES, threads=1, **tables):
    """Compare by the script; `tables` holds predictions by model and split that differ."""
    inputs = SimpleNamespace(predictions=[], summaries=[], cycles=folder / "cycles.parquet")
    pq.write_table(cycles, inputs.cycles)
    inputs.splits = [folder / f"{split}.json" for split in SPLITS]
    for split, path in zip(SPLITS, inputs.splits, strict=True):
        both = [] if split == "by patient" else [*range(101, 125)]
        fold = {"patients_on_both_sides": both, "test": {"patients": 12}}
        path.write_text(json.dumps({"protocol": PROTOCOLS[split], "folds": [fold] * 2}))
    for number, fit in enumerate(fits):
        place = FITS.index(fit)
        table = tables.get(fit["model"] + fit["split"], TABLES[place])
        inputs.predictions.append(folder / f"{number}.parquet")
        inputs.summaries.append(folder / f"{number}.json")
        pq.write_table(table, inputs.predictions[-1])
        inputs.summaries[-1].write_text(summary_of(*MEASURED[place]))
    output = {name: folder / "out" / name for name in NAMES}
    output = SimpleNamespace(**output | {"xlsx": folder / "out" / "comparison.xlsx"})
    params = SimpleNamespace(fits=fits, lost=list(lost), protocols=PROTOCOLS, apart=APART)
    compare.main(SimpleNamespace(params=params, input=inputs, output=output, threads=threads))
    return output


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


@pytest.fixture(scope="module")
def book(files):
    return load_workbook(files.xlsx)


def records(sheet):
    """Rows of a sheet below its header in row 2, by column name; empty cells are None."""
    _, names, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


def same(shown, value):
    """Return whether two numbers, or two blanks, agree to the 16 digits that openpyxl writes."""
    return shown is value is None or shown == pytest.approx(value, rel=1e-15)


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
        many = predictions([(1, 1)] * 70, [(0, 2)] * 3, folds=2)
        some = first_cycles(FITS[0], many, TARGET)["part"].to_pylist()
        assert some == ["train"] * 50 + ["test"] * 3

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


class TestDevices:
    def test_are_numbered_by_the_cycles_number(self):
        cycles = {
            "cycle": np.array([7, 2, 5]),
            "patient_ID": np.array([1, 2, 3]),
            "recording": np.array(["1_1b1_Al_sc_Litt", "2_1b1_Al_sc_AKG", "3_1b1_Al_sc_Litt"]),
        }
        found = devices(cycles)
        assert found[[7, 2, 5]].tolist() == [1, 0, 1]

    def test_that_are_not_named_leave_their_metrics_and_question_out(self, tmp_path):
        names = [f"{p}_1b1" for p in PATIENT.tolist()]
        unnamed = CYCLES.set_column(2, "recording", pa.array(names))
        output = run(tmp_path, cycles=unnamed)
        metrics = set(pq.read_table(output.parquet)["metric"].to_pylist())
        assert not [name for name in metrics if name.endswith("_within_device")]
        answer = json.loads(output.answer.read_text(encoding="utf-8"))
        assert answer["beyond_device"] == "unknown" != answer["information"]


class TestWorkbook:
    def test_a_sheet_for_each_question(self, book):
        assert book.sheetnames == SHEETS
        for sheet in book:
            assert sheet.freeze_panes == "B3"
            assert sheet["A1"].value and sheet["A1"].font.italic
            assert sheet["A2"].font.bold
            assert sheet.auto_filter.ref.startswith("A2:")
            widths = [dimension.width for dimension in sheet.column_dimensions.values()]
            assert len(widths) == sheet.max_column and min(widths) >= 11

    def test_the_answer_comes_first_with_all_that_it_rests_on(self, book, files):
        """What cannot be told is `unknown`, not no."""
        answer = json.loads(files.answer.read_text(encoding="utf-8"))
        expected = []
        for about in answer["splits"]:
            for question, asked in about["answers"].items():
                for one in asked["models"]:
                    known = about["enough"] and one["p_holm"] is not None
                    by_patients = {True: "yes", False: "no"}[one["by_patients"]]
                    row = {"question": question, "split": about["split"], "model": one["model"]}
                    row |= {"answer": asked["answer"]}
                    row |= {name: one[name] for name in ("metric", "value", "ci_low", "ci_high")}
                    row |= {name: one[name] for name in ("difference", "p_holm", "fold_p")}
                    row |= {"by_patients": by_patients if known else "unknown"}
                    row |= {
                        "by_folds": {None: "unknown", True: "yes", False: "no"}[one["by_folds"]]
                    }
                    expected.append(row | {"would_have_been_seen": one["limit"]})
        rows = records(book[SHEETS[0]])
        assert rows and rows[0]["about"] == "new patients"
        for row, wanted in zip(rows, expected, strict=True):
            for name, value in wanted.items():
                assert same(row[name], value) if isinstance(value, float) else row[name] == value
        assert {row["question"] for row in rows} == {"information", "beyond_device", "useful"}

    def test_ranking(self, book, files):
        rows = records(book[SHEETS[1]])
        score = {m: {r["model"]: r["icbhi_score"] for r in rows if r["split"] == m} for m in SPLITS}
        ranked = {
            split: [
                (model, "yes" if model == "mean" else None)
                for model in sorted(MODELS, key=score[split].get, reverse=True)
            ]
            for split in SPLITS
        }
        order = [(row["split"], row["rank"], row["model"], row["baseline"]) for row in rows]
        assert order == [
            (split, rank, model, baseline)
            for split in SPLITS
            for rank, (model, baseline) in enumerate(ranked[split], 1)
        ]
        known = {
            (r["split"], r["model"], r["metric"]): r
            for r in pq.read_table(files.parquet).to_pylist()
            if r["part"] == "test"
        }
        for row in rows:
            for metric in METRICS:
                assert same(row[metric], known[row["split"], row["model"], metric]["value"])
            score = known[row["split"], row["model"], "icbhi_score"]
            assert same(row["icbhi_score low"], score["ci_low"])
            assert same(row["icbhi_score high"], score["ci_high"])

    def test_interval_stands_beside_the_score(self, book):
        names = [cell.value for cell in book[SHEETS[1]][2]]
        place = names.index("icbhi_score")
        assert names[place + 1 : place + 3] == ["icbhi_score low", "icbhi_score high"]
        assert names[place + 3 : place + 5] == ["sensitivity", "specificity"]

    @pytest.mark.parametrize(
        ("sheet", "name"), [(3, "differences"), (4, "leakage"), (6, "parquet")]
    )
    def test_sheet_holds_the_table(self, book, files, sheet, name):
        table = pq.read_table(getattr(files, name))
        rows = records(book[SHEETS[sheet]])
        assert list(rows[0]) == table.column_names
        for row, expected in zip(rows, table.to_pylist(), strict=True):
            for column, value in expected.items():
                if isinstance(value, float):
                    assert same(row[column], value)
                else:
                    assert row[column] == value

    def test_known_and_unknown_cycles(self, book):
        rows = records(book[SHEETS[2]])
        row = only(rows, model="knn, scaled", split="mixed")
        accuracy = accuracy_score(STATE, CALLED[2])
        assert row["accuracy train"] == row["accuracy test"] == pytest.approx(accuracy, abs=1e-15)
        assert row["accuracy difference"] == 0

    def test_costs(self, book, files):
        expected = [tuple(row.values()) for row in read_costs(files.costs)]
        got = [
            tuple(r[name] for name in ("model", "algorithm", "split", *COSTS))
            for r in records(book[SHEETS[5]])
        ]
        assert got == expected

    def test_number_formats(self, book):
        formats = {"accuracy": "0.0%", "icbhi_score": "0.0%", "mse": "0.0000", "r2": "0.0000"}
        formats |= {"accuracy difference": "0.0%", "mse train": "0.0000", "value": "0.000000"}
        formats |= {"icbhi_score low": "0.0%", "ci_low": "0.000000", "p_holm": "0.000000"}
        formats |= {"fit_seconds": "0.000", "predict_seconds": "0.000", "peak_memory_mb": "0"}
        formats |= {"n_cycles": "General"}
        seen = set()
        for sheet in book:
            for cell in sheet[2]:
                shown = [row[cell.column - 1] for row in sheet.iter_rows(min_row=3)]
                if cell.value in formats:
                    used = {c.number_format for c in shown if c.value is not None}
                    assert used == {formats[cell.value]}, cell.value
                    seen.add(cell.value)
        assert seen == formats.keys()


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
