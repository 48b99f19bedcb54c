"""Tables of all kinds: nothing but a patient, names of one's own, many columns, a look at the names."""

import gzip
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from auscultation.job.errors import InputError
from auscultation.workbook.peek import column_names
from auscultation.workbook.read import read_workbook
from binary_workbooks import xls, xlsb
from workbook_edits import book, parquet, renamed, save, with_column
from workbooks import NAMES, csv_text, ods, rows, sheet, table, xlsx

ROOT = Path(__file__).resolve().parents[2]
SMALL = [["subject", "label", "f1"], ["a", "sick", 0.5], ["b", "well", None], ["c", "sick", 2]]
OWN = {"patient_ID": "Subject", "start": "onset", "adq_format": "file_name"}
FORMATS = {
    "xlsx": xlsx,
    "xlsb": xlsb,
    "xls": xls,
    "ods": ods,
    "csv": csv_text,
    "tsv": lambda cells: csv_text(cells, "\t"),
    "csv.gz": lambda cells: gzip.compress(csv_text(cells, ";").encode()),
    "parquet": lambda cells: parquet(
        pa.table(dict(zip(cells[0], map(list, zip(*cells[1:], strict=True)), strict=True)))
    ),
}


def written(folder, cells, ending="csv"):
    return save(folder, ending, FORMATS[ending](cells))


@pytest.mark.parametrize("ending", FORMATS)
def test_a_patient_is_all_that_is_needed(tmp_path, ending):
    path = written(tmp_path, SMALL, ending)
    read = read_workbook(path, columns={"patient_ID": "subject"}, needed=("patient_ID", "label"))
    assert read.table.to_pydict() == {
        "patient_ID": ["a", "b", "c"],
        "label": ["sick", "well", "sick"],
        "f1": [0.5, None, 2.0],
    }
    assert any("repeated cycles could not be looked for" in note for note in read.notes)
    with pytest.raises(InputError, match="(?s)'patient_ID' .nearest: 'subject'.*patient_ID: subj"):
        read_workbook(path)
    with pytest.raises(InputError, match="missing column 'Label'.*nearest: 'label'"):
        read_workbook(path, columns={"patient_ID": "subject"}, needed=("patient_ID", "Label"))


@pytest.mark.parametrize(
    ("name", "near"),
    [("Patient", True), ("participant no", True), ("SUBJECT_ID", True), ("width", False)],
)
def test_what_people_call_a_patient(tmp_path, name, near):
    path = written(tmp_path, [[name, "f1"], ["a", 1], ["b", 2]])
    nearest = f"nearest: {name!r}" if near else "no name is near"
    with pytest.raises(InputError, match=nearest):
        read_workbook(path)


@pytest.mark.parametrize("ending", FORMATS)
def test_names_of_ones_own(tmp_path, ending):
    """The table is that of the known names; the names are tolerant; a unit is still one."""
    cells = renamed(patient_ID="subject", start="Onset (s)", adq_format="File name")
    path = written(tmp_path, cells, ending)
    read = read_workbook(path, columns=OWN)
    assert read.table.equals(table())
    assert "'Onset (s)', is 'start', by config key `columns`" in " ".join(read.notes)
    assert column_names(path, None, OWN) == NAMES
    cells[0][NAMES.index("start")] = "onset [ms]"
    with pytest.raises(InputError, match="'onset .ms.', must be in s"):
        read_workbook(written(tmp_path, cells, ending), columns=OWN)


def test_a_mapped_name_that_is_not_there(tmp_path):
    path = written(tmp_path, renamed(start="onset_s"))
    with pytest.raises(InputError, match=r"`columns.start`: .* no column 'onset' \(nearest: 'ons"):
        read_workbook(path, columns={"start": "onset"})


def test_a_known_name_in_whose_place_another_is_mapped(tmp_path):
    path = written(tmp_path, with_column("true start", range(10, 22)))
    with pytest.raises(InputError, match="must be after start"):  # the values are those mapped
        read_workbook(path, columns={"start": "true start"})
    read = read_workbook(
        path, columns={"start": "true start"}, checks={"order": "warn", "overlap": "off"}
    )
    assert read.table["start"].to_pylist() == list(range(10, 22))
    assert "'start', was left out: config key `columns.start` names" in " ".join(read.notes)


@pytest.mark.parametrize(
    ("columns", "kept"), [({}, False), ({"recording": "recording"}, True), (None, False)]
)
def test_a_recording_beside_adq_format(tmp_path, columns, kept):
    path = written(tmp_path, with_column("recording", ["r1"] * 12))
    read = read_workbook(path, columns=columns, checks={"overlap": "warn"})
    assert ("recording" in read.table.column_names) == kept
    assert ("keeps it" in " ".join(read.notes)) != kept
    # r1 is one recording of each patient, in which cycles overlap
    assert any("before another cycle" in warning for warning in read.warnings) == kept


