"""Load what any fit has kept, as arrays (.npz) or as pipelines (.skops)."""

import os
from pathlib import Path

from auscultation.fits.models import load_arrays
from auscultation.fits.pipeline import load_pipelines
from auscultation.fits.preprocess import Preprocessor


def load(path: str | os.PathLike) -> list[tuple[Preprocessor, object]]:
    """Return for each fold the preprocessing and the model; nothing in the file is run.

    ValueError where it holds anything but what fits keep, or has been damaged.
    """
    if not os.path.getsize(path):
        raise ValueError(f"{path}: empty, its fit has no result; fit.json beside it says why")
    return load_arrays(path) if Path(path).suffix == ".npz" else load_pipelines(path)
