"""The job that describes the features of all models: one row each, and one error for all that is wrong."""

from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

import describe_features
from auscultation.job.errors import InputError

N, PATIENTS = 1200, 60
RNG = np.random.default_rng(4)
PATIENT = np.arange(N) % PATIENTS
TABLE = {
    "cycle": np.arange(N),
    "patient_ID": PATIENT + 101,
    "start": np.zeros(N),
    "end": RNG.normal(3, 0.1, N),
    "state": PATIENT % 4,
    "Var": RNG.normal(size=N),
    "age": np.where(PATIENT == 0, np.nan, PATIENT % 50),
    "mfcc_0": np.full(N, 2.5),
    "sex": [["F", "M", None][p % 3] for p in PATIENT],
    "note": [f"text {i % 70}" for i in range(N)],
    "file": [f"file {i}" for i in range(N)],
    "when": pa.array([0] * N, pa.timestamp("ms")),
    "recording": (np.arange(N) // 10).astype(str),
}
COMMON = ["Var", "mfcc_*"]


def run(folder, table=TABLE, target="state", **features):
    pq.write_table(pa.table(table), folder / "cycles.parquet")
    paths = {name: folder / f"features.{name}" for name in ("parquet", "csv")}
    entries = {model: [COMMON] if names is None else names for model, names in features.items()}
    params = {"features": entries, "common": COMMON, "target": target, "max_levels": 50}
    params["own"] = ["by_device"]
    job = {"input": SimpleNamespace(cycles=folder / "cycles.parquet")}
    job |= {"output": SimpleNamespace(**paths), "params": SimpleNamespace(**params)}
    describe_features.main(SimpleNamespace(**job))
    rows = pq.read_table(paths["parquet"]).to_pylist()
    assert [row["feature"] for row in rows] == pyarrow.csv.read_csv(paths["csv"])[0].to_pylist()
    return rows


def test_features_of_all_models(tmp_path):
    forest = [["age", "sex", "duration"], ["Var", "age"]]
    rows = run(tmp_path, knn=None, forest=forest, svr=None)
    assert [row["feature"] for row in rows][:2] == ["age", "sex"]
    assert rows[-1]["feature"] == "mfcc_0"  # of which there is no share
    by_name = {row["feature"]: row for row in rows}
    assert len(rows) == 5
    age, sex, var, constant = (by_name[name] for name in ("age", "sex", "Var", "mfcc_0"))
    assert age["between_patients"] == sex["between_patients"] == 1
    assert (age["kind"], age["levels"], age["missing"]) == ("number", None, 20)
    assert (sex["kind"], sex["levels"], sex["missing"]) == ("category", 2, 400)
    assert (var["models"], age["models"], constant["models"]) == (3, 1, 2)
    assert var["between_patients"] < 0.05 and var["between_recordings"] < 0.1
    assert constant["between_patients"] is None
    assert [row["feature"] for row in rows if row["patient_specific"]] == ["age", "sex"]
    assert by_name["duration"]["between_patients"] < 0.05


def test_a_table_without_recordings(tmp_path):
    table = {name: TABLE[name] for name in ("patient_ID", "state", "Var", "mfcc_0")}
    rows = run(tmp_path, table, knn=None)
    assert [row["between_recordings"] for row in rows] == [None, None]


def test_all_that_is_wrong_is_one_error(tmp_path):
    broken = {name: TABLE[name] for name in TABLE if name not in ("Var", "mfcc_0")}
    wrong = [["note", "file", "when", "Age", "wheezes"]]
    with pytest.raises(InputError) as caught:
        run(
            tmp_path,
            broken,
            "sex",
            a=None,
            b=None,
            c=wrong,
            d=[["Var"]],
            e=[["note", "file", "when"]],
        )
    lines = str(caught.value).splitlines()
    assert lines[1:] == [
        "  - config key `features` and model d: there is no column 'Var' (no name is near)",
        "  - config key `features`: the pattern 'mfcc_*' matches no column (no name is near)",
        "  - model c: there is no column 'Age' (nearest: 'age')",
        "  - model c: 'wheezes' is a label, and no feature",
        "  - model e: column 'when' holds neither numbers nor texts, but timestamp[ms]",
        "  - model e: column 'note' has 70 different values, and a category at most 50: leave it out by "
        '"!note", group its values, or raise config key `max_levels`',
        "  - model e: column 'file' has another value in each cycle, as an id has: leave it out by \"!file\"",
    ]


def test_a_baseline_does_without_the_column_of_its_algorithm(tmp_path):
    """The table has no device: its fits say so, and the others go on."""
    rows = run(tmp_path, knn=None, by_device=[["device"]])
    assert [row["feature"] for row in rows] == ["Var", "mfcc_0"]
    with pytest.raises(InputError, match="model groups: there is no column 'device'"):
        run(tmp_path, knn=None, groups=[["device"]])
