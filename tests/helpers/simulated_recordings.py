"""The table of simulated recordings, made in this process by what the jobs of the workflow call."""

from pathlib import Path

import numpy as np
import pyarrow as pa

from auscultation.data.columns import NOTEBOOK
from auscultation.recordings.annotations import read_annotations
from auscultation.recordings.families.registry import FAMILIES
from auscultation.recordings.folder import list_folder
from auscultation.recordings.frames import Analysis
from auscultation.recordings.hear import hear
from auscultation.recordings.join import joined
from auscultation.recordings.problems import Problem
from auscultation.recordings.simulation import write_recordings


def table_of(folder: Path, seed: int, patients: int, sounds: bool, families: list[str]) -> pa.Table:
    """Return the table that the workflow would make of a simulated folder, which is written first."""
    write_recordings(folder, seed, patients, sounds)
    people = [str(folder / f"{name}.txt") for name in ("demographics", "diagnosis")]
    listed = list_folder(folder)
    cycles = read_annotations(listed, people).table
    names = np.array(cycles["recording"].to_pylist())
    rows = np.concatenate([np.arange(np.sum(names == r.name)) for r in listed.recordings])
    problems: list[Problem] = []
    notebook, features = [], {name: [] for name in families}
    for recording in listed.recordings:
        starts, ends = (cycles[k].to_numpy()[names == recording.name] for k in ("start", "end"))
        for piece in hear(recording.path, recording.file, starts, ends, False, True, problems):
            keys = {"recording": [recording.name] * len(piece.rows), "row": piece.rows}
            times = {"start": piece.starts, "end": piece.ends}
            five = dict(zip(NOTEBOOK, piece.five.T, strict=True))
            notebook.append(pa.table(keys | times | five))
            analysis = Analysis(piece.samples, piece.spans)
            for name in families:
                family = FAMILIES[name]
                values = dict(zip(family.NAMES, family.of_analysis(analysis).T, strict=True))
                features[name].append(pa.table(keys | values))
    assert {problem.check for problem in problems} <= {"clipped"}  # who is loud
    cycles = cycles.append_column("row", pa.array(rows))
    return joined(cycles, pa.concat_tables(notebook), [*map(pa.concat_tables, features.values())])
