"""Fit a multi-layer perceptron in TensorFlow to each fold of a split.

In: `train.parquet`, `test.parquet`. Out: `model.npz`, `predictions.parquet`, `fit.json`.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from auscultation.fits.magnitude import SINGLE_SQUARED
from auscultation.fits.models import MultiLayerPerceptron, save_arrays
from auscultation.fits.run import run_fit
from auscultation.fits.tensors import same_sums, tensorflow
from auscultation.job.errors import FitFailed
from auscultation.job.log import start

CHUNK = 4096  # cycles at a time where a loss is measured


class Cycles(NamedTuple):
    """Cycles to train on, or to stop by: what TensorFlow takes, float32."""

    X: np.ndarray  # (n, columns)
    classes: np.ndarray  # (n, classes), 1 in the column of a cycle's class
    weights: np.ndarray  # (n,), on average 1


def fit_mlp(
    X: np.ndarray,
    y: np.ndarray,
    patients: np.ndarray | None = None,
    hidden_layers: Sequence[int] = (64, 32),
    learning_rate: float = 0.001,
    batch_size: int = 64,
    epochs: int = 200,
    patience: int = 20,
    validation_share: float = 0.2,
    dropout: float = 0.0,
    l2: float = 0.0,
    class_weight: str | Mapping[int, float] | None = None,
    random_state: int = 0,
) -> MultiLayerPerceptron:
    """Minimise the cross entropy by mini-batch Adam (Kingma and Ba 2015), in float32.

    X has shape (n, columns); y, the class, and `patients`, of each cycle, (n,) (None: each cycle is
    of a patient of its own). Hidden layers are ReLU with `dropout`, the last is softmax; `l2` times
    the sum of squared weights is added to the loss. A share of the patients is not trained on: when
    their loss has not fallen for `patience` epochs, the fit ends with the weights of its lowest.
    FitFailed with fewer than two patients, where no weight is left, or where the loss is no number.
    """
    rng = np.random.default_rng(random_state)
    inner = drawn(np.arange(len(X)) if patients is None else patients, validation_share, rng)
    classes, place = np.unique(y, return_inverse=True)
    weights = weights_of(classes, place, class_weight)
    own, kept_out = (part(X, place, len(classes), weights, rows) for rows in (~inner, inner))
    variables = starting_weights([X.shape[1], *hidden_layers, len(classes)], rng)
    train, mean_loss = steps(own, variables, learning_rate, batch_size, dropout, l2)
    losses, inner_losses = [], []
    best, best_loss, best_weights = 0, math.inf, None
    for epoch in range(1, epochs + 1):
        train(rng.permutation(len(own.X)).astype(np.int32), rng.integers(2**62))
        losses.append(mean_loss(own))
        inner_losses.append(mean_loss(kept_out))
        if inner_losses[-1] < best_loss:
            best, best_loss = epoch, inner_losses[-1]
            best_weights = [variable.numpy() for variable in variables]
        if epoch - best >= patience or not math.isfinite(losses[-1] + inner_losses[-1]):
            break
    if best_weights is None:
        raise FitFailed(
            "the loss is not a finite number after the first epoch: the fit diverged (a smaller "
            "learning rate, or `scale: standard`, may help)"
        )
    layers = best_weights[0::2], best_weights[1::2]
    return MultiLayerPerceptron(*layers, classes, best, np.array(losses), np.array(inner_losses))


def drawn(patients: np.ndarray, share: float, rng: np.random.Generator) -> np.ndarray:
    """Return which cycles, shape (n,), are of the inner patients; at least one is, and one is not."""
    names = np.unique(patients)
    if len(names) < 2:
        raise FitFailed(
            "early stopping needs two patients in the training part, one to train on and one to stop "
            f"by, and it has {len(names)}"
        )
    n = min(max(round(share * len(names)), 1), len(names) - 1)
    return np.isin(patients, rng.choice(names, n, replace=False))


def weights_of(
    classes: np.ndarray, place: np.ndarray, chosen: str | Mapping[int, float] | None
) -> np.ndarray:
    """Return the weight of each cycle, whose class is `classes[place]`, shape (n,)."""
    if chosen == "balanced":
        return (len(place) / len(classes) / np.bincount(place))[place]
    by_class = chosen if isinstance(chosen, Mapping) else {}
    return np.array([by_class.get(k, 1) for k in classes.tolist()], np.float64)[place]


def part(
    X: np.ndarray, place: np.ndarray, n_classes: int, weights: np.ndarray, rows: np.ndarray
) -> Cycles:
    """Return some of the cycles, as TensorFlow takes them; FitFailed where each has a weight of 0."""
    own = weights[rows]
    if not own.any():
        raise FitFailed("class_weight: all cycles to train on, or to stop by, have a weight of 0")
    one_hot = np.eye(n_classes, dtype=np.float32)[place[rows]]
    return Cycles(X[rows].astype(np.float32), one_hot, (own / own.mean()).astype(np.float32))


def starting_weights(widths: list[int], rng: np.random.Generator) -> list:
    """Return TensorFlow's variables: weights (Glorot and Bengio 2010) and biases of each layer in turn."""
    tf = tensorflow()
    variables = []
    for width, following in zip(widths, widths[1:], strict=False):
        limit = np.sqrt(6 / (width + following))
        values = rng.uniform(-limit, limit, (width, following)).astype(np.float32)
        variables += [tf.Variable(values), tf.Variable(tf.zeros(following))]
    return variables


