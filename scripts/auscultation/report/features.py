"""What the page shows of the features: how much of each is the patient."""

from collections.abc import Sequence
from statistics import median
from typing import NamedTuple

from auscultation.report.recordings import family_of
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


def by_family(rows: list[Feature], families: Sequence[str]) -> Table:
    """Return the features of the models by family: how many, and how much of them is the patient.

    `families` are those of the config; the notebook's statistics are a family, others are together.
    """
    groups: dict[str, list[Feature]] = {name: [] for name in ("notebook", *families, "others")}
    for row in rows:
        groups[family_of(row["feature"], families)].append(row)
    head: list[str | tuple[str, str]] = ["family", "features", "more than half between patients"]
    head += [("share between patients, median", "median"), "largest", "of"]
    body = []
    for name, own in groups.items():
        if not own:
            continue
        shares = {r["feature"]: s for r in own if (s := r["between_patients"]) is not None}
        first, share = max(shares.items(), key=lambda pair: pair[1], default=(None, None))
        line = [cell(name), count(len(own)), count(sum(row["patient_specific"] for row in own))]
        line += [figure_cell(median(shares.values()) if shares else None)]
        line += [figure_cell(share), cell(first or "–", first)]
        body.append(line)
    return table(head, body, texts=(0, 5))
