"""What a library refuses to fit: because of the data at hand, or because of the settings.

The one is a row of the report with its reason, the other an error that is mended in the config.
"""

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numpy as np

from auscultation.data.target import Target
from auscultation.job.errors import FitFailed, InputError, one_line

CYCLES = 20  # made up, of each class
SMALL = 10  # no whole number among the settings is larger when they are tried on these
LONGEST = 300  # letters that are quoted of a library's message
REFUSED = (TypeError, ValueError, AttributeError, IndexError, KeyError)


def quoted(error: Exception) -> str:
    """Return an error's message as one line, not too long."""
    said = one_line(error)
    return said if len(said) <= LONGEST else f"{said[:LONGEST]} .."


def suits_nothing(fit: Callable, chosen: dict, n_columns: int, target: Target) -> bool:
    """Return whether settings are refused on made-up cycles too, enough of every class."""
    random, n_classes = np.random.default_rng(0), len(target.classes)
    y = np.tile(np.arange(n_classes), CYCLES)
    X = random.random((len(y), n_columns))
    small = {k: min(v, SMALL) if type(v) is int else v for k, v in chosen.items()}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit(X, y, **small).predict(X)
    except REFUSED:
        return True
    except ArithmeticError:
        pass  # of the data, not of the settings
    return False


def of_classes(y: np.ndarray, target: Target) -> str:
    """Say how many cycles there are of each class."""
    counts = np.bincount(y, minlength=len(target.classes)).tolist()
    each = ", ".join(f"{n} {name}" for n, name in zip(counts, target.classes, strict=True))
    return f"{len(y)} cycles: {each}"


def reason(error: Exception, y: np.ndarray, target: Target) -> str:
    """Say in a line why a model could not be fitted to training cycles of the classes `y`."""
    seen = np.unique(y)
    if len(seen) == 1:
        return (
            f"all {len(y)} training cycles are of one class, {target.classes[seen[0]]!r}, so that "
            f"there is nothing to tell apart ({quoted(error)})"
        )
    return f"{quoted(error)} (fitted on {of_classes(y, target)})"


@contextmanager
def told_apart(
    fit: Callable, chosen: dict, n_columns: int, y: np.ndarray, target: Target
) -> Iterator[None]:
    """Raise what a library raises within as FitFailed (the settings suit other cycles) or InputError."""
    try:
        yield
    except (InputError, FitFailed):
        raise
    except (ArithmeticError, np.linalg.LinAlgError) as error:
        raise FitFailed(reason(error, y, target)) from error
    except REFUSED as error:
        if suits_nothing(fit, chosen, n_columns, target):
            raise InputError(str(error) or type(error).__name__) from error
        raise FitFailed(reason(error, y, target)) from error
