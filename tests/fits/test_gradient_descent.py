"""Gradient descent in TensorFlow against Adam in NumPy, as its authors print it."""

import numpy as np
import pytest

from auscultation.fits.models import save_arrays
from auscultation.fits.run import run_fit
from fit_gradient_descent import fit_gradient_descent
from fit_jobs import keeps_contract, run, sides, without_result


def adam(X, y, rate, steps, epsilon=1e-8, beta_1=0.9, beta_2=0.999):
    """Adam as Kingma and Ba 2015 print it (the order of section 2.1), in float64."""
    design = np.column_stack([np.ones(len(X)), X])
    theta, m, v, losses = np.zeros(design.shape[1]), 0, 0, []
    for t in range(1, steps + 1):
        residual = design @ theta - y
        losses.append(np.mean(residual**2))
        gradient = 2 * design.T @ residual / len(y)
        m = beta_1 * m + (1 - beta_1) * gradient
        v = beta_2 * v + (1 - beta_2) * gradient**2
        step = rate * np.sqrt(1 - beta_2**t) / (1 - beta_1**t)
        theta = theta - step * m / (np.sqrt(v) + epsilon)
    return theta, losses


def test_gradient_descent(job):
    """One test for all, since TensorFlow takes 6 s to import."""
    table, parts, summary = run(job, "gradient_descent", iterations=60, epsilon=0.01)
    keeps_contract(job, table, False)
    chosen = {"iterations": 60, "epsilon": 0.01}
    assert summary["settings"] == {"learning_rate": 0.01, "beta_1": 0.9, "beta_2": 0.999} | chosen
    saved = np.load(job.output.model, allow_pickle=False)
    for number, X, y, seen, part in sides(job, parts):
        theta, losses = adam(X, y, 0.01, 60, epsilon=0.01)
        fold = summary["folds"][number]
        assert fold["loss"][0] == pytest.approx(np.mean(y**2), rel=1e-6)  # from zero
        np.testing.assert_allclose(fold["loss"], losses, rtol=1e-4)
        np.testing.assert_allclose(fold["theta"][0], theta, rtol=1e-3)
        kept = saved["theta"][number]
        np.testing.assert_allclose(part["prediction"], kept[0] + seen @ kept[1:], rtol=1e-14)
    model = fit_gradient_descent(X, y, 1, iterations=3)  # 1.0 comes from the config as 1
    np.testing.assert_allclose(model.theta, adam(X, y, 1, 3)[0], rtol=1e-3)
    job.params.settings = {"learning_rate": 1e38, "iterations": 4}
    run_fit(job, fit_gradient_descent, save_arrays, {})
    without_result(job, r"fold 0: 40 predictions on the train part are not finite numbers")
