"""Write what changed between two runs, or several side by side: one page, and every score as CSV.

In: comparison, answer and provenance of this run, and of other results folders of this workflow, perhaps
of older versions. Out: `diff.html`, `diff.csv`, `figures/diff.svg`.
"""

import csv
from collections.abc import Sequence
from pathlib import Path

import matplotlib
import pyarrow.parquet as pq

from auscultation.data.formulas import as_text
from auscultation.data.target import target_of
from auscultation.export.many_runs import FIELDS_OF_MANY, rows_of_many, run_names
from auscultation.export.run_diff import (
    FIELDS,
    Differing,
    Origin,
    changed,
    config_differences,
    data_of,
    origin_changes,
    score_changes,
    split_order,
)
from auscultation.export.run_headline import run_change
from auscultation.export.runs_page import forest, page_of
from auscultation.figures.style import METADATA, RC
from auscultation.job.errors import InputError
from auscultation.job.files import atomic_path, read_json, write_text
from auscultation.job.log import start
from auscultation.report.figures import figure
from auscultation.report.render import render
from auscultation.report.score_tables import Columns, ends_cell, ends_head
from auscultation.report.tables import Table, cell, figure_cell, table
from auscultation.scores.wording import METRIC_NAMES, signed

matplotlib.rcParams.update(RC)  # type: ignore[arg-type]  # its stubs list the keys as literals


def read_run(comparison: str, provenance: str) -> dict:
    """Return a run, as `auscultation.export.run_diff` takes it, with what lies beside these files.

    Raises `InputError` where the tables lack columns of this workflow's.
    """
    rows = pq.read_table(comparison)
    needed = {"model", "algorithm", "split", "part", "metric", "value", "ci_low", "ci_high"}
    absent = sorted((needed | {"n_patients"}) - set(rows.column_names))
    if absent or rows.num_rows == 0:
        raise InputError(
            f"{comparison} has {'no ' + ', '.join(absent) if absent else 'no rows'}: it was made by "
            "another version of this workflow. Run that one again, then `snakemake diff`"
        )
    quality = Path(provenance).parent / "table" / "quality.json"
    answer = Path(comparison).parent / "answer.json"
    return read_json(provenance) | {
        "rows": rows.to_pylist(),
        "target": target_of(pq.read_schema(comparison).metadata),
        "cycles": read_json(quality)["cycles_after"] if quality.is_file() else None,
        "answer": read_json(answer) if answer.is_file() else None,
    }


OVERLAP = {True: "yes", False: "no", None: "–"}


def score_table(rows: list[dict], names: tuple[str, ...]) -> Table:
    """Return scores of both runs as a table; `names` are the columns that say whose they are."""
    head: Columns = [*names, "other", ends_head("other"), "this", ends_head("this"), "difference"]
    head += [("intervals overlap", "intervals_overlap")]
    body = []
    for row in rows:
        line = [cell(METRIC_NAMES.get(row[n], row[n]) if n == "metric" else row[n]) for n in names]
        gap = row["difference"]
        line += [figure_cell(row["other"]), ends_cell(row["other_low"], row["other_high"])]
        line += [figure_cell(row["this"]), ends_cell(row["this_low"], row["this_high"])]
        line += [cell("–" if gap is None else signed(gap), gap, strong=bool(gap))]
        overlap = row["intervals_overlap"]
        line += [cell(OVERLAP[overlap], strong=overlap is False)]
        body.append(line)
    return table(head, body, texts=(*range(len(names)), len(head) - 1))


def config_table(changes: list[Differing]) -> Table:
    """Return the config keys that differ as a table."""
    lines = ((row.what, *row.values) for row in changes)
    body = [[cell("–" if text is None else text) for text in line] for line in lines]
    return table(("key", "other", "this"), body, texts=(0, 1, 2))


def origin_table(rows: list[Origin]) -> Table:
    """Return what both runs come from as a table, marked where they differ."""
    body = [
        [cell(row.name, row.name, note="differs" if row.differs else "")]
        + [cell(row.other), cell(row.this)]
        for row in rows
    ]
    return table([("source", "what"), "other", "this"], body, texts=(0, 1, 2))


def prepare(old: dict, new: dict, names: tuple[str, str]) -> tuple[dict, list[dict]]:
    """Return what the template shows, and the rows of the CSV; `names` are the runs' folders."""
    config = config_differences([old["config"], new["config"]])
    origin = origin_changes(old, new)
    same = old["target"] == new["target"]  # else their scores do not mean the same
    scores = score_changes(old["rows"], new["rows"]) if same else []
    target = new["target"]
    tested = [row for row in scores if row["part"] == "test"]
    tables = []
    for split in split_order(old, new) if same else []:
        rows = [r for r in tested if (r["split"], r["metric"]) == (split, target.score)]
        tables.append({"split": split, "table": score_table(rows, ("model",))})
    context = {
        "other": names[0],
        "this": names[1],
        "target": target,
        "change": run_change(old, new, config, origin, scores),
        "other_cycles": same and data_of(old)["sha256"] != data_of(new)["sha256"],
        "one_without_answer": (old["answer"] is None) != (new["answer"] is None),
        "scores": tables,
        "metrics": score_table(list(filter(changed, tested)), ("model", "split", "metric")),
        "config": config_table(config),
        "origin": origin_table(origin),
    }
    return context, scores


def write_csv(path: str, fields: Sequence[str], rows: list[dict]) -> None:
    """Write scores as CSV; `intervals_overlap` as yes, no or nothing."""
    with (
        atomic_path(path) as temporary,
        open(temporary, "w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.DictWriter(file, fields, lineterminator="\n")
        writer.writeheader()
        for row in rows:
            overlap = {None: "", True: "yes", False: "no"}[row["intervals_overlap"]]
            line = row | {"intervals_overlap": overlap}
            writer.writerow({key: as_text(value) for key, value in line.items()})


def main(snakemake) -> None:
    """Read all runs, write the page, the table and the figure."""
    inputs, outputs, params = snakemake.input, snakemake.output, snakemake.params
    new = read_run(inputs.comparison, inputs.provenance)
    others = [*map(read_run, inputs.other_comparisons, inputs.other_provenances)]
    folders = [params.results, *params.against]
    context, sides = page_of([new, *others], run_names(folders))
    if len(others) == 1:
        change, rows = prepare(others[0], new, (folders[1], folders[0]))
        context = change | {"many": context["many"]}
    else:
        rows = rows_of_many([new, *others], context["names"])
    fields = FIELDS if len(others) == 1 else FIELDS_OF_MANY
    with atomic_path(outputs.figure) as path:
        forest(sides).savefig(path, format="svg", metadata=METADATA)
    context["figure"] = figure(outputs.figure)
    template = inputs.template[len(others) > 1]
    write_csv(outputs.table, fields, rows)
    write_text(outputs.page, render(context, template, inputs.css[0], inputs.script[0]))


start(globals(), main)
