"""Names with units, a row of units, two tables in a sheet, what cannot be seen."""

from datetime import datetime

import pyarrow as pa
import pytest

from workbook_edits import (
    check_clean,
    check_error,
    edited,
    parquet,
    read,
    save,
    strings,
    with_column,
)
from workbooks import NAMES, csv_text, ods, rows, sheet, table, xlsx

UNITS = {"start": "s", "end": "sec", "age": "y", "weight": "kg", "height": "cm", "IMC": "kg/m²"}


@pytest.mark.parametrize("form", ["{} ({})", "{}[{}]", "{}\n({})", "{} {{{}}}", "{}_ [ {} ]"])
def test_units_in_names(form, tmp_path):
    """Fault 20: a unit in brackets behind a column's name does not matter."""
    names = [form.format(n, UNITS[n]) if n in UNITS else n for n in NAMES]
    check_clean(save(tmp_path, "xlsx", xlsx([names, *rows()])))
    check_clean(save(tmp_path, "parquet", parquet(table().rename_columns(names))))


def test_other_words_in_names(tmp_path):
    """Fault 20: other words in brackets are said to be left out, and a plain name goes first."""
    names = [{"Var": "Var (amplitude)", "state": "state (0-3)"}.get(n, n) for n in NAMES]
    check_clean(
        save(tmp_path, "xlsx", xlsx([names, *rows()])), ["'Var (amplitude)', is taken as 'Var'"]
    )
    path = save(tmp_path, "xlsx", xlsx(with_column("Var (old)", range(12))))
    assert read(path).table["Var (old)"].to_pylist() == list(range(12))
    check_clean(path)


@pytest.mark.parametrize(
    ("name", "unit"), [("start", "ms"), ("age", "months"), ("height", "m"), ("weight", "lb")]
)
def test_units_that_are_others(name, unit, tmp_path):
    """Fault 20: a column in another unit is refused, in its name and in a row of units."""
    names = [f"{n} [{unit}]" if n == name else n for n in NAMES]
    check_error(
        save(tmp_path, "csv", csv_text([names, *rows()])), f"'{name} [{unit}]', must be in "
    )
    row = [{"start": "s", "end": "s"}.get(n) for n in NAMES]
    row[NAMES.index(name)] = unit
    check_error(
        save(tmp_path, "xlsx", xlsx([NAMES, row, *rows()])), f"it is in '{unit}' and must be in "
    )


@pytest.mark.parametrize("text", ["Pa", "-", None, "[V]", "a.u.", "variance"])
@pytest.mark.parametrize("ending", ["xlsx", "csv", "parquet"])
def test_row_of_units(text, ending, tmp_path):
    """Fault 20: a row of units right below the names is left out, and the notes say so."""
    row = [{"start": "s", "end": "(s)", "age": "years", "Var": text}.get(n) for n in NAMES]
    cells = [NAMES, row, *rows()]
    if ending == "parquet":
        made = pa.table(
            {
                n: [None if v is None else str(v) for v in column]
                for n, column in zip(NAMES, zip(*cells[1:], strict=True), strict=True)
            }
        )
        content = parquet(made)
    else:
        content = {"xlsx": xlsx, "csv": csv_text}[ending](cells)
    check_clean(save(tmp_path, ending, content), ["holds units and was left out: years, s, (s)"])


def test_rows_of_words_that_are_no_units(tmp_path):
    """Fault 20: a first row that is no row of units is refused cell by cell."""
    first = edited({(2, name): "s" for name in ("start", "end")})
    check_error(save(tmp_path, "xlsx", xlsx(first)), "'start': not a number: I2 's'")


@pytest.mark.parametrize("ending", ["xlsx", "csv", "ods", "parquet"])
@pytest.mark.parametrize("between", [[], [[], ["Second table"]]])
def test_second_table_below(ending, between, tmp_path):
    """Fault 20: the names once more in the sheet are one line, with their row."""
    blank = [[*row, *[None] * (len(NAMES) - len(row))] for row in between]
    cells = [*sheet(), *blank, *sheet()]
    row = len(sheet()) + len(between) + (1 if ending != "parquet" else 0)
    if ending == "parquet":
        body = [[None if v is None else str(v) for v in r] for r in cells[1:]]
        content = parquet(
            pa.table(dict(zip(NAMES, map(list, zip(*body, strict=True)), strict=True)))
        )
    else:
        content = {"xlsx": xlsx, "csv": csv_text, "ods": ods}[ending](cells)
    message = check_error(save(tmp_path, ending, content), f"repeated in row {row},")
    assert len(message.splitlines()) == 1


def test_second_table_beside(tmp_path):
    """Fault 20: the names once more in the row of names are one kind of error."""
    cells = [[*row, None, *row] for row in sheet()]
    message = check_error(
        save(tmp_path, "xlsx", xlsx(cells)), "repeated from column T on", "1 kind of error"
    )
    assert len(message.splitlines()) == 3


@pytest.mark.parametrize("name", ["\ufeffstart", "st\u200bart", "start\u00a0", "START\u200e"])
def test_names_with_what_cannot_be_seen(name, tmp_path):
    """Fault 20: characters without width do not matter in names."""
    names = [name if n == "start" else n for n in NAMES]
    for ending, make in (("xlsx", xlsx), ("ods", ods)):
        check_clean(save(tmp_path, ending, make([names, *rows()])))
    check_clean(save(tmp_path, "parquet", parquet(table().rename_columns(names))))


def test_names_that_are_no_texts(tmp_path):
    """Fault 20: a date or number over a column of the workbook's own is named as it looks."""
    path = save(
        tmp_path,
        "xlsx",
        xlsx(
            [
                [*r, a, b]
                for r, a, b in zip(
                    sheet(), [datetime(2017, 3, 1), *range(12)], [2018, *range(12)], strict=True
                )
            ]
        ),
    )
    for reader in ("calamine", "openpyxl"):
        assert read(path, reader=reader).table.column_names[18:] == ["2017-03-01", "2018"]


def test_blank_is_what_cannot_be_seen(tmp_path):
    """Fault 20: a cell that holds nothing but characters without width is blank."""
    cells = [["\u200b" if v is None else v for v in row] for row in sheet()]
    check_clean(save(tmp_path, "xlsx", xlsx(cells)))
    check_clean(save(tmp_path, "parquet", strings("Var", row=0, value="\u200b0.00015")))
