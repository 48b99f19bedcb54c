"""Patients without end, as the notebook's table has them, and two models that rate their cycles.

Nobody is described: totals and means of the table went in (cycles a patient, how much the states'
shares differ between patients), and all else is drawn. What a scenario's metrics truly are is what
they are over all its patients.
"""

import sys
from typing import NamedTuple

import numpy as np

from measure import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
from auscultation.metrics.classes import N_STATES, group_sums  # noqa: E402
from auscultation.metrics.probability import cycle_losses  # noqa: E402

PATIENTS = 20_000
FOLDS = 5
LEVELS = 20  # of ratings: areas are then those of histograms
SCENARIOS = ("like the table", "good model", "no information", "even patients", "rare disease")
# of the ill and the well: mean and spread of log cycles, mean and evenness of the states' shares
KINDS = (
    (4.1, 1.0, (0.47, 0.31, 0.13, 0.09), 1.6),
    (2.65, 0.68, (0.80, 0.07, 0.12, 0.01), 0.9),
)
SHARES = np.array([0.53, 0.27, 0.13, 0.07])  # of the cycles of all
SKILL = {"good model": 1.9, "no information": 0.0}  # else:
SOME_SKILL = 0.6
WORSE = 0.8  # what the second model has of the first one's skill
# parts of a whole, whose means the metrics are; the areas are those of each state
RATIOS = ("sensitivity", *(f"recall {k}" for k in range(N_STATES)), "mse", "log_loss")
RATIOS += tuple(f"area {k}" for k in range(N_STATES))
METRICS = {
    "icbhi_score": ("sensitivity", "recall 0"),
    "balanced_accuracy": tuple(f"recall {k}" for k in range(N_STATES)),
    "auc_ovr": tuple(f"area {k}" for k in range(N_STATES)),
    "auc_abnormal": ("area 0",),
    "mse": ("mse",),
    "log_loss": ("log_loss",),
}
CHOSEN = {name: [RATIOS.index(ratio) for ratio in ratios] for name, ratios in METRICS.items()}
LINEAR = len(RATIOS) - N_STATES


class Patients(NamedTuple):
    """What is known of patients; the axis before those named is the patients'."""

    sides: np.ndarray  # (2,), whether with a normal cycle, with another
    linear: np.ndarray  # (models, linear ratios, part and whole)
    ratings: np.ndarray  # (models, states, of the state or not, levels), cycles

    def drawn(self, index: np.ndarray) -> "Patients":
        """Draw patients, for each trial its own: index has the shape (trials, patients)."""
        return Patients(*(values[index] for values in self))


def cycles(rng: np.random.Generator, scenario: str, n: int) -> tuple[np.ndarray, ...]:
    """Draw patients and cycles: patient and state of each cycle, kind of each patient."""
    kind = rng.integers(2, size=n)
    if scenario == "even patients":
        count, shares = np.full(n, 40), rng.dirichlet(200 * SHARES, n)
    elif scenario == "rare disease":  # one class a patient, which every fifth has
        count = np.rint(rng.lognormal(3.39, 1.12, n)).clip(1).astype(int)
        shares = np.eye(N_STATES)[(rng.random(n) < 0.2).astype(int)]
    else:
        mean, spread, _, _ = np.array([k[:2] + (0, 0) for k in KINDS])[kind].T
        count = np.rint(rng.lognormal(mean, spread)).clip(3, 510).astype(int)
        both = [rng.dirichlet(even * np.array(share), n) for *_, share, even in KINDS]
        shares = np.where(kind[:, None] == 0, *both)
    patient = np.repeat(np.arange(n), count)
    chance = rng.random(len(patient))[:, None]
    return patient, (chance > shares[patient].cumsum(1)[:, :-1]).sum(1), kind


