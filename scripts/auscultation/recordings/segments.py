"""Statistics of stretches of an array: frames of a cycle, samples of a cycle.

`Segments` lie one behind the other and are never empty; spans of samples, as begin and end, may
overlap, have gaps or be empty.
"""

from typing import NamedTuple

import numpy as np


class Segments(NamedTuple):
    """Consecutive stretches of rows: the first row and the number of rows of each, (n,), >= 1."""

    starts: np.ndarray
    counts: np.ndarray

    def spread(self, values: np.ndarray) -> np.ndarray:
        """Return the value of each segment, (n, ...), repeated for each of its rows."""
        return np.repeat(values, self.counts, axis=0)


def segments(counts: np.ndarray) -> Segments:
    """Return segments of the given numbers of rows, (n,)."""
    return Segments(np.cumsum(counts) - counts, counts)


def means(values: np.ndarray, parts: Segments) -> np.ndarray:
    """Return the mean of each segment over the rows of `values`, (rows, ...) to (n, ...)."""
    sums = np.add.reduceat(values, parts.starts, axis=0)
    return sums / parts.counts.reshape(-1, *[1] * (values.ndim - 1))


def deviations(values: np.ndarray, parts: Segments) -> np.ndarray:
    """Return the population standard deviation of each segment, (rows, ...) to (n, ...)."""
    return np.sqrt(means((values - parts.spread(means(values, parts))) ** 2, parts))


def step_means(steps: np.ndarray, parts: Segments) -> np.ndarray:
    """Return the mean of the steps inside each segment, 0 where it has one row only.

    `steps`, (rows, ...), has in row i what changes from row i - 1 to row i.
    """
    steps = steps.copy()
    steps[parts.starts] = 0
    return means(steps, parts._replace(counts=np.maximum(parts.counts - 1, 1)))


def quantiles(values: np.ndarray, parts: Segments, levels: tuple[float, ...]) -> np.ndarray:
    """Return quantiles of each segment, interpolated linearly: (rows, ...) to (levels, n, ...)."""
    result = np.empty((len(levels), len(parts.starts), *values.shape[1:]))
    for part, (start, count) in enumerate(zip(*parts, strict=True)):
        ordered = np.sort(values[start : start + count], axis=0)
        for place, level in enumerate(levels):
            below, share = divmod(level * (count - 1), 1)
            lower, upper = ordered[int(below)], ordered[min(int(below) + 1, count - 1)]
            result[place, part] = lower + share * (upper - lower)
    return result


def span_reduced(
    operation: np.ufunc, values: np.ndarray, begin: np.ndarray, end: np.ndarray
) -> np.ndarray:
    """Return values[begin:end], (n,), of each span reduced by an operation; 0 of empty spans."""
    edges = np.minimum(np.column_stack([begin, np.maximum(begin, end)]).ravel(), len(values))
    # reduceat wants every edge inside the array
    closed = values if edges.max(initial=0) < len(values) else np.append(values, 0)
    reduced = operation.reduceat(closed, edges)[::2]
    return np.where(end > begin, reduced, 0)
