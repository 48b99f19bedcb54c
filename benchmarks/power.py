"""Whether a difference that "could have been shown" is shown in 80 % of samples of patients.

Into one model's predictions so much of the truth is mixed that its lead over another equals the
smallest difference with a power of 80 %. Patients drawn with replacement are then new samples, of
which the share is counted whose paired test finds the difference. To run it:

    python benchmarks/power.py RESULTS [draws]

RESULTS is the folder of results of a run; the split is `patient`.
"""

import sys
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq

from measure import ROOT

sys.path.insert(0, str(ROOT / "scripts"))
from auscultation.fits.algorithms import BASELINES
from auscultation.metrics.classes import metrics
from auscultation.metrics.probability import areas
from auscultation.scores.differences import paired
from auscultation.scores.fit_scores import Scores
from auscultation.scores.intervals import Estimate
from auscultation.scores.power import Compared
from auscultation.scores.tested import Tested, ratings_of, read_tested, sums_by

SPLIT, TESTS = "patient", 3


class Sample(NamedTuple):
    """The cycles of patients, of whom one may be there repeatedly."""

    rows: np.ndarray  # (n,), rows of the predictions
    patient: np.ndarray  # (n,), index of the patient in the sample

    def of(self, tested: Tested) -> Tested:
        """Return the predictions of the sample, of patients who are all different."""
        ids = np.arange(self.patient[-1] + 1)
        arrays = {name: getattr(tested, name)[self.rows] for name in ("fold", "true", "prediction")}
        return tested._replace(ids=ids, patient=self.patient, p=tested.p[self.rows], **arrays)


def drawn(tested: Tested, patients: np.ndarray) -> Sample:
    """Return the cycles of these patients."""
    rows = [np.flatnonzero(tested.patient == patient) for patient in patients]
    return Sample(np.concatenate(rows), np.repeat(np.arange(len(rows)), [*map(len, rows)]))


def mixed(tested: Tested, share: float) -> Tested:
    """Return predictions that are the truth for a share of the cycles."""
    told = np.random.default_rng(0).random(len(tested.true)) < share
    p = np.where(told[:, None], np.eye(tested.p.shape[1])[tested.true], tested.p)
    return tested._replace(prediction=np.where(told, tested.true, tested.prediction), p=p)


def scores_of(tested: Tested, metric: str) -> Scores:
    """Return a metric, and the same without each patient."""
    if metric == "icbhi_score":
        by_patient = sums_by(tested, tested.patient, len(tested.ids))
        total = by_patient.sum(0)
        value, without = (metrics(sums)[metric] for sums in (total, total - by_patient))
    else:
        rated = ratings_of(tested)
        of_two = areas(rated.ratings, rated.positive, tested.patient, tested.fold).of_two
        value, without = np.asarray(of_two.value()), of_two.without()
    return Scores({metric: value}, {metric: without}, {})


def gap(better: Tested, other: Tested, metric: str) -> tuple[float, Estimate]:
    """Return the difference of a metric, and its error."""
    sides = (len(np.unique(other.patient[of])) for of in (other.true == 0, other.true != 0))
    value, error = paired(scores_of(better, metric), scores_of(other, metric), metric, min(sides))
    return value, error


def shown(better: Tested, other: Tested, metric: str, draws: int) -> dict[str, float]:
    """Return how often a difference is shown that has a power of 80 %, and what it is."""
    n = len(other.ids)
    low, high = 0.0, 0.5
    for _ in range(20):
        share = (low + high) / 2
        value, error = gap(mixed(better, share), other, metric)
        limit = Compared("", error.se, error.df, n, TESTS, None).detectable
        low, high = (low, share) if value > limit else (share, high)
    better, rng = mixed(better, share), np.random.default_rng(1)
    significant = 0
    for _ in range(draws):
        sample = drawn(other, rng.integers(0, n, n))
        _, error = gap(sample.of(better), sample.of(other), metric)
        significant += error.p < 0.05 / TESTS
    return {"truth": share, "detectable": limit, "difference": value, "shown": significant / draws}


def main(results: Path, draws: int) -> None:
    """Print the shares for each pair of models with probabilities."""
    rows = pq.read_table(results / "comparison.parquet", columns=["model", "algorithm"])
    algorithms = dict(zip(*(rows[name].to_pylist() for name in rows.column_names), strict=True))
    fits = {}
    for path in sorted(results.glob(f"fits/*/{SPLIT}/predictions.parquet")):
        model = path.parts[-3]
        fit = {"model": model, "algorithm": algorithms[model], "split": SPLIT}
        tested = read_tested(path, fit)
        if algorithms[model] not in BASELINES and tested is not None and tested.p is not None:
            fits[model] = tested
    names = sorted(fits)
    for better, other in zip(names, names[1:] + names[:1], strict=True):
        for metric in ("icbhi_score", "auc_ovr_between_patients"):
            if gap(fits[better], fits[other], metric)[0] > 0.05:
                continue  # so much better as it is
            numbers = shown(fits[better], fits[other], metric, draws)
            line = ", ".join(f"{name} {value:.3f}" for name, value in numbers.items())
            print(f"{better} over {other}, {metric}: {line}", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 400)
