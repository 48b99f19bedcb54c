"""Cycles that no model was fitted on: what is flagged, what is said, and what is counted."""

import json
import unicodedata

import numpy as np
import pyarrow as pa
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier
from skops import io

import score_workbook
from answering import SPLITS, answered, split_of
from auscultation.data.target import Target
from auscultation.export.new_models import expected
from auscultation.export.new_patients import (
    Groups,
    Known,
    add_columns,
    flags,
    known_features,
    needed_columns,
    new_columns,
    say,
    share_table,
)
from auscultation.fits.models import ConstantModel, LinearModel, RandomModel, save_arrays
from auscultation.fits.predict import predict
from auscultation.fits.preprocess import Preprocessor, columns_for
from auscultation.job.errors import InputError
from auscultation.recordings.to_score import to_score
from score_workbook import load_fits

TRAIN = pa.table(
    {
        "Var": [1.0, 3.0, 2.0],
        "start": [0.0, 1, 2],
        "end": [1.0, 3, 6],
        "patient_ID": [101, 101, 102],
    }
    | {"device": ["Meditron", "Meditron", "AKGC417L"], "ward": ["A", None, "B"]}
)


def test_known_are_the_ends_and_the_categories():
    assert known_features(TRAIN, ["Var", "duration", "device", "ward"]) == {
        "Var": Known(1, 3),
        "duration": Known(1, 4),
        "device": Known(categories=("AKGC417L", "Meditron")),
        "ward": Known(categories=("A", "B")),
    }


def test_flags_say_what_no_training_cycle_has():
    cycles = {
        "Var": np.array([1.0, 3.0, 0.999, np.nan, 9.0]),
        "device": np.array(["Meditron", "AKGC417L", "Other", "Meditron", "Other"], object),
        "ward": np.array(["A", "B", "C", None, "None"], object),
    }
    assert flags(cycles, known_features(TRAIN, ["Var", "device", "ward"])) == [
        "",
        "",
        "Var below; another device; another ward",
        "no Var; no ward",
        "Var above; another device; another ward",
    ]


def test_many_flags_are_counted():
    names = [f"f{k}" for k in range(500)]
    known = {name: Known(0, 1) for name in names}
    values = np.array([0.5, 2.0])
    none, many = flags(dict.fromkeys(names, values), known)
    assert none == ""
    assert many == (
        "f0 above; f1 above; f2 above; f3 above; f4 above; and 495 more of 500 features"
    )


def test_a_recording_that_names_no_device_is_as_one_that_lacks_a_feature():
    """Fault 7: models that look at the device say nothing of it, it is flagged, nothing dies."""
    step = Preprocessor(["Var", "device"]).fit(columns_for(TRAIN, ["Var", "device"]))
    cycles = {
        "Var": np.array([1.0, 2.0, 3.0]),
        "device": np.array(["Meditron", None, None], object),
    }
    known = known_features(TRAIN, step.features)
    assert flags(cycles, known) == ["", "no device", "no device"]
    said = say(LinearModel(np.array([0.0, 1.0, 0.0, 0.0])), step, cycles, Target())
    np.testing.assert_array_equal(said.raw, [1.0, np.nan, np.nan])


class TestColumnsOfNewWorkbooks:
    FEATURES = ("Var", "device", "duration", "ward")

    def test_what_is_needed_is_what_features_follow_from(self):
        assert needed_columns(self.FEATURES, TRAIN.column_names) == {"Var", "start", "end", "ward"}
        own = [*TRAIN.column_names, "duration"]
        assert needed_columns(["duration"], own) == {"duration"}

    def test_all_that_is_wrong_is_said_at_once_with_the_nearest_names(self):
        new = pa.table({"var": [1.0], "Ward": ["A"], "start": ["x"], "end": [1.0]})
        with pytest.raises(InputError) as error:
            new_columns(new, TRAIN.schema, self.FEATURES, [])
        lines = str(error.value).splitlines()[1:]
        assert lines[0] == "  - no column 'Var' (nearest: 'var')"
        assert lines[1].startswith("  - no column 'device', and no recording's name says it")
        assert lines[-1] == "  - no column 'ward' (nearest: 'Ward')"

    def test_texts_where_there_were_numbers(self):
        new = TRAIN.set_column(0, "Var", pa.array(["1", "2", "x"]))
        with pytest.raises(InputError, match="column 'Var' holds texts, and was numbers"):
            new_columns(new, TRAIN.schema, ["Var"], [])

    def test_what_a_model_imputes_may_be_absent_and_a_number_may_be_a_category(self):
        new = pa.table({"Var": [1.0, 2.0], "ward": [1, None]})
        columns = new_columns(new, TRAIN.schema, self.FEATURES, ["device", "duration"])
        assert columns["ward"].tolist() == ["1", None] and columns["device"].tolist() == [None] * 2
        assert np.isnan(columns["duration"]).all()
        assert flags(columns, known_features(TRAIN, self.FEATURES)) == [
            "no device; no duration; another ward",
            "no device; no duration; no ward",
        ]

    def test_lackable_is_what_every_model_that_has_it_does_without(self):
        def about(inputs, missing="median", **imputed):
            return {"inputs": inputs, "missing": missing, "folds": [{"imputed": imputed}]}

        keeps = about(["Var", "ward"], "keep", ward="")
        imputes = about(["Var", "device"], Var=2.0)
        lackable = score_workbook.lackable
        features = ["Var", "device", "ward"]
        assert lackable(features, [keeps, imputes], TRAIN.schema) == ["Var", "ward"]
        assert lackable(features, [about(features), imputes], TRAIN.schema) == []