def test_repeated_cycles_of_a_recording_of_its_own_column(tmp_path):
    cells = renamed(adq_format="recording")
    assert read_workbook(written(tmp_path, cells)).table["recording"].null_count == 0
    with pytest.raises(InputError, match="the same cycle is in a row above: I14"):
        read_workbook(written(tmp_path, [*cells, cells[-1]], "xlsx"))


def test_blank_labels_are_for_the_caller_to_judge(tmp_path):
    cells = sheet()
    cells[3][NAMES.index("state")] = None
    path = written(tmp_path, cells)
    with pytest.raises(InputError, match="'state': missing, and nothing can replace it"):
        read_workbook(path)
    assert read_workbook(path, whole=("patient_ID",)).table["state"].null_count == 1


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_the_row_of_names_below_other_rows(tmp_path, ending):
    """A known word above the names does not pass for them; a cut line is still an error."""
    above = [["device", "Meditron", None], [None] * 3, ["", "sheet 1", None]]
    cells = [*above, ["patient_ID", "label", "f1"], *SMALL[1:]]
    read = read_workbook(written(tmp_path, cells, ending))
    assert read.table.column_names == ["patient_ID", "label", "f1"] and read.table.num_rows == 3
    assert column_names(written(tmp_path, cells, ending)) == read.table.column_names
    if ending == "csv":
        with pytest.raises(InputError, match="line 5: 2 cells, but 3 column names"):
            read_workbook(save(tmp_path, "csv", csv_text(cells).replace(",0.5", "").rstrip("2")))


def test_names_that_are_repeated_below(tmp_path):
    cells = [["patient_ID", *SMALL[0][1:]], *SMALL[1:]]
    with pytest.raises(InputError, match="names are repeated in row 5"):
        read_workbook(written(tmp_path, [*cells, *cells]))


def test_a_sheet_of_patients_beside_that_of_cycles(tmp_path):
    def edit(made):
        patients = made.create_sheet("Patients", 0)
        for row in sheet():
            patients.append(row[:4])

    path = save(tmp_path, "xlsx", book(edit))
    assert read_workbook(path, needed=("patient_ID", "Diagnosis")).sheet == "Cycles"
    assert column_names(path) is None and column_names(path, "Cycles") == NAMES


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_many_columns(tmp_path, ending):
    """Hundreds of columns keep their values, an error cell is null; a look at the names is quick."""
    made = np.random.default_rng(0).normal(size=(300, 400))
    columns = {"patient_ID": np.arange(300) // 6} | {f"f{n}": made[:, n] for n in range(400)}
    path = tmp_path / f"wide.{ending}"
    if ending == "parquet":
        pq.write_table(pa.table(columns), path)
    else:
        cells = [
            list(columns),
            *map(list, zip(*(c.tolist() for c in columns.values()), strict=True)),
        ]
        cells[5][3] = "#DIV/0!"
        path.write_text(csv_text(cells))
    read = read_workbook(path).table
    assert read.column_names == list(columns)
    got = np.stack([read[f"f{n}"].to_numpy() for n in range(400)], axis=1)
    assert np.isnan(got[4, 2]) == (ending == "csv")
    assert np.array_equal(np.where(np.isnan(got), made, got), made)
    begin = time.perf_counter()
    assert column_names(path) == list(columns)
    assert time.perf_counter() - begin < 0.5


@pytest.mark.parametrize("ending", FORMATS)
def test_a_look_at_the_names(tmp_path, ending):
    """It has the names of the table that is read, whatever the order and the columns beside."""
    cells = [[*row[::-1], n] for n, row in enumerate([NAMES, *rows()])]
    cells[0][-1] = "more"
    path = written(tmp_path, cells, ending)
    assert column_names(path) == read_workbook(path).table.column_names == [*NAMES, "more"]
    assert column_names(path, None, {"start": "onset"}) is None
    path.write_bytes(path.read_bytes()[:20])
    if ending not in ("csv", "tsv"):
        assert column_names(path) is None


def test_no_look_where_it_would_take_long(tmp_path, monkeypatch):
    from auscultation.workbook import peek

    path = written(tmp_path, sheet(), "xlsx")
    monkeypatch.setattr(peek, "LONGEST", 100)
    assert column_names(path) is None and column_names(tmp_path / "none.xlsx") is None


def test_a_look_imports_nothing_heavy(tmp_path):
    path = written(tmp_path, sheet(), "xlsx")
    work = (
        "import sys; sys.path.insert(0, 'scripts')\n"
        "from auscultation.workbook.peek import column_names\n"
        f"assert column_names({str(path)!r})\n"
        "heavy = {'pandas', 'sklearn', 'scipy', 'openpyxl'} & sys.modules.keys()\n"
        "assert not heavy, heavy"
    )
    subprocess.run([sys.executable, "-c", work], cwd=ROOT, check=True, timeout=60)