def population(scenario: str, seed: int = 0, n: int = PATIENTS) -> Patients:
    """Draw a scenario's patients and let two models rate their cycles."""
    rng = np.random.default_rng(seed)
    patient, true, kind = cycles(rng, scenario, n)
    skill = SKILL.get(scenario, SOME_SKILL)
    sounds = rng.normal(0, 0.7, (n, N_STATES))  # of the patient, for both models
    if scenario == "like the table":  # the ill are heard by another device
        sounds += np.array([[0, 0.8, 0.2, 0.4], [0.8, 0, 0, 0]])[kind]
    linear, ratings = [], []
    for own in (skill, WORSE * skill):
        lean = 0.7 * np.log(SHARES) + own * np.eye(N_STATES)[true]
        lean += (sounds + rng.normal(0, 0.6, sounds.shape))[patient]
        p = np.exp(lean + rng.normal(0, 1, lean.shape))
        p /= p.sum(1, keepdims=True)
        linear.append(parts_of_wholes(true, p, patient, n))
        ratings.append(histograms(true, p, patient, n))
    normal = np.bincount(patient, weights=true == 0, minlength=n)
    sides = np.stack([normal > 0, normal < np.bincount(patient, minlength=n)], 1)
    return Patients(sides, np.stack(linear, 1), np.stack(ratings, 1))


def parts_of_wholes(true: np.ndarray, p: np.ndarray, patient: np.ndarray, n: int) -> np.ndarray:
    """Sum up the linear ratios of each patient, shape (n, linear ratios, part and whole)."""
    sums = group_sums(true, p.argmax(1), patient, n)
    confusion = sums[:, :-2].reshape(n, N_STATES, N_STATES)
    hits, of = np.diagonal(confusion, axis1=1, axis2=2), confusion.sum(2)
    numbers = group_sums(true, p @ np.arange(N_STATES), patient, n)[:, -1]
    losses = np.bincount(patient, weights=cycle_losses(true, p)[:, 0], minlength=n)
    part = [hits[:, 1:].sum(1), *hits.T, numbers, losses]
    whole = [of[:, 1:].sum(1), *of.T, of.sum(1), of.sum(1)]
    return np.stack([np.stack(part, 1), np.stack(whole, 1)], 2)


def histograms(true: np.ndarray, p: np.ndarray, patient: np.ndarray, n: int) -> np.ndarray:
    """Count the cycles of each patient by rating, shape (n, states, of the state or not, levels)."""
    found = np.empty((n, N_STATES, 2, LEVELS))
    for k in range(N_STATES):
        edges = np.quantile(p[:, k], np.linspace(0, 1, LEVELS + 1)[1:-1])
        cell = patient * LEVELS + np.searchsorted(edges, p[:, k])
        for side, inside in enumerate((true == k, true != k)):
            counts = np.bincount(cell[inside], minlength=n * LEVELS)
            found[:, k, side] = counts.reshape(n, LEVELS)
    return found


def won_and_met(ratings: np.ndarray) -> np.ndarray:
    """Count the pairs of a cycle of the state and another: rated rightly (equal as half), and all.

    From histograms of shape (..., 2, levels), in the shape (..., 2).
    """
    of, others = ratings[..., 0, :], ratings[..., 1, :]
    won = (of * (others.cumsum(-1) - others / 2)).sum(-1)
    return np.stack([won, of.sum(-1) * others.sum(-1)], -1)


def folds(n: int) -> np.ndarray:
    """Return the fold of each of n patients."""
    return np.arange(n) % FOLDS


def totals(patients: Patients, weights: np.ndarray, same: bool = False) -> np.ndarray:
    """Add up parts and wholes of trials in which patients count as often as the weights say.

    Parameters
    ----------
    patients
        Of the trials, axes (trials, patients, ...).
    weights
        Shape (draws, patients).
    same
        Whether two cycles of one patient are a pair of an area, too. Only those of one fold are.

    Returns
    -------
    numpy.ndarray
        Shape (trials, draws, models, ratios, part and whole).
    """
    linear = np.einsum("dp,tpmrs->tdmrs", weights, patients.linear, optimize=True)
    pairs: np.ndarray | float = 0.0
    fold = folds(weights.shape[1])
    for k in np.unique(fold):
        its = patients.ratings[:, fold == k]
        pairs += won_and_met(
            np.einsum("dp,tpmksl->tdmksl", weights[:, fold == k], its, optimize=True)
        )
    if not same:
        own = won_and_met(patients.ratings)
        pairs -= np.einsum("dp,tpmks->tdmks", weights**2, own, optimize=True)
    return np.concatenate([linear, pairs], 3)