def steps(
    own: Cycles, variables: list, rate: float, batch_size: int, dropout: float, l2: float
) -> tuple[Callable, Callable[[Cycles], float]]:
    """Return an epoch of training, and the mean loss of cycles without dropout and penalty.

    An epoch takes the order of the cycles, int32, and a seed.
    """
    tf = tensorflow()
    adam = tf.compat.v1.train.AdamOptimizer(float(rate))
    size, n = min(batch_size, len(own.X)), len(own.X)
    trained = Cycles(*map(tf.constant, own))

    def sum_of_losses(some, seed=None):
        hidden = some.X
        for layer in range(0, len(variables), 2):
            if layer:
                hidden = tf.nn.relu(hidden)
                if seed is not None and dropout:
                    draws = tf.random.stateless_uniform(tf.shape(hidden), seed + [layer, 0])
                    hidden *= tf.cast(draws >= dropout, tf.float32) / (1 - dropout)
            hidden = hidden @ variables[layer] + variables[layer + 1]
        entropy = -tf.reduce_sum(some.classes * tf.nn.log_softmax(hidden), axis=1)
        return tf.reduce_sum(some.weights * entropy)

    @tf.function
    def train(order, seed):
        for begin in tf.range(0, n, size):
            rows = order[begin : begin + size]
            some = Cycles(*(tf.gather(values, rows) for values in trained))
            with tf.GradientTape() as tape:
                loss = sum_of_losses(some, tf.stack([seed, tf.cast(begin, tf.int64)]))
                loss /= tf.cast(tf.size(rows), tf.float32)
                loss += l2 * tf.add_n([tf.reduce_sum(tf.square(w)) for w in variables[0::2]])
            adam.apply_gradients(zip(tape.gradient(loss, variables), variables, strict=True))

    chunk_loss = tf.function(lambda *some: sum_of_losses(Cycles(*some)), reduce_retracing=True)

    def mean_loss(some: Cycles) -> float:
        parts = range(0, len(some.X), CHUNK)
        sums = (chunk_loss(*(values[i : i + CHUNK] for values in some)).numpy() for i in parts)
        return float(math.fsum(sums) / len(some.X))

    return lambda order, seed: train(order, tf.constant(seed)), mean_loss


def main(snakemake) -> None:
    """Fit with one thread a fold: sums that several threads share depend on their number."""
    same_sums(threads=1)
    run_fit(snakemake, fit_mlp, save_arrays, largest=SINGLE_SQUARED)


start(globals(), main)
