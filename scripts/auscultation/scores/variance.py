"""The share of a feature's variance that lies between groups of cycles: patients, recordings.

Variance components of the one-way random-effects analysis of variance with groups of unequal sizes
(Searle, Casella & McCulloch 1992, Variance Components, section 3.6); of a category, with the sums of
squares of its 0/1 columns (Light & Margolin 1971, J Am Stat Assoc 66:534).
"""

from typing import NamedTuple, Self

import numpy as np

CELLS = 2_000_000  # of a block of columns, so that the memory of a job does not grow with the table


class Groups(NamedTuple):
    """Cycles in the order of their groups."""

    order: np.ndarray  # (n,), row numbers
    starts: np.ndarray  # (groups,), place of each group's first row in this order
    of_row: np.ndarray  # (n,), the group of each row in this order

    @classmethod
    def of(cls, codes: np.ndarray) -> Self:
        """Return the groups of cycles, by a number for each, shape (n,)."""
        order = np.argsort(codes, kind="stable")
        _, starts, of_row = np.unique(codes[order], return_index=True, return_inverse=True)
        return cls(order, starts, of_row)


def columns_at_once(n_rows: int) -> int:
    """Return how many columns of a table of so many rows to take at a time."""
    return max(1, CELLS // max(n_rows, 1))


def scaled(columns: np.ndarray) -> np.ndarray:
    """Return columns, shape (n, c), with a middle of about 0 and sizes of at most 1, nan where blank.

    So that squares of the largest numbers are numbers; the shares of variance stay the same. A column
    with one value alone is nan.
    """
    columns = np.where(np.isfinite(columns), columns, np.nan)
    low, high = np.fmin.reduce(columns, 0), np.fmax.reduce(columns, 0)
    columns = columns / np.maximum(np.abs(low), np.abs(high)).clip(np.finfo(float).tiny)
    middle = np.nansum(columns, 0) / np.maximum((~np.isnan(columns)).sum(0), 1)
    return np.where(low < high, columns - middle, np.nan)


def between(columns: np.ndarray, groups: Groups) -> np.ndarray:
    """Return the share of each column's variance that is between groups, 0 to 1, shape (c,).

    `columns` are as `scaled` returns them, shape (n, c); blank cells are left out. nan where there is
    no such share: a column with one value alone, one group alone, or one cycle in each group.
    """
    columns = columns[groups.order]
    blank = np.isnan(columns)
    columns = np.where(blank, 0, columns)
    sizes = np.add.reduceat(~blank, groups.starts, axis=0, dtype=float)
    means = np.add.reduceat(columns, groups.starts, axis=0) / np.maximum(sizes, 1)
    columns = np.where(blank, 0, columns - means[groups.of_row])
    within = np.einsum("ij,ij->j", columns, columns)
    overall = (sizes * means).sum(0) / np.maximum(sizes.sum(0), 1)
    return share(sizes, (sizes * (means - overall) ** 2).sum(0), within)


def between_of_category(codes: np.ndarray, groups: Groups) -> float:
    """Return the same of a category, by the number of each cycle's level, shape (n,); -1 is blank."""
    codes = codes[groups.order]
    of_row, codes = groups.of_row[codes >= 0], codes[codes >= 0]
    levels, codes = np.unique(codes, return_inverse=True)
    if len(levels) < 2:
        return float("nan")
    sizes = np.bincount(of_row, minlength=len(groups.starts)).astype(float)
    cells, counts = np.unique(of_row * len(levels) + codes, return_counts=True)
    squares = np.bincount(cells // len(levels), counts.astype(float) ** 2, len(sizes))
    within = (sizes - squares / np.maximum(sizes, 1)).sum()
    total = len(codes) - (np.bincount(codes).astype(float) ** 2).sum() / len(codes)
    shares = share(sizes[:, None], np.array([total - within]), np.array([within]))
    return float(shares[0])


def share(sizes: np.ndarray, squares: np.ndarray, within: np.ndarray) -> np.ndarray:
    """Return sigma2_between / (sigma2_between + sigma2_within) of each column, shape (c,).

    From the sizes of the groups, shape (groups, c), and the sums of squares between and within them;
    an estimate of sigma2_between below zero is zero.
    """
    n, k = sizes.sum(0), (sizes > 0).sum(0)
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = within / (n - k)
        typical = (n - (sizes**2).sum(0) / n) / (k - 1)  # n0, the size of balanced groups
        outside = np.maximum((squares / (k - 1) - inside) / typical, 0)
        return np.where((k > 1) & (n > k), outside / (outside + inside), np.nan)
