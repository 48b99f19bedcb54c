"""The figures of the answer as PDF, by the functions that draw those of the page."""

import os
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure

from auscultation.export.methods.run import Run
from auscultation.figures.curves import calibration_figure
from auscultation.figures.forests import area_figure, forest_figure
from auscultation.figures.leakage import leakage_figure
from auscultation.figures.planes import plane_figure
from auscultation.figures.style import RC
from auscultation.figures.subgroups import subgroups_figure
from auscultation.figures.thresholds import (
    net_benefit_figure,
    precision_recall_figure,
    roc_figure,
)
from auscultation.job.files import atomic_path
from auscultation.scores.curves import CurvePoint
from auscultation.scores.fit_scores import Calibration
from auscultation.scores.leakage import Leakage
from auscultation.scores.published import Published
from auscultation.scores.subgroups import Subgroup

# TrueType, as journals require: text that can be searched and edited
EMBEDDED: dict[str, object] = {"pdf.fonttype": 42}
UNDATED = {"CreationDate": None, "Creator": None, "Producer": None}  # the same bytes every time
Draw = Callable[[], Figure]


def figures_of(
    run: Run,
    calibration: list[Calibration],
    leakage: list[Leakage],
    published: Mapping[str, list[Published]],
    curves: list[CurvePoint],
    subgroups: list[Subgroup],
) -> dict[str, Draw]:
    """Return by its name what draws each figure of the answer.

    `published` scores are by split; `curves` and `subgroups` are those of the split to rely on.
    """
    order = [about["split"] for about in run.answer["splits"]]
    first, rows, target = order[0], [*run.rows], run.target
    figures: dict[str, Draw] = {
        "scores": partial(forest_figure, rows, first, target, published.get(first)),
        "auc": partial(area_figure, rows, first, target),
        "calibration": partial(calibration_figure, calibration, run.test, order, target),
    }
    if target.ordered:
        figures["plane"] = partial(plane_figure, rows, order, target, published)
    if any(row["difference"] is not None for row in leakage):
        figures["leakage"] = partial(leakage_figure, leakage, run.test, target)
    if curves:
        ranked = run.test[first]
        figures["roc"] = partial(roc_figure, curves, ranked)
        figures["precision_recall"] = partial(precision_recall_figure, curves, ranked)
        figures["net_benefit"] = partial(net_benefit_figure, curves, ranked)
    if subgroups:
        figures["subgroups"] = partial(subgroups_figure, subgroups, first, run.test[first], target)
    return figures


def save_pdf(draw: Draw, path: str | os.PathLike) -> None:
    """Write a figure as PDF, with its fonts and without a date."""
    looks: Any = RC | EMBEDDED  # matplotlib's stubs list the keys as literals
    with rc_context(looks), atomic_path(path) as temporary:
        draw().savefig(temporary, format="pdf", metadata=UNDATED)
