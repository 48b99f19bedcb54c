"""Workbooks that are refused for what their cells hold: each with sheet, cell and value."""

from datetime import date, datetime

import pyarrow as pa
import pytest

from auscultation.job.errors import InputError
from binary_workbooks import xls, xlsb
from workbook_edits import (
    check_refused,
    edited,
    in_words,
    parquet,
    read,
    renamed,
    save,
    strings,
    with_column,
    without,
)
from workbooks import NAMES, Error, csv_text, ods, rows, sheet, table, xlsx

# name: ending, content, words of the message (all of them), options
REFUSED = {
    "missing-column": (
        "xlsx",
        lambda: xlsx(renamed(Spectrum_Av="Spectrum Avg")),
        [
            "missing column 'Spectrum Av', which a feature of a model, the target or a split needs "
            "(nearest: 'Spectrum Avg')",
            "set config key `columns: {Spectrum Av: Spectrum Avg}`",
            "The columns that are there: pat",
        ],
    ),
    "missing-columns": (
        "csv",
        lambda: csv_text(without("sex", "Var", "state", "weight")),
        ["missing column 'Var', which", "missing column 'state', which"],
    ),
    "no-column-names": ("xlsx", lambda: xlsx(rows()), ["missing column 'patient_ID'"]),
    "column-twice": (
        "xlsx",
        lambda: xlsx(with_column("VAR", range(12), 18)),
        ["more than one column is named 'Var': here column S"],
    ),
    "word-for-a-number": (
        "xlsx",
        lambda: xlsx(edited({(4, "Var"): "loud", (7, "state"): "both"})),
        ["'Var': not a number: N4 'loud'", "'state': not a number: M7 'both'", "2 kinds of error"],
    ),
    "word-in-a-table-from-C4": (
        "xlsx",
        lambda: xlsx([[], [], [], *([None, None, *r] for r in edited({(4, "Var"): "loud"}))]),
        ["'Var': not a number: P7 'loud'"],
    ),
    "date-for-a-number": (
        "xlsx",
        lambda: xlsx(edited({(4, "start"): datetime(2017, 2, 1)})),
        ["column 'start': not a number: I4 2017-02-01"],
    ),
    "date-in-parquet": (
        "parquet",
        lambda: parquet(table().set_column(8, "start", pa.array([date(2017, 2, 1)] * 12))),
        ["column 'start': not a number: row 1 '2017-02-01', row 2"],
    ),
    "truth-for-a-number": (
        "xlsx",
        lambda: xlsx(edited({(4, "age"): True})),
        ["column 'age': not a number: C4 TRUE"],
    ),
    "thousands": (
        "xlsx",
        lambda: xlsx(edited({(4, "age"): "1,234"})),
        ["column 'age': decimal mark or thousands separator?", "C4 '1,234'"],
    ),
    "points-among-commas": (
        "csv",
        lambda: in_words(";", comma=True).replace("4,911", "4.911"),
        ["column 'end': decimal mark or thousands separator?", "J3 '4.911'"],
    ),
    "half-a-label": (
        "xlsx",
        lambda: xlsx(edited({(4, "state"): 0.5})),
        ["column 'state': not a whole number: M4 0.5"],
    ),
    "half-a-patient": (
        "xlsx",
        lambda: xlsx(edited({(4, "patient_ID"): 101.5})),
        ["column 'patient_ID': not a whole number: A4 101.5"],
    ),
    "infinite": (
        "csv",
        lambda: csv_text(edited({(4, "Var"): "inf"})),
        ["not a finite number: N4 inf"],
    ),
    "infinite-in-parquet": (
        "parquet",
        lambda: strings("Range", row=3, value="-Infinity"),
        ["column 'Range': not a finite number: row 4 -inf"],
    ),
    "state-that-does-not-fit": (
        "xlsx",
        lambda: xlsx(edited({(2, "state"): 2})),
        ["column 'state': must be crackles + 2 x wheezes", "M2 2"],
    ),
    "label-of-2": (
        "xlsx",
        lambda: xlsx(edited({(2, "crackles"): 2, (4, "wheezes"): -1})),
        ["'crackles': must be 0 to 1: K2 2", "'wheezes': must be 0 to 1: L4 -1"],
    ),
    "no-label": (
        "xlsx",
        lambda: xlsx(edited({(2, "state"): None, (9, "state"): "NA"})),
        ["column 'state': missing, and nothing can replace it: M2, M9"],
    ),
    "error-for-a-label": (
        "xlsb",
        lambda: xlsb(edited({(2, "state"): Error("#REF!")})),
        ["'state': missing, and nothing can replace it: M2 '#REF!'"],
    ),
    "no-patient": ("ods", lambda: ods(edited({(3, "patient_ID"): None})), ["missing, and", ": A3"]),
    "no-recording": (
        "xls",
        lambda: xls(edited({(3, "adq_format"): "-"})),
        ["missing, and", ": H3"],
    ),
    "ends-before-it-starts": (
        "xlsx",
        lambda: xlsx(edited({(3, "end"): 3.286, (4, "end"): 0.01})),
        ["column 'end': must be after start: J3 3.286, J4 0.01"],
    ),
    "starts-below-0": (
        "xlsx",
        lambda: xlsx(edited({(2, "start"): -0.5})),
        ["column 'start': must be 0 or more: I2 -0.5"],
    ),
    "negative-variance-and-range": (
        "xlsx",
        lambda: xlsx(edited({(2, "Var"): -1e-9, (3, "Range"): -2})),
        ["'Var': must be 0 or more: N2 -1e-09", "'Range': must be 0 or more: O3 -2"],
    ),
    "age-of-150": (
        "xlsx",
        lambda: xlsx(edited(age=lambda v: 150)),
        ["column 'age': must be 0 to 120: C2 150"],
    ),
    "cycle-twice": (
        "xlsx",
        lambda: xlsx([*sheet(), sheet()[6]]),
        ["column 'start': the same cycle is in a row above: I14 3.286"],
    ),
    "separator-too-many": (
        "csv",
        lambda: in_words().replace("URTI,3.5", "URTI,3,5", 1),
        ["line 2: 19 cells, but 18 column names"],
    ),
    "decimal-commas-among-commas": (
        "csv",
        lambda: in_words(comma=True),
        ["line 2: ", "cells, but 18 column names"],
    ),
    "formula-for-a-label": (
        "xlsx",
        lambda: xlsx(edited({(2, "state"): "=K2+2*L2"})),
        ["'state': missing", "M2 'formula without a stored result'"],
    ),
    "one-patient": (
        "xlsx",
        lambda: xlsx(sheet()[:5]),
        ["'patient_ID': all 4 cycles", "two or more"],
    ),
    "one-state": (
        "xlsx",
        lambda: xlsx(edited(state=lambda v: 0, crackles=lambda v: 0, wheezes=lambda v: 0)),
        ["column 'state': all 12 cycles have the value 0", "two or more classes"],
    ),
    "ods-by-openpyxl": (
        "ods",
        lambda: ods(sheet()),
        ["openpyxl reads no .ods; set config key `reader: calamine`"],
        {"reader": "openpyxl"},
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused(name, tmp_path):
    check_refused(REFUSED[name], tmp_path)


def test_all_problems_come_together_with_twenty_cells_of_each(tmp_path):
    changes = {(row, "Var"): "loud" for row in range(2, 40)} | {(5, "state"): None}
    cells = sheet() + [
        [*row[:8], n * 10 + 50.5, n * 10 + 52.5, *row[10:]] for n, row in enumerate(rows() * 3)
    ]
    at = NAMES.index("Var")
    for row, _ in changes:
        cells[row - 1][at] = "loud" if row < 40 else cells[row - 1][at]
    cells[4][NAMES.index("state")] = None
    cells[6][NAMES.index("start")] = -2
    path = save(tmp_path, "xlsx", xlsx(cells))
    with pytest.raises(InputError) as caught:
        read(path, problems=tmp_path / "problems.csv")
    message = str(caught.value)
    first = ", ".join(f"N{row} 'loud'" for row in range(2, 22))
    assert f"column 'Var': not a number: {first} and 18 more" in message
    assert "'state': missing, and nothing can replace it: M5" in message
    assert "'start': must be 0 or more: I7 -2" in message
    assert (
        "sheet 'Cycles': 3 kinds of error" in message and str(tmp_path / "problems.csv") in message
    )
    lines = (tmp_path / "problems.csv").read_text(encoding="utf-8").splitlines()
    assert lines[0] == "level,check,sheet,cell,column,value,problem"
    assert sum(line.startswith("error,") for line in lines) == 38 + 1 + 1
    assert "error,number,Cycles,N39,Var,loud,not a number" in lines


def test_cells_in_the_list_of_problems_are_no_formulas(tmp_path):
    changes = {
        (2, "Var"): '=HYPERLINK("http://example.org")',
        (3, "Var"): "@SUM(1)",
        (4, "Var"): "-x",
    }
    path = save(tmp_path, "xls", xls(edited(changes), title="=1+1"))
    with pytest.raises(InputError):
        read(path, problems=tmp_path / "problems.csv")
    made = (tmp_path / "problems.csv").read_text(encoding="utf-8")
    assert "'=HYPERLINK" in made and ",'@SUM(1)," in made and ",'-x," in made and ",'=1+1," in made
