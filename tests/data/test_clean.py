"""Cleaning: what is imputed or dropped, what is refused, what quality.json says."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from sklearn.impute import SimpleImputer

import clean as clean_module
from auscultation.data.name_pattern import ICBHI
from auscultation.fits.preprocess import columns_for
from auscultation.job.errors import InputError
from auscultation.report.tables import quality_table
from auscultation.scores.errors import groups_of
from auscultation.splits.registry import protocol
from auscultation.workbook.read import read_workbook
from clean import clean, impute

KEPT = ["patient_ID", "Diagnosis", "age", "sex", "start", "end", "crackles", "wheezes", "state"]
KEPT += ["Var", "Range", "Coarse_Av", "Fine_Av", "Spectrum Av"]


def raw(**changes):
    """Six cycles of two patients; age and sex of the second are missing, weight of four."""
    columns = {
        "patient_ID": [101, 101, 101, 102, 102, 103],
        "age": [3.0, 3.0, 3.0, None, None, 70.0],
        "sex": pa.array(["F", "F", "F", None, None, "M"]),
        "weight": [None, None, None, None, 20.5, 20.5],
        "adq_format": ["1b1_Al", "1b1_Al", "1b1_Ar", "2b2_Tc", "2b2_Tc", "1p1_Pl"],
        "crackles": [0, 1, 0, 1, 0, 0],
        "wheezes": [0, 0, 1, 1, 0, 0],
        "state": [0, 1, 2, 3, 0, 0],
    }
    return pa.table(columns | changes)


class TestImpute:
    @pytest.mark.parametrize("seed", range(5))
    def test_numbers_as_simple_imputer(self, seed):
        random = np.random.default_rng(seed)
        values = random.integers(-4, 4, (12, 6)) / 2  # few values, so that many tie
        values[random.random(values.shape) < 0.3] = np.nan
        names = list("abcdef")
        frame = pd.DataFrame(values, columns=names)
        expected = SimpleImputer(strategy="most_frequent").fit_transform(frame)
        table = pa.table({n: pa.array(frame[n], from_pandas=True) for n in names})
        got, imputed = impute(table)
        assert np.array_equal(np.column_stack([got[n].to_numpy() for n in names]), expected)
        cells = {n: int(frame[n].isna().sum()) for n in names if frame[n].isna().any()}
        assert {n: entry["cells"] for n, entry in imputed.items()} == cells

    @pytest.mark.parametrize("seed", range(5))
    def test_text_as_simple_imputer(self, seed):
        random = np.random.default_rng(seed)
        texts = random.choice(["F", "M", "x", "Y", None], 15).tolist()
        frame = pd.DataFrame({"sex": pd.Series(texts, dtype=object)})
        imputer = SimpleImputer(strategy="most_frequent", missing_values=None)
        expected = imputer.fit_transform(frame)[:, 0].tolist()
        assert impute(pa.table({"sex": texts}))[0]["sex"].to_pylist() == expected

    def test_of_equally_frequent_values_the_smallest(self):
        table = pa.table({"n": [10, 9, None, 10, 9], "t": ["b", "a", "a", "b", None]})
        got, imputed = impute(table)
        assert got.schema == table.schema
        assert got["n"].to_pylist() == [10, 9, 9, 10, 9]
        assert got["t"].to_pylist() == ["b", "a", "a", "b", "a"]
        assert imputed == {"n": {"cells": 1, "value": 9}, "t": {"cells": 1, "value": "a"}}

    def test_nothing_missing_changes_nothing(self):
        table = pa.table({"n": [1, 2]})
        got, imputed = impute(table)
        assert got.equals(table) and imputed == {}


@pytest.mark.parametrize("missing", ["impute", "drop"])
class TestUnused:
    """Columns that nothing needs: the workbook's own, and known ones that are empty."""

    @pytest.mark.parametrize(
        ("values", "kind"),
        [([None] * 6, pa.float64()), ([None, "x", None, None, "", "y"], pa.string())],
    )
    def test_extra_columns_stay_as_they_are(self, values, kind, missing):
        """Fault 10: a column that the workflow does not know is never imputed and drops no cycle."""
        full = {"age": [3.0, 3.0, 3.0, 9.0, 9.0, 70.0], "sex": list("FFFFFM"), "weight": [2.0] * 6}
        cycles, quality = clean(raw(**full, Comments=pa.array(values, kind)), [], missing)
        assert cycles["Comments"].to_pylist() == values
        assert cycles["cycle"].to_pylist() == list(range(6))
        assert quality["imputed"] == {} and quality["empty_columns"] == []
        assert quality["missing_after"]["Comments"] == values.count(None)
        rows = {row["cells"][0]["text"]: row["cells"] for row in quality_table(quality)["rows"]}
        assert rows["Comments"][3]["text"] == "imputed in each fold where it is a feature" * (
            None in values
        )

    def test_known_columns_without_any_value_are_left_out(self, missing):
        """Fault 10: a known column that is wholly empty stops nothing, and is said to be left out."""
        full = {"age": [3.0, 3.0, 3.0, 9.0, 9.0, 70.0], "sex": list("FFFFFM")}
        cycles, quality = clean(raw(**full, weight=pa.nulls(6, pa.float64())), [], missing)
        assert cycles.num_rows == 6 and "weight" not in cycles.column_names
        assert quality["empty_columns"] == ["weight"] and quality["imputed"] == {}
        rows = {row["cells"][0]["text"]: row["cells"] for row in quality_table(quality)["rows"]}
        assert [one["text"] for one in rows["weight"][1:]] == [
            *("6", "–", "no value in any cycle, left out")
        ]

    def test_a_target_without_any_value(self, missing):
        """Fault 10: an empty column that is the target is refused by its name."""
        with pytest.raises(InputError, match="'Diagnosis' has no value .* is the target"):
            clean(raw(Diagnosis=pa.nulls(6, pa.string())), [], missing, "Diagnosis")

    def test_a_feature_without_any_value(self, missing):
        """Fault 10: an empty column that is a feature is named by the fit that needs it."""
        full = {"sex": list("FFFFFM"), "weight": [2.0] * 6}
        cycles, _ = clean(raw(**full, age=pa.nulls(6, pa.float64())), [], missing)
        with pytest.raises(ValueError, match="no column 'age', which the feature 'age' needs"):
            columns_for(cycles, ["age"])


