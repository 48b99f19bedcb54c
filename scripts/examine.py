"""Examine the models: what a reviewer asks next, beyond the comparison.

In: the predictions of all fits, the cleaned table, the comparison and its answer. Out, as .csv and
.parquet, of the splits that keep patients apart (of none such, of the one that the answer is taken
from): `units`, verdicts on recordings and on patients; `curves` over thresholds; `probabilities`,
how well these are calibrated; `subgroups`, scores by sex, age, device and location; `power`, the
differences that could have been shown; `luck`, the spread over repeats of the folds, and over seeds.
Where they are asked for, `operating`, scores at a threshold that is chosen on inner folds, and `learning`,
scores after shares of the training patients.
"""

import logging
import os
from collections.abc import Mapping, Sequence
from functools import partial
from typing import NamedTuple, cast

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.data.derived import numbered
from auscultation.data.parquet import write_parquet
from auscultation.data.target import target_of
from auscultation.job.files import read_json
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.job.parallel import Share, each
from auscultation.scores.comparison import Fit
from auscultation.scores.curves import CURVES, curve_points, once, points_of_all
from auscultation.scores.groups import groups_of_cycles, texts_of_table
from auscultation.scores.learning import LEARNING, learning_rows
from auscultation.scores.luck import LUCK, luck_of_repeats, luck_of_seeds
from auscultation.scores.operating import OPERATING, inner_of, operating_scores
from auscultation.scores.power import POWER_ROWS, power_rows
from auscultation.scores.probabilities import PROBABILITIES, probability_scores
from auscultation.scores.questions import Answer, splits_apart
from auscultation.scores.subgroups import SUBGROUPS, subgroup_scores
from auscultation.scores.tables import read_arrays, to_table, write_csv
from auscultation.scores.tested import read_tested
from auscultation.scores.units import UNITS, Rule, Units, corrected, unit_scores, units_of

SCHEMAS = {"units": UNITS, "curves": CURVES, "probabilities": PROBABILITIES}
SCHEMAS |= {"subgroups": SUBGROUPS, "power": POWER_ROWS, "luck": LUCK}
SCHEMAS |= {"operating": OPERATING, "learning": LEARNING}
RULES: dict[str, Rule] = {"mean": "mean", "vote": "vote", "choose": "chosen"}  # by `verdict`
UNIT_COLUMNS = {"recording": "recording", "patient": "patient_ID"}
Rows = dict[str, list]  # by table


class Job(NamedTuple):
    """One fit to examine."""

    fit: Fit
    predictions: str
    inner: str | None  # predictions of the inner folds, where there are some
    learning: str | None  # predictions after shares of the training patients, where there are some


class Settings(NamedTuple):
    """How every fit is examined, and what that takes of the cleaned table."""

    verdict: str
    threshold: Mapping[str, float] | None  # the sensitivity or specificity to reach
    numbers: Mapping[str, np.ndarray]  # see `numbers_of`
    texts: Mapping[str, np.ndarray]  # see `texts_of_table`
    repeated: Mapping[str, int]  # folds of a repeat, by split


def examined_splits(answer: Answer) -> list[str]:
    """Return the splits to examine: those that keep patients apart, else the one to rely on first."""
    apart = splits_apart(answer["splits"]) or answer["splits"][:1]
    return [about["split"] for about in apart]


