"""Draw all figures: the data, scores, curves, errors, losses, and two for each of the models to draw.

In: the raw and the cleaned table, the comparison and its tables, summaries of gradient descent,
published scores. Out: SVG files whose text is text, with the same bytes every time. One job draws
them all, since starting matplotlib takes longer than drawing; those that show the same as before are
kept.
"""

import hashlib
import json
import logging
import os
import pickle
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

import matplotlib
import numpy as np
import pyarrow.parquet as pq
from matplotlib.figure import Figure

from auscultation.data.target import Target, target_of
from auscultation.figures.curves import calibration_figure, losses_figure
from auscultation.figures.cycles import Part, cycles_figure
from auscultation.figures.data import (
    Drawn,
    drawn_columns,
    drawn_of,
    missing_figure,
    states_figure,
    states_of,
)
from auscultation.figures.errors import confusion_figure, patients_figure, people_of
from auscultation.figures.forests import area_figure, forest_figure
from auscultation.figures.grouping import representatives
from auscultation.figures.importance import importance_figure
from auscultation.figures.layout import NO_RESULT, note_figure
from auscultation.figures.leakage import leakage_figure
from auscultation.figures.learning import learning_figure
from auscultation.figures.planes import plane_figure
from auscultation.figures.scores import scores_figure
from auscultation.figures.style import METADATA, RC
from auscultation.figures.subgroups import subgroups_figure
from auscultation.figures.sweeps import sweep_figure
from auscultation.figures.thresholds import (
    net_benefit_figure,
    precision_recall_figure,
    roc_figure,
)
from auscultation.job.files import atomic_path, read_json, write_text
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.job.parallel import Share, each
from auscultation.job.record import ANEW
from auscultation.scores.comparison import Fit, wide
from auscultation.scores.confusion import Confusion
from auscultation.scores.published import PROTOCOL, read_published
from auscultation.scores.split_kinds import read_splits, split_order

matplotlib.rcParams.update(RC)  # type: ignore[arg-type]  # its stubs list the keys as literals

Draw = partial[Figure]
Task = tuple[str, Draw]  # a path, and what returns its figure
NOTHING: Draw = partial(note_figure, NO_RESULT)


def save(figure: Figure, path: str) -> None:
    """Write a figure as SVG, whole or not at all."""
    with atomic_path(path) as temporary:
        figure.savefig(temporary, format="svg", metadata=METADATA)


def made_from(tasks: Iterable[Task], code: str) -> dict[str, str]:
    """Return the SHA-256 of what each figure shows and of the code that draws it, by its path."""
    common = matplotlib.__version__ + code
    return {
        path: hashlib.sha256(pickle.dumps((common, draw.func, draw.args))).hexdigest()
        for path, draw in tasks
    }


def to_draw(tasks: list[Task], now: dict[str, str], before: str) -> list[Task]:
    """Return the figures that show other than before, by the file that says what they were made from.

    That file then says it of the others alone, until these are drawn.
    """
    known = {} if os.environ.get(ANEW) or not Path(before).exists() else read_json(before)
    same = (path for path, own in now.items() if known.get(path) == own)
    kept = {path: now[path] for path in same if Path(path).exists()}
    logging.info("%d of %d figures are as they were", len(kept), len(tasks))
    write_text(before, json.dumps(kept))
    return [task for task in tasks if task[0] not in kept]


def missing_counts(path: str) -> dict[str, int]:
    """Return the number of missing values of each column of a Parquet file, from its metadata."""
    about = pq.read_metadata(path)
    groups = [about.row_group(number) for number in range(about.num_row_groups)]
    return {
        about.schema.column(place).path: sum(
            group.column(place).statistics.null_count for group in groups
        )
        for place in range(about.num_columns)
    }


def read_drawn(raw: str, cycles: str) -> tuple[Drawn, Drawn]:
    """Return the columns whose missing values are drawn, before and after cleaning."""
    before = missing_counts(raw)
    kept = {name: n for name, n in missing_counts(cycles).items() if name in before}
    return _drawn(raw, before), _drawn(cycles, kept)


def _drawn(path: str, counts: dict[str, int]) -> Drawn:
    """Return what is drawn of a Parquet file, of which one column is in memory at a time."""
    with pq.ParquetFile(path) as file:
        columns = ((name, file.read([name])[name]) for name in drawn_columns(counts))
        return drawn_of(columns, len(counts))


def first_cycles(path: str, target: Target) -> dict[tuple[str, str], dict[str, Part]]:
    """Return class and prediction of the first cycles of both parts, by model and split."""
    rows: dict[tuple[str, str], dict[str, list[tuple[float, float]]]] = {}
    for row in pq.read_table(path).to_pylist():
        parts = rows.setdefault((row["model"], row["split"]), {})
        parts.setdefault(row["part"], []).append((row[target.name], row["prediction"]))
    return {
        fit: {part: (np.array(pairs)[:, 0], np.array(pairs)[:, 1]) for part, pairs in parts.items()}
        for fit, parts in rows.items()
    }


