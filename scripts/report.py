"""Make the page: one HTML file with everything in it, for a browser without a network.

In: what was read, cleaned and split, the comparison with its tables, the fits' summaries, the
figures, published scores, the template. Out: `report.html`. Everything shown is prepared here; the
templates say it and lay it out.
"""

import logging
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple, cast

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from auscultation.data.target import Target, target_of
from auscultation.figures.grouping import best_of_each, is_many
from auscultation.job.files import read_json, write_text
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.report.answer import SplitVerdict, opposing, verdicts
from auscultation.report.curves import curves_context
from auscultation.report.features import by_family, features_of
from auscultation.report.figures import figure, figures_of_page
from auscultation.report.importance import importance_context
from auscultation.report.imputed import imputed_features
from auscultation.report.leakage import gains
from auscultation.report.models import doubts, model_groups
from auscultation.report.patients import hardest_of
from auscultation.report.power import luck_table, power_of
from auscultation.report.published import published_of
from auscultation.report.recordings import recordings_of
from auscultation.report.refits import refits_context
from auscultation.report.render import render
from auscultation.report.score_tables import (
    calibration_table,
    doubts_table,
    errors_table,
    hardest_table,
    in_short_table,
    leakage_table,
    metrics_table,
    published_table,
    ranking_table,
)
from auscultation.report.sources import datasets_table, sources_of
from auscultation.report.subgroups import subgroups_of
from auscultation.report.tables import costs_table, quality_table, splits_table
from auscultation.report.units import unit_verdicts
from auscultation.scores.comparison import Ranked, Row, read_costs, wide
from auscultation.scores.differences import Difference
from auscultation.scores.errors import Error, Hardest
from auscultation.scores.fit_scores import Calibration
from auscultation.scores.leakage import Leakage
from auscultation.scores.luck import Luck
from auscultation.scores.power import Power
from auscultation.scores.probabilities import ProbabilityScore
from auscultation.scores.published import PROTOCOL, read_published
from auscultation.scores.questions import Answer
from auscultation.scores.split_kinds import kind_of, read_splits
from auscultation.scores.subgroups import Subgroup
from auscultation.scores.units import UnitScore
from auscultation.splits.folds import SplitSummary
from auscultation.workbook.sources import origins

# of the cleaned table, where it has them
COLUMNS = ("patient_ID", "recording", "Diagnosis", "dataset")
TABLES = (
    *("comparison", "differences", "leakage", "calibration", "errors", "hardest"),
    *("units", "subgroups", "power", "luck", "probabilities"),
)
# of errors by patient there are patients times models; the page shows those by device
SHOWN = {"errors": [("by", "==", "device")]}


class Results(NamedTuple):
    """What the page is made from."""

    comparison: list[Row]
    differences: list[Difference]
    leakage: list[Leakage]
    calibration: list[Calibration]
    errors: list[Error]
    hardest: list[Hardest]
    units: list[UnitScore]
    subgroups: list[Subgroup]
    power: list[Power]
    luck: list[Luck]
    probabilities: list[ProbabilityScore]
    target: Target
    splits: dict[str, SplitSummary]  # the content of each `split.json`
    answer: Answer
    quality: dict
    cycles: pa.Table
    fits: list[dict]  # summaries, in the order of params.fits


def read(inputs, params) -> Results:
    """Return the results that the rule `report` names."""
    columns = pq.read_schema(inputs.cycles).names
    names = [name for name in COLUMNS if name in columns]
    return Results(
        **{
            name: pq.read_table(getattr(inputs, name), filters=SHOWN.get(name)).to_pylist()
            for name in TABLES
        },
        target=target_of(pq.read_schema(inputs.comparison).metadata),
        splits=read_splits(params.config["splits"], inputs.splits),
        answer=cast("Answer", read_json(inputs.answer)),
        quality=read_json(inputs.quality),
        cycles=pq.read_table(inputs.cycles, columns=names),
        fits=[read_json(path) for path in inputs.fits],
    )


def answer_context(results: Results, test: dict[str, list[Ranked]]) -> dict:
    """Return what the section of the answer shows."""
    answer, target = results.answer, results.target
    made = verdicts(answer, test, results.differences, results.splits, target)
    squared = [made[0], *(verdict for verdict in made[1:] if verdict.kind == "known_cycles")]
    return {
        "answer": answer,
        "verdicts": made,
        "opposing": opposing(answer, made),
        "squared": [verdict for verdict in squared if verdict.squared_error],
        "gains": gains(answer, target),
        "leakage_compared": bool(answer["leakage"]),
        "in_short": in_short_table(answer, target),
        "units": unit_verdicts(results.units, made[0].split, target),
    }


def scores_context(results: Results, test: dict[str, list[Ranked]], order: list[str]) -> dict:
    """Return what the sections of the scores, of leakage, calibration and groups of cycles show.

    Of many models a split also has a short table, of the best of each algorithm.
    """
    differences, target = results.differences, results.target
    train = wide(results.comparison, "train", target)
    rankings = []
    for name in order:
        rows, trained = test[name], train[name]
        best = best_of_each(rows) if is_many(rows) else None
        ranking = {
            "split": name,
            "kind": kind_of(results.splits[name]),
            "n_cycles": rows[0]["n_cycles"],
            "n_patients": rows[0]["n_patients"],
            "short": best and ranking_table(name, best, trained, differences, target),
            "table": ranking_table(name, rows, trained, differences, target),
            "metrics": metrics_table(rows, trained, target),
        }
        rankings.append(ranking)
    return {
        "rankings": rankings,
        "leakage_table": leakage_table(results.leakage, target),
        "calibration_table": calibration_table(order[0], results.calibration),
        "subgroups": subgroups_of(results.subgroups, order[0], test[order[0]], target),
        "power": power_of(results.power, order[0], target),
        "luck": luck_table(results.luck, target),
    }


