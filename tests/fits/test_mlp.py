"""The multi-layer perceptron: against TensorFlow's own layers, on a curved boundary, stopped early."""

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression

from auscultation.fits.load import load
from auscultation.fits.models import MultiLayerPerceptron, save_arrays
from auscultation.fits.preprocess import Preprocessor
from auscultation.fits.tensors import same_sums, tensorflow
from auscultation.fits.tuning import choose
from auscultation.job.errors import FitFailed
from fit_jobs import FEATURES, array, keeps_contract, make_job, run, without_result
from fit_mlp import drawn, fit_mlp, weights_of

QUICK = {"hidden_layers": [16], "learning_rate": 0.02, "epochs": 40, "patience": 10}


@pytest.fixture(autouse=True, scope="module")
def threads():
    """TensorFlow is set up before its first operation, as a job does."""
    same_sums(threads=1)


def ring(seed, n=1200):
    """Cycles of 24 patients; those of class 1 lie in a circle, whose area is half of the square's."""
    random = np.random.default_rng(seed)
    X = random.uniform(-1, 1, (n, 2))
    return X, ((X**2).sum(axis=1) < 2 / np.pi).astype(np.int64), random.integers(101, 125, n)


def cycles(fold, seed, n=600):
    X, y, patients = ring(seed, n)
    columns = {name: X[:, k] if k < 2 else np.zeros(n) for k, name in enumerate(FEATURES)}
    columns |= {"cycle": np.arange(n), "patient_ID": patients, "state": y}
    return pa.table(columns | {"fold": np.full(n, fold)})


def test_a_curved_boundary_that_no_line_follows():
    (X, y, patients), (X_test, y_test, _) = ring(1), ring(2)
    model = fit_mlp(X, y, patients, **QUICK | {"hidden_layers": [32, 16]})
    assert np.mean(model.predict(X_test) == y_test) > 0.95
    assert LogisticRegression().fit(X, y).score(X_test, y_test) < 0.6
    line = fit_mlp(X, y, patients, **QUICK | {"hidden_layers": []})  # is a logistic regression
    assert np.mean(line.predict(X_test) == y_test) < 0.6


@pytest.mark.parametrize("chosen", [{}, {"dropout": 0.2, "l2": 0.001, "class_weight": {0: 3}}])
def test_predicts_what_tensorflows_layers_predict(tmp_path, chosen):
    X, y, patients = ring(3)
    y = y + (X[:, 0] > 0.5)  # of three classes
    model = fit_mlp(X, 2 * y, patients, **QUICK | {"hidden_layers": [8, 4]} | chosen)
    assert model.classes_.tolist() == [0, 2, 4]
    tf = tensorflow()
    hidden = X.astype(np.float32)
    for weights, bias in zip(model.weights[:-1], model.biases[:-1], strict=True):
        hidden = tf.nn.relu(hidden @ weights.astype(np.float32) + bias.astype(np.float32))
    logits = hidden @ model.weights[-1].astype(np.float32) + model.biases[-1].astype(np.float32)
    shares = tf.nn.softmax(logits).numpy()
    np.testing.assert_allclose(model.predict_proba(X), shares, atol=1e-6)
    # the loss of the inner patients is the lowest of all, by its definition
    inner = drawn(patients, 0.2, np.random.default_rng(0))
    entropy = -np.log(shares[np.arange(len(y)), y])[inner]
    loss = np.average(
        entropy, weights=weights_of(model.classes_, y, chosen.get("class_weight"))[inner]
    )
    assert model.inner_loss.min() == model.inner_loss[model.n_iter_ - 1]
    assert loss == pytest.approx(model.inner_loss.min(), rel=1e-4)
    assert len(model.loss) == len(model.inner_loss) == min(model.n_iter_ + 10, 40)
    # folds that differ in columns and classes lie in one file
    other = MultiLayerPerceptron(
        [np.ones((3, 8)), np.ones((8, 4)), np.ones((4, 2))], [0, 0, 0], [0, 4]
    )
    other.biases = [np.ones(8), np.ones(4), np.ones(2)]
    other.loss = other.inner_loss = np.ones(3)
    steps = [Preprocessor(["a", "b"]), Preprocessor(["a", "b"])]
    save_arrays(tmp_path / "model.npz", [model, other], steps)
    for kept, (_, again) in zip((model, other), load(tmp_path / "model.npz"), strict=True):
        some = np.ones((4, len(kept.weights[0])))
        assert np.array_equal(again.predict_proba(some), kept.predict_proba(some))
        assert np.array_equal(again.classes_, kept.classes_)


