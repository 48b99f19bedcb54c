"""Fit a model again on a part of each training part, with what its fit has chosen.

Two parts are asked for:

- inner: each training part is divided into inner folds of patients, which are predicted in turn, so that
  what is learnt of these predictions (a threshold) has seen no cycle of the test part;
- learning: a share of the patients of each training part, after which its test part is predicted.

Settings, features, scaling and what becomes of missing values are those of the fit: of a tuned model
those that it has chosen in the fold, as tuning is not repeated.
"""

import json
import logging
import math
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.data.parquet import write_parquet
from auscultation.data.target import Target, target_of
from auscultation.fits.fold import Task, cycles_of, fitted_model, prepared, read_sides
from auscultation.fits.predict import as_table, predict_finite, true_classes
from auscultation.fits.summary import plain
from auscultation.fits.tuning import settings_of
from auscultation.job.errors import FitFailed, InputError, one_line
from auscultation.job.files import read_json
from auscultation.job.parallel import each, share
from auscultation.job.timeout import limited
from auscultation.splits.protocols.patient import patient

FAILED = b"failed"  # in the metadata of the predictions: what could not be made
# The columns that predictions of a kind have beside those of a fit.
MORE = {
    "inner": {"inner": pa.int64()},
    "learning": {"share": pa.float64(), "n_patients": pa.int64()},
}
PART = {"inner": "inner", "learning": "test"}
ROUNDING = 1e-9  # of a number of patients


class Piece(NamedTuple):
    """Cycles to fit on, cycles to predict, and what tells the piece from the others of its fold."""

    train: pa.Table
    test: pa.Table
    about: dict[str, float]  # by column of `MORE`


class Refitted(NamedTuple):
    """What comes of a fold."""

    tables: list[pa.Table]  # predictions
    failed: list[dict[str, object]]  # fold, inner fold or share, reason
    warnings: list[str]


def refit(snakemake, task: Task) -> None:
    """Fit parts of every fold's training part; write predictions and what could not be made.

    The rule has inputs `train`, `test` and `summary` (of the fit), the output `predictions`, and of
    parameters those of the fit and `refit`: `kind` with `folds` and `seed` (inner), or with `shares`
    and `seed` (learning). What is written does not depend on the threads. A part that cannot be fitted
    or predicted has no rows; `failed` in the metadata says why. One refit of every fold together may
    take as long as the fit may.
    """
    params, output = snakemake.params, snakemake.output.predictions
    paths = snakemake.input.train, snakemake.input.test
    kind = params.refit["kind"]
    column = next(iter(MORE[kind]))
    empty = predictions_of(pq.read_schema(paths[0]).empty_table(), kind)

    def give_up(reason: str) -> None:
        logging.error("no result: %s", reason)
        write([empty], [{"fold": None, column: None, "reason": reason}], output)

    summary = read_json(snakemake.input.summary)
    if not summary["folds"]:
        give_up(f"the fit has no result ({summary['failed']})")
        return
    settled = [settled_of(task, about) for about in summary["folds"]]
    many = params.refit["folds"] if kind == "inner" else len(params.refit["shares"])
    timeout = None if params.timeout is None else params.timeout * max(many, 1)
    tables: list[pa.Table] = []
    failed: list[dict] = []
    work = partial(refit_fold, settled, paths, params.refit)
    with limited(timeout, give_up):
        threads = share(paths[0], snakemake.threads)
        for fold, made in enumerate(each(work, range(len(settled)), threads)):
            logging.info("fold %d: %d refits, %d failed", fold, len(made.tables), len(made.failed))
            for message in made.warnings:
                logging.warning("fold %d: %s", fold, message)
            for entry in made.failed:
                logging.warning("no refit: %s", json.dumps(entry))
            tables.append(pa.concat_tables([empty, *made.tables]))
            failed += made.failed
    write(tables, failed, output)


def write(tables: list[pa.Table], failed: list[dict], path: str) -> None:
    """Write predictions, a row group a fold, with what could not be made in the metadata."""
    metadata = tables[0].schema.metadata | {FAILED: json.dumps(failed).encode()}
    write_parquet((table.replace_schema_metadata(metadata) for table in tables), path)


