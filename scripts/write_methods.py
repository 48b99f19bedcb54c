"""Write what a paper needs of the run: methods, references, numbers, tables, figures, a checklist.

In: what was read, cleaned and split, the comparison with its tables, the fits' summaries, provenance,
the templates and the works that they cite. Out: a folder with `methods.md`, `methods.tex`,
`references.bib`, `numbers.tex`, `tables.xlsx` and tables as LaTeX, `figures/*.pdf`, `checklist.md`.
"""

import logging
from pathlib import Path
from typing import cast

import pyarrow.parquet as pq

from auscultation.data.target import target_of
from auscultation.export.cycle_counts import counts_of
from auscultation.export.methods.checklist import checklist
from auscultation.export.methods.context import context_of
from auscultation.export.methods.figures import figures_of, save_pdf
from auscultation.export.methods.latex import to_latex
from auscultation.export.methods.markdown import to_markdown
from auscultation.export.methods.numbers import commands, numbers_tex
from auscultation.export.methods.prose import cited, fill_in, parse, sentences_of
from auscultation.export.methods.references import entries, select
from auscultation.export.methods.run import Run
from auscultation.export.methods.tables import (
    classes_table,
    models_table,
    scores_table,
    write_sheets,
)
from auscultation.export.methods.tables import to_latex as table_to_latex
from auscultation.job.files import read_json, write_text
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.scores.published import PROTOCOL, read_published
from auscultation.scores.questions import Answer
from auscultation.scores.split_kinds import read_splits

DESCRIBED = ("patient_ID", "recording", "device")  # columns of the cycles that are counted
PREAMBLE = "Made by auscultation-models. In the preamble: \\usepackage[T1]{fontenc}, \\usepackage{textcomp}"
NOTE = {
    "Made by": "auscultation-models; \\input it in the preamble",
    "Names": "split, model, Train for the training part, metric, Low or High of the 95 % interval",
}


def read(inputs, params) -> Run:
    """Return the run that the rule names."""
    target = target_of(pq.read_schema(inputs.comparison).metadata)
    columns = pq.read_schema(inputs.cycles).names
    names = [name for name in (*DESCRIBED, target.name) if name in columns]
    provenance = read_json(inputs.provenance)
    return Run(
        source=read_json(inputs.source),
        quality=read_json(inputs.quality),
        provenance=provenance,
        splits=read_splits(provenance["config"]["splits"], inputs.splits),
        fits=params.fits,
        summaries=[read_json(path) for path in inputs.fits],
        lost=params.lost,
        rows=pq.read_table(inputs.comparison).to_pylist(),
        differences=pq.read_table(inputs.differences).to_pylist(),
        answer=cast("Answer", read_json(inputs.answer)),
        counts=counts_of(pq.read_table(inputs.cycles, columns=names), target),
        columns=columns,
        examined=params.examined,
        target=target,
    )


def write_texts(run: Run, folder: Path, template: str, works: str) -> None:
    """Write the methods in both formats, and the works that they cite."""
    sections = parse(fill_in(context_of(run), template))
    write_text(folder / "methods.md", to_markdown(sections, "Methods"))
    write_text(folder / "methods.tex", to_latex(sections, "Methods", PREAMBLE))
    keys = cited(sentences_of(sections).values())
    write_text(folder / "references.bib", select(entries(works), keys))


def main(snakemake) -> None:
    """Read, write text, numbers, tables, figures and checklist."""
    without_pandas()
    inputs, params, folder = snakemake.input, snakemake.params, Path(snakemake.output.folder)
    run = read(inputs, params)
    write_texts(run, folder, inputs.template[0], inputs.works[0])
    write_text(folder / "numbers.tex", numbers_tex(commands(run.rows, run.counts), NOTE))
    tables = [scores_table(run), classes_table(run), models_table(run)]
    for table in tables:
        write_text(folder / f"{table.name}.tex", table_to_latex(table))
    write_sheets(folder / "tables.xlsx", tables)
    published = {
        name: read_published(inputs.published[0])
        for name, split in run.splits.items()
        if split["protocol"] == PROTOCOL and run.target.name == "state"
    }
    calibration, leakage = (
        pq.read_table(path).to_pylist() for path in (inputs.calibration, inputs.leakage)
    )
    first = [("split", "==", run.first["split"])]
    curves, subgroups = (
        pq.read_table(path, filters=first).to_pylist() for path in (inputs.curves, inputs.subgroups)
    )
    figures = figures_of(run, calibration, leakage, published, curves, subgroups)
    for name, draw in figures.items():
        save_pdf(draw, folder / "figures" / f"{name}.pdf")
    write_text(folder / "checklist.md", checklist(run, inputs.checklist[0]))
    logging.info("%d files", sum(path.is_file() for path in folder.rglob("*")))


start(globals(), main)
