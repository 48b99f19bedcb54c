"""What the page shows of the features: how much of each is the patient."""

from typing import NamedTuple

from auscultation.report.tables import Table, cell, count, figure_cell, table
from auscultation.scores.features import Feature

MOST = 30  # rows of the table


class Features(NamedTuple):
    """The features for the page, the most patient-specific first."""

    table: Table
    n: int  # of all features
    shown: int
    specific: list[str]  # those whose variance is mostly between patients


def features_of(rows: list[Feature]) -> Features:
    """Return the features for the page, from the rows of `features.parquet`."""
    by_recording = any(row["between_recordings"] is not None for row in rows)
    head: list[str | tuple[str, str]] = ["feature", "kind", "models", ("missing cycles", "missing")]
    head += ["levels", ("share of variance between patients", "between_patients")]
    head += [("between recordings", "between_recordings")] * by_recording
    body = []
    for row in rows[:MOST]:
        levels = row["levels"]
        line = [cell(row["feature"]), cell(row["kind"]), count(row["models"])]
        line += [count(row["missing"], muted=not row["missing"])]
        line += [cell("–", None) if levels is None else count(levels)]
        line += [figure_cell(row["between_patients"], strong=row["patient_specific"])]
        line += [figure_cell(row["between_recordings"])] * by_recording
        body.append(line)
    specific = [row["feature"] for row in rows if row["patient_specific"]]
    return Features(table(head, body, texts=(0, 1)), len(rows), len(body), specific)
