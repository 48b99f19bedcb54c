"""The comparison: rows of a fit, costs, ranking, and the three files."""

import csv
import math
from types import SimpleNamespace

import compare
import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
from compare import read_benchmark, rows_of
from lib.comparison import SCHEMA, read_costs, train_and_test, wide
from lib.metrics import METRICS
from openpyxl import load_workbook
from sklearn.metrics import accuracy_score, mean_squared_error

SHEETS = ["Which model is best", "Known and unknown cycles", "What a fit costs", "All metrics"]
BENCHMARK = "s\th:m:s\tmax_rss\tmax_vms\n{}\t0:00:02\t{}\t900.1\n"


def fit_of(model="knn", algorithm="knn", split="half"):
    return {"model": model, "algorithm": algorithm, "split": split}


def predictions(train, test, folds=1):
    """Predictions of pairs (state, prediction); every pair in each fold, two cycles a patient."""
    rows = []
    for fold in range(folds):
        first = 0
        for part, pairs in (("train", train), ("test", test)):
            for number, (state, prediction) in enumerate(pairs, first):
                row = {"cycle": number, "patient_ID": 101 + number // 2, "fold": fold, "part": part}
                rows.append(row | {"state": state, "prediction": float(prediction)})
            first = 100
    return pa.Table.from_pylist(rows)


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
            assert row["ci_low"] is None and row["ci_high"] is None

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
        )
        got = {r["metric"]: r for r in rows_of(fit_of(), table) if r["part"] == "test"}
        assert got["accuracy"]["value"] == pytest.approx(2 / 3, abs=1e-15)
        assert got["mse"]["value"] == pytest.approx(4 / 3, abs=1e-15)
        assert (got["mse"]["n_folds"], got["mse"]["n_patients"]) == (2, 2)

    def test_undefined_is_none(self):
        rows = rows_of(fit_of(), predictions([(1, 1), (1, 0)], TEST))
        got = {row["metric"]: row["value"] for row in rows if row["part"] == "train"}
        unknown = {name for name, value in got.items() if value is None}
        assert unknown == {"r2", "specificity", "icbhi_score"}
        assert not any(math.isnan(value) for value in got.values() if value is not None)


class TestCosts:
    @pytest.mark.parametrize(
        ("seconds", "memory", "expected"),
        [
            ("2.5", "130.25", (2.5, 130.25)),
            ("0.4", "NA", (0.4, None)),
            ("0.4", "-", (0.4, None)),
            ("NA", "", (None, None)),
        ],
    )
    def test_benchmark(self, tmp_path, seconds, memory, expected):
        (tmp_path / "benchmark.tsv").write_text(BENCHMARK.format(seconds, memory))
        got = read_benchmark(tmp_path / "benchmark.tsv")
        assert got == dict(zip(("fit_seconds", "peak_memory_mb"), expected, strict=True))


