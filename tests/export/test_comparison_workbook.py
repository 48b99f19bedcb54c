"""The comparison for Excel: one sheet per question, with the numbers of the tables."""

import json

import pyarrow.parquet as pq
import pytest
from openpyxl import load_workbook
from sklearn.metrics import accuracy_score

from auscultation.metrics.names import METRICS
from auscultation.scores.comparison import read_costs
from cohorts import only
from compared import CALLED, COSTS, MODELS, SPLITS, STATE, run

SHEETS = [
    "The answer",
    "Which model is best",
    "Known and unknown cycles",
    "Is a model better",
    "Knowing the patients",
    "What a fit costs",
    "All metrics",
]


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Two models and a baseline under two splits, compared by the script."""
    return run(tmp_path_factory.mktemp("compare"))


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
