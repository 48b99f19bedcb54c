"""Fit a linear model of the state by gradient descent in TensorFlow to each fold of a split.

In: `train.parquet`, `test.parquet`. Out: `model.npz`, `predictions.parquet`, `fit.json`.
"""

import numpy as np

from auscultation.fits.magnitude import SINGLE_SQUARED
from auscultation.fits.models import LinearModel, save_arrays
from auscultation.fits.run import run_fit
from auscultation.fits.tensors import same_sums, tensorflow
from auscultation.job.log import start
from auscultation.job.parallel import share


def fit_gradient_descent(
    X: np.ndarray,
    y: np.ndarray,
    learning_rate: float = 0.01,
    iterations: int = 1000,
    beta_1: float = 0.9,
    beta_2: float = 0.999,
    epsilon: float = 1e-8,
) -> LinearModel:
    """Minimise the mean squared error by full-batch Adam (Kingma and Ba 2015) from zero, in float32.

    X has shape (n, features), y, the state, (n,); the model's `loss`, shape (iterations,), is the
    training loss before each step. The gradient of Spectrum Av is about as small as epsilon, which
    decides its coefficient: 1e-8, the paper's value and that of TensorFlow 1, whose optimizer this
    is, gives the notebook's; Keras' default of 1e-7 does not.
    """
    tf = tensorflow()
    design = np.column_stack([np.ones(len(X)), X]).astype(np.float32)
    inputs, target = tf.constant(design), tf.constant(y.astype(np.float32)[:, None])
    theta = tf.Variable(tf.zeros((design.shape[1], 1)))
    adam = tf.compat.v1.train.AdamOptimizer(learning_rate, beta_1, beta_2, epsilon)

    @tf.function
    def descend():
        losses = tf.TensorArray(tf.float32, iterations)
        for i in tf.range(iterations):
            with tf.GradientTape() as tape:
                loss = tf.reduce_mean(tf.square(inputs @ theta - target))
            adam.apply_gradients([(tape.gradient(loss, theta), theta)])
            losses = losses.write(i, loss)
        return losses.stack()

    loss = descend().numpy()
    return LinearModel(theta.numpy().ravel(), loss)


def main(snakemake) -> None:
    """Fit with a fold's threads, and with sums that do not depend on their number."""
    same_sums(share(snakemake.input.train, snakemake.threads).threads)
    run_fit(snakemake, fit_gradient_descent, save_arrays, largest=SINGLE_SQUARED)


start(globals(), main)