def test_blank_cells_of_an_own_column_are_named_where_it_is_used(tmp_path):
    """Fault 10: a split by a column with blank cells says so by its name."""
    values = {"site": ["a", "a", "", "b", "b", "b"], "device": ["x", "x", "x", "y", "y", None]}
    made = {k: pa.array([v or None for v in values[k]]) for k in values}
    cycles = clean(raw(**made), ["weight"], "impute")[0]
    columns = {name: cycles[name].to_numpy() for name in cycles.column_names}
    with pytest.raises(ValueError, match="'site' is blank in 1 of 6 cycles, .* cycle 2"):
        protocol("leave_group_out")(columns, column="site")
    assert "device" not in groups_of(columns)  # errors by device are left out
    full = columns | {"site": np.array(["a b", "a\u00a0b", "c", "c", "c", "c"], dtype=object)}
    folds = protocol("leave_group_out")(full, column="site")
    assert [test.tolist() for _, test in folds] == [[0, 1], [2, 3, 4, 5]]


class TestClean:
    def test_impute(self):
        cycles, quality = clean(raw(), ["weight", "height"], "impute")
        assert cycles.to_pydict() == {
            "cycle": [0, 1, 2, 3, 4, 5],
            "patient_ID": [101, 101, 101, 102, 102, 103],
            "age": [3, 3, 3, 3, 3, 70],
            "sex": ["F", "F", "F", "F", "F", "M"],
            "crackles": [0, 1, 0, 1, 0, 0],
            "wheezes": [0, 0, 1, 1, 0, 0],
            "state": [0, 1, 2, 3, 0, 0],
            "recording": [
                *("101_1b1_Al", "101_1b1_Al", "101_1b1_Ar"),
                *("102_2b2_Tc", "102_2b2_Tc", "103_1p1_Pl"),
            ],
        }
        before = dict.fromkeys(raw().column_names, 0) | {"age": 2, "sex": 2, "weight": 4}
        assert quality == {
            "cycles_before": 6,
            "cycles_after": 6,
            "missing": "impute",
            "missing_before": before,
            "missing_after": dict.fromkeys(cycles.column_names, 0),
            "dropped_columns": ["weight"],
            "absent_columns": ["height"],
            "empty_columns": [],
            "imputed": {"age": {"cells": 2, "value": 3.0}, "sex": {"cells": 2, "value": "F"}},
            "imputed_in_fold": [],
            "without_class": {},
        }

    def test_a_feature_stays_blank_to_be_imputed_in_each_fold(self):
        features = ["age", "state", "duration"]
        cycles, quality = clean(raw(), ["weight"], "impute", in_fold=features)
        assert cycles["age"].to_pylist() == [3, 3, 3, None, None, 70]
        assert cycles["sex"].to_pylist() == ["F", "F", "F", "F", "F", "M"]
        assert quality["imputed_in_fold"] == ["age"] and list(quality["imputed"]) == ["sex"]
        assert quality["missing_after"]["age"] == 2
        assert clean(raw(), ["weight"], "drop", in_fold=features)[1]["imputed_in_fold"] == []

    def test_drop(self):
        cycles, quality = clean(raw(), ["weight"], "drop")
        assert cycles["cycle"].to_pylist() == [0, 1, 2, 5]  # positions in the workbook stay
        assert cycles["age"].to_pylist() == [3, 3, 3, 70]
        assert (quality["cycles_before"], quality["cycles_after"]) == (6, 4)
        assert quality["missing"] == "drop"
        assert quality["missing_before"]["age"] == 2
        assert set(quality["missing_after"].values()) == {0}
        assert quality["imputed"] == {}

    def test_drop_looks_at_the_kept_columns_only(self):
        assert clean(raw(), ["age", "sex", "weight"], "drop")[0].num_rows == 6
        table = raw(weight=[None, None, 20.5, 20.5, None, 20.5])
        assert clean(table, [], "drop")[0]["cycle"].to_pylist() == [2, 5]

    def test_drop_that_leaves_nothing(self):
        weight = [1.0, 1.0, 1.0, 1.0, 1.0, None]
        with pytest.raises(InputError, match="no cycle is left.*`clean.drop`"):
            clean(raw(weight=weight, age=[None] * 5 + [70.0]), [], "drop")

    def test_dropping_adq_format_is_no_error(self):
        cycles, quality = clean(raw(), ["adq_format"], "impute")
        assert "adq_format" not in cycles.column_names
        assert quality["dropped_columns"] == ["adq_format"]

    def test_text_ids(self):
        cycles, _ = clean(raw(patient_ID=["P1", "P1", "P1", "007", "007", "x"]), [], "impute")
        names = cycles["recording"].to_pylist()
        assert names[3] == "007_2b2_Tc" and names[5] == "x_1p1_Pl"