def of_scores(inputs, outputs, params, order: list[str], target: Target) -> Iterator[Task]:
    """Yield the figures that compare models: scores, curves, and errors by patient."""
    rows, leakage, calibration = (
        pq.read_table(inputs[name]).to_pylist() for name in ("comparison", "leakage", "calibration")
    )
    test = wide(rows, "test", target)
    published = {
        split: read_published(inputs.published[0])
        for split, protocol in params.protocols.items()
        if protocol == PROTOCOL and target.name == "state"
    }
    for path in outputs.losses:
        losses = read_losses(params.fits, inputs.descents)
        drawn = [row for row in rows if row["algorithm"] in ("gradient_descent", "mean")]
        yield path, partial(losses_figure, losses, drawn, target) if losses else NOTHING
    yield outputs.scores, partial(scores_figure, rows, order, target, published)
    for path in outputs.plane:
        yield path, partial(plane_figure, rows, order, target, published)
    for path in outputs.leakage:
        yield path, partial(leakage_figure, leakage, test, target)
    for path in outputs.learning:
        learning = pq.read_table(inputs.learning).to_pylist()
        yield path, partial(learning_figure, learning, test, order, target)
    for curve, path in zip(params.curves, outputs.sweeps, strict=True):
        yield path, partial(sweep_figure, curve, rows, order, target)
    for path in outputs.relied_on:
        importances = pq.read_table(inputs.importances).to_pylist()
        yield path, partial(importance_figure, importances, order, params.apart, target)
    yield outputs.calibration, partial(calibration_figure, calibration, test, order, target)
    points = pq.read_table(inputs.curves, filters=[("split", "==", order[0])]).to_pylist()
    ranked = test[order[0]]
    yield outputs.roc, partial(roc_figure, points, ranked)
    yield outputs.precision_recall, partial(precision_recall_figure, points, ranked)
    yield outputs.net_benefit, partial(net_benefit_figure, points, ranked)
    for path in outputs.subgroups:
        groups = pq.read_table(inputs.subgroups).to_pylist()
        yield path, partial(subgroups_figure, groups, order[0], ranked, target)
    paths = (outputs.forests, outputs.areas, outputs.patients)
    for split, forest, areas, patients in zip(sorted(params.protocols), *paths, strict=True):
        own = [row for row in rows if row["split"] == split]
        yield forest, partial(forest_figure, own, split, target, published.get(split))
        yield areas, partial(area_figure, own, split, target)
        shown = representatives([row for row in test[split] if row["n_cycles"]])
        if shown:
            here = [("by", "==", "patient_ID"), ("split", "==", split)]
            right, hard = (pq.read_table(inputs[x], filters=here) for x in ("errors", "hardest"))
            people = people_of(right, hard, shown, target.classes)
            yield patients, partial(patients_figure, people, target.classes)
        else:
            yield patients, NOTHING


def of_models(inputs, outputs, params, order: list[str], target: Target) -> Iterator[Task]:
    """Yield the figures of each model: confusion counts, and its first cycles under every split."""
    by_model: dict[str, list[Confusion]] = {}
    for row in pq.read_table(inputs.confusion).to_pylist():
        if row["part"] == "test":
            by_model.setdefault(row["model"], []).append(row)
    models = sorted({fit["model"] for fit in params.drawn})
    for model, path in zip(models, outputs.confusions, strict=True):
        counts = by_model.get(model)
        yield path, partial(confusion_figure, counts, order) if counts else NOTHING
    first = first_cycles(inputs.first_cycles, target)
    for fit, path in zip(params.drawn, outputs.models, strict=True):
        parts = first.get((fit["model"], fit["split"]))
        yield path, partial(cycles_figure, parts, fit["algorithm"], target) if parts else NOTHING


def read_losses(fits: Iterable[Fit], summaries: list[str]) -> dict[str, dict[str, list[float]]]:
    """Return the loss of the first fold of each gradient descent, by split and model."""
    losses: dict[str, dict[str, list[float]]] = {}
    descents = [fit for fit in fits if fit["algorithm"] == "gradient_descent"]
    for fit, path in zip(descents, summaries, strict=True):
        summary = read_json(path)
        if summary["folds"]:
            loss = [np.nan if value is None else value for value in summary["folds"][0]["loss"]]
            losses.setdefault(fit["split"], {})[fit["model"]] = loss
    return losses


def main(snakemake) -> None:
    """Draw every figure of the rule."""
    without_pandas()
    inputs, outputs, params = snakemake.input, snakemake.output, snakemake.params
    order = split_order(read_splits(params.protocols, inputs.splits))
    target = target_of(pq.read_schema(inputs.comparison).metadata)
    cycles = pq.read_table(inputs.cycles, columns=["patient_ID", target.name])
    tasks: list[Task] = [
        (outputs.missing, partial(missing_figure, *read_drawn(inputs.raw, inputs.cycles))),
        (outputs.states, partial(states_figure, states_of(cycles, target), target)),
        *of_scores(inputs, outputs, params, order, target),
        *of_models(inputs, outputs, params, order, target),
    ]

    now = made_from(tasks, params.code)
    tasks = to_draw(tasks, now, outputs.made_from)

    def draw(number: int) -> None:  # a number is sent to the processes faster than what is drawn
        path, figure = tasks[number]
        save(figure(), path)

    drawn = each(draw, range(len(tasks)), Share(snakemake.threads, 1))
    for (path, _), _ in zip(tasks, drawn, strict=True):
        logging.info("drew %s", path)
    write_text(outputs.made_from, json.dumps(now, indent=1))


start(globals(), main)
