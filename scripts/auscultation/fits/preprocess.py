"""Features as a model sees them: imputed, scaled, categories encoded, by what the training part holds.

For models that are kept as arrays (.npz), whose jobs do without scikit-learn: what is fitted is a few
arrays. The formulas are those of scikit-learn's SimpleImputer, MissingIndicator, StandardScaler,
QuantileTransformer (uniform output) and OneHotEncoder (unknown categories ignored).
"""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple, Self

import numpy as np
import pyarrow as pa

from auscultation.data.derived import CATEGORIES, SOURCES, derive, missing
from auscultation.data.features import is_category
from auscultation.job.errors import FitFailed

MOST_QUANTILES = 1000
LARGE = 1e307  # from here sums of two numbers may be too large for one
PLAIN = 500  # powers of two, up and down, between which squares are numbers that lose no digits
OPTIONS = ("features", "scale", "missing")  # what a preprocessing is made with
BLANK = ""  # the value of a category whose cell is blank, where that is a value of its own
AS_VALUE = ("indicator", "keep")  # with which a blank cell of a category is a value of its own


class Column(NamedTuple):
    """A column of the matrix: a number, whether a number is missing, or whether a category is a value."""

    feature: str
    value: str | None = None
    indicator: bool = False

    @property
    def name(self) -> str:
        """Return the name of the column."""
        if self.indicator or self.value == BLANK:
            return f"{self.feature} missing"
        return self.feature if self.value is None else f"{self.feature}={self.value}"


