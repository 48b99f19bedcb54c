"""Hear new recordings, for the models to speak of them: features of each cycle, or window.

In: recordings, and annotations where there are some. Out: a row per cycle as a workbook would have it;
what is wrong with the recordings, and which were left out.
"""

import json
import logging
from pathlib import Path

from auscultation.data.parquet import write_parquet
from auscultation.job.files import write_text
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.recordings.batches import is_table
from auscultation.recordings.book import some
from auscultation.recordings.new_recordings import Hearing, heard_recordings
from auscultation.recordings.problems import grouped
from auscultation.recordings.sounds import settings_of
from auscultation.recordings.to_score import workbooks_in


def main(snakemake) -> None:
    """Write rows, problems and notes of new recordings."""
    without_pandas()
    params, output = snakemake.params, snakemake.output
    how = Hearing(
        tuple(params.families),
        settings_of(params.frames),
        params.exact,
        params.window,
        params.name_pattern,
        params.columns,
    )
    heard = heard_recordings(params.recordings, how, params.checks)
    notes = []
    if heard.nameless:
        notes.append(
            "recordings that name no patient, each of which stands for a patient of its own: "
            f"{some(heard.nameless)} (name_pattern: {params.name_pattern})"
        )
    if Path(params.recordings).is_dir():
        beside = [Path(path).name for path in workbooks_in(params.recordings)]
        if beside := [name for name in beside if not is_table(name)]:
            notes.append(
                f"workbooks beside the recordings are not scored: {some(beside)}; name them"
            )
    for line in (*notes, *grouped(heard.problems)):
        logging.warning("%s", line)
    write_parquet(heard.table, output.parquet)
    about = {
        "recordings": heard.n_recordings,
        "left_out": heard.left_out,
        "window": params.window,
        "notes": notes,
        "problems": [problem._asdict() for problem in heard.problems],
    }
    write_text(output.about, json.dumps(about, indent=2, ensure_ascii=False) + "\n")


start(globals(), main)
