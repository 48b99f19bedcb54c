"""Features as a model sees them: imputed, scaled, categories encoded, by what the training part holds.

For models that are kept as arrays (.npz), whose jobs do without scikit-learn: what is fitted is a few
arrays. The formulas are those of scikit-learn's SimpleImputer (most frequent value), StandardScaler,
QuantileTransformer (uniform output) and OneHotEncoder (unknown categories ignored).
"""

from collections.abc import Collection, Mapping
from typing import Self

import numpy as np
import pyarrow as pa

from auscultation.data.columns import WORKBOOK
from auscultation.data.derived import CATEGORIES, SOURCES, derive, missing
from auscultation.job.errors import FitFailed

MOST_QUANTILES = 1000
LARGE = 1e307  # from here sums of two numbers may be too large for one
PLAIN = 500  # powers of two, up and down, between which squares are numbers that lose no digits


class Preprocessor:
    """From columns of cycles to a matrix of numbers.

    `features` are numbers or categories. `scale` is for the numbers: `none`; `standard`, mean 0 and
    standard deviation 1; `quantile`, the share of training cycles below, 0 to 1; `log`,
    sign(x) log(1 + |x| / m), with m the median of |x|. Blank cells of the features to `impute` get
    the most frequent value of the training part (of several the smallest); in others none is blank.
    """

    def __init__(self, features: list[str], scale: str = "none", impute: Collection[str] = ()):
        self.features = list(features)
        self.scale = scale
        self.impute = frozenset(impute)
        self.fitted: dict[str, np.ndarray] = {}  # by feature, what scaling or encoding has learnt
        self.imputed: dict[str, np.ndarray] = {}  # by feature, for blank cells, shape (1,)

    def fresh(self) -> Self:
        """Return one with the same settings that has learnt nothing."""
        return type(self)(self.features, self.scale, self.impute)

    def fit(self, columns: Mapping[str, np.ndarray]) -> Self:
        """Learn from the training part; FitFailed where a feature has no value there."""
        self.refuse_empty(columns)
        for name in self.features:
            if name in self.impute:
                self.imputed[name] = most_frequent(name, derive(columns, name))
            values = self._filled(columns, name)
            if name in CATEGORIES:
                self.fitted[name] = np.unique(values.astype(str))
                continue
            values = values.astype(np.float64)
            if self.scale == "standard":
                self.fitted[name] = _centre(values)
                continue
            # halves of the largest numbers, whose sums and differences are none
            part = 1.0 if np.abs(values).max() < LARGE else 0.5
            if self.scale == "quantile":
                shares = np.linspace(0, 1, min(MOST_QUANTILES, len(values)))
                found = np.percentile(values * part, 100 * shares)
                self.fitted[name] = np.maximum.accumulate(found) / part
            elif self.scale == "log":
                middle = np.median(np.abs(values) * part) / part
                self.fitted[name] = np.array([middle if middle > 0 else 1.0])
        return self

    def transform(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the matrix of cycles, shape (n, len(self.names)), float64, C-ordered.

        A category that the training part does not have is 0 in each of its columns.
        """
        parts = []
        for name in self.features:
            values = self._filled(columns, name)
            if name in CATEGORIES:
                parts.append(values.astype(str)[:, None] == self.fitted[name][None, :])
            else:
                parts.append(self._scaled(name, values.astype(np.float64))[:, None])
        return np.ascontiguousarray(np.hstack(parts), dtype=np.float64)

    def refuse_empty(self, columns: Mapping[str, np.ndarray]) -> None:
        """Hold that each feature to impute has a value in the training part; else raise FitFailed."""
        for name in sorted(self.impute):
            if missing(derive(columns, name)).all():
                raise FitFailed(f"the feature {name!r} has no value in the training part")

    def _filled(self, columns: Mapping[str, np.ndarray], name: str) -> np.ndarray:
        values = derive(columns, name)
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
    def names(self) -> list[str]:
        """Names of the matrix's columns: a category's are `feature=value`."""
        names = []
        for name in self.features:
            values = self.fitted[name] if name in CATEGORIES else None
            names += [name] if values is None else [f"{name}={value}" for value in values]
        return names

    def plain(self) -> "Preprocessor":
        """Return the same without scaling."""
        return learnt(self.features, "none", self.fitted, self.imputed)


Learnt = Mapping[str, np.ndarray]


def learnt(features: list[str], scale: str, fitted: Learnt, imputed: Learnt) -> Preprocessor:
    """Return a fitted preprocessor, from what was kept of it."""
    made = Preprocessor(features, scale, imputed)
    made.fitted, made.imputed = dict(fitted), dict(imputed)
    return made


def most_frequent(name: str, values: np.ndarray) -> np.ndarray:
    """Return the most frequent value of a feature, of several the smallest, as text or float64."""
    kind = str if name in CATEGORIES else np.float64
    known, counts = np.unique(values[~missing(values)].astype(kind), return_counts=True)
    return known[[counts.argmax()]]


def blank_features(features: list[str], *tables: pa.Table) -> set[str]:
    """Return the features that are blank in some cycle of some table."""
    named = ((name, table) for table in tables for name in features if name in table.column_names)
    return {name for name, table in named if table[name].null_count}


def columns_for(table: pa.Table, features: list[str]) -> dict[str, np.ndarray]:
    """Return the columns of a table that features are, or follow from.

    ValueError where the table lacks one, has texts where the feature needs numbers, or blank cells
    in a column that is no known column of a workbook: only in these are blank cells imputed.
    """
    columns = {}
    for feature in features:
        for name in [feature] if feature in table.column_names else SOURCES.get(feature, [feature]):
            if name not in table.column_names:
                raise ValueError(
                    f"no column {name!r}, which the feature {feature!r} needs: the workbook lacks it, "
                    "it has no value there, or `clean.drop` names it"
                )
            if table[name].null_count and name not in WORKBOOK:
                raise ValueError(
                    f"column {name!r} is blank in {table[name].null_count:,} of {table.num_rows:,} "
                    f"cycles, and the feature {feature!r} needs it"
                )
            if feature not in CATEGORIES and pa.types.is_string(table.schema.field(name).type):
                raise ValueError(f"column {name!r} holds texts, and the feature needs numbers")
            columns[name] = table[name].to_numpy()
    return columns


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