def test_what_is_kept_missing_is_called_by_a_model_that_takes_it():
    columns = {"Var": np.array([0.0, 1, np.nan, np.nan, 0, 1] * 5)}
    step = Preprocessor(["Var"], "standard", ["Var"], "keep").fit(columns)
    y = np.array([0, 1, 2, 2, 0, 1] * 5)
    model = RandomForestClassifier(5, random_state=0).fit(step.transform(columns), y)
    assert say(model, step, columns, Target()).called.tolist() == y.tolist()


def test_a_model_says_nothing_of_a_cycle_that_lacks_a_feature():
    step = Preprocessor(["Var"])
    cycles = {"Var": np.array([0.2, np.nan, 7.0]), "age": np.array([None, None, None])}
    said = say(LinearModel(np.array([0.5, 1.0])), step, cycles, Target())
    np.testing.assert_array_equal(said.raw, [0.7, np.nan, 7.5])
    np.testing.assert_array_equal(said.called, [1, np.nan, 3])
    assert said.shares is None
    said = say(ConstantModel(1, np.array([0.25, 0.75])), step, cycles, Target())
    np.testing.assert_array_equal(
        said.shares, [[0.25, 0.75, 0, 0], [np.nan] * 4, [0.25, 0.75, 0, 0]]
    )


@pytest.mark.parametrize(
    "model",
    [
        KNeighborsClassifier(2),  # half of all pairs are ties
        KNeighborsClassifier(4, weights="distance"),
        RandomForestClassifier(4, max_depth=2, random_state=0),
        HistGradientBoostingClassifier(max_iter=3, random_state=0),
        LogisticRegression(),
    ],
    ids=lambda model: type(model).__name__,
)
def test_what_is_predicted_is_what_scikit_learn_predicts(model):
    random = np.random.default_rng(1)
    X, seen = random.integers(0, 6, (2, 400, 2)).astype(float)
    model.fit(X, random.choice([0, 2, 3], 400))  # 1 was never seen
    raw, shares = predict(model, seen, 4)
    assert raw.dtype == np.float64 and len(np.unique(raw)) > 1
    np.testing.assert_array_equal(raw, model.predict(seen))
    np.testing.assert_array_equal(shares[:, [0, 2, 3]], model.predict_proba(seen))
    assert not shares[:, 1].any()


def test_nothing_can_be_said_of_any_cycle():
    said = say(
        RandomModel(np.ones(4) / 4, 0), Preprocessor(["Var"]), {"Var": np.full(3, np.nan)}, Target()
    )
    assert np.isnan(said.called).all() and said.shares is None


def test_shares_of_groups_in_the_order_of_their_appearance():
    called = np.array([0, 1, np.nan, 1, 3, np.nan])
    groups = Groups.of(pa.chunked_array([["b", "a", "a"], ["a", "b", "c"]]))
    counts = {"knn": groups.counts(called, 4), "mean": groups.counts(np.full(6, np.nan), 4)}
    table = share_table("patient", groups, counts, Target())
    names = ["of", "name", "model", "cycles", *(f"called {name}" for name in Target().classes)]
    assert table.column_names == names
    assert [tuple(row.values()) for row in table.to_pylist()] == [
        ("patient", "b", "knn", 2, 0.5, 0, 0, 0.5),
        ("patient", "b", "mean", 0, *[None] * 4),
        ("patient", "a", "knn", 2, 0, 1, 0, 0),
        ("patient", "a", "mean", 0, *[None] * 4),
        ("patient", "c", "knn", 0, *[None] * 4),
        ("patient", "c", "mean", 0, *[None] * 4),
    ]


