"""Join the cycles of a folder of recordings and their features to the table that a workbook would make.

In: `cycles.parquet`, the statistics and families of the cycles, what is wrong with the recordings.
Out: `raw.parquet` and `source.json`, as of a workbook. Every problem goes to `problems.csv`, also where
the job fails.
"""

import json
import logging
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.data.parquet import write_parquet
from auscultation.job.errors import InputError
from auscultation.job.files import read_json, write_text
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.recordings.join import digest, joined, lost, stop_for, unnamed
from auscultation.recordings.problems import Problem, grouped, level_of, write_problems


def main(snakemake) -> None:
    """Write `raw.parquet` and `source.json`."""
    without_pandas()
    inputs, params = snakemake.input, snakemake.params
    about, heard = read_json(inputs.about), [read_json(path) for path in inputs.heard]
    problems = [Problem(**p) for part in (about, *heard) for p in part["problems"]]
    cycles = pq.read_table(inputs.cycles)
    notebook = pa.concat_tables(map(pq.read_table, inputs.notebook))
    by_family: dict[str, list[str]] = {name: [] for name in params.families}
    for path in inputs.families:
        by_family[Path(path).parent.name].append(path)
    families = [pa.concat_tables(map(pq.read_table, paths)) for paths in by_family.values()]
    table = joined(cycles, notebook, families)
    recordings = about["recordings"]
    missing = lost(recordings, table["recording"])
    problems += unnamed(missing, recordings, problems)
    write_problems(snakemake.log.problems, problems, params.checks)
    stop_for(about["folder"], problems, params.checks)
    if not table.num_rows:
        raise InputError(f"recordings {about['folder']}: no recording has a cycle with labels")
    write_parquet(table, snakemake.output.raw)
    warnings = grouped(p for p in problems if level_of(p.check, params.checks) == "warn")
    for line in (*about["notes"], *warnings):
        logging.warning("%s", line)
    files = {file["file"]: file for part in heard for file in part["files"]}
    source = {
        "workbook": about["folder"],
        "sheet": None,
        "bytes": sum(file["bytes"] for file in files.values()),
        "sha256": digest({name: file["sha256"] for name, file in files.items()}),
        "rows": table.num_rows,
        "columns": table.column_names,
        "recordings": len(recordings),
        "without_rows": missing,
        "notes": about["notes"],
        "warnings": warnings,
    }
    write_text(snakemake.output.source, json.dumps(source, indent=2, ensure_ascii=False) + "\n")


start(globals(), main)
