"""Draw all figures: the data, scores, curves, errors, losses, and two of every model.

In: the raw and the cleaned table, the comparison and its tables, summaries of gradient descent,
published scores. Out: SVG files whose text is text, with the same bytes every time. One job draws
them all, since starting matplotlib costs more than drawing.
"""

import logging
from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter

import matplotlib
import numpy as np
import pyarrow.parquet as pq
from matplotlib.figure import Figure

from auscultation.data.target import Target, target_of
from auscultation.figures.curves import calibration_figure, losses_figure, sweep_figure
from auscultation.figures.data import missing_figure, states_figure
from auscultation.figures.errors import confusion_figure, cycles_figure, patients_figure
from auscultation.figures.forests import area_figure, forest_figure
from auscultation.figures.grouping import representatives
from auscultation.figures.layout import NO_RESULT, note_figure
from auscultation.figures.planes import leakage_figure, plane_figure
from auscultation.figures.scores import scores_figure
from auscultation.figures.style import METADATA, RC
from auscultation.job.files import atomic_path, read_json
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.job.parallel import Share, each
from auscultation.scores.comparison import wide
from auscultation.scores.published import PROTOCOL, read_published
from auscultation.scores.split_kinds import read_splits, split_order

matplotlib.rcParams.update(RC)

NOTHING = note_figure, NO_RESULT
Task = tuple  # a path, a function that makes a figure, what it is given


def save(figure: Figure, path: str) -> None:
    """Write a figure as SVG, whole or not at all."""
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="svg", metadata=METADATA)


def first_cycles(path: str, target: Target) -> dict[tuple[str, str], dict]:
    """Read class and prediction of the first cycles of both parts, of each model and split."""
    found: dict[tuple[str, str], dict] = {}
    rows = pq.read_table(path).to_pylist()
    for (model, split, part), same in groupby(rows, itemgetter("model", "split", "part")):
        said = np.array([(row[target.name], row["prediction"]) for row in same])
        found.setdefault((model, split), {})[part] = tuple(said.T)
    return found


def of_scores(inputs, outputs, params, order: list[str], target: Target) -> Iterator[Task]:
    """Return what compares models: scores, curves, and who is always wrong."""
    rows, leakage, calibration = (
        pq.read_table(inputs[name]).to_pylist() for name in ("comparison", "leakage", "calibration")
    )
    errors, hardest = (
        [row for row in pq.read_table(inputs[name]).to_pylist() if row["by"] == "patient_ID"]
        for name in ("errors", "hardest")
    )
    test = wide(rows, "test", target)
    published = {
        split: read_published(inputs.published[0])
        for split, protocol in params.protocols.items()
        if protocol == PROTOCOL and target.name == "state"
    }
    for path in outputs.losses:
        losses = read_losses(params.fits, inputs.descents)
        given = (losses_figure, losses, rows, target) if losses else NOTHING
        yield path, *given
    yield outputs.scores, scores_figure, rows, order, target, published
    for path in outputs.plane:
        yield path, plane_figure, rows, order, target, published
    for path in outputs.leakage:
        yield path, leakage_figure, leakage, test, target
    for curve, path in zip(params.curves, outputs.sweeps, strict=True):
        yield path, sweep_figure, curve, rows, order, target
    yield outputs.calibration, calibration_figure, calibration, test, order, target
    of_splits = (outputs.forests, outputs.areas, outputs.patients)
    for split, forest, areas, patients in zip(sorted(params.protocols), *of_splits, strict=True):
        yield forest, forest_figure, rows, split, target, published.get(split)
        yield areas, area_figure, rows, split, target
        here = ([row for row in table if row["split"] == split] for table in (errors, hardest))
        shown = representatives([row for row in test[split] if row["n_cycles"]])
        given = (patients_figure, *here, shown, target.classes) if shown else NOTHING
        yield patients, *given


def of_models(inputs, outputs, params, order: list[str], target: Target) -> Iterator[Task]:
    """Return what each model does: confusion counts, and its first cycles under every split."""
    by_model: dict[str, list[dict]] = {}
    for row in pq.read_table(inputs.confusion).to_pylist():
        if row["part"] == "test":
            by_model.setdefault(row["model"], []).append(row)
    models = sorted({fit["model"] for fit in params.fits})
    for model, path in zip(models, outputs.confusions, strict=True):
        given = (confusion_figure, by_model[model], order) if model in by_model else NOTHING
        yield path, *given
    first = first_cycles(inputs.first_cycles, target)
    for fit, path in zip(params.fits, outputs.models, strict=True):
        parts = first.get((fit["model"], fit["split"]))
        given = (cycles_figure, parts, fit["algorithm"], target) if parts else NOTHING
        yield path, *given


def read_losses(fits: list[dict], summaries: list[str]) -> dict[str, dict[str, list[float]]]:
    """Read the loss of the first fold of each gradient descent, by split and model."""
    losses: dict[str, dict[str, list[float]]] = {}
    descents = [fit for fit in fits if fit["algorithm"] == "gradient_descent"]
    for fit, path in zip(descents, summaries, strict=True):
        summary = read_json(path)
        if summary["folds"]:
            known = [np.nan if value is None else value for value in summary["folds"][0]["loss"]]
            losses.setdefault(fit["split"], {})[fit["model"]] = known
    return losses


def main(snakemake) -> None:
    """Draw every figure the rule promises."""
    without_pandas()
    inputs, outputs, params = snakemake.input, snakemake.output, snakemake.params
    raw, cycles = pq.read_table(inputs.raw), pq.read_table(inputs.cycles)
    order = split_order(read_splits(params.protocols, inputs.splits))
    target = target_of(pq.read_schema(inputs.comparison).metadata)
    given = (inputs, outputs, params, order, target)
    tasks = [
        (outputs.missing, missing_figure, raw, cycles),
        (outputs.states, states_figure, cycles),
    ]
    tasks += [*of_scores(*given), *of_models(*given)]

    def draw(number: int) -> None:  # numbers reach the processes cheaper than what is drawn
        path, figure, *of = tasks[number]
        save(figure(*of), path)

    drawn = each(draw, range(len(tasks)), Share(snakemake.threads, 1))
    for (path, *_), _ in zip(tasks, drawn, strict=True):
        logging.info("drew %s", path)


start(globals(), main)
