"""Scores of probabilities: log loss, Brier score, macro one-vs-rest AUC, and a calibration curve.

As with the other metrics, cycles are summed up by patient, so that a draw of patients weighs sums
and never looks at the cycles again. For the AUC the sums are over pairs of patients: how often an
abnormal cycle of the one is rated above a cycle of the other. Their number grows with the square of
the patients; for very many, what each patient adds to the area is summed up instead.
"""

from typing import NamedTuple

import numpy as np

PROBABILITY_METRICS = ("log_loss", "brier_score", "auc_ovr")
EPS = np.finfo(np.float64).eps  # as scikit-learn's log_loss
BINS = 10
PAIRED = 2000  # patients whose pairs fit into memory: 4 classes take 128 MB


class Sums(NamedTuple):
    """Sums of each patient's cycles: all that the scores of probabilities need."""

    cycles: np.ndarray  # (p,), how many
    losses: np.ndarray  # (p, 2), log losses and Brier scores
    wins: np.ndarray | None  # (classes, p, p), see `pair_wins`; None above `PAIRED` patients
    sides: np.ndarray | None  # (classes, folds, 2, p), cycles of the class and others: the pairs
    areas: np.ndarray | None = None  # above `PAIRED`: (classes,), under the curve of each class
    slopes: np.ndarray | None = None  # (classes, p), what a patient drawn once more adds to it


def cycle_losses(y: np.ndarray, p: np.ndarray) -> np.ndarray:
    """Give the log loss and the Brier score of each cycle.

    Parameters
    ----------
    y
        True classes, from 0, shape (n,).
    p
        Probabilities of the classes, shape (n, classes); rows add up to 1.

    Returns
    -------
    numpy.ndarray
        Shape (n, 2): -log p(true class) in nats, with p clipped to [eps, 1 - eps]; and the sum over
        classes of (p - 1 where true, else 0)^2, from 0 to 2.
    """
    true = np.eye(p.shape[1])[y]
    log = -np.log(np.clip(p[np.arange(len(p)), y], EPS, 1 - EPS))
    return np.column_stack([log, ((p - true) ** 2).sum(1)])


def pair_wins(
    score: np.ndarray, positive: np.ndarray, group: np.ndarray, n_groups: int
) -> np.ndarray:
    """Count the pairs in which a positive cycle is rated above a negative one, by their groups.

    Parameters
    ----------
    score, positive, group
        Rating, whether positive, and index of the group of each cycle, shape (n,).
    n_groups
        How many groups there are.

    Returns
    -------
    numpy.ndarray
        Shape (n_groups, n_groups): entry (i, j) counts positive cycles of group i against negative
        ones of group j, equal ratings as half. Over all pairs, this is the Mann-Whitney U.
    """
    order = np.argsort(score[positive])  # sorted look-ups are several times faster
    high, of = score[positive][order], group[positive][order]
    low, by = score[~positive], group[~positive]
    wins = np.zeros((n_groups, n_groups))
    for j in np.unique(by):
        beaten = np.sort(low[by == j])
        rank = np.searchsorted(beaten, high, "left") + np.searchsorted(beaten, high, "right")
        wins[:, j] = np.bincount(of, weights=rank, minlength=n_groups) / 2
    return wins


def probability_sums(
    y: np.ndarray,
    p: np.ndarray,
    group: np.ndarray | None = None,
    n_groups: int = 1,
    fold: np.ndarray | None = None,
) -> Sums:
    """Sum up the cycles of each group (patient).

    Parameters
    ----------
    y, p
        As in `cycle_losses`.
    group
        Index of each cycle's group, 0 to n_groups - 1; None puts all in one.
    n_groups
        How many groups there are.
    fold
        Fold of each cycle. Only cycles of the same fold are paired, since each fold has a model of
        its own: pairs across folds put even a constant below an AUC of 0.5 (Forman and Scholz 2010,
        ACM SIGKDD Explorations 12(1):49-57).
    """
    group = np.zeros(len(y), dtype=np.int64) if group is None else group
    fold = np.zeros(len(y), dtype=np.int64) if fold is None else fold
    losses = [np.bincount(group, weights=w, minlength=n_groups) for w in cycle_losses(y, p).T]
    cycles = np.bincount(group, minlength=n_groups).astype(float)
    if n_groups > PAIRED:
        found = [areas(p[:, s], y == s, group, n_groups, fold) for s in range(p.shape[1])]
        area, slopes = (np.array(column) for column in zip(*found, strict=True))
        return Sums(cycles, np.column_stack(losses), None, None, area, slopes)
    folds = np.unique(fold)
    wins = np.zeros((p.shape[1], n_groups, n_groups))
    sides = np.zeros((p.shape[1], len(folds), 2, n_groups))
    for number, inside in enumerate(fold == k for k in folds):
        of, true = group[inside], y[inside]
        for s in range(p.shape[1]):
            wins[s] += pair_wins(p[inside, s], true == s, of, n_groups)
            for at, side in enumerate((true == s, true != s)):
                sides[s, number, at] = np.bincount(of[side], minlength=n_groups)
    return Sums(cycles, np.column_stack(losses), wins, sides)


