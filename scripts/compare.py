"""Compare the models: every metric of every model, split and part, with its interval.

In: the predictions and summaries of all fits, the cleaned table, the summaries of the splits. Out,
as .csv and .parquet: `comparison` (also as .xlsx), all scores; `differences`, each model against
the best constant, baseline and model; `leakage`, the gain from having heard the recording or the
patient; `calibration`, predicted and observed shares of abnormal cycles; `confusion`, predicted by
true class; `errors` and `hardest`, the patients and devices that models classify well or not. Also
`answer.json`, what follows from them; `first_cycles.parquet`, some cycles to draw; and `costs.tsv`,
which keeps what was measured on the machine (run time, memory) apart from the tables that are the
same everywhere.
"""

import csv
import json
import logging
from collections.abc import Iterable
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
import scipy.special  # noqa: F401  # here once, else in each fork and here once more

from auscultation.data.formulas import as_text
from auscultation.data.parquet import write_parquet
from auscultation.data.target import Target, target_of
from auscultation.export.comparison_workbook import write_comparison
from auscultation.job.errors import InputError
from auscultation.job.files import atomic_path, write_text
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.job.parallel import Share, each
from auscultation.scores.answer import answers, leakage_answers
from auscultation.scores.comparison import COSTS, SCHEMA, Cost, Fit, Row, without_result
from auscultation.scores.confusion import CONFUSION, Confusion
from auscultation.scores.differences import DIFFERENCES, Evaluated, compare_splits
from auscultation.scores.errors import GROUPS, Groups, SplitErrors, groups_of
from auscultation.scores.fit_scores import CALIBRATION, Calibration
from auscultation.scores.identifying import identifying
from auscultation.scores.leakage import LEAKAGE, leakage_of_all
from auscultation.scores.one_fit import ScoredFit, read_measured, score_fit
from auscultation.scores.split_kinds import read_splits
from auscultation.scores.tables import read_arrays, to_table, write_csv

NO_RESULT = "no fit has a result: fits/*/*/fit.json in the results folder say why, under `failed`"


def write_costs(costs: Iterable[Cost], path: str) -> None:
    """Write `costs.tsv`, one row per fit."""
    with atomic_path(path) as temporary, open(temporary, "w", newline="") as file:
        writer = csv.DictWriter(file, ["model", "algorithm", "split", *COSTS], delimiter="\t")
        writer.writeheader()
        writer.writerows({key: as_text(value) for key, value in row.items()} for row in costs)


class Scored(NamedTuple):
    """What is kept of all fits."""

    fits: list[Fit]  # with a result
    failed: list[Fit]
    parts: dict[tuple[str, str], Evaluated]  # by model and split
    errors: dict[str, SplitErrors]  # by split
    rows: list[Row]
    confusion: list[Confusion]
    calibration: list[Calibration]
    first: list[pa.Table]


def score_fits(
    fits: list[Fit],
    predictions: list[str],
    groups: dict[str, Groups],
    target: Target,
    processes: int,
) -> Scored:
    """Return what is kept of all fits; `groups` are of all cycles."""
    device = groups["device"].of_cycle if "device" in groups else None

    def work(job: tuple[Fit, str]) -> ScoredFit | None:
        return score_fit(*job, device, target)

    all_fits = Scored([], [], {}, {}, [], [], [], [])
    scored_fits = each(work, zip(fits, predictions, strict=True), Share(processes, 1))
    for fit, scored in zip(fits, scored_fits, strict=True):
        if scored is None:
            all_fits.failed.append(fit)
            continue
        model, split = fit["model"], fit["split"]
        logging.info("scored %s under %s", model, split)
        all_fits.fits.append(fit)
        all_fits.parts[model, split] = scored.evaluated
        all_fits.rows.extend(scored.rows)
        all_fits.confusion.extend(scored.confusion)
        all_fits.calibration.extend(scored.calibration)
        all_fits.first.append(scored.first)
        if split not in all_fits.errors:
            all_fits.errors[split] = SplitErrors(split, groups, target, scored.hits)
        all_fits.errors[split].add(fit, scored.hits)
    return all_fits


def main(snakemake) -> None:
    """Score every fit, compare them, write the tables, the answer and the costs."""
    without_pandas()
    params, inputs, output = snakemake.params, snakemake.input, snakemake.output
    target = target_of(pq.read_schema(inputs.predictions[0]).metadata)
    groups = groups_of(read_arrays(inputs.cycles, ("cycle", *GROUPS)))
    fits: list[Fit] = params.fits
    scored = score_fits(fits, inputs.predictions, groups, target, snakemake.threads)
    if not scored.fits:
        raise InputError(NO_RESULT)
    rows = scored.rows + without_result([*params.lost, *scored.failed], target)
    differences = compare_splits(scored.fits, scored.parts, params.protocols, target)
    leakage = leakage_of_all(scored.fits, scored.parts, params.apart, target)
    splits = read_splits(params.protocols, inputs.splits)
    # of any model: the true classes are the same
    tests = {split: part.test for (_, split), part in scored.parts.items()}
    sides = {split: test.sides for split, test in tests.items()}
    shares = {split: test.true.sum(0) / test.n_rows for split, test in tests.items()}
    answer = answers(rows, differences, splits, sides, target, shares)
    answer["leakage"] = leakage_answers(leakage, target)
    answer["identifying"] = identifying(answer)
    write_text(output.answer, json.dumps(answer, indent=2, allow_nan=False) + "\n")
    by_split = [errors for _, errors in sorted(scored.errors.items())]
    about = target.to_metadata()
    tables = {
        "comparison": to_table(rows, SCHEMA).replace_schema_metadata(about),
        "differences": to_table(differences, DIFFERENCES),
        "leakage": to_table(leakage, LEAKAGE),
        "calibration": to_table(scored.calibration, CALIBRATION),
        "confusion": to_table(scored.confusion, CONFUSION).replace_schema_metadata(about),
        "errors": pa.concat_tables([errors.errors() for errors in by_split]),
        "hardest": pa.concat_tables([errors.hardest() for errors in by_split]),
    }
    for name, table in tables.items():
        parquet, text = ("parquet", "csv") if name == "comparison" else (name, f"{name}_csv")
        write_parquet(table, getattr(output, parquet))
        write_csv(table, getattr(output, text))
    write_parquet(pa.concat_tables(scored.first), output.first_cycles)
    costs: list[Cost] = [
        {**fit, **read_measured(path)} for fit, path in zip(fits, inputs.summaries, strict=True)
    ]
    write_costs(costs, output.costs)
    comparison, against, gains = (
        tables[name].to_pylist() for name in ("comparison", "differences", "leakage")
    )
    write_comparison(output.xlsx, answer, comparison, against, gains, costs, target)


start(globals(), main)
