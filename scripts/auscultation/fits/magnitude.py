"""Features whose numbers are too large for a model: which one, in which cycle, what may help."""

import numpy as np

from auscultation.job.errors import FitFailed

ANY = float(np.finfo(np.float64).max)
SQUARED = 1e150  # squares of these, summed over all cycles, are still numbers
SINGLE = float(np.finfo(np.float32).max)
SINGLE_SQUARED = 1e18  # as `SQUARED`, in float32
NOTABLE = 1e15  # float64 has no more digits than these: beside such a number, others vanish
# By the model's class, the largest number that it can take; others square it in float64.
LARGEST = {
    "ConstantModel": ANY,
    "GroupModel": ANY,
    "RandomModel": ANY,
    "DecisionTreeClassifier": SINGLE,
    "ExtraTreesClassifier": SINGLE,
    "RandomForestClassifier": SINGLE,
    "HistGradientBoostingClassifier": ANY,
}
SCALES = ("standard", "quantile", "log")


class TooLarge(FitFailed):
    """A fit without a result because of a feature, which the message names."""


def largest_for(model: object) -> float:
    """Return the largest number, positive or negative, that a model can take as a feature."""
    return LARGEST.get(type(model).__name__, SQUARED)


def within(X: np.ndarray, largest: float) -> bool:
    """Return whether no number of X is larger in size than `largest`, or X has none."""
    return not X.size or bool(X.max() <= largest and X.min() >= -largest)


def refuse_large(
    X: np.ndarray,
    names: list[str],
    cycles: np.ndarray,
    scale: str,
    part: str,
    largest: float,
    nan: bool = False,
) -> None:
    """Raise TooLarge, naming feature, number and cycle, where a model cannot take X, (n, columns).

    `nan` says whether X may hold nan.
    """
    if within(X, largest):
        return
    if nan:
        X = without_nan(X)
        if within(X, largest):
            return
    row, column = np.unravel_index(np.argmax(sizes(X)), X.shape)
    scaled = "" if scale == "none" else f" after `scale: {scale}`"
    raise TooLarge(
        f"the feature {names[column]!r} is too large for this model: {X[row, column]:.3g}{scaled} "
        f"in cycle {cycles[row]} of the {part} part; it takes numbers up to {largest:.1g}"
        f"{advice(scale)}"
    )


def hint(X: np.ndarray, names: list[str], scale: str) -> str:
    """Name the largest feature, where it may be why a fit has failed; else nothing."""
    X = without_nan(X)
    if within(X, NOTABLE):
        return ""
    row, column = np.unravel_index(np.argmax(sizes(X)), X.shape)
    return f"; the feature {names[column]!r} is as large as {X[row, column]:.3g}{advice(scale)}"


def without_nan(X: np.ndarray) -> np.ndarray:
    """Return numbers with 0 in place of nan."""
    return np.where(np.isnan(X), 0.0, X)


def sizes(X: np.ndarray) -> np.ndarray:
    """Return absolute values; what is not a number counts as the largest."""
    return np.nan_to_num(np.abs(X), nan=np.inf, posinf=np.inf)


def advice(scale: str) -> str:
    """Say which other scaling may help."""
    others = [f"`{name}`" for name in SCALES if name != scale]
    return f" (`scale:` {', '.join(others[:-1])} or {others[-1]} may help)"