def test_a_class_may_be_named_as_a_column_of_the_shares():
    """Fault 4: a diagnosis called name, model or cycles takes no other column's place."""
    target = Target("Diagnosis", ("name", "model", "cycles", "of"))
    groups = Groups.of(pa.chunked_array([["b"]]))
    counts = {"knn": groups.counts(np.array([1.0]), 4)}
    (row,) = share_table("patient", groups, counts, target).to_pylist()
    assert list(row.values()) == ["patient", "b", "knn", 1, 0, 1, 0, 0]


def test_columns_get_names_that_no_other_has():
    """Fault 4: what a model says never takes the name of a column, nor one that looks the same."""
    taken = ["mean: state", "MEAN: number", "mean:\u00a0p(both)", "mean: p(both) (2)", "Zoe\u0308"]
    cycles = pa.table({name: [name] for name in taken})
    said = ["mean: state", "mean: number", "mean: p(both)", "zoë", "mean"]
    table = add_columns(cycles, {name: pa.array([1]) for name in said})
    assert table.select(taken).equals(cycles)
    assert table.column_names[len(taken) :] == [
        "mean: state (2)",
        "mean: number (2)",
        "mean: p(both) (3)",
        "zoë (2)",
        "mean",
    ]


def test_columns_of_the_sheet_are_as_many_as_it_takes(monkeypatch, caplog):
    """Fault 9: where Excel has no room for all columns, the models' are there, and it is said."""
    assert score_workbook.COLUMNS == 16_384
    monkeypatch.setattr(score_workbook, "COLUMNS", 4)
    assert score_workbook.shown_columns(["a", "b"], ["x", "y"]) == ["a", "b", "x", "y"]
    assert not caplog.records
    assert score_workbook.shown_columns(["a", "b", "c"], ["x", "y"]) == ["a", "b", "x", "y"]
    assert "no room for 1 columns; the .parquet has all" in caplog.text


class TestExpected:
    """What the third sheet says of a model: of each split that keeps patients apart."""

    def said(self, values, algorithm="knn", **more):
        fits = {("near", algorithm, split): values for split in more.get("splits", SPLITS)}
        answer, rows = answered(fits, **more)
        return expected(rows, "near", algorithm, answer, Target())

    def test_yes_no_and_unknown(self):
        values = {"information": (0.61, 0.01, 0.2), "useful": (0.45, 0.3), "accuracy": (0.7, None)}
        said = self.said(values)
        assert said["icbhi_score under patient"] == 0.45 and said["AUC under patient"] == 0.61
        assert said["AUC under patient, low"] == pytest.approx(0.51)
        assert said["which AUC under patient"] == "AUC of abnormal against normal"
        assert said["information under patient"] == "yes by patients, no by folds"
        assert said["useful under patient"] == "no"
        assert said["icbhi_score that would have been seen under patient"] > 0.5
        assert not [name for name in said if "final" in name]
        assert self.said(values, sides=(4, 50))["useful under patient"] == "unknown"
        assert self.said({"useful": (0.7, 0.01)})["useful under patient"] == "yes"
        assert self.said({"useful": (0.7, 0.01)})["information under patient"] == "unknown"

    def test_a_baseline_is_none_of_these_and_has_the_same_columns(self):
        values = {"information": (0.61, 0.01), "useful": (0.45, 0.3)}
        said = self.said({}, algorithm="most_frequent")
        assert said["information under patient"] == said["useful under patient"] == "a baseline"
        assert list(said) == list(self.said(values))

    def test_of_no_other_splits(self):
        half = {"half": split_of("half", both=range(60))}
        assert self.said({"useful": (0.7, 0.01)}, splits=half) == {}