def tidy(split, **scores):
    """Rows of the test part: by model, its score and accuracy; the same halved for training."""
    return [
        fit_of(model, model.split("-")[0], split)
        | {"part": part, "metric": metric, "value": None if value is None else value * share}
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
        assert (best["icbhi_score"], best["accuracy"]) == (0.6, 0.1)
        assert (best["n_folds"], best["n_cycles"], best["n_patients"]) == (1, 9, 3)

    def test_parts_do_not_mix(self):
        rows = tidy("half", a=(0.5, 0.9))
        assert wide(rows, "train")["half"][0]["accuracy"] == 0.45
        assert wide(rows, "validate") == {}

    def test_baselines_are_marked_by_their_algorithm(self):
        rows = tidy("half", **{"mean": (0.5, 0), "most_frequent-2": (0.5, 0), "knn": (0.5, 0)})
        marked = {row["model"]: row["baseline"] for row in wide(rows, "test")["half"]}
        assert marked == {"mean": True, "most_frequent-2": True, "knn": False}

    def test_train_and_test_side_by_side(self):
        got = train_and_test(tidy("half", a=(0.5, 0.9), b=(None, 0.4)), ("icbhi_score", "accuracy"))
        assert [row["model"] for row in got] == ["a", "b"]
        assert got[0]["accuracy train"] == 0.45 and got[0]["accuracy test"] == 0.9
        assert got[0]["accuracy difference"] == pytest.approx(0.45, abs=1e-15)
        assert got[1]["icbhi_score difference"] is None


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Three fits compared by the script."""
    folder = tmp_path_factory.mktemp("compare")
    fits = [fit_of(), fit_of("mean", "mean"), fit_of("knn, scaled", "knn", "final")]
    tables = [
        predictions(TRAIN, TEST),
        predictions([(s, 1.2) for s, _ in TRAIN], [(s, 1.2) for s, _ in TEST]),
        predictions([(1, 1), (2, 1)], [(1, 1), (2, 1)]),
    ]
    benchmarks = [("2.5", "130.25"), ("1.0", "NA"), ("0.25", "7")]
    inputs = SimpleNamespace(predictions=[], benchmarks=[])
    for number, (table, (seconds, memory)) in enumerate(zip(tables, benchmarks, strict=True)):
        inputs.predictions.append(folder / f"{number}.parquet")
        inputs.benchmarks.append(folder / f"{number}.tsv")
        pq.write_table(table, inputs.predictions[-1])
        inputs.benchmarks[-1].write_text(BENCHMARK.format(seconds, memory))
    outputs = {name: folder / f"comparison.{name}" for name in ("parquet", "csv", "xlsx")}
    output = SimpleNamespace(**outputs, costs=folder / "costs.tsv")
    compare.main(SimpleNamespace(params=SimpleNamespace(fits=fits), input=inputs, output=output))
    return SimpleNamespace(**vars(output), fits=fits, tables=tables)


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


class TestFiles:
    def test_tables(self, files):
        table = pq.read_table(files.parquet)
        assert table.schema.equals(SCHEMA)
        expected = [
            row for fit, t in zip(files.fits, files.tables, strict=True) for row in rows_of(fit, t)
        ]
        assert table.to_pylist() == expected
        again = pyarrow.csv.read_csv(
            files.csv, convert_options=pyarrow.csv.ConvertOptions(column_types=SCHEMA)
        )
        assert again.to_pylist() == expected

    def test_csv_is_plain(self, files):
        with open(files.csv, encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        assert header == SCHEMA.names
        assert len(rows) == 3 * 2 * len(METRICS)
        assert rows[0][:5] == ["knn", "knn", "half", "train", "mse"]
        assert float(rows[0][5]) == 9 / 5  # one cycle of five is three off
        assert {tuple(row[6:8]) for row in rows} == {("", "")}

    def test_measurements_of_the_machine_stay_apart(self, files):
        assert read_costs(files.costs) == [
            fit | {"fit_seconds": seconds, "peak_memory_mb": memory}
            for fit, seconds, memory in zip(
                files.fits, (2.5, 1.0, 0.25), (130.25, None, 7.0), strict=True
            )
        ]
        assert set(pq.read_table(files.parquet)["metric"].to_pylist()) == set(METRICS)


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
            ("final", 1, "knn, scaled", None),
            ("half", 1, "knn", None),
            ("half", 2, "mean", "yes"),
        ]
        known = {
            (r["split"], r["model"], r["metric"]): r["value"]
            for r in pq.read_table(files.parquet).to_pylist()
            if r["part"] == "test"
        }
        for row in rows:
            for metric in METRICS:
                assert same(row[metric], known[row["split"], row["model"], metric])

    def test_all_metrics_are_those_of_the_table(self, book, files):
        table = pq.read_table(files.parquet).to_pylist()
        for row, expected in zip(records(book[SHEETS[3]]), table, strict=True):
            assert same(row.pop("value"), expected.pop("value"))
            assert row == expected

    def test_known_and_unknown_cycles(self, book):
        row = next(row for row in records(book[SHEETS[1]]) if row["model"] == "knn")
        assert row["accuracy train"] == 0.8 and row["accuracy test"] == 0.5
        assert row["accuracy difference"] == pytest.approx(-0.3, abs=1e-15)

    def test_costs(self, book, files):
        expected = [tuple(row.values()) for row in read_costs(files.costs)]
        got = [
            (r["model"], r["algorithm"], r["split"], r["fit_seconds"], r["peak_memory_mb"])
            for r in records(book[SHEETS[2]])
        ]
        assert got == expected

    def test_number_formats(self, book):
        formats = {"accuracy": "0.0%", "icbhi_score": "0.0%", "mse": "0.0000", "r2": "0.0000"}
        formats |= {"accuracy difference": "0.0%", "mse train": "0.0000", "value": "0.000000"}
        formats |= {"fit_seconds": "0.0", "peak_memory_mb": "0", "n_cycles": "General"}
        seen = set()
        for sheet in book:
            for cell in sheet[2]:
                shown = [row[cell.column - 1] for row in sheet.iter_rows(min_row=3)]
                if cell.value in formats:
                    used = {c.number_format for c in shown if c.value is not None}
                    assert used == {formats[cell.value]}, cell.value
                    seen.add(cell.value)
        assert seen == formats.keys()