class TestRefused:
    """What is wrong with single cells is found when the workbook is read."""

    @pytest.mark.parametrize("missing", ["impute", "drop"])
    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"patient_ID": [7] * 6}, "'patient_ID': all 6 cycles have the value 7; .*two or more"),
            ({"state": [2] * 6}, "'state': all 6 cycles have the value 2; .*two or more classes"),
        ],
    )
    def test_fewer_than_two(self, changes, message, missing):
        with pytest.raises(InputError, match=message):
            clean(raw(**changes), ["weight", "age", "sex"], missing)

    def test_dropping_cycles_may_leave_one_patient(self):
        table = raw(age=[3.0, 3.0, 3.0, None, None, None])
        assert clean(table, ["weight", "sex"], "impute")[0].num_rows == 6
        with pytest.raises(InputError, match="'patient_ID': all 3 cycles have the value 101"):
            clean(table, ["weight", "sex"], "drop")


def run(table, folder, drop, missing="impute", in_fold=()):
    pq.write_table(table, folder / "raw.parquet")
    snakemake = SimpleNamespace(
        input=SimpleNamespace(raw=folder / "raw.parquet"),
        output=SimpleNamespace(cycles=folder / "cycles.parquet", quality=folder / "quality.json"),
        params=SimpleNamespace(
            drop=drop, missing=missing, target="state", in_fold=in_fold, name_pattern=ICBHI
        ),
    )
    clean_module.main(snakemake)
    quality = json.loads((folder / "quality.json").read_text(encoding="utf-8"))
    return pq.read_table(folder / "cycles.parquet"), quality


def test_files(tmp_path):
    cycles, quality = run(raw(), tmp_path, ["weight"])
    assert cycles.num_rows == 6
    assert quality["imputed"]["age"] == {"cells": 2, "value": 3.0}
    assert b"position" in cycles.schema.field("cycle").metadata[b"description"]


def test_the_notebooks_workbook(real_workbook, tmp_path):
    table = read_workbook(real_workbook, 0).table
    cycles, quality = run(table, tmp_path, ["IMC", "weight", "height"])
    assert cycles.column_names == ["cycle", *KEPT, "recording", "location", "device"]
    assert len(set(cycles["device"].to_pylist())) == 4  # of the ICBHI 2017 database
    assert {name: cycles[name].null_count for name in KEPT} == dict.fromkeys(KEPT, 0)
    assert cycles["cycle"].to_pylist() == list(range(6898))
    assert np.bincount(cycles["state"]).tolist() == [3642, 1864, 886, 506]
    assert len(set(cycles["recording"].to_pylist())) == 920
    assert quality["missing_before"] == dict.fromkeys(table.column_names, 0) | {
        **{"age": 61, "sex": 61, "IMC": 894, "weight": 6149, "height": 6172}
    }
    frame = table.select(["age", "sex"]).to_pandas().astype(object)
    frame = frame.where(frame.notna(), None)
    imputer = SimpleImputer(strategy="most_frequent", missing_values=None).fit(frame)
    assert imputer.statistics_.tolist() == [quality["imputed"][n]["value"] for n in frame.columns]
    assert {n: entry["cells"] for n, entry in quality["imputed"].items()} == {"age": 61, "sex": 61}
