"""The comparison: rows of a fit, costs, and the files."""

import csv
import json
import math
from types import SimpleNamespace

import compare
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from compare import compare_splits, leakage_of_all, read_measured
from lib.comparison import SCHEMA, read_costs
from lib.metrics import METRICS
from lib.probability import PROBABILITY_METRICS
from lib.scoring import CALIBRATION, DIFFERENCES, LEAKAGE, scores, sum_parts
from lib.target import Target
from openpyxl import load_workbook
from sklearn.metrics import accuracy_score, mean_squared_error

SHEETS = [
    "Which model is best",
    "Known and unknown cycles",
    "Is a model better",
    "Knowing the patients",
    "What a fit costs",
    "All metrics",
]
BOOTSTRAP = {"resamples": 200, "seed": 5}
COMPARED = Target().compared
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


def rows_of(fit, table):
    """Rows of the comparison that a fit gives."""
    return [
        {**fit, "part": part, **row, **side.counts}
        for part, side in sum_parts(table).items()
        for row in scores(side, METRICS, **BOOTSTRAP)
    ]


TRAIN = [(0, 0), (0, 0), (1, 1), (2, 2), (3, 0)]
TEST = [(0, 0), (0, 1), (1, 1), (3, 0.4)]


class TestRowsOf:
    def test_every_metric_of_both_parts(self):
        rows = rows_of(fit_of(), predictions(TRAIN, TEST))
        expected = [(part, metric) for part in ("train", "test") for metric in METRICS]
        assert [(row["part"], row["metric"]) for row in rows] == expected
        for row in rows:
            assert list(row) == SCHEMA.names
            assert fit_of().items() <= row.items()
            if row["value"] is None:
                assert row["ci_low"] is None and row["ci_high"] is None
            else:
                assert row["ci_low"] <= row["ci_high"]

    def test_probabilities_add_rows(self):
        rows = rows_of(fit_of(), predictions(TRAIN, TEST, p=0.7))
        expected = [(p, m) for p in ("train", "test") for m in METRICS + PROBABILITY_METRICS]
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
        got = {row["metric"]: row["value"] for row in scores(part, METRICS, **BOOTSTRAP)}
        assert got["accuracy"] == pytest.approx(2 / 3, abs=1e-15)
        assert got["mse"] == pytest.approx(4 / 3, abs=1e-15)
        assert (part.counts["n_folds"], part.counts["n_patients"]) == (2, 2)

    def test_undefined_is_none(self):
        rows = rows_of(fit_of(), predictions([(1, 1), (1, 0)], TEST))
        got = {row["metric"]: row["value"] for row in rows if row["part"] == "train"}
        unknown = {name for name, value in got.items() if value is None}
        assert unknown == {"r2", "specificity", "icbhi_score"}
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


