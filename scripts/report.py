"""Make the page: one HTML file with everything in it, for a browser without a network.

In: what was read, cleaned and split, the comparison with its tables, the fits' summaries, the
figures, published scores, the template. Out: `report.html`. Everything shown is prepared here; the
template lays out.
"""

import logging
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from auscultation.data.target import Target, target_of
from auscultation.figures.grouping import best_of_each, is_many
from auscultation.job.files import read_json, write_text
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.report.captions import figure, figures_of_page
from auscultation.report.conclusions import verdicts, whole_answer
from auscultation.report.models import doubts, model_groups
from auscultation.report.notes import (
    cards,
    definitions,
    hardest_sentences,
    imputed_features,
    published_sentences,
)
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
from auscultation.report.tables import costs_table, quality_table, splits_table
from auscultation.scores.comparison import COSTS_NOTE, read_costs, wide
from auscultation.scores.published import PROTOCOL, read_published
from auscultation.scores.split_kinds import ABOUT, kind_of, read_splits


def ranking(
    name: str, split: dict, test: list, train: list, differences: list, target: Target
) -> dict:
    """Return the tables of one split; of many models also one of the best of each algorithm."""
    best = None
    if is_many(test):
        best = ranking_table(name, best_of_each(test), train, differences, target)
        best["caption"] += ": the best model of each algorithm, found on this very test part"
    return {
        "split": name,
        "about": ABOUT[kind_of(split)],
        "short": best,
        "table": ranking_table(name, test, train, differences, target),
        "metrics": metrics_table(name, test, train),
    }


CONTENTS = (
    ("answer", "The answer"),
    ("scores", "Scores"),
    ("plane", "Se and Sp"),
    ("leakage", "Known patients"),
    ("sweeps", "Settings"),
    ("calibration", "Probabilities"),
    ("wrong", "Who is wrong"),
    ("published", "Published"),
    ("data", "Data"),
    ("splits", "Splits"),
    ("models", "Models"),
    ("costs", "Costs"),
    ("made", "How made"),
)


def papers_of(inputs, said: list[dict], splits: dict) -> dict | None:
    """Return what the page says of published scores; None without a split by a published list."""
    names = [v["split"] for v in said if v["protocol"] == PROTOCOL]
    if not names:
        return None
    rows, split = read_published(inputs.published[0]), names[0]
    useful = next(v["answers"]["useful"] for v in said if v["split"] == split)
    best = next(iter(useful["models"]), None)
    place = sorted(splits).index(split)
    shown = figure(
        inputs.forests[place],
        f"scores under {split}",
        f"Dots with lines: score of every model under {split}, before the band of published scores",
        f"Split {split}, test part. Shaded: from the lowest to the highest published score.",
    )
    return {
        "sentences": published_sentences(rows, split, splits[split], best),
        "table": published_table(rows),
        "figures": [shown] if split != said[0]["split"] else [],
    }


def diagnoses_of(cycles: pa.Table) -> dict[str, str]:
    """Return the diagnosis of each patient that has one; none where the table has no such column."""
    if "Diagnosis" not in cycles.column_names:
        return {}
    pairs = zip(*(cycles[name].to_pylist() for name in ("patient_ID", "Diagnosis")), strict=True)
    return {str(patient): said for patient, said in pairs if said is not None}