class Preprocessor:
    """From columns of cycles to a matrix of numbers.

    `features` are numbers or categories. `scale` is for the numbers: `none`; `standard`, mean 0 and
    standard deviation 1; `quantile`, the share of training cycles below, 0 to 1; `log`,
    sign(x) log(1 + |x| / m), with m the median of |x|. `blank` are the features with blank cells;
    `missing` is what these become. `median`: of a number the median of the training part, of a
    category its most frequent value (of several the smallest). `most_frequent`: that of numbers too.
    `indicator`: the median, and a column that is 1 where a number is missing, for each number that is
    so in the training part; of a category a value of its own. `keep`: nan, and of a category a value.
    """

    def __init__(
        self,
        features: Sequence[str],
        scale: str = "none",
        blank: Collection[str] = (),
        missing: str = "median",
    ):
        self.features = list(features)
        self.scale = scale
        self.blank = frozenset(blank)
        self.missing = missing
        self.fitted: dict[str, np.ndarray] = {}  # by feature, what scaling or encoding has learnt
        self.imputed: dict[str, np.ndarray] = {}  # by feature, for blank cells, shape (1,)
        self.indicators: list[str] = []  # numbers that have a column for their gaps

    def fresh(self) -> Self:
        """Return one with the same settings that has learnt nothing."""
        return type(self)(self.features, self.scale, self.blank, self.missing)

    def fit(self, columns: Mapping[str, np.ndarray]) -> Self:
        """Learn from the training part; FitFailed where a feature has no value there."""
        self.refuse_empty(columns)
        for name in self.features:
            values = derive(columns, name)
            whole = values[~missing(values)] if name in self.blank else values
            if is_text(name, values):
                if name in self.blank:
                    as_value = self.missing in AS_VALUE
                    usual = BLANK if as_value else most_frequent(whole.astype(str))
                    self.imputed[name] = np.array([usual])
                self.fitted[name] = np.unique(self._filled(columns, name).astype(str))
                continue
            whole = whole.astype(np.float64)
            if name in self.blank and self.missing != "keep":
                self.imputed[name] = np.array([self.usual(whole)])
                if self.missing == "indicator" and len(whole) < len(values):
                    self.indicators.append(name)
                whole = self._filled(columns, name)
            if (learnt := learnt_of(whole, self.scale, len(values))) is not None:
                self.fitted[name] = learnt
        return self

    def transform(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the matrix of cycles, shape (n, len(self.names)), float64, C-ordered.

        A category that the training part does not have is 0 in each of its columns.
        """
        parts, categories = [], self.categories
        for name in self.features:
            values = self._filled(columns, name)
            if name in categories:
                parts.append(values.astype(str)[:, None] == self.fitted[name][None, :])
            else:
                parts.append(self._scaled(name, values)[:, None])
        parts += [missing(derive(columns, name))[:, None] for name in self.indicators]
        return np.ascontiguousarray(np.hstack(parts), dtype=np.float64)

    def refuse_empty(self, columns: Mapping[str, np.ndarray]) -> None:
        """Hold that each feature has a value in the training part; else raise FitFailed."""
        for name in sorted(self.blank):
            if missing(derive(columns, name)).all():
                raise FitFailed(f"the feature {name!r} has no value in the training part")

    def takes_blank(self, name: str) -> bool:
        """Return whether a cycle may lack this feature."""
        return name in self.imputed or self.missing == "keep" and name not in self.categories

    def usual(self, numbers: np.ndarray) -> float:
        """Return what stands for a number that is missing, of those that are not."""
        if self.missing == "most_frequent":
            return float(most_frequent(numbers))
        return float(np.median(numbers))

    def _filled(self, columns: Mapping[str, np.ndarray], name: str) -> np.ndarray:
        """Return a feature, blank cells imputed; a number as float64."""
        values = derive(columns, name)
        if not is_text(name, values):
            values = values.astype(np.float64)
        if name not in self.imputed:
            return values
        return np.where(missing(values), self.imputed[name], values)

    def _scaled(self, name: str, values: np.ndarray) -> np.ndarray:
        if self.scale == "none":
            return values
        known = self.fitted[name]
        with np.errstate(over="ignore"):  # what is infinite is refused, with its feature's name
            if self.scale == "standard":
                if np.abs(known).max() < LARGE:
                    return (values - known[0]) / known[1]
                return values / known[1] - known[0] / known[1]
            if self.scale == "log":
                sizes = np.abs(values)
                logs = np.log1p(sizes / known[0])
                over = np.isinf(logs) & np.isfinite(sizes)
                logs[over] = np.log(sizes[over]) - np.log(known[0])
                return np.sign(values) * logs
        shares = np.linspace(0, 1, len(known))
        # from both ends, so that a value that is often repeated is in the middle of its shares
        rising = np.interp(values, known, shares)
        falling = np.interp(-values, -known[::-1], -shares[::-1])
        scaled = (rising - falling) / 2
        # the ends are exactly 0 and 1, however often their values are repeated
        scaled[values == known[-1]] = 1
        scaled[values == known[0]] = 0
        return scaled

    @property
    def categories(self) -> set[str]:
        """The features that are categories."""
        return {name for name, learnt in self.fitted.items() if learnt.dtype.kind == "U"}

    @property
    def columns(self) -> list[Column]:
        """The matrix's columns: of each feature, then those for the gaps of numbers."""
        columns, categories = [], self.categories
        for name in self.features:
            values = self.fitted[name].tolist() if name in categories else [None]
            columns += [Column(name, value) for value in values]
        return columns + [Column(name, indicator=True) for name in self.indicators]

    @property
    def names(self) -> list[str]:
        """Names of the matrix's columns: a category's are `feature=value`, of gaps `feature missing`."""
        return [column.name for column in self.columns]

    def plain(self) -> "Preprocessor":
        """Return the same without scaling."""
        made = Preprocessor(self.features, "none", self.blank, self.missing)
        made.fitted, made.imputed, made.indicators = self.fitted, self.imputed, self.indicators
        return made


def is_text(name: str, values: np.ndarray) -> bool:
    """Return whether a feature is a category, by its name or as its values are texts."""
    return name in CATEGORIES or values.dtype.kind in "OU"


def learnt_of(values: np.ndarray, scale: str, n: int) -> np.ndarray | None:
    """Return what scaling learns of a number's values, of n cycles; None where it learns nothing."""
    if scale == "none":
        return None
    if scale == "standard":
        return _centre(values)
    # halves of the largest numbers, whose sums and differences are none
    part = 1.0 if np.abs(values).max() < LARGE else 0.5
    if scale == "quantile":
        shares = np.linspace(0, 1, min(MOST_QUANTILES, n))
        return np.maximum.accumulate(np.percentile(values * part, 100 * shares)) / part
    middle = np.median(np.abs(values) * part) / part
    return np.array([middle if middle > 0 else 1.0])


def most_frequent(values: np.ndarray) -> str | float:
    """Return the most frequent of values without gaps, of several the smallest."""
    known, counts = np.unique(values, return_counts=True)
    return known[counts.argmax()]


def blank_features(features: Sequence[str], *parts: Mapping[str, np.ndarray]) -> set[str]:
    """Return the features that are blank in some cycle of some part."""
    return {n for n in features for columns in parts if missing(derive(columns, n)).any()}


def sources_of(feature: str, names: Collection[str]) -> tuple[str, ...]:
    """Return the columns of a table that a feature is, or follows from."""
    return (feature,) if feature in names else SOURCES.get(feature, (feature,))


def columns_for(table: pa.Table, features: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the columns of a table that features are, or follow from: numbers, or texts and None.

    ValueError where the table lacks one, or it holds neither numbers nor texts.
    """
    columns, names = {}, set(table.column_names)
    for feature in features:
        for name in sources_of(feature, names):
            if name not in names:
                raise ValueError(
                    f"no column {name!r}, which the feature {feature!r} needs: the workbook lacks it, "
                    "it has no value there, or `clean.drop` names it"
                )
            columns[name] = _as_array(name, table[name])
    return columns


def _as_array(name: str, column: pa.ChunkedArray) -> np.ndarray:
    kind = column.type
    if is_category(name, kind):
        return column.cast(pa.string()).to_numpy()
    if pa.types.is_boolean(kind) or pa.types.is_null(kind):
        column = column.cast(pa.uint8()).cast(pa.float64())
    elif not (pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        raise ValueError(f"column {name!r} holds {kind}, and a feature holds numbers or texts")
    return column.to_numpy()


def _centre(values: np.ndarray) -> np.ndarray:
    """Return mean and standard deviation; 1 for a constant column, whose rounding is no spread."""
    _, power = np.frexp(np.abs(values).max())
    power = 0 if -PLAIN < power < PLAIN else int(power)
    values = np.ldexp(values, -power)
    n, eps, mean, variance = len(values), np.finfo(np.float64).eps, values.mean(), values.var()
    if variance <= n * eps * variance + (n * mean * eps) ** 2:
        return np.array([np.ldexp(mean, power), 1.0])
    spread = np.ldexp(np.sqrt(variance), power)
    return np.array([np.ldexp(mean, power), max(spread, np.finfo(np.float64).smallest_subnormal)])
