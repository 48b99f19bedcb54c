"""The job of a rule whose algorithm is a scikit-learn estimator."""

from collections.abc import Callable

import numpy as np

from auscultation.fits.fold import Large
from auscultation.fits.magnitude import largest_for
from auscultation.fits.pipeline import Transformers, load_pipelines, save_pipelines
from auscultation.fits.run import run_fit
from auscultation.job.errors import InputError
from auscultation.job.imports import lean
from auscultation.job.parallel import share

with lean():
    from sklearn.utils import get_tags


def fit_estimator(
    snakemake, estimator: Callable, parallel: bool = False, large: Large | None = None
) -> None:
    """Do the job of a rule whose algorithm is a scikit-learn estimator.

    `estimator` is its class, or a function of its settings that makes one or a pipeline. If it has
    `n_jobs` (`parallel`), it fits with the threads that its fold has. `large` is as for `run_fit`.
    InputError where the estimator has no such setting (scikit-learn's own message), or as `run_fit`.
    """

    def fit(X: np.ndarray, y: np.ndarray, **settings) -> object:
        model = estimator(**settings)
        if not parallel:
            return model.fit(X, y)
        model.set_params(n_jobs=threads).fit(X, y)
        # threads add up probabilities in no order: with one the last digit is always the same
        return model.set_params(n_jobs=None)

    _, threads = share(snakemake.input.train, snakemake.threads)
    try:
        made = estimator(**snakemake.params.settings)
    except TypeError as error:
        raise InputError(f"model {snakemake.wildcards.model!r}: {error}") from error
    used: dict[str, object] = {}
    for _, part in getattr(made, "steps", [("", made)]):
        used |= part.get_params()
    run_fit(
        *(snakemake, fit, save_pipelines, used, large, largest_for(made)),
        load=load_pipelines,
        preprocessor=Transformers,
        takes_missing=get_tags(made).input_tags.allow_nan,
    )