def areas(
    score: np.ndarray, positive: np.ndarray, group: np.ndarray, n_groups: int, fold: np.ndarray
) -> tuple[float, np.ndarray]:
    """Give the area under a class's curve, and what each group adds to it when it counts once more.

    Parameters
    ----------
    score, positive, group, n_groups
        As in `pair_wins`.
    fold
        As in `probability_sums`.

    Returns
    -------
    float, numpy.ndarray
        Wins over pairs (nan without a pair), and its derivative by each group's weight, shape
        (n_groups,): the infinitesimal jackknife (Efron 1981, Canadian Journal of Statistics
        9(2):139-158). A draw's area is the area plus the sum of the slopes of who was drawn, up to
        what vanishes with the number of groups.
    """
    wins, pairs = np.zeros((2, n_groups))  # of the pairs that each group has a part in
    total = np.zeros(2)
    for inside in (fold == k for k in np.unique(fold)):
        rating, is_positive, of = score[inside], positive[inside], group[inside]
        others = {side: np.sort(rating[is_positive != side]) for side in (True, False)}
        for side in (True, False):
            mine = is_positive == side
            rank = (
                sum(np.searchsorted(others[side], rating[mine], s) for s in ("left", "right")) / 2
            )
            won = rank if side else len(others[side]) - rank
            wins += np.bincount(of[mine], weights=won, minlength=n_groups)
            pairs += np.bincount(of[mine], minlength=n_groups) * float(len(others[side]))
            if side:
                total += won.sum(), float(len(won)) * len(others[side])
    if not total[1]:
        return np.nan, np.zeros(n_groups)
    area = total[0] / total[1]
    return area, (wins - area * pairs) / total[1]


def probability_metrics(sums: Sums, weights: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Compute every metric of probabilities, of all cycles or of draws of patients.

    Parameters
    ----------
    sums
        From `probability_sums`.
    weights
        How often each patient was drawn, shape (..., patients); None is each once.

    Returns
    -------
    dict
        By the names in `PROBABILITY_METRICS`, shape (...). `auc_ovr` is the mean over the classes
        that some of the cycles have and some have not of the area under the ROC curve of that class
        against the rest, within folds; nan where there is no such class.
    """
    weights = np.ones(len(sums.cycles)) if weights is None else weights
    n = weights @ sums.cycles
    # not `@`, whose last digits depend on the processor; those of counts are exact
    losses = np.einsum("...p,pl->...l", weights, sums.losses)
    both = {"log_loss": losses[..., 0] / n, "brier_score": losses[..., 1] / n}
    if sums.wins is None:
        drawn = sums.areas + np.einsum("...p,cp->...c", weights - 1, sums.slopes)
        known = ~np.isnan(sums.areas)
        return both | {"auc_ovr": drawn[..., known].mean(-1) if known.any() else n * np.nan}
    wins = np.stack([((weights @ m) * weights).sum(-1) for m in sums.wins], axis=-1)
    counts = np.tensordot(weights, sums.sides, (-1, -1))  # (..., classes, folds, 2)
    pairs = counts.prod(-1).sum(-1)
    known = pairs > 0
    areas = np.divide(wins, pairs, out=np.zeros(wins.shape), where=known)
    with np.errstate(invalid="ignore"):  # 0 / 0 is the nan that is meant
        auc = areas.sum(-1) / known.sum(-1)
    return both | {"auc_ovr": auc}


def calibration_curve(y: np.ndarray, p: np.ndarray, bins: int = BINS) -> list[dict]:
    """Compare the predicted probability of what is not normal, 1 - p0, with how often it is so.

    Parameters
    ----------
    y, p
        As in `cycle_losses`.
    bins
        Bins have about the same number of cycles each (quantiles of the prediction).

    Returns
    -------
    list of dict
        bin (from 1), mean_predicted, observed (share of cycles not of class 0), n_cycles; a bin
        without cycles, where predictions are equal, is left out.
    """
    predicted, abnormal = 1 - p[:, 0], y != 0
    edges = np.percentile(predicted, np.linspace(0, 1, bins + 1)[1:-1] * 100)
    number = np.searchsorted(edges, predicted)
    rows = []
    for k in np.unique(number):
        inside = number == k
        rows.append(
            {
                "bin": int(k) + 1,
                "mean_predicted": float(predicted[inside].mean()),
                "observed": float(abnormal[inside].mean()),
                "n_cycles": int(inside.sum()),
            }
        )
    return rows
