"""Figures of the page: what each shows for those who do not see it, and its caption."""

import zlib
from pathlib import Path

from markupsafe import Markup

from auscultation.data.target import Target
from auscultation.figures.style import inline_svg
from auscultation.scores.wording import sought


def figure(path: str, name: str, alt: str, caption: str) -> dict:
    """Return a figure for the page: its SVG, what it shows for those who do not see it, a caption."""
    path = Path(path)
    place = "/".join(path.parts[path.parts.index("figures") :])
    svg = inline_svg(path.read_text(encoding="utf-8"), f"f{zlib.crc32(place.encode()):x}")
    # the workflow's own drawing; matplotlib has escaped what the workbook and config say in it
    return {"svg": Markup(svg), "name": name, "alt": alt, "caption": caption, "file": place}


def figures_of_page(
    inputs, split: str, order: list[str], curves: list[dict], target: Target, published: bool
) -> dict:
    """Return the figures that stand alone on the page."""
    place = sorted(order).index(split)
    return {
        "forest": figure(
            inputs.forests[place],
            f"scores under {split}",
            f"Dots with lines: score of every model under {split} with its 95 % interval, beside the "
            "baselines; the numbers are in the table of scores",
            f"Split {split}, test part. Dashed: the baselines, none of which looks at the sound.",
        ),
        "information": figure(
            inputs.areas[place],
            f"AUCs under {split}",
            f"Dots with lines: AUC of every model under {split} with its 95 % interval, beside 0.5, "
            "which is no information; the numbers are in the table of scores",
            f"Split {split}, test part. Dashed: no information, and where there is such a baseline, "
            "what the device alone tells. A ring is the AUC of pairs of cycles of one device, where "
            "knowing the device is of no use.",
        ),
        "scores": figure(
            inputs.scores,
            "scores under every split",
            "Dots: score of every model under every split, with baselines as lines; the numbers are "
            "in the tables below",
            f"The {target.score_words} of every model, with its 95 % interval on the test part, the "
            "split to believe first. Far apart, dot and ring mean that a model knows what it was "
            "fitted on by heart."
            + (" Shaded: what others published, from the audio." if published else ""),
        ),
        "plane": [
            figure(
                path,
                "sensitivity against specificity",
                "Dots: sensitivity against specificity of every model, a panel a split; the numbers "
                "are in the tables of scores",
                "Each model on the test part, with 95 % intervals; thin lines join equal scores.",
            )
            for path in inputs.plane
        ],
        "leakage_figures": [
            figure(
                path,
                "scores with patients heard and not",
                "Dots joined by lines: score and AUC of every model with cycles shuffled, recordings "
                "apart and patients apart; the numbers are in the table",
                "How far the ring lies right of the full dot is what a model gains of having heard the "
                "patient or the recording before; half full, recordings are apart, but not patients.",
            )
            for path in inputs.leakage_figure
        ],
        "sweeps": [
            figure(
                path,
                f"{curve['sweep']} by {curve['key']}",
                f"Lines: score of {curve['sweep']} by {curve['key']}, training and test part, a panel "
                "a split; the numbers are in the tables of scores",
                f"Score of {curve['sweep']} by {curve['key']}, a panel a split.",
            )
            for curve, path in zip(curves, inputs.sweeps, strict=True)
        ],
        "calibration_figure": figure(
            inputs.calibration_figure,
            "calibration",
            f"Lines: predicted and observed share of cycles {sought(target)}; the numbers are in "
            "the table",
            f"Share of cycles {sought(target)}: as predicted, in ten bins, and as observed. On the "
            "dashed line a probability means what it says.",
        ),
        "patients": figure(
            inputs.patients[place],
            f"patients under {split}",
            "Heat map: how often each model is right about each patient; the numbers are in the table",
            f"Split {split}, test part. Where a column stays at 0 to 20 % from top to bottom, every "
            "model is wrong about that patient.",
        ),
        "states": figure(
            inputs.states,
            "cycles by state",
            "Bars: cycles in each state, and patients with such cycles",
            "Cycles by state, and how many patients stand behind each.",
        ),
        "missing": figure(
            inputs.missing,
            "missing values",
            "Heat map of missing values by column and row, before and after cleaning; the numbers are "
            "in the table",
            "Missing values before and after cleaning; behind each column's name, their number.",
        ),
        "losses": [
            figure(
                path,
                "loss of gradient descent",
                "Lines: mean squared error of gradient descent by iteration",
                "Loss of gradient descent before each iteration, in the first fold; the numbers are "
                "the training parts' MSE over all folds.",
            )
            for path in inputs.losses
        ],
    }
