"""Features as a model sees them, against scikit-learn's transformers."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer, StandardScaler

from auscultation.fits.preprocess import Preprocessor, columns_for, learnt

SCALES = ["none", "standard", "quantile", "log"]
NUMBERS = ["a", "b", "c", "d"]
SEEDS = range(3)


def numbers(n, seed):
    """Columns of unlike scales: normal, heavy-tailed, of few values, zero for most cycles."""
    rng = np.random.default_rng(seed)
    return {
        "a": rng.normal(50, 3, n),
        "b": rng.standard_cauchy(n) * 1e-5,
        "c": rng.integers(-2, 3, n),
        "d": np.maximum(rng.normal(-0.5, 1, n), 0),
    }


def stacked(columns):
    return np.column_stack([columns[name].astype(float) for name in NUMBERS])


def fitted(scale, train, features=NUMBERS):
    return Preprocessor(features, scale).fit(train)


class TestScales:
    @pytest.mark.parametrize("n", [2, 50, 1000, 3001])
    @pytest.mark.parametrize("seed", SEEDS)
    def test_standard_is_standard_scaler(self, n, seed):
        train, test = numbers(n, seed), numbers(40, seed + 100)
        expected = StandardScaler().fit(stacked(train))
        for columns in (train, test):
            got = fitted("standard", train).transform(columns)
            np.testing.assert_allclose(got, expected.transform(stacked(columns)), atol=1e-11)

    @pytest.mark.parametrize("n", [2, 50, 1000, 3001])
    @pytest.mark.parametrize("seed", SEEDS)
    def test_quantile_is_quantile_transformer(self, n, seed):
        train, test = numbers(n, seed), numbers(40, seed + 100)
        expected = QuantileTransformer(n_quantiles=min(n, 1000), subsample=None)
        expected.fit(stacked(train))
        for columns in (train, test):
            got = fitted("quantile", train).transform(columns)
            np.testing.assert_allclose(got, expected.transform(stacked(columns)), atol=1e-12)
            assert got.min() >= 0 and got.max() <= 1

    def test_log(self):
        train = {"a": np.array([0.0, -2.0, 4.0, 6.0, -3.0])}  # median of |a|: 3
        got = fitted("log", train, ["a"]).transform({"a": np.array([0.0, 3.0, -3.0, 21.0])})
        expected = [0, np.log(2), -np.log(2), np.log(8)]
        assert got[:, 0].tolist() == pytest.approx(expected, abs=1e-15)

    def test_log_keeps_the_order_and_the_sign(self):
        columns = numbers(500, 0)
        got = fitted("log", columns).transform(columns)
        for number, name in enumerate(NUMBERS):
            values = columns[name].astype(float)
            order = np.argsort(values)
            assert (np.diff(got[order, number]) >= 0).all()
            assert (np.sign(got[:, number]) == np.sign(values)).all()

    def test_none_leaves_numbers_alone(self):
        columns = numbers(10, 0)
        assert (fitted("none", columns).transform(columns) == stacked(columns)).all()

    @pytest.mark.parametrize("scale", SCALES)
    def test_fitted_on_the_training_part_only(self, scale):
        train, test = numbers(100, 0), numbers(30, 1)
        preprocessor = fitted(scale, train)
        alone = preprocessor.transform({name: values[:1] for name, values in test.items()})
        together = preprocessor.transform(test)
        assert (alone[0] == together[0]).all()
        assert (preprocessor.transform(train) == fitted(scale, train).transform(train)).all()

    @pytest.mark.parametrize("value", [0.0, 0.1, -1e9, 1e-300])
    def test_constant_columns(self, value):
        # 0.1 has a mean that differs from it by rounding, so a standard deviation that is not 0
        train, test = {"a": np.full(10, value)}, {"a": np.array([value, value + 1])}
        X = np.full((10, 1), value)
        for scale, sklearn in (("standard", StandardScaler()), ("quantile", None)):
            sklearn = sklearn or QuantileTransformer(n_quantiles=10)
            expected = sklearn.fit(X).transform(test["a"][:, None])
            got = fitted(scale, train, ["a"]).transform(test)
            np.testing.assert_allclose(got, expected, atol=1e-12)
        got = fitted("log", train, ["a"]).transform(test)
        assert np.isfinite(got).all()

    def test_integers_become_numbers(self):
        columns = {"a": np.array([1, 2, 3], dtype=np.int32)}
        got = fitted("standard", columns, ["a"]).transform(columns)
        assert got.dtype == np.float64 and got.flags.c_contiguous
        assert got[:, 0].tolist() == pytest.approx([-np.sqrt(1.5), 0, np.sqrt(1.5)], abs=1e-15)


def people(*triples):
    names, sexes, values = zip(*triples, strict=True)
    return {
        "patient_ID": np.full(len(names), 101),
        "recording": np.array([f"101_1b1_{name}" for name in names], dtype=object),
        "sex": np.array(sexes, dtype=object),
        "Var": np.array(values, dtype=float),
        "start": np.zeros(len(names)),
        "end": np.array(values, dtype=float) + 1,
    }


class TestCategories:
    TRAIN = people(
        ("Al_sc_Meditron", "M", 1.0), ("Tc_mc_AKGC417L", "F", 3.0), ("Al_sc_Litt3200", "F", 5.0)
    )
    TEST = people(("Pr_sc_Meditron", "F", 3.0), ("Al_sc_LittC2SE", "X", 9.0))

    def test_one_hot_encoder(self):
        features = ["device", "location", "sex"]

        def raw(columns):
            parts = [str(name).split("_") for name in columns["recording"]]
            return [[p[4], p[2], s] for p, s in zip(parts, columns["sex"], strict=True)]

        expected = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(raw(self.TRAIN))
        preprocessor = fitted("standard", self.TRAIN, features)
        for columns in (self.TRAIN, self.TEST):
            got = preprocessor.transform(columns)
            assert got.dtype == np.float64
            assert (got == expected.transform(raw(columns))).all()
        names = expected.get_feature_names_out(features)
        assert preprocessor.names == [name.replace("_", "=") for name in names]

    def test_unknown_categories_are_zero_everywhere(self):
        got = fitted("none", self.TRAIN, ["device", "sex"]).transform(self.TEST)
        # AKGC417L, Litt3200, Meditron; F, M
        assert got.tolist() == [[0, 0, 1, 1, 0], [0, 0, 0, 0, 0]]

    def test_numbers_and_categories_in_the_order_given(self):
        preprocessor = fitted("standard", self.TRAIN, ["sex", "duration", "device", "Var"])
        names = ["sex=F", "sex=M", "duration", "device=AKGC417L", "device=Litt3200"]
        assert preprocessor.names == [*names, "device=Meditron", "Var"]
        got = preprocessor.transform(self.TRAIN)
        assert got.shape == (3, 7)
        assert got[:, 2].tolist() == pytest.approx([-np.sqrt(1.5), 0, np.sqrt(1.5)], abs=1e-15)
        assert got[:, 6].tolist() == pytest.approx(got[:, 2].tolist(), abs=1e-15)
        assert got[:, 1].tolist() == [1, 0, 0]


def test_state_is_all_that_is_needed_to_apply_it_again():
    train = people(("Al_sc_Meditron", "M", 1.0), ("Tc_mc_AKGC417L", "F", 3.0))
    for scale in SCALES:
        before = fitted(scale, train, ["Var", "device", "sex"])
        again = learnt(before.features, scale, before.fitted, before.imputed)
        assert (again.transform(train) == before.transform(train)).all()
        assert all(values.dtype != object for values in before.fitted.values())


def test_no_such_feature():
    with pytest.raises(ValueError, match="no column 'Vra'"):
        fitted("none", people(("Al_sc_Meditron", "M", 1.0)), ["Vra"])


def test_columns_for():
    table = pa.table(people(("Al_sc_Meditron", "M", 1.0), ("Tc_mc_AKGC417L", "F", 3.0)))
    expected = {"start", "end", "patient_ID", "recording", "Var"}
    assert set(columns_for(table, ["duration", "device", "Var"])) == expected
    with pytest.raises(ValueError, match="no column 'end', which the feature 'duration' needs"):
        columns_for(table.drop_columns(["end"]), ["duration"])
    with pytest.raises(ValueError, match="no column 'age', which the feature 'age' needs"):
        columns_for(table, ["age"])


def test_patients_may_be_texts_and_features_not():
    """Fault 1: a device is read from a recording's name whatever the patients' ids are."""
    table = pa.table(people(("Al_sc_Meditron", "M", 1.0)))
    ids = pa.array([f"{one}E1" for one in table["patient_ID"].to_pylist()])
    table = table.set_column(table.column_names.index("patient_ID"), "patient_ID", ids)
    assert set(columns_for(table, ["device", "sex"])) == {"patient_ID", "recording", "sex"}
    with pytest.raises(ValueError, match="column 'patient_ID' holds texts"):
        columns_for(table, ["patient_ID"])
