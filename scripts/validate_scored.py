"""Make the page of what was scored: how the models do on it, beside their scores in the workflow.

In: predictions of its labelled rows, and what was scored; the comparison, its answer and calibration; the
template. Out: `{name}.html`, one file with everything in it, and `{name}.csv`, every metric. Without
labels, the page shows what the models call the rows, and what lies outside what they were fitted on.
"""

import io
from typing import cast

import matplotlib
import numpy as np
import pyarrow.parquet as pq
from markupsafe import Markup
from matplotlib.figure import Figure

from auscultation.data.target import Target, target_of
from auscultation.export.new_predictions import About, read_predicted
from auscultation.figures.curves import calibration_figure
from auscultation.figures.external import external_figure
from auscultation.figures.style import METADATA, RC, inline_svg
from auscultation.figures.thresholds import (
    net_benefit_figure,
    precision_recall_figure,
    roc_figure,
)
from auscultation.job.files import read_json, write_text
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.report.curves import curves_context
from auscultation.report.external import context_of
from auscultation.report.figures import PageFigure
from auscultation.report.render import render
from auscultation.report.score_tables import calibration_table
from auscultation.scores.comparison import Fit, Ranked, Row, wide
from auscultation.scores.curves import curve_points, points_of_all
from auscultation.scores.external import EXTERNAL, Validated, by_range, validate
from auscultation.scores.probabilities import probability_scores
from auscultation.scores.questions import Answer
from auscultation.scores.tables import to_table, write_csv
from auscultation.scores.tested import Tested

matplotlib.rcParams.update(RC)  # type: ignore[arg-type]  # its stubs list the keys as literals


def drawn(figure: Figure, prefix: str) -> PageFigure:
    """Return a figure as the page has it; it is in no file of its own."""
    text = io.StringIO()
    figure.savefig(text, format="svg", metadata=METADATA)
    # matplotlib has escaped what the workbook and config say in it
    return {"svg": Markup(inline_svg(text.getvalue(), prefix)), "file": ""}


def shares_of(path: str, about: About, target: Target) -> list[float] | None:
    """Return the shares of the true classes among the cycles that any model predicts; None without."""
    cycles, classes = [], []
    for _, table in read_predicted(path, about["models"]):
        cycles.append(table["cycle"].to_numpy())
        classes.append(table[target.name].to_numpy())
    if not cycles:
        return None
    first = np.unique(np.concatenate(cycles), return_index=True)[1]
    counts = np.bincount(np.concatenate(classes)[first], minlength=len(target.classes))
    return (counts / counts.sum()).tolist()


def figures_of(
    made: Validated, name: str, inside: list[Row], split: str, calibration: str, target: Target
) -> dict[str, PageFigure | None]:
    """Return the figures of scores and of calibration, the latter if any model has probabilities."""
    forest = external_figure(made.comparison, name, inside, split, target)
    figures: dict[str, PageFigure | None] = {"forest": drawn(forest, "s"), "calibration": None}
    if made.calibration:
        own = pq.read_table(calibration, filters=[("split", "==", split)]).to_pylist()
        if split == name:  # a table may be named as a split is
            own = []
        test = wide([*made.comparison, *(inside if own else [])], "test", target)
        order = [*dict.fromkeys((name, split))]
        drawing = calibration_figure([*made.calibration, *own], test, order, target)
        figures["calibration"] = drawn(drawing, "c")
    return figures


def thresholds_of(path: str, about: About, name: str, ranked: list[Ranked]) -> dict:
    """Return what the page shows of probabilities and of curves over thresholds, with figures."""
    rows, points, largest = [], [], None
    for model, table in read_predicted(path, about["models"]):
        fit = Fit(model=model["model"], algorithm=model["algorithm"], split=name)
        tested = Tested.of(table, fit)
        rows += probability_scores(tested)
        points += curve_points(tested)
        if largest is None or len(tested.true) > len(largest.true):
            largest = tested
    if largest is not None:
        points += points_of_all(largest)
    figures = {
        "roc": drawn(roc_figure(points, ranked), "r"),
        "precision_recall": drawn(precision_recall_figure(points, ranked), "p"),
        "net_benefit": drawn(net_benefit_figure(points, ranked), "n"),
    }
    return curves_context(rows, ranked, name) | figures


def main(snakemake) -> None:
    """Score the labelled rows, write page and table."""
    without_pandas()
    inputs, output, name = snakemake.input, snakemake.output, snakemake.params.name
    about = cast(About, read_json(inputs.about))
    answer = cast(Answer, read_json(inputs.answer))
    target = target_of(pq.read_schema(inputs.comparison).metadata)
    split = answer["split"]
    inside = pq.read_table(inputs.comparison, filters=[("split", "==", split)]).to_pylist()
    known = about["patients_in_training"]
    predicted = read_predicted(inputs.predictions, about["models"])
    made = validate(name, predicted, inside, split, about["labelled"], target, known)
    ranked = wide(made.comparison, "test", target).get(name, [])
    predicted = read_predicted(inputs.predictions, about["models"])
    ranges = [row for model, table in predicted for row in by_range(model, table, target)]
    shares = shares_of(inputs.predictions, about, target)
    context = context_of(about, made, ranked, ranges, shares, answer, target)
    context |= {"name": name, "bins": calibration_table(name, made.calibration)}
    if ranked:
        context |= thresholds_of(inputs.predictions, about, name, ranked)
        context |= figures_of(made, name, inside, split, inputs.calibration, target)
    page = render(context, inputs.template[0], inputs.css[0], inputs.script[0])
    write_csv(to_table(made.rows, EXTERNAL), output.table)
    write_text(output.page, page)


start(globals(), main)
