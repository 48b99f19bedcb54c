"""Write a model's card and, where it can be, the model as an ONNX file for other programs.

In: the fit to all cycles (of a `final` split, if there is one), the summaries of all its fits, the
comparison and its answer, the cleaned cycles. Out: a folder with `card.md`, of many features `features.csv` and,
only where onnxruntime predicts with it what the model predicts, `model.onnx`.
"""

import hashlib
import logging
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.data.target import Target, target_of
from auscultation.export.cycle_counts import counts_of
from auscultation.export.model_card import LISTED, card, features_table
from auscultation.export.onnx_agreement import TOLERANCE, agreement, cycles_held
from auscultation.export.onnx_graph import Graph, NotExported, finished, scaled
from auscultation.export.onnx_models import add_model
from auscultation.fits.load import load
from auscultation.fits.preprocess import BLANK, Preprocessor, columns_for, sources_of
from auscultation.job.files import atomic_path, read_json, sha256_of, write_text
from auscultation.job.log import start
from auscultation.scores.tables import write_csv

NO_FINAL = (
    "there is no fit of it to all cycles, for which the config needs a split of protocol `final`"
)


def imputed_by(step: Preprocessor) -> dict[str, object]:
    """Return what a missing cell of each feature becomes; not of one for which that is a value of its own."""
    values = {name: value.item() for name, (value,) in step.imputed.items()}
    return {name: value for name, value in values.items() if value != BLANK}


def onnx_of(kept: list, train: pa.Table, target: Target, about: dict) -> tuple[bytes, dict]:
    """Return what a kept model (of one fold, of all cycles) is as an ONNX file, and what the card says of it.

    `about` is what the file is to say of itself. NotExported where there is no such file, or it
    predicts something else than the model.
    """
    ((step, model),) = kept
    columns = columns_for(train, step.features)
    given, X = step.plain().transform(columns), step.transform(columns)
    graph = Graph()
    said = add_model(graph, model, scaled(graph, step))
    about = about | {"columns": step.names, "classes": list(target.classes)}
    if imputed := imputed_by(step):
        about["imputed"] = imputed
    if step.missing == "keep":
        about["missing"] = "keep"
    if said.shares is not None:
        about["probabilities"] = [target.classes[k] for k in said.classes]
    made = finished(graph, said, len(step.names), len(target.classes), about)
    file = made.SerializeToString(deterministic=True)
    same = agreement(file, model, given, X, len(target.classes))
    logging.info("%s", same)
    if not same.holds:
        raise NotExported(
            f"it did not predict what the model predicts: of {same.cycles:,} training cycles "
            f"{same.other_class:,} got another class, and the largest difference of a number or a "
            f"probability was {max(same.number, same.share):.1e} ({TOLERANCE:.0e} is allowed)"
        )
    return file, {
        "columns": step.columns,
        "bytes": len(file),
        "sha256": hashlib.sha256(file).hexdigest(),
        "agreement": same,
    }


def main(snakemake) -> None:
    """Gather, convert, check, write."""
    inputs, params = snakemake.input, snakemake.params
    target = target_of(pq.read_schema(inputs.comparison).metadata)
    source, name = read_json(inputs.source), snakemake.wildcards.model
    fits = {split: read_json(path) for split, path in zip(params.splits, inputs.fits, strict=True)}
    columns = pq.read_schema(inputs.cycles).names
    described = ("patient_ID", "recording", "device", target.name)
    cycles = pq.read_table(inputs.cycles, columns=[name for name in described if name in columns])
    about = {
        "model": name,
        "algorithm": params.algorithm,
        "final": params.final,
        "fits": fits,
        "rows": pq.read_table(inputs.comparison).to_pylist(),
        "answer": read_json(inputs.answer),
        "source": source,
        "quality": read_json(inputs.quality),
        "provenance": read_json(inputs.provenance),
        "data": counts_of(cycles, target),
    }
    folder, config = Path(snakemake.output.folder), about["provenance"]["config"]
    try:
        if params.final is None:
            raise NotExported(NO_FINAL)
        if fits[params.final].get("failed"):
            raise NotExported(f"its fit to all cycles failed: {fits[params.final]['failed']}")
        (path,) = inputs.model
        about["model_sha256"] = sha256_of(path)
        try:
            kept = load(path)
        except ValueError as error:
            raise NotExported(f"its file cannot be loaded: {error}") from error
        ((step, model),) = kept
        about["holds_cycles"] = cycles_held(model)
        if len(step.columns) > LISTED:
            about["features_file"] = "features.csv"
            families = config["families"] if config["recordings"] else None
            table = features_table(step.columns, imputed_by(step), families)
            write_csv(table, str(folder / about["features_file"]))
        props = {"model": name, "algorithm": params.algorithm, "target": target.name}
        heard = "recordings" if config["recordings"] else "workbook"
        props[f"{heard}_sha256"] = source["sha256"]
        names = pq.read_schema(inputs.train[0]).names
        sources = [source for name in step.features for source in sources_of(name, names)]
        train = pq.read_table(inputs.train[0], columns=sources)
        file, about["onnx"] = onnx_of(kept, train, target, props)
        with atomic_path(folder / "model.onnx") as path:
            path.write_bytes(file)
    except NotExported as error:
        logging.warning("no ONNX file: %s", error)
        about["onnx"] = {"reason": str(error)}
    write_text(folder / "card.md", card(about, target, inputs.template[0]))


start(globals(), main)
