"""Columns that a workbook lacks, or that `clean.drop` leaves out: what then does without."""

from types import SimpleNamespace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml

import read_workbook
import split
from auscultation.config.resolve import ConfigError, resolve
from auscultation.data.target import Target
from auscultation.export.cycle_counts import counts_of
from auscultation.figures.data import Drawn, missing_figure, states_figure
from auscultation.job.errors import InputError
from auscultation.report.score_tables import errors_table, hardest_table
from auscultation.report.tables import quality_table
from auscultation.scores.errors import groups_of
from clean import clean
from report import diagnoses_of
from workbooks import NAMES, csv_text, rows, table

NEVER = ("patient_ID", "state", "Var")  # what any workflow needs, and the feature of the one below
PLACES = {"Diagnosis": "URTI", "age": 3.5, "sex": "F"}  # by column, what patient 101 has


@pytest.fixture(scope="module")
def schema(pytestconfig):
    return yaml.safe_load((pytestconfig.rootpath / "config.schema.yaml").read_text("utf-8"))


def config(**changes):
    models = {"knn": {"features": ["Var"]}}
    return {"splits": {"half": {}, "patient": {"folds": 2}}, "models": models} | changes


@pytest.mark.parametrize("name", NAMES)
def test_what_may_be_left_out_is_missed_by_nothing(schema, tmp_path, name):
    """Fault 8: whatever `clean.drop` takes, every later step does without; the rest is refused."""
    dropping = config(clean={"drop": [name]})
    if name in NEVER:
        with pytest.raises(ConfigError, match=f"clean.drop: `{name}` cannot be left out, "):
            resolve(dropping, schema)
        return
    # height has no value to impute from
    raw = table() if name == "height" else table().drop_columns(["height"])
    settings = resolve(dropping, schema)["clean"]
    cycles, quality = clean(raw, settings["drop"], settings["missing"])
    assert name not in cycles.column_names
    others = [one for one in raw.column_names if one not in (name, "adq_format")]
    assert cycles.column_names == ["cycle", *others, "recording", "location", "device"]
    # split, figures, tables, cards
    pq.write_table(cycles, tmp_path / "cycles.parquet")
    outputs = {part: tmp_path / f"{part}.parquet" for part in ("train", "test")}
    job = SimpleNamespace(
        input=SimpleNamespace(cycles=tmp_path / "cycles.parquet"),
        output=SimpleNamespace(**outputs, summary=tmp_path / "split.json"),
        params=SimpleNamespace(protocol="patient", settings={"folds": 2}, target="state"),
        wildcards=SimpleNamespace(split="patient"),
    )
    split.main(job)
    drawn = (Drawn(table, table.num_columns) for table in (raw, cycles))
    assert missing_figure(*drawn) and states_figure(cycles, Target())
    rows_shown = ([c["text"] for c in row["cells"]] for row in quality_table(quality)["rows"])
    shown = {first: last for first, *_, last in rows_shown}
    assert shown[name] == ("kept inside recording" if name == "adq_format" else "column dropped")
    assert counts_of(cycles, Target())["devices"] == ["AKGC417L", "Meditron"]
    arrays = {n: cycles[n].to_numpy() for n in ("cycle", "patient_ID", "device")}
    assert set(groups_of(arrays)) == {"patient_ID", "device"}
    known = diagnoses_of(cycles.select([n for n in cycles.column_names if n in NAMES]))
    assert known.get("101") == (None if name == "Diagnosis" else "URTI")


def run(folder, cells, needed=()):
    """Read a workbook of these cells by the script; give the table."""
    (folder / "cycles.csv").write_text(csv_text(cells), encoding="utf-8")
    job = SimpleNamespace(
        input=SimpleNamespace(workbook=str(folder / "cycles.csv")),
        output=SimpleNamespace(raw=folder / "raw.parquet", source=folder / "source.json"),
        log=SimpleNamespace(problems=folder / "problems.csv"),
        params=SimpleNamespace(
            sheet=0,
            reader="calamine",
            max_rows=100,
            max_megabytes=1,
            checks={"overlap": "warn"},
            needed=list(needed),
            columns={},
            datasets=[],
        ),
    )
    read_workbook.main(job)
    return pq.read_table(folder / "raw.parquet")


@pytest.mark.parametrize("name", PLACES)
def test_a_workbook_without_it_is_read(tmp_path, name):
    """Fault 8: Diagnosis, age and sex may be absent or empty, unless the config needs them."""
    at = NAMES.index(name)
    without = [[v for k, v in enumerate(row) if k != at] for row in [NAMES, *rows()]]
    assert run(tmp_path, without).column_names == [n for n in NAMES if n != name]
    with pytest.raises(InputError, match=f"missing column '{name}', which a feature of a model, "):
        run(tmp_path, without, [name])
    empty = [NAMES, *([*row[:at], None, *row[at + 1 :]] for row in rows())]
    assert run(tmp_path, empty)[name].null_count == 12
    with pytest.raises(InputError, match=f"column '{name}', which a feature.* needs, has no value"):
        run(tmp_path, empty, [name])
    assert run(tmp_path, [NAMES, *rows()], [name])[name][0].as_py() == PLACES[name]


def test_a_column_named_twice_is_left_out_once():
    """Fault 8: `clean.drop: [adq_format]` once took `state` with it."""
    cycles, quality = clean(table(), ["IMC", "adq_format", "height", "weight"], "impute")
    assert "state" in cycles.column_names and "adq_format" not in cycles.column_names
    assert quality["dropped_columns"] == ["IMC", "adq_format", "height", "weight"]


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({}, {}),
        ({"Diagnosis": pa.nulls(3, pa.string())}, {}),
        ({"Diagnosis": ["COPD", None, "COPD"]}, {"7": "COPD"}),
    ],
)
def test_diagnoses_on_the_page(columns, expected):
    """Fault 8: the page names the diagnoses that there are, and no column where there are none."""
    found = diagnoses_of(pa.table({"patient_ID": [7, 8, 7]} | columns))
    assert found == expected
    row = {"split": "half", "by": "patient_ID", "group": "7", "n_cycles": 2, "n_patients": 1}
    row |= {"main_class": "normal", "main_share": 1.0, "n_models": 1, "mean_right": 0.5}
    row |= {"best_model": "knn", "best_right": 0.5, "worst_model": "knn", "worst_right": 0.5}
    row |= {"n_never_right": 1, "share_never_right": 0.5}
    shown = hardest_table("half", "patient_ID", [row], found)
    assert ("diagnosis" in [h["text"] for h in shown["head"]]) == bool(expected)
    assert ("COPD" in [c["text"] for c in shown["rows"][0]["cells"]]) == bool(expected)


def test_no_table_by_device_without_devices():
    """Fault 7: where no recording names its device, there are no errors by device, and no crash."""
    row = {"split": "half", "by": "patient_ID", "group": "7", "model": "knn", "algorithm": "knn"}
    errors = [row | {"n_predictions": 2, "n_right": 1, "share_right": 0.5}]
    assert errors_table("half", "device", errors, ["knn", "mean"])["rows"] == []
    assert len(errors_table("half", "patient_ID", errors, ["knn"])["rows"]) == 1
