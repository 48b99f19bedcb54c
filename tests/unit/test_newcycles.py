"""Cycles that no model was fitted on: what is flagged, what is said, and what is counted."""

import json

import numpy as np
import pyarrow as pa
import pytest
from lib.job import InputError
from lib.models import ConstantModel, LinearModel, RandomModel, save_arrays
from lib.newcycles import Known, class_shares, columns_of, flags, known_features, say
from lib.origin import new_workbooks
from lib.predicting import predict
from lib.preprocess import Preprocessor
from lib.target import Target
from score_workbook import load_fits
from skops import io
from sklearn.ensemble import HistGradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.neighbors import KNeighborsClassifier

RECORDINGS = ["101_1_Al_sc_Meditron", "101_2_Ar_sc_Meditron", "102_1_Al_sc_AKGC417L"]
TRAIN = pa.table(
    {"Var": [1.0, 3.0, 2.0], "start": [0.0, 1, 2], "end": [1.0, 3, 6], "recording": RECORDINGS}
)


def test_known_are_the_ends_and_the_categories():
    assert known_features(TRAIN, ["Var", "duration", "device"]) == {
        "Var": Known(1, 3),
        "duration": Known(1, 4),
        "device": Known(categories=("AKGC417L", "Meditron")),
    }


def test_flags_say_what_no_training_cycle_has():
    cycles = {
        "Var": np.array([1.0, 3.0, 0.999, np.nan, 9.0]),
        "recording": np.array(
            [*RECORDINGS[:2], "9_1_Al_sc_Other", "9_1_Al_sc_Meditron", "9_1_Al_sc_Other"], object
        ),
    }
    assert flags(cycles, known_features(TRAIN, ["Var", "device"])) == [
        "",
        "",
        "Var below; another device",
        "no Var",
        "Var above; another device",
    ]


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
    group = np.array(["b", "a", "a", "a", "b", "c"])
    assert class_shares(called, group, 4) == [
        {"group": "b", "cycles": 2, "shares": [0.5, 0, 0, 0.5]},
        {"group": "a", "cycles": 2, "shares": [0, 1, 0, 0]},
        {"group": "c", "cycles": 0, "shares": [None] * 4},
    ]


def test_columns_that_features_need():
    assert columns_of(["Var", "duration", "device", "age"]) == {"Var", "start", "end", "age"}


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
        assert new_workbooks(one, self.FITS) == {"new_patients": one}
        inside = [str(tmp_path / "in" / name) for name in ("a.csv", "b.ods")]
        assert new_workbooks(str(tmp_path / "in"), self.FITS) == dict(zip("ab", inside))
        assert list(new_workbooks([one, *inside], self.FITS)) == ["new_patients", "a", "b"]
        assert new_workbooks(None, []) == {}

    @pytest.mark.parametrize(
        ("score", "fits", "said"),
        [
            ("absent.xlsx", FITS, "no such file or folder: .*absent.xlsx"),
            ("empty", FITS, "no workbook in the folder"),
            (["a.xlsx", "empty/../a.csv"], FITS, "would both be a; rename one"),
            ("a.xlsx", [], "no model is fitted to all cycles; add `final: {}`"),
        ],
    )
    def test_what_cannot_be_scored_is_said(self, tmp_path, score, fits, said):
        self.made(tmp_path, "a.xlsx", "a.csv")
        (tmp_path / "empty").mkdir()
        names = [score] if isinstance(score, str) else score
        paths = [str(tmp_path / name) for name in names]
        with pytest.raises(ValueError, match=said):
            new_workbooks(paths if len(paths) > 1 else paths[0], fits)


def test_a_model_that_cannot_be_loaded_is_left_out(tmp_path, caplog):
    """Fault 11: one file of a foreign type is named and left out; the other models speak."""
    good, foreign = tmp_path / "good.npz", tmp_path / "foreign.skops"
    save_arrays(good, [ConstantModel(1.0)], [Preprocessor(["Var"])])
    kept = {"features": [], "preprocess": [], "folds": [json.JSONDecoder]}
    io.dump(kept, foreign)
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