def test_inner_patients_stop_it_and_no_test_row_does(tmp_path):
    """The same in every run, whatever the test part holds; what is said of it."""
    made = []
    for number, seed in enumerate((7, 8)):
        (tmp_path / str(number)).mkdir()
        folds = [(cycles(fold, fold), cycles(fold, seed)) for fold in range(2)]
        job = make_job(tmp_path / str(number), folds)
        table, parts, summary = run(job, "mlp", **QUICK)
        made.append((job.output.model.read_bytes(), parts[0, "train"], summary))
        assert np.mean(table["prediction"].to_numpy() == table["state"].to_numpy()) > 0.9
    assert made[0] == made[1]
    defaults = {"batch_size": 64, "validation_share": 0.2, "dropout": 0, "l2": 0}
    assert summary["settings"] == QUICK | defaults | {"class_weight": None, "random_state": 0}
    for fold in summary["folds"]:
        (best,) = fold["iterations"]
        assert fold["inner_loss"][best - 1] == min(fold["inner_loss"])
        assert len(fold["loss"]) == len(fold["inner_loss"])
    # patients that are left out are not trained on: without their classes nothing changes
    X, y, patients = ring(9)
    inner = drawn(patients, 0.2, np.random.default_rng(0))
    assert len(set(patients[inner])) == round(0.2 * 24) and not {*patients[inner]} & {
        *patients[~inner]
    }
    one = QUICK | {"epochs": 1}
    first, second = (fit_mlp(X, np.where(inner, end, y), patients, **one) for end in (0, 1))
    assert all(map(np.array_equal, first.weights, second.weights))


def test_contract_with_a_class_that_training_lacks(job):
    """Each cycle of the two folds counts; balanced weights are scikit-learn's."""
    table, _, _ = run(job, "mlp", **QUICK | {"epochs": 2, "class_weight": "balanced"})
    keeps_contract(job, table, True)
    y = np.array([0, 0, 0, 1])
    assert weights_of(np.array([0, 1]), y, "balanced").tolist() == [2 / 3, 2 / 3, 2 / 3, 2]


def test_tuning_hands_on_the_patients_of_its_inner_folds():
    train, seen = cycles(0, 1), []

    def fit(X, y, patients, level):
        seen.append(dict(zip(X[:, 0].tolist(), patients.tolist(), strict=True)))
        return LogisticRegression(C=level).fit(X, y)

    tune = {"metric": "auc", "folds": 3, "seed": 0, "candidates": [{"level": 1.0}]}
    choose(train, train["state"].to_numpy(), fit, [Preprocessor(FEATURES)], tune)
    whole = dict(zip(array(train)[:, 0].tolist(), train["patient_ID"].to_pylist(), strict=True))
    assert len(seen) == 3
    assert all(part.items() < whole.items() for part in seen)


def test_why_there_is_no_fit(tmp_path):
    X, y, patients = ring(4, 200)
    with pytest.raises(FitFailed, match="needs two patients in the training part, .* it has 1$"):
        fit_mlp(X, y, np.full(200, 101))
    with pytest.raises(FitFailed, match="to stop by, have a weight of 0"):
        fit_mlp(X, y, patients, class_weight={0: 0, 1: 0})
    with pytest.raises(FitFailed, match="not a finite number after the first epoch"):
        fit_mlp(X * 1e17, y, patients, learning_rate=1e30)
    same = cycles(0, 1, 60).set_column(4, "patient_ID", pa.array(np.full(60, 101)))
    job = make_job(tmp_path, [(same, cycles(0, 2, 60))])
    run(job, "mlp", **QUICK)
    without_result(job, "fold 0: early stopping needs two patients in the training part")
