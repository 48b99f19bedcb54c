"""Load what any fit has kept, as arrays (.npz) or as pipelines (.skops)."""

import os
from pathlib import Path

from auscultation.fits.models import load_arrays
from auscultation.fits.pipeline import load_pipelines
from auscultation.fits.preprocess import Preprocessor


def load(path: str | os.PathLike) -> list[tuple[Preprocessor, object]]:
    """Return for each fold the preprocessing and the model.

    Raises
    ------
    ValueError
        Where a file holds anything but arrays and the parts of scikit-learn's pipelines, or has been
        damaged. Nothing in it is run.
    """
    if not os.path.getsize(path):
        raise ValueError(f"{path}: empty, its fit has no result; fit.json beside it says why")
    return load_arrays(path) if Path(path).suffix == ".npz" else load_pipelines(path)
