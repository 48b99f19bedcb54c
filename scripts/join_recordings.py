"""Join the cycles of a folder of recordings and their features to the table that a workbook would make.

In: `cycles.parquet`, the statistics and families of the cycles, what is wrong with the recordings.
Out: `raw.parquet` and `source.json`, as of a workbook. Every problem goes to `problems.csv`, also where
the job fails.
"""

import json
import logging
from pathlib import Path

import pyarrow.compute as pc
import pyarrow.parquet as pq

from auscultation.data.parquet import write_parquet
from auscultation.job.errors import InputError
from auscultation.job.files import read_json, write_text
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.recordings.account import by_check, reasons
from auscultation.recordings.join import (
    digest,
    joined,
    levels_of,
    lost,
    stacked,
    stop_for,
    unnamed,
)
from auscultation.recordings.problems import Problem, grouped, level_of, write_problems


def main(snakemake) -> None:
    """Write `raw.parquet` and `source.json`."""
    without_pandas()
    inputs, params = snakemake.input, snakemake.params
    about, heard = read_json(inputs.about), [read_json(path) for path in inputs.heard]
    problems = [Problem(**p) for part in (about, *heard) for p in part["problems"]]
    cycles = pq.read_table(inputs.cycles)
    by_family: dict[str, list[str]] = {name: [] for name in params.families}
    for path in inputs.families:
        by_family[Path(path).parent.name].append(path)
    # without a patient a recording could be in training and test; a problem names it
    owned = cycles.filter(pc.is_valid(cycles["patient_ID"]))
    table = joined(owned, stacked(inputs.notebook), [*map(stacked, by_family.values())])
    recordings = about["recordings"]
    missing = lost(recordings, table["recording"], problems)
    problems += unnamed(missing, problems)
    levels = levels_of(missing, problems, params.checks)
    write_problems(snakemake.log.problems, problems, levels)
    stop_for(about["folder"], problems, levels)
    if not table.num_rows:
        raise InputError(f"recordings {about['folder']}: no recording has a cycle with labels")
    write_parquet(table, snakemake.output.raw)
    warned = [p for p in problems if level_of(p.check, levels) == "warn"]
    warnings = grouped(warned)
    notes = about["notes"]
    if left_out := cycles.num_rows - table.num_rows:
        notes.append(f"{left_out} of {cycles.num_rows} annotated cycles are left out")
    for line in (*notes, *warnings):
        logging.warning("%s", line)
    files = {file["file"]: file for part in heard for file in part["files"]}
    source = {
        "workbook": about["folder"],
        "sheet": None,
        "bytes": sum(file["bytes"] for file in files.values()),
        "sha256": digest({name: file["sha256"] for name, file in files.items()}),
        "rows": table.num_rows,
        "columns": table.column_names,
        "cycles": cycles.num_rows,
        "recordings": len({*recordings.values(), *missing}),
        "sounds": len(files),
        "without_rows": reasons(missing, problems),
        "checks": by_check(warned),
        "notes": notes,
        "warnings": warnings,
    }
    write_text(snakemake.output.source, json.dumps(source, indent=2, ensure_ascii=False) + "\n")


start(globals(), main)
