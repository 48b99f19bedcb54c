"""What the page says of the differences that could have been shown, and of luck in training."""

from collections.abc import Sequence
from dataclasses import dataclass

from auscultation.data.target import Target
from auscultation.fits.algorithms import BASELINES
from auscultation.report.score_tables import Columns, ends_cell, ends_head, model_cell, value_cells
from auscultation.report.tables import Cell, Table, cell, count, figure_cell, table
from auscultation.scores.luck import Luck
from auscultation.scores.power import Power
from auscultation.scores.wording import metric_name

NEEDED = {"patients_002": "0.02", "patients_005": "0.05", "patients_010": "0.10"}


@dataclass(frozen=True)
class Shown:
    """What could have been shown under one split: a sentence's numbers, and a table."""

    split: str
    median: Power  # of two models by the target's score, or what else there is
    table: Table


def power_of(rows: Sequence[Power], split: str, target: Target) -> Shown | None:
    """Return what could have been shown under a split; None where there is no error."""
    own = [row for row in rows if row["split"] == split]
    if not own:
        return None
    head: Columns = ["metric", ("compared with", "against"), "error", "model"]
    head += [("standard error", "se"), ("models", "n_models")]
    head.append(("smallest difference shown", "detectable"))
    head += [(f"patients for {words}", name) for name, words in NEEDED.items()]
    body = []
    for row in own:
        line = [cell(metric_name(row["metric"], target), row["metric"]), cell(row["against"])]
        line += [cell(row["error"]), cell(row["model"])]
        line += [figure_cell(row["se"], 4), count(row["n_models"])]
        line.append(figure_cell(row["detectable"], strong=True))
        line += [
            _patients(n) for n in (row["patients_002"], row["patients_005"], row["patients_010"])
        ]
        body.append(line)
    return Shown(split, median=own[0], table=table(head, body, texts=(0, 1, 2, 3)))


def _patients(n: float | None) -> Cell:
    """Return a cell of a number of patients."""
    return cell("–", None) if n is None else count(int(n))


def luck_table(rows: Sequence[Luck], target: Target) -> Table:
    """Return the spread of models' scores over repeats and seeds, beside the interval over patients."""
    head: Columns = ["model", "split", ("spread over", "of"), "n", "metric", "mean"]
    head += [("standard deviation", "sd"), ("lowest to highest", "lowest|highest")]
    head += ["value", ends_head("ci")]
    body = []
    for row in (row for row in rows if row["algorithm"] not in BASELINES):
        line = [model_cell(row), cell(row["split"]), cell(row["of"]), count(row["n"])]
        line += [cell(metric_name(row["metric"], target), row["metric"]), figure_cell(row["mean"])]
        line += [figure_cell(row["sd"], strong=True), ends_cell(row["lowest"], row["highest"])]
        line += value_cells(row)
        body.append(line)
    return table(head, body, texts=(0, 1, 2, 4))