FITS = [
    fit_of("knn, scaled", "knn", "by patient"),
    fit_of("mean", "mean", "by patient"),
    fit_of("knn, scaled", "knn", "half"),
    fit_of("mean", "mean", "half"),
]
PROTOCOLS = {"half": "half", "by patient": "patient"}
APART = ["by patient"]
CONSTANT = [[(s, 1.2) for s, _ in pairs] for pairs in (TRAIN, TEST)]
TABLES = [
    predictions([(1, 1), (2, 1)], [(1, 1), (2, 1), (0, 1)], folds=2, p=0.4),
    predictions([(1, 1.2), (2, 1.2)], [(1, 1.2), (2, 1.2), (0, 1.2)], folds=2),
    predictions(TRAIN, TEST, p=0.7),
    predictions(*CONSTANT),
]
CYCLES = pa.table(
    {
        "cycle": np.arange(200),
        "patient_ID": [101 + n // 2 for n in range(200)],
        "recording": [f"{101 + n // 2}_1b1_Al_sc_{'AB'[n // 100]}" for n in range(200)],
    }
)
MEASURED = [(2.5, 0.5, 130.25), (1.0, None, None), (0.25, 0.0625, 77.0), (3.0, 0.1, 85.5)]
NAMES = ("parquet", "csv", "xlsx", "differences", "differences_csv", "leakage", "leakage_csv")
NAMES += ("calibration", "calibration_csv", "costs", "confusion", "confusion_csv")
NAMES += ("errors", "errors_csv", "hardest", "hardest_csv", "first_cycles")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Two models under two splits, compared by the script."""
    folder = tmp_path_factory.mktemp("compare")
    inputs = SimpleNamespace(predictions=[], summaries=[], cycles=folder / "cycles.parquet")
    pq.write_table(CYCLES, inputs.cycles)
    for number, (table, measured) in enumerate(zip(TABLES, MEASURED, strict=True)):
        inputs.predictions.append(folder / f"{number}.parquet")
        inputs.summaries.append(folder / f"{number}.json")
        pq.write_table(table, inputs.predictions[-1])
        inputs.summaries[-1].write_text(summary_of(*measured))
    output = {name: folder / "out" / name for name in NAMES}
    output = SimpleNamespace(**output | {"xlsx": folder / "out" / "comparison.xlsx"})
    params = SimpleNamespace(
        fits=FITS, lost=[], protocols=PROTOCOLS, apart=APART, bootstrap=BOOTSTRAP
    )
    compare.main(SimpleNamespace(params=params, input=inputs, output=output, threads=1))
    return output


@pytest.fixture(scope="module")
def parts():
    return {
        (fit["model"], fit["split"]): sum_parts(table)
        for fit, table in zip(FITS, TABLES, strict=True)
    }


@pytest.fixture(scope="module")
def book(files):
    return load_workbook(files.xlsx)


def records(sheet):
    """Rows of a sheet below its header in row 2, by column name; empty cells are None."""
    _, names, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(names, row, strict=True)) for row in rows]


def same(shown, value):
    """Whether two numbers, or two blanks, agree to the 16 digits that openpyxl writes."""
    return shown is value is None or shown == pytest.approx(value, rel=1e-15)


def read_csv(path, schema):
    options = pyarrow.csv.ConvertOptions(column_types=schema, strings_can_be_null=False)
    return pyarrow.csv.read_csv(path, convert_options=options)


class TestFiles:
    def test_comparison(self, files):
        table = pq.read_table(files.parquet)
        assert table.schema.equals(SCHEMA)
        expected = [row for fit, t in zip(FITS, TABLES, strict=True) for row in rows_of(fit, t)]
        assert table.to_pylist() == expected
        assert read_csv(files.csv, SCHEMA).to_pylist() == expected

    def test_probabilities_have_rows_where_a_model_has_them(self, files):
        found = {}
        for row in pq.read_table(files.parquet).to_pylist():
            found.setdefault((row["model"], row["split"], row["part"]), []).append(row["metric"])
        assert len(found) == 2 * 2 * 2
        for (model, _, _), metrics in found.items():
            known = PROBABILITY_METRICS if model == "knn, scaled" else ()
            assert tuple(metrics) == METRICS + known

    def test_first_cycles_are_those_of_the_first_fold(self, files):
        names = "part", "cycle", "state", "prediction"
        expected = [
            {name: fit[name] for name in ("model", "split")} | {name: row[name] for name in names}
            for fit, table in zip(FITS, TABLES, strict=True)
            for part in ("train", "test")
            for row in table.to_pylist()
            if row["part"] == part and row["fold"] == 0
        ]
        assert pq.read_table(files.first_cycles).to_pylist() == expected
        many = predictions([(1, 1)] * 70, [(0, 2)] * 3, folds=2)
        some = compare.first_cycles(FITS[0], many, Target())["part"].to_pylist()
        assert some == ["train"] * 50 + ["test"] * 3

    def test_differences(self, files, parts):
        table = pq.read_table(files.differences)
        assert table.schema.equals(DIFFERENCES)
        got = table.to_pylist()
        expected = compare_splits(FITS, parts, PROTOCOLS, COMPARED, **BOOTSTRAP)
        assert [{k: row[k] for k in DIFFERENCES.names} for row in expected] == got
        assert read_csv(files.differences_csv, DIFFERENCES).to_pylist() == got
        # one model and one baseline: compared under both splits
        assert {(row["split"], row["model"], row["against"]) for row in got} == {
            ("by patient", "knn, scaled", "mean"),
            ("half", "knn, scaled", "mean"),
        }
        accuracy = next(r for r in got if (r["split"], r["metric"]) == ("half", "accuracy"))
        assert accuracy["difference"] == pytest.approx(2 / 4 - 1 / 4, abs=1e-15)
        assert accuracy["fold_t_p"] is None
        # under `by patient` both models say crackles of every cycle
        same = next(r for r in got if (r["split"], r["metric"]) == ("by patient", "accuracy"))
        assert (same["difference"], same["p"], same["fold_t_p"]) == (0, 1, 1)

    def test_folds_of_groups_have_no_t_test(self, parts):
        """Groups differ in size, which the corrected resampled t test does not allow for."""
        protocols = PROTOCOLS | {"by patient": "leave_group_out"}
        rows = compare_splits(FITS, parts, protocols, COMPARED, **BOOTSTRAP)
        assert {row["fold_t_p"] for row in rows} == {None}

    def test_leakage(self, files, parts):
        table = pq.read_table(files.leakage)
        assert table.schema.equals(LEAKAGE)
        got = table.to_pylist()
        assert got == leakage_of_all(FITS, parts, PROTOCOLS, APART, COMPARED, **BOOTSTRAP)
        assert read_csv(files.leakage_csv, LEAKAGE).to_pylist() == got
        row = next(r for r in got if (r["model"], r["metric"]) == ("knn, scaled", "accuracy"))
        assert (row["shuffled_split"], row["patient_split"]) == ("half", "by patient")
        expected = (2 / 4, 1 / 3, 2 / 4 - 1 / 3)
        values = (row["shuffled"], row["patient"], row["difference"])
        assert values == pytest.approx(expected, abs=1e-15)
        assert [r["model"] for r in got] == ["knn, scaled"] * 5 + ["mean"] * 5

    def test_leakage_is_of_every_pair_of_splits(self, parts):
        protocols = PROTOCOLS | {"again": "half"}
        twice = parts | {(m, "again"): parts[m, "half"] for m in ("knn, scaled", "mean")}
        rows = leakage_of_all(FITS, twice, protocols, APART, COMPARED, **BOOTSTRAP)
        assert [row["shuffled_split"] for row in rows[::5]] == ["again", "half"] * 2
        assert leakage_of_all(FITS, parts, PROTOCOLS, [], COMPARED, **BOOTSTRAP) == []

    def test_calibration(self, files):
        table = pq.read_table(files.calibration)
        assert table.schema.equals(CALIBRATION)
        got = table.to_pylist()
        assert read_csv(files.calibration_csv, CALIBRATION).to_pylist() == got
        assert {(row["model"], row["part"]) for row in got} == {("knn, scaled", "test")}
        by_split = {s: [r for r in got if r["split"] == s] for s in PROTOCOLS}
        # everything is called crackles with 0.4, so p0 is 0.2; two of three cycles are abnormal
        (row,) = by_split["by patient"]
        values = (row["bin"], row["mean_predicted"], row["observed"], row["n_cycles"])
        assert values == pytest.approx((1, 0.8, 2 / 3, 6), abs=1e-15)
        # normal is said twice with 0.7 (one is), crackles twice, with 0.1 for normal (one is)
        values = [(r["mean_predicted"], r["observed"], r["n_cycles"]) for r in by_split["half"]]
        assert np.ravel(values) == pytest.approx([0.3, 0.5, 2, 0.9, 0.5, 2], abs=1e-15)

    def test_csv_is_plain(self, files):
        with open(files.csv, encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        assert header == SCHEMA.names
        assert len(rows) == 4 * 2 * len(METRICS) + 2 * 2 * len(PROBABILITY_METRICS)
        row = next(row for row in rows if row[2:5] == ["half", "train", "mse"])
        assert row[:2] == ["knn, scaled", "knn"]
        assert float(row[5]) == 9 / 5  # one cycle of five is three off
        assert float(row[6]) <= 9 / 5 <= float(row[7])
        blank = {row[5] == "" for row in rows if row[6:8] == ["", ""]}
        assert blank == {True}

    def test_measurements_of_the_machine_stay_apart(self, files):
        assert read_costs(files.costs) == [
            fit | dict(zip(COSTS, measured, strict=True))
            for fit, measured in zip(FITS, MEASURED, strict=True)
        ]
        metrics = set(pq.read_table(files.parquet)["metric"].to_pylist())
        assert metrics == {*METRICS, *PROBABILITY_METRICS}


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

    def test_ranking(self, book, files):
        rows = records(book[SHEETS[0]])
        order = [(row["split"], row["rank"], row["model"], row["baseline"]) for row in rows]
        assert order == [
            ("by patient", 1, "knn, scaled", None),
            ("by patient", 2, "mean", "yes"),
            ("half", 1, "knn, scaled", None),
            ("half", 2, "mean", "yes"),
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
        names = [cell.value for cell in book[SHEETS[0]][2]]
        place = names.index("icbhi_score")
        assert names[place + 1 : place + 3] == ["icbhi_score low", "icbhi_score high"]
        assert names[place + 3 : place + 5] == ["sensitivity", "specificity"]

    @pytest.mark.parametrize(
        ("sheet", "name"), [(2, "differences"), (3, "leakage"), (5, "parquet")]
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
        rows = records(book[SHEETS[1]])
        row = next(r for r in rows if (r["model"], r["split"]) == ("knn, scaled", "half"))
        assert row["accuracy train"] == 0.8 and row["accuracy test"] == 0.5
        assert row["accuracy difference"] == pytest.approx(-0.3, abs=1e-15)

    def test_costs(self, book, files):
        expected = [tuple(row.values()) for row in read_costs(files.costs)]
        got = [
            tuple(r[name] for name in ("model", "algorithm", "split", *COSTS))
            for r in records(book[SHEETS[4]])
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
    inputs = SimpleNamespace(predictions=[], summaries=[], cycles=tmp_path / "cycles.parquet")
    pq.write_table(CYCLES, inputs.cycles)
    failed, gone = FITS[0], FITS[1]
    present = [fit for fit in FITS if fit != gone]
    for number, fit in enumerate(present):
        table = TABLES[FITS.index(fit)]
        inputs.predictions.append(tmp_path / f"{number}.parquet")
        inputs.summaries.append(tmp_path / f"{number}.json")
        pq.write_table(table.slice(0, 0) if fit == failed else table, inputs.predictions[-1])
        inputs.summaries[-1].write_text(summary_of(1.5, None, 130))
    output = {name: tmp_path / "out" / name for name in NAMES}
    output = SimpleNamespace(**output | {"xlsx": tmp_path / "out" / "comparison.xlsx"})
    lost = [gone | {"reason": "out of memory"}]
    params = SimpleNamespace(
        fits=present, lost=lost, protocols=PROTOCOLS, apart=APART, bootstrap=BOOTSTRAP
    )
    compare.main(SimpleNamespace(params=params, input=inputs, output=output, threads=2))
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