def values(sums: np.ndarray) -> dict[str, np.ndarray]:
    """Return every metric of the first model, and the differences of the two, from `totals`."""
    part, whole = sums[..., 0], sums[..., 1]
    known = whole > 0
    ratio = np.divide(part, whole, out=np.zeros(part.shape), where=known)
    found = {}
    for name, chosen in CHOSEN.items():
        counted = known[..., chosen].sum(-1)
        with np.errstate(invalid="ignore"):  # 0 / 0 is the nan that is meant
            both = ratio[..., chosen].sum(-1) / counted
        found |= {name: both[..., 0], f"difference of {name}": both[..., 0] - both[..., 1]}
    return found


def truth(patients: Patients) -> dict[str, float]:
    """Return the values over all patients of a population."""
    sums = [patients.linear.sum(0), won_and_met(patients.ratings.sum(0))]
    return {name: float(value) for name, value in values(np.concatenate(sums, 1)).items()}


def linear_errors(
    patients: Patients, weights: np.ndarray, sums: np.ndarray
) -> dict[str, np.ndarray]:
    """Return standard errors from how fast each metric changes with a patient's weight.

    The infinitesimal jackknife (Efron 1981, Canadian Journal of Statistics 9(2):139-158), for what
    would take too long with each patient left out of each draw.

    Parameters
    ----------
    patients, weights
        As in `totals`, and what it gives, without pairs of one patient.

    Returns
    -------
    dict
        By metric and difference, shape (trials, draws).
    """
    trials, n = patients.sides.shape[:2]
    added = np.empty((trials, len(weights), n, *sums.shape[2:]))
    added[..., :LINEAR, :] = patients.linear[:, None]
    fold, own = folds(n), won_and_met(patients.ratings)
    for k in np.unique(fold):
        inside, w = fold == k, weights[:, fold == k]
        its = patients.ratings[:, inside]
        of, others = np.moveaxis(np.einsum("dp,tpmksl->tdmksl", w, its, optimize=True), -2, 0)
        below = others.cumsum(-1) - others / 2
        above = of.sum(-1, keepdims=True) - of.cumsum(-1) + of / 2
        met = (x.sum(-1, keepdims=True) + 0 * x for x in (others, of))  # at any level
        for place, gains in enumerate(((below, above), met)):
            into = added[..., place]
            into[:, :, inside, :, LINEAR:] = (
                -2 * w[..., None, None] * own[:, None, inside][..., place]
            )
            for side, gain in enumerate(gains):
                mine = its[..., side, :]
                into[:, :, inside, :, LINEAR:] += np.einsum(
                    "tpmkl,tdmkl->tdpmk", mine, gain, optimize=True
                )
    whole = sums[:, :, None, ..., 1]
    known = whole > 0
    ratio = np.divide(sums[:, :, None, ..., 0], whole, out=np.zeros(whole.shape), where=known)
    slope = np.divide(
        added[..., 0] - ratio * added[..., 1], whole, out=np.zeros(added.shape[:-1]), where=known
    )
    found = {}
    for name, chosen in CHOSEN.items():
        with np.errstate(invalid="ignore"):
            both = slope[..., chosen].sum(-1) / known[..., chosen].sum(-1)
        for key, each in (
            (name, both[..., 0]),
            (f"difference of {name}", both[..., 0] - both[..., 1]),
        ):
            found[key] = np.sqrt(n / (n - 1) * np.einsum("dp,tdp->td", weights, each**2))
    return found
