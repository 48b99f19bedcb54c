"""The spread over repeats and seeds, against the scores of each repeat by itself."""

import numpy as np
import pytest

from auscultation.config.sweep import curves, seed_sweeps
from auscultation.data.target import Target
from auscultation.scores.fit_scores import scores
from auscultation.scores.luck import luck_of_repeats, luck_of_seeds
from auscultation.scores.tested import Tested as Examined
from cohorts import cohort, only, part_of, probabilities, rows_of_part

FIT = {"model": "m", "algorithm": "random_forest", "split": "patient"}
PATIENT, TRUE, _, CALLED = cohort(2, 30, (0.4, 0.3, 0.5))
SCORE, AREA = "icbhi_score", "auc_ovr_between_patients"
FOLDS = [np.random.default_rng(seed).permutation(200)[PATIENT] % 4 for seed in range(3)]
P = [probabilities(TRUE, seed) for seed in range(3)]
COLUMNS = {
    "patient": np.tile(PATIENT, 3),
    "true": np.tile(TRUE, 3),
    "prediction": np.concatenate(CALLED),
    "fold": np.concatenate([fold + 4 * repeat for repeat, fold in enumerate(FOLDS)]),
    "p": np.concatenate(P),
}


@pytest.mark.parametrize("algorithm", ["random_forest", "stratified"])
@pytest.mark.parametrize("probable", [True, False])
def test_each_repeat_has_the_score_that_it_has_alone(algorithm, probable):
    columns = COLUMNS | ({} if probable else {"p": None})
    fit = FIT | {"algorithm": algorithm}
    rows = luck_of_repeats(Examined.of(rows_of_part(**columns), fit), 4)
    for metric in (SCORE, AREA if probable else "auc_abnormal_between_patients"):
        alone = []
        for repeat in range(3):
            part = part_of(
                *(PATIENT, TRUE, CALLED[repeat], algorithm),
                fold=FOLDS[repeat],
                p=P[repeat] if probable else None,
            )
            alone.append(only(scores(part), metric=metric)["value"])
        row = only(rows, metric=metric)
        assert (row["n"], row["of"]) == (3, "repeats")
        assert row["mean"] == pytest.approx(np.mean(alone), abs=1e-12)
        assert row["sd"] == pytest.approx(np.std(alone, ddof=1), abs=1e-12)
        assert [row["lowest"], row["highest"]] == pytest.approx([min(alone), max(alone)])
        whole = part_of(**columns, algorithm=algorithm)
        row_of_all = only(scores(whole), metric=metric)
        for name in ("value", "ci_low", "ci_high"):
            assert row[name] == pytest.approx(row_of_all[name], abs=1e-12)


@pytest.mark.parametrize("folds", [12, 5, 13])
def test_no_luck_of_one_repeat_or_of_parts_of_repeats(folds):
    assert luck_of_repeats(Examined.of(rows_of_part(**COLUMNS), FIT), folds) == []


MODELS = {
    "forest-random_state-0": {"sweep": {"model": "forest", "random_state": 0}},
    "forest-random_state-1": {"sweep": {"model": "forest", "random_state": 1}},
    "forest-random_state-2": {"sweep": {"model": "forest", "random_state": 2}},
    "mlp-seed-1": {"sweep": {"model": "mlp", "seed": 1}},
    "trees-max_depth-2-seed-1": {"sweep": {"model": "trees", "max_depth": 2, "seed": 1}},
    "trees-max_depth-2-seed-2": {"sweep": {"model": "trees", "max_depth": 2, "seed": 2}},
    "knn": {},
}


def test_seeds_are_models_that_differ_in_the_seed_alone():
    sweeps = seed_sweeps(MODELS)
    assert sweeps == {"forest": [f"forest-random_state-{seed}" for seed in range(3)]}
    assert curves({name: model | {"algorithm": "mlp"} for name, model in MODELS.items()}) == []
    values = {0: 0.5, 1: 0.56, 2: 0.54}
    rows = [
        {
            "model": f"forest-random_state-{seed}",
            "algorithm": "random_forest",
            "split": "patient",
            "part": part,
            "metric": metric,
            "value": value + (part == "train"),
            "ci_low": value - 0.1,
            "ci_high": value + 0.1,
        }
        for seed, value in values.items()
        for part in ("train", "test")
        for metric in (SCORE, AREA, "auc_abnormal_between_patients")
    ]
    luck = luck_of_seeds(rows, sweeps, Target())
    assert [row["metric"] for row in luck] == [SCORE, AREA]
    for row in luck:
        assert (row["model"], row["of"], row["n"]) == ("forest", "seeds", 3)
        assert row["mean"] == pytest.approx(0.16 / 3 * 10)
        assert row["sd"] == pytest.approx(np.std([0.5, 0.56, 0.54], ddof=1))
        assert (row["lowest"], row["highest"]) == (0.5, 0.56)
        assert (row["value"], row["ci_low"]) == (0.54, pytest.approx(0.44))
    failed = [row | {"value": None} if "state-0" in row["model"] else row for row in rows]
    assert [row["n"] for row in luck_of_seeds(failed, sweeps, Target())] == [2, 2]
    assert luck_of_seeds([], sweeps, Target()) == []
