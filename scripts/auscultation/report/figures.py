"""Figures of the page: each SVG with the place of its file; their captions are in the templates."""

import zlib
from pathlib import Path
from typing import TypedDict

from markupsafe import Markup

from auscultation.figures.style import inline_svg


class PageFigure(TypedDict):
    """A figure for the page: what to draw, and its file in the results."""

    svg: Markup
    file: str


def figure(path: str) -> PageFigure:
    """Return a figure for the page."""
    parts = Path(path).parts
    place = "/".join(parts[parts.index("figures") :])
    svg = inline_svg(Path(path).read_text(encoding="utf-8"), f"f{zlib.crc32(place.encode()):x}")
    # the workflow's own drawing; matplotlib has escaped what the workbook and config say in it
    return {"svg": Markup(svg), "file": place}


def figures_of_page(inputs, split: str, order: list[str], curves: list[dict]) -> dict:
    """Return the figures that stand alone on the page, by the names that the templates know.

    Of figures by split those of `split`, the one to rely on first, are shown.
    """
    place = sorted(order).index(split)
    sweeps = [
        {**figure(path), "sweep": curve["sweep"], "key": curve["key"]}
        for curve, path in zip(curves, inputs.sweeps, strict=True)
    ]
    return {
        "forest": figure(inputs.forests[place]),
        "information": figure(inputs.areas[place]),
        "scores": figure(inputs.scores),
        "plane": [figure(path) for path in inputs.plane],
        "leakage_figures": [figure(path) for path in inputs.leakage_figure],
        "sweeps": sweeps,
        "calibration_figure": figure(inputs.calibration_figure),
        "subgroup_figures": [figure(path) for path in inputs.subgroups_figure],
        "roc": figure(inputs.roc),
        "precision_recall": figure(inputs.precision_recall),
        "net_benefit": figure(inputs.net_benefit),
        "patients": figure(inputs.patients[place]),
        "states": figure(inputs.states),
        "missing": figure(inputs.missing),
        "losses": [figure(path) for path in inputs.losses],
    }