def prepare(inputs, params, made: datetime) -> dict:
    """Prepare everything the template shows.

    Parameters
    ----------
    inputs, params
        Of the rule `report`.
    made
        When the page is made, with its time zone.
    """
    source, quality = read_json(inputs.source), read_json(inputs.quality)
    rows, differences, leakage, bins, errors, hardest = (
        pq.read_table(path).to_pylist()
        for path in (
            inputs.comparison,
            inputs.differences,
            inputs.leakage,
            inputs.calibration,
            inputs.errors,
            inputs.hardest,
        )
    )
    target = target_of(pq.read_schema(inputs.comparison).metadata)
    splits = read_splits(params.config["splits"], inputs.splits)
    test, train = (wide(rows, part, target) for part in ("test", "train"))
    columns = pq.read_schema(inputs.cycles).names
    names = [name for name in ("patient_ID", "recording", "Diagnosis") if name in columns]
    cycles = pq.read_table(inputs.cycles, columns=names)
    answer = read_json(inputs.answer)
    said = verdicts(answer, test, differences, splits, target)
    order = [verdict["split"] for verdict in said]
    first = order[0]
    fits = [read_json(path) for path in inputs.fits]
    doubtful = doubts(params.fits, fits, params.lost)
    for row in doubtful:
        for ranked in test[row["split"]]:
            if ranked["model"] == row["model"]:
                ranked.setdefault("doubts", []).append(row["what"])
    features = sorted({name for fit in fits for name in fit["inputs"]})
    diagnoses = diagnoses_of(cycles)
    papers = papers_of(inputs, said, splits) if target.name == "state" else None
    figures = figures_of_page(inputs, first, order, params.curves, target, papers is not None)
    calibration = figures.pop("calibration_figure") if bins else None
    here = [row for row in hardest if row["split"] == first]
    context = figures | {
        "made": made.strftime("%d %B %Y, %H:%M %Z").lstrip("0"),
        "source": source,
        "workbook_name": Path(source["workbook"]).name,
        "demo": params.config["workbook"] == "demo",
        "n_cycles": cycles.num_rows,
        "n_patients": len(cycles["patient_ID"].unique()),
        "n_recordings": len(cycles["recording"].unique()),
        "dropped_cycles": quality["cycles_before"] - quality["cycles_after"],
        "answer": whole_answer(answer, said),
        "answered": answer,
        "verdicts": said,
        "definitions": definitions(target),
        "target": target,
        "left_out": params.left_out,
        "cards": cards(said, answer, papers, target),
        "in_short": in_short_table(answer, target),
        "leakage_table": leakage_table(leakage, target),
        "calibration": calibration,
        "calibration_table": calibration_table(first, bins, target),
        "hardest": hardest_sentences(here),
        "hardest_tables": [
            hardest_table(first, by, here, diagnoses if by == "patient_ID" else {})
            for by in ("patient_ID", "device")
            if any(row["by"] == by for row in here)
        ],
        "device_table": errors_table(
            first, "device", errors, [m["model"] for m in test[first] if m["n_cycles"]]
        ),
        "doubts": doubts_table(doubtful),
        "without": [
            f"{row['model']} under {row['split']}" for row in doubtful if row["what"] == "failed"
        ],
        "published": papers,
        "imputed": imputed_features(quality, features),
        "quality": quality_table(quality),
        "splits": splits_table(
            {name: splits[name] for name in order},
            {name: test[name][0]["n_patients"] for name in order},
            target,
        ),
        "rankings": [
            ranking(name, splits[name], test[name], train[name], differences, target)
            for name in order
        ],
        "models": model_groups(inputs, params, fits, first, is_many(test[first]), target),
        "costs": costs_table(read_costs(inputs.costs)),
        "costs_note": COSTS_NOTE,
        "provenance": read_json(inputs.provenance),
        "config": yaml.safe_dump(params.config, sort_keys=True, allow_unicode=True),
    }
    absent = {name: not figures[name] for name in ("sweeps", "plane")}
    absent |= {"calibration": not bins, "published": not papers}
    absent["leakage"] = not context["leakage_table"]["rows"]
    return context | {"contents": [c for c in CONTENTS if not absent.get(c[0])]}


def main(snakemake) -> None:
    """Make the page."""
    without_pandas()
    inputs = snakemake.input
    context = prepare(inputs, snakemake.params, datetime.now(UTC))
    page = render(context, inputs.template[0], inputs.css[0], inputs.script[0])
    logging.info("the page has %d kB", len(page.encode()) // 1000)
    write_text(snakemake.output.page, page)


start(globals(), main)