class TestNewWorkbooks:
    FITS = [{"model": "knn"}]

    def made(self, folder, *names):
        for name in names:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text("x")

    def test_a_path_a_list_and_a_folder(self, tmp_path):
        self.made(
            tmp_path, "new patients.xlsx", "in/b.ods", "in/a.csv", "in/~$a.xlsx", "in/notes.txt"
        )
        one = str(tmp_path / "new patients.xlsx")
        assert to_score(one, self.FITS) == {"new_patients": one}
        inside = [str(tmp_path / "in" / name) for name in ("a.csv", "b.ods")]
        assert to_score(str(tmp_path / "in"), self.FITS) == dict(zip("ab", inside, strict=False))
        assert list(to_score([one, *inside], self.FITS)) == ["new_patients", "a", "b"]
        assert to_score(None, []) == {}

    @pytest.mark.parametrize(
        ("score", "fits", "said"),
        [
            ("absent.xlsx", FITS, "no such file or folder: .*absent.xlsx"),
            ("empty", FITS, "no workbook and no recording in the folder"),
            (["a.xlsx", "empty/../a.csv"], FITS, "would both be scored/a.xlsx; rename one"),
            ("a{b}.xlsx", FITS, r"a\{b\}.xlsx: \{ \} < > have a meaning for Snakemake"),
            ("a.xlsx", [], "no model is fitted to all cycles; add `final: {}`"),
        ],
    )
    def test_what_cannot_be_scored_is_said(self, tmp_path, score, fits, said):
        self.made(tmp_path, "a.xlsx", "a.csv", "a{b}.xlsx")
        (tmp_path / "empty").mkdir()
        names = [score] if isinstance(score, str) else score
        paths = [str(tmp_path / name) for name in names]
        with pytest.raises(ValueError, match=said):
            to_score(paths if len(paths) > 1 else paths[0], fits)

    def test_names_of_any_writing_stay_apart(self, tmp_path):
        """Fault 13: workbooks with names in other writings are scored, each under its own name."""
        names = ["пациенты", "患者", "مرضى", "मरीज़", "Zoë", "٣٤", "pat 1", "v1.2-b"]
        self.made(tmp_path, *(f"{name}.xlsx" for name in names))
        paths = [str(tmp_path / f"{name}.xlsx") for name in names]
        results = [unicodedata.normalize("NFC", name).replace(" ", "_") for name in names]
        assert to_score(paths, self.FITS) == dict(zip(results, paths, strict=True))

    def test_an_accent_is_named_alike_however_the_system_keeps_it(self, tmp_path):
        names = [unicodedata.normalize(form, "Zoë") for form in ("NFC", "NFD")]
        assert [list(to_score(self.one(tmp_path, n), self.FITS)) for n in names] == [
            ["Zoë"],
            ["Zoë"],
        ]

    def one(self, folder, name):
        self.made(folder, f"{name}.csv")
        return str(folder / f"{name}.csv")

    @pytest.mark.parametrize(
        "names",
        [("a/Ward.xlsx", "b/ward.csv"), ("a/x.xlsx", "b/x.xlsx"), ("a/Zoë.ods", "b/Zoe\u0308.ods")],
    )
    def test_names_that_some_systems_take_for_one_are_refused(self, tmp_path, names):
        """Fault 13: no result takes the place of another, whatever the file system minds."""
        self.made(tmp_path, *names)
        with pytest.raises(ValueError, match="would both be scored/.*; rename one"):
            to_score([str(tmp_path / name) for name in names], self.FITS)

    def test_a_workbook_named_twice_is_scored_once(self, tmp_path):
        self.made(tmp_path, "in/a.csv")
        given = [str(tmp_path / "in"), str(tmp_path / "in" / "a.csv")]
        assert to_score(given, self.FITS) == {"a": given[1]}

    def test_a_long_name_leaves_room_for_what_is_put_around_it(self, tmp_path):
        (name,) = to_score(self.one(tmp_path, "жд" * 60), self.FITS)
        assert name == "жд" * 45


def test_a_model_that_cannot_be_loaded_is_left_out(tmp_path, caplog):
    """Fault 11: one file of a foreign type is named and left out; the other models speak."""
    good, foreign = tmp_path / "good.npz", tmp_path / "foreign.skops"
    save_arrays(good, [ConstantModel(1.0)], [Preprocessor(["Var"])])
    io.dump([json.JSONDecoder], foreign)
    fits = [({"model": name}, str(path), {}) for name, path in (("a", foreign), ("b", good))]
    left, loaded, unread = load_fits(fits)
    assert [fit["model"] for fit, _, _ in left] == ["b"] and loaded[0][1].value == 1
    assert list(unread) == ["a"] and "json.decoder.JSONDecoder" in unread["a"]
    assert "a says nothing" in caplog.text
    with pytest.raises(InputError, match="no model could be loaded: .*JSONDecoder"):
        load_fits(fits[:1])


def test_cycles_with_numbers_too_large_for_a_model_are_not_called_anything():
    """Fault 22: 1e300 in a new workbook leaves that cycle without an answer, not the others."""
    X, y = np.array([[0.0], [1.0], [0.1], [0.9]]), np.array([0, 3, 0, 3])
    forest = RandomForestClassifier(5, random_state=0).fit(X, y)
    said = say(forest, Preprocessor(["Var"]), {"Var": np.array([0.0, 1e300, 1.0])}, Target("state"))
    assert np.array_equal(said.called, [0, np.nan, 3], equal_nan=True)
    assert np.isnan(said.shares[1]).all() and said.shares[[0, 2]].sum() == pytest.approx(2)