def published_context(inputs, made: list[SplitVerdict], results: Results) -> dict:
    """Return what the page shows of published scores; nothing without a split by a published list."""
    verdict = next((verdict for verdict in made if verdict.protocol == PROTOCOL), None)
    if verdict is None or results.target.name != "state":
        return {"published": None}
    rows, split = read_published(inputs.published[0]), verdict.split
    best = next(iter(verdict.about["answers"]["useful"]["models"]), None)
    shown = split != made[0].split  # else the section of the answer has this figure
    place = sorted(results.splits).index(split)
    return {
        "published": published_of(rows, split, results.splits[split], best),
        "published_table": published_table(rows),
        "published_figure": figure(inputs.forests[place]) if shown else None,
    }


def diagnoses_of(cycles: pa.Table) -> dict[str, str]:
    """Return the diagnosis of each patient that has one; none where the table has no such column."""
    if "Diagnosis" not in cycles.column_names:
        return {}
    pairs = cycles.group_by(["patient_ID", "Diagnosis"], use_threads=False).aggregate([])
    return {
        str(row["patient_ID"]): row["Diagnosis"]
        for row in pairs.to_pylist()
        if row["Diagnosis"] is not None
    }


def patients_context(results: Results, test: list[Ranked], split: str) -> dict:
    """Return what the section of the hardest patients shows, under one split."""
    here = [row for row in results.hardest if row["split"] == split]
    diagnoses = diagnoses_of(results.cycles)
    tables = []
    for by, name in (("patient_ID", "patient"), ("device", "device")):
        rows = [row for row in here if row["by"] == by]
        if rows:
            shown = hardest_table(split, by, rows, diagnoses if by == "patient_ID" else {})
            left_out = len(rows) - len(shown["rows"])
            about = {"by": name, "n_models": rows[0]["n_models"], "left_out": left_out}
            tables.append({"table": shown} | about)
    models = [row["model"] for row in test if row["n_cycles"]]
    return {
        "hardest": hardest_of(here),
        "hardest_tables": tables,
        "device_table": errors_table(split, "device", results.errors, models),
    }


def data_context(
    results: Results, test: dict[str, list[Ranked]], order: list[str], families: Sequence[str]
) -> dict:
    """Return what the header and the sections of the data and the splits show."""
    cycles, quality = results.cycles, results.quality
    features = sorted({name for fit in results.fits for name in fit["inputs"]})
    without = quality.get("without_class", {})
    dropped = quality["cycles_before"] - quality["cycles_after"] - sum(without.values())
    recordings = None
    if "recording" in cycles.column_names:
        recordings = len(cycles["recording"].unique())
    tested = {name: test[name][0]["n_patients"] for name in order}
    splits = {name: results.splits[name] for name in order}
    return {
        "n_cycles": cycles.num_rows,
        "n_patients": len(cycles["patient_ID"].unique()),
        "n_recordings": recordings,
        "datasets": datasets_table(cycles),
        "dropped_cycles": dropped,
        "without_class": without,
        "imputed": imputed_features(quality, features),
        "quality": quality_table(quality, families),
        "splits": splits_table(splits, tested, results.target),
    }


def prepare(inputs, params, made: datetime) -> dict:
    """Return everything that the templates show, from what the rule `report` names."""
    results = read(inputs, params)
    source, target = read_json(inputs.source), results.target
    test = wide(results.comparison, "test", target)
    doubtful = doubts(params.fits, results.fits, params.lost)
    for row in doubtful:
        for ranked in test[row["split"]]:
            if ranked["model"] == row["model"]:
                ranked.setdefault("doubts", []).append(row["what"])
    answer = answer_context(results, test)
    order = [verdict.split for verdict in answer["verdicts"]]
    first = order[0]
    figures = figures_of_page(inputs, first, order, params.curves)
    calibration = figures.pop("calibration_figure")
    context = answer | scores_context(results, test, order)
    context |= refits_context(inputs, results.answer["splits"][0], target)
    context |= curves_context(results.probabilities, test[first], first)
    context |= patients_context(results, test[first], first)
    heard = recordings_of(source, params.config)
    context |= data_context(results, test, order, params.config["families"] if heard else ())
    features = pq.read_table(inputs.features).to_pylist()
    context |= importance_context(inputs, results.answer, params.config, target)
    context |= published_context(inputs, answer["verdicts"], results) | figures
    return context | {
        "made": made.strftime("%d %B %Y, %H:%M %Z").lstrip("0"),
        "source": source,
        "sources": sources_of(source),
        "recordings": heard,
        "demo": heard.simulated if heard else "demo" in origins(params.config),
        "features": features_of(features),
        "families": by_family(features, params.config["families"]) if heard else None,
        "target": target,
        "left_out": params.left_out,
        "calibration": calibration if results.calibration else None,
        "doubts": doubts_table(doubtful),
        "without": [row for row in doubtful if row["what"] == "failed"],
        "models": model_groups(inputs, params, results.fits, first, is_many(test[first]), target),
        "costs": costs_table(read_costs(inputs.costs)),
        "provenance": read_json(inputs.provenance),
        "config": yaml.safe_dump(params.config, sort_keys=True, allow_unicode=True),
    }


def main(snakemake) -> None:
    """Make the page."""
    without_pandas()
    inputs = snakemake.input
    context = prepare(inputs, snakemake.params, datetime.now(UTC))
    page = render(context, inputs.template[0], inputs.css[0], inputs.script[0])
    logging.info("the page has %d kB", len(page.encode()) // 1000)
    write_text(snakemake.output.page, page)


start(globals(), main)