def numbers_of(columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return the number of each cycle's recording and patient, by the number of the cycle."""
    cycle = columns["cycle"]
    numbers = {}
    for unit, column in UNIT_COLUMNS.items():
        if column in columns:
            numbers[unit] = np.zeros(int(cycle.max()) + 1, np.int64)
            numbers[unit][cycle] = numbered(columns[column])[1]
    return numbers


def inner_units(inner: pa.Table, fit: Fit, number: np.ndarray) -> dict[int, Units]:
    """Return the recordings or patients of each fold's inner folds, by the number of the fold."""
    by_fold = {}
    for fold in np.unique(inner["fold"].to_numpy()).tolist():
        tested = inner_of(inner, fit, fold)
        if tested is not None:
            by_fold[fold] = units_of(tested, number[tested.cycle])
    return by_fold


def examine(job: Job, settings: Settings) -> Rows | None:
    """Return the rows of one fit; None where it has no result."""
    tested = read_tested(job.predictions, job.fit)
    if tested is None:
        return None
    rows: Rows = {name: [] for name in SCHEMAS}
    rows["curves"] = curve_points(tested) + points_of_all(tested)
    rows["probabilities"] += probability_scores(tested)
    inner = pq.read_table(job.inner) if job.inner else None
    rule = RULES[settings.verdict]
    for unit, number in settings.numbers.items():
        own = inner_units(inner, job.fit, number) if inner and rule == "chosen" else {}
        rows["units"] += unit_scores(tested, unit, number[tested.cycle], rule, own)
    rows["subgroups"] = subgroup_scores(tested, groups_of_cycles(settings.texts, tested.cycle))
    if job.fit["split"] in settings.repeated:
        rows["luck"] = luck_of_repeats(tested, settings.repeated[job.fit["split"]])
    if settings.threshold:
        rows["operating"] = operating_scores(tested, inner, settings.threshold)
    if job.learning:
        learning = pq.read_table(job.learning)
        rows["learning"] = learning_rows(pq.read_table(job.predictions), learning, job.fit)
    return rows


def jobs_of(fits: Sequence[Fit], inputs) -> list[Job]:
    """Return every fit with its files, of which those of refits lie beside its predictions."""
    refits: dict[str, dict[str, str]] = {}
    for kind in ("inner", "learning"):
        for path in inputs.get(kind, ()):
            refits.setdefault(os.path.dirname(path), {})[kind] = path
    jobs = []
    for fit, path in zip(fits, inputs.predictions, strict=True):
        own = refits.get(os.path.dirname(path), {})
        jobs.append(Job(fit, path, own.get("inner"), own.get("learning")))
    return jobs


def read_settings(cycles: str, params) -> Settings:
    """Return the settings, with what they take of the cleaned table."""
    columns = read_arrays(cycles, {"cycle", *UNIT_COLUMNS.values(), *params.subgroups})
    numbers = numbers_of(columns)
    texts = texts_of_table(columns, params.subgroups, sorted(params.age_bands))
    return Settings(params.verdict, params.threshold, numbers, texts, params.repeated)


def main(snakemake) -> None:
    """Examine every fit, write the tables."""
    without_pandas()
    params, inputs, output = snakemake.params, snakemake.input, snakemake.output
    answer = cast("Answer", read_json(inputs.answer))
    splits = examined_splits(answer)
    settings = read_settings(inputs.cycles, params)
    jobs = [job for job in jobs_of(params.fits, inputs) if job.fit["split"] in splits]
    work = partial(examine, settings=settings)
    tables: Rows = {name: [] for name in SCHEMAS}
    for job, rows in zip(jobs, each(work, jobs, Share(snakemake.threads, 1)), strict=True):
        logging.info("examined %s under %s", job.fit["model"], job.fit["split"])
        for name, own in (rows or {}).items():
            tables[name] += own
    tables["units"] = corrected(tables["units"])
    comparison, differences = (
        pq.read_table(path, filters=[("split", "in", splits)])
        for path in (inputs.comparison, inputs.differences)
    )
    target = target_of(comparison.schema.metadata)
    about = [split for split in answer["splits"] if split["split"] in splits]
    tables["power"] = power_rows(differences.to_pylist(), about, target)
    tables["luck"] += luck_of_seeds(comparison.to_pylist(), params.seeds, target)
    tables["curves"] = once(tables["curves"])
    for name, every in tables.items():
        if output.get(name) is None:  # not asked for
            continue
        table = to_table(every, SCHEMAS[name])
        write_parquet(table, getattr(output, name))
        write_csv(table, getattr(output, f"{name}_csv"))


start(globals(), main)
