"""Features as a model sees them, against scikit-learn's transformers."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn.preprocessing import OneHotEncoder, QuantileTransformer, StandardScaler

from auscultation.fits.kept_steps import arrays_of_steps, step_of
from auscultation.fits.preprocess import Preprocessor, columns_for

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


def people(*rows):
    names, sexes, values = zip(*rows, strict=True)
    return {
        "device": np.array([name.split("_")[1] for name in names], dtype=object),
        "location": np.array([name.split("_")[0] for name in names], dtype=object),
        "sex": np.array(sexes, dtype=object),
        "Var": np.array(values, dtype=float),
        "start": np.zeros(len(names)),
        "end": np.array(values, dtype=float) + 1,
    }


class TestCategories:
    TRAIN = people(("Al_Meditron", "M", 1.0), ("Tc_AKGC417L", "F", 3.0), ("Al_Litt3200", "F", 5.0))
    TEST = people(("Pr_Meditron", "F", 3.0), ("Al_LittC2SE", "X", 9.0))

    def test_one_hot_encoder(self):
        features = ["device", "location", "sex"]

        def raw(columns):
            return np.column_stack([columns[name] for name in features])

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


@pytest.mark.parametrize("missing", ["median", "most_frequent", "indicator", "keep"])
def test_arrays_are_all_that_is_needed_to_apply_it_again(missing):
    """Also where each fold has features, a scale and a way with missing values of its own."""
    train = people(("Al_Meditron", "M", 1.0), ("Tc_AKGC417L", "F", 3.0), ("Al_Litt3200", None, 4.0))
    train["Var"][2] = np.nan
    steps = [
        Preprocessor(features, scale, ["Var", "sex"], missing).fit(train)
        for features, scale in zip(
            (["Var", "device", "sex"], ["end", "Var"]), SCALES[1:], strict=False
        )
    ]
    steps.append(Preprocessor(["device"]).fit(train))
    arrays = arrays_of_steps(steps)
    assert all(values.dtype != object for values in arrays.values())
    for fold, before in enumerate(steps):
        again = step_of(arrays, fold)
        assert again.names == before.names
        assert np.array_equal(again.transform(train), before.transform(train), equal_nan=True)
        assert [again.takes_blank(n) for n in again.features] == [
            before.takes_blank(n) for n in before.features
        ]


def test_no_such_feature():
    with pytest.raises(ValueError, match="no column 'Vra'"):
        fitted("none", people(("Al_Meditron", "M", 1.0)), ["Vra"])


def test_columns_for():
    table = pa.table(people(("Al_Meditron", "M", 1.0), ("Tc_AKGC417L", "F", 3.0)))
    table = table.append_column("cough", pa.array([True, None]))
    table = table.append_column("sites", pa.array([[1], [2]]))
    columns = columns_for(table, ["duration", "device", "Var", "cough"])
    assert set(columns) == {"start", "end", "device", "Var", "cough"}
    assert np.array_equal(columns["cough"], [1.0, np.nan], equal_nan=True)
    with pytest.raises(ValueError, match="no column 'end', which the feature 'duration' needs"):
        columns_for(table.drop_columns(["end"]), ["duration"])
    with pytest.raises(ValueError, match="no column 'age', which the feature 'age' needs"):
        columns_for(table, ["age"])
    with pytest.raises(ValueError, match="'sites' holds list.* numbers or texts"):
        columns_for(table, ["sites"])


def test_any_text_is_a_category_and_what_is_known_as_one_also_if_it_holds_numbers():
    table = pa.table({"hospital": ["A", None, "B"], "sex": [1, 2, None], "dose": [1, 2, None]})
    step = Preprocessor(["hospital", "sex", "dose"], "none", ["hospital", "sex", "dose"])
    X = step.fit(columns := columns_for(table, step.features)).transform(columns)
    assert step.names == ["hospital=A", "hospital=B", "sex=1", "sex=2", "dose"]
    assert X.tolist() == [[1, 0, 1, 0, 1], [1, 0, 0, 1, 2], [0, 1, 1, 0, 1.5]]