def settled_of(task: Task, about: Mapping) -> Task:
    """Return the task with what the fit has chosen in a fold, by the summary of the fold."""
    if not task.tune:
        return task
    candidates = task.tune["candidates"]
    # as the summary has them: JSON has texts for the numbers that name classes
    texts = [json.loads(json.dumps(plain(candidate))) for candidate in candidates]
    place = texts.index(about["chosen"])
    settings = task.settings | settings_of(candidates[place])
    return replace(task, settings=settings, plans=[task.plans[place]], tune={})


def refit_fold(settled: list[Task], paths: tuple, asked: Mapping, fold: int) -> Refitted:
    """Return the predictions of every refit of a fold, and those that could not be made."""
    task = settled[fold]
    train, test = read_sides(paths, fold, task.features)
    target, kind = target_of(train.schema.metadata), asked["kind"]
    column = next(iter(MORE[kind]))
    tables, failed, messages = [], [], []
    try:
        pieces = pieces_of(train, test, target, asked, fold)
    except FitFailed as error:
        return Refitted([], [{"fold": fold, column: None, "reason": str(error)}], [])
    for piece in pieces:
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("default")
                cycles = cycles_of(task, piece.train, piece.test)
                data = prepared(task, cycles, task.plans[0])
                model = fitted_model(task, data, task.settings)
                predicted = predict_finite(model, data.X_test, PART[kind], target)
            messages += [str(warning.message) for warning in caught]
            tables.append(predictions_of(piece.test, kind, predicted, piece.about))
        except (FitFailed, InputError, TypeError, ValueError) as error:
            # the fit has shown that the settings suit more cycles
            reason = one_line(error)
            failed.append({"fold": fold, column: piece.about[column], "reason": reason})
    return Refitted(tables, failed, list(dict.fromkeys(messages)))


def predictions_of(
    cycles: pa.Table,
    kind: str,
    predicted: tuple[np.ndarray, np.ndarray | None] = (np.empty(0), None),
    about: Mapping[str, float] | None = None,
) -> pa.Table:
    """Return predictions with the columns of a fit's and those of a kind of refit."""
    table = as_table(cycles, PART[kind], target_of(cycles.schema.metadata), *predicted)
    for name, of in MORE[kind].items():
        values = [about[name]] * table.num_rows if about else []
        table = table.append_column(name, pa.array(values, of))
    return table


def pieces_of(
    train: pa.Table, test: pa.Table, target: Target, asked: Mapping[str, Any], fold: int
) -> list[Piece]:
    """Return the pieces of a fold; inner folds are as many as it has patients, if that is fewer.

    FitFailed where inner folds have fewer than two patients.
    """
    patients = train["patient_ID"].to_numpy(zero_copy_only=False)
    pieces = []
    if asked["kind"] == "inner":
        n = len(np.unique(patients))
        if n < 2:
            raise FitFailed(f"inner folds need two patients in the training part, and it has {n}")
        keys = {"patient_ID": patients, "class": true_classes(train, target)}
        inner = patient(keys, folds=min(asked["folds"], n), seed=asked["seed"])
        for number, (seen, unseen) in enumerate(inner):
            pieces.append(Piece(train.take(seen), train.take(unseen), {"inner": number}))
        return pieces
    for part, drawn in drawn_patients(patients, asked["shares"], asked["seed"], fold):
        own = train.take(np.flatnonzero(np.isin(patients, drawn)))
        pieces.append(Piece(own, test, {"share": part, "n_patients": len(drawn)}))
    return pieces


def drawn_patients(
    patients: np.ndarray, shares: list[float], seed: int, fold: int
) -> Iterator[tuple[float, np.ndarray]]:
    """Yield each share of the patients of a training part and who is drawn, each among those of the next.

    `patients` is that of each cycle, shape (n,). A share of n patients are the first ceil(share n) of
    one permutation of the fold's; a share of 1 is the fit itself, and left out.
    """
    names = np.unique(patients)
    order = np.random.default_rng([seed, fold]).permutation(len(names))
    for part in sorted(shares):
        if part < 1:
            yield float(part), names[order[: max(1, math.ceil(part * len(names) - ROUNDING))]]
