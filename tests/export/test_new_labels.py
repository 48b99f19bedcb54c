"""Labels of rows to be scored: what follows from what, and what is left out, by reason."""

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pytest

from auscultation.data.labels import with_label
from auscultation.data.parquet import write_parquet
from auscultation.data.target import CLASSES, Target
from auscultation.export.new_labels import (
    CONTRADICTORY,
    LABELS,
    MISSING,
    UNREADABLE,
    labels_of,
)
from auscultation.export.new_patients import Said
from auscultation.export.new_predictions import (
    keys_of,
    labelled_predictions,
    no_predictions,
    read_predicted,
)
from auscultation.job.errors import InputError
from auscultation.workbook.read import read_workbook

STATE = np.array([0, 1, 2, 3, 0, 3])
BOTH = {"crackles": STATE % 2, "wheezes": STATE // 2}
TWO = Target("Diagnosis", ("Healthy", "ill"), (("Healthy",), ("COPD", "Asthma")))


@pytest.mark.parametrize("columns", [{"state": STATE}, BOTH, {"state": STATE} | BOTH])
@pytest.mark.parametrize("name", CLASSES)
def test_sounds_follow_from_each_other_as_in_the_table_of_the_workflow(name, columns):
    table = pa.table(columns)
    labels = labels_of(table, Target(name, CLASSES[name]))
    if name in ("crackles", "wheezes") and name not in columns:
        table = pa.table({"state": STATE})
    assert labels.true.tolist() == with_label(table, name)[name].to_pylist()
    assert labels.left_out == {} and labels.labelled.all()


def test_what_is_missing_wrong_or_contradictory_is_counted():
    table = pa.table(
        {
            "state": [0, None, None, 7, 3, 1, 2],
            "crackles": [0, 1, None, 0, 0, 1, 0],
            "wheezes": [0, 0, 1, 0, 0, 0, 1],
        }
    )
    labels = labels_of(table, Target(), {"state": [6]})
    assert labels.true.tolist() == [0, 1, -1, -1, -1, 1, -1]
    assert labels.left_out == {MISSING: 1, UNREADABLE: 2, CONTRADICTORY: 1}
    assert labels.columns == ("state", "crackles", "wheezes")
    none = labels_of(table.select([]).append_column("Var", pa.array(range(7))), Target())
    assert not none.labelled.any() and none.columns == () and none.left_out == {}


def test_a_column_of_its_own_may_be_text():
    labels = labels_of(
        pa.table({"abnormal": ["1", "0", "?", None]}), Target("abnormal", ("n", "a"))
    )
    assert labels.true.tolist() == [1, 0, -1, -1]
    assert labels.left_out == {UNREADABLE: 1, MISSING: 1}


def test_values_of_no_class_are_counted_by_value():
    values = ["COPD", "Healthy", None, "Asthma", "URTI", "URTI", "x" * 60]
    labels = labels_of(pa.table({"Diagnosis": values}), TWO)
    assert labels.true.tolist() == [1, 0, -1, 1, -1, -1, -1]
    assert labels.left_out == {
        MISSING: 1,
        "with a value of no class: URTI": 2,
        f"with a value of no class: {'x' * 40}…": 1,
    }
    many = labels_of(pa.table({"Diagnosis": [f"v{k}" for k in range(30)]}), TWO)
    assert len(many.left_out) == 21 and many.left_out["with a value of no class: others"] == 10


@pytest.mark.parametrize("values", [[1, 2, 1], [1.0, 2.0, 1.0], ["1", "2.0", "1"]])
def test_a_number_may_be_a_text_elsewhere(values):
    target = Target("grade", ("low", "high"), ((1,), (2,)))
    assert labels_of(pa.table({"grade": values}), target).true.tolist() == [0, 1, 0]


def test_a_malformed_label_stops_nothing_that_is_scored(tmp_path):
    path = tmp_path / "new.csv"
    path.write_text(
        "patient_ID,Var,state,crackles,wheezes\n1,0.5,0,0,0\n1,0.5,maybe,1,0\n1,0.5,1.5,1,0\n"
        "2,0.5,9,1,0\n2,0.5,,0,1\n2,0.5,3,1,0\n"
    )
    with pytest.raises(InputError, match="column 'state'"):
        read_workbook(path)
    read = read_workbook(path, whole=("patient_ID",), lenient=True, tolerated=LABELS)
    assert any("maybe" in line for line in read.warnings)
    assert read.unread == {"state": [1, 2]}
    labels = labels_of(read.table, Target(), read.unread)
    assert labels.true.tolist() == [0, -1, -1, -1, 2, -1]
    assert labels.left_out == {UNREADABLE: 3, CONTRADICTORY: 1}
    path.write_text("patient_ID,Var,state\n1,much,x\n")
    with pytest.raises(InputError, match="column 'Var'"):
        read_workbook(path, lenient=True, tolerated=LABELS)


def test_predictions_are_of_labelled_rows_that_a_model_predicts(tmp_path):
    described = pa.table(
        {
            "patient_ID": ["a", "a", "b", "b", "c"],
            "Diagnosis": ["Healthy", "COPD", None, "Asthma", "COPD"],
        }
    )
    labels = labels_of(described, TWO)
    keys = keys_of(described, labels, np.array([True, False, False, True, False]), TWO)
    raw = np.array([0.0, 1, 1, np.nan, 1e300])
    shares = np.column_stack([1 - np.full(5, 0.75), np.full(5, 0.75)])
    tables = [no_predictions(keys, TWO)]
    tables.append(labelled_predictions("knn", Said(raw, raw, shares), keys, TWO))
    tables.append(labelled_predictions("svr", Said(np.full(5, np.nan), raw, None), keys, TWO))
    tables.append(labelled_predictions("mean", Said(np.full(5, 0.5), raw, None), keys, TWO))
    write_parquet(iter(tables), tmp_path / "p.parquet")
    models = [{"model": name, "algorithm": name, "called": {}} for name in ("knn", "svr", "mean")]
    made = {
        about["model"]: table for about, table in read_predicted(tmp_path / "p.parquet", models)
    }
    assert list(made) == ["knn", "mean"]
    assert [
        (r["cycle"], r["patient_ID"], r["Diagnosis"], r["outside"]) for r in made["knn"].to_pylist()
    ] == [
        (0, "a", 0, True),
        (1, "a", 1, False),
    ]
    row = made["mean"].to_pylist()[2]
    assert (row["cycle"], row["fold"], row["part"], row["p1"]) == (3, 0, "test", None)
    assert row["prediction"] == 0.5 and row["model"] == "mean"
