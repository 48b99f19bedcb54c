"""Let every model that was fitted on all cycles speak of a new workbook, or of new recordings.

In: the new workbook, whose labels may be missing, or what was heard of recordings; the models of a
`final` split, with what they were fitted on; the comparison and its answer. Out: an .xlsx of three
sheets (the rows as they were with what each model calls them, shares by patient and recording, the
models with their expected scores), of labelled rows with a fourth for the scores on these, of
recordings with another for what is wrong with them; the rows as Parquet; predictions of the labelled
rows, from which these are scored; and what was scored.
"""

import json
import logging
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.data.features import is_category
from auscultation.data.parquet import write_parquet
from auscultation.data.recordings import with_recording
from auscultation.data.target import Target, target_of
from auscultation.export.new_cycles import cycles_of_recordings, cycles_of_workbook
from auscultation.export.new_labels import labels_of
from auscultation.export.new_models import model_rows
from auscultation.export.new_patients import (
    OUTSIDE,
    Groups,
    add_columns,
    columns_said,
    flags,
    known_features,
    needed_columns,
    new_columns,
    outside_of,
    say,
    share_table,
)
from auscultation.export.new_predictions import (
    About,
    about_scored,
    called_of,
    keys_of,
    labelled_predictions,
    no_predictions,
    read_predicted,
)
from auscultation.export.spreadsheet import COLUMNS, PLAIN, add_sheet
from auscultation.fits.load import load
from auscultation.fits.preprocess import sources_of
from auscultation.job.errors import InputError, one_line
from auscultation.job.files import atomic_path, read_json, write_text
from auscultation.job.log import start
from auscultation.scores.external import EXTERNAL, validate
from auscultation.scores.questions import splits_apart
from auscultation.scores.tables import to_table
from auscultation.workbook.sheet_rows import GENERAL, Book

NOTES = {
    "cycles": "The rows as they were, and behind them, as `model: ...`, what each model calls "
    "them: the class, the number it comes from (regressors), the probability of each class. For "
    "research and teaching; not a medical device.",
    "shares": "Share of the cycles of a patient, and of a recording where the workbook says which, that "
    "a model calls each class.",
    "problems": "What is wrong with recordings, their annotations and names. Recordings that could not "
    "be used have no rows.",
    "validation": "Scores on those rows that have a label, of each model on the rows that it calls, with "
    "95 % intervals over patients; the best constant of the same rows, and the difference from it, with "
    "p (Holm: corrected for the number of models); and the score on the test part of the split "
    "`internal_split`, with the difference from that. The page beside this file shows the same.",
    "models": "What each model is, what it was fitted on, and what to expect of it for patients it "
    "has not heard: test scores with their 95 % interval; `information`, whether its AUC is above 0.5; "
    "`useful`, whether its classes are better than the best constant. A no is no proof that there is "
    "none: what would have been seen with a chance of 80 % stands beside it. Of a model without a yes "
    "under `useful`, nothing shows that its classes are better than one class for every cycle; without "
    "a yes under `information` either, nothing shows that they are better than chance.",
}


def fits_with_result(inputs, params) -> list[tuple[dict, str, dict]]:
    """Return the fits that have a result: each with the path of its model, and its summary.

    Raises InputError where none has.
    """
    with_result = []
    for fit, path, summary in zip(params.fits, inputs.models, inputs.summaries, strict=True):
        about = read_json(summary)
        if "failed" in about:
            logging.warning("%s says nothing, its fit failed: %s", fit["model"], about["failed"])
        else:
            with_result.append((fit, path, about))
    if not with_result:
        raise InputError("no model can score the workbook: every fit to all cycles has failed")
    return with_result


def load_fits(fits: list[tuple[dict, str, dict]]) -> tuple[list, list, dict[str, str]]:
    """Return the fits whose model could be loaded, these models, and why the others could not.

    A loaded model has its preprocessing before it; the reasons are by model.

    Raises InputError where none can be loaded.
    """
    kept, loaded, unread = [], [], {}
    for fit, path, about in fits:
        try:
            loaded.append(load(path)[0])
            kept.append((fit, path, about))
        except MemoryError:
            raise
        except Exception as error:  # whatever the file holds, the other models have their say
            unread[fit["model"]] = one_line(error)
            logging.warning("%s says nothing: %s", fit["model"], unread[fit["model"]])
    if not kept:
        raise InputError(f"no model could be loaded: {next(iter(unread.values()))}")
    return kept, loaded, unread


def lackable(features: list[str], abouts: list[dict], train: pa.Schema) -> list[str]:
    """Return the features that a new workbook may lack: each model that has one does without."""

    def does_without(about: dict, name: str) -> bool:
        if name not in about["inputs"] or name in about["folds"][0].get("imputed", ()):
            return True
        return about["missing"] == "keep" and not is_category(name, train.field(name).type)

    return [name for name in features if all(does_without(about, name) for about in abouts)]


def shown_columns(own: list[str], added: list[str]) -> list[str]:
    """Return the columns of the sheet: all, or as many of the workbook's own as leave room."""
    room = COLUMNS - len(added)
    if len(own) > room:
        logging.warning("a sheet has no room for %d columns; the .parquet has all", len(own) - room)
    return own[:room] + added


def validation_of(name: str, path: str, about: About, inputs, target: Target) -> pa.Table:
    """Return the scores on labelled rows, from their predictions."""
    rows, split = pq.read_table(inputs.comparison).to_pylist(), read_json(inputs.answer)["split"]
    predicted = read_predicted(path, about["models"])
    made = validate(name, predicted, rows, split, about["labelled"], target)
    return to_table(made.rows, EXTERNAL)


class Written(NamedTuple):
    """What remains of the cycles when their rows are written."""

    fits: list[tuple[dict, str, dict]]  # whose models could be loaded
    about: About
    unread: dict[str, str]  # why other models could not be
    silent: list[str]  # models of fits without a result
    problems: pa.Table | None  # of recordings


def write_cycles(snakemake, book: Book, target: Target) -> Written:
    """Write the rows, and what the models say of them, to the files and to the sheets on cycles."""
    inputs, params, output = snakemake.input, snakemake.params, snakemake.output
    n_classes = len(target.classes)
    fits = fits_with_result(inputs, params)
    features = sorted({name for _, _, about in fits for name in about["inputs"]})
    train = pq.read_schema(inputs.train[0])
    may_lack = lackable(features, [about for _, _, about in fits], train)
    needed = {"patient_ID", *needed_columns({*features} - {*may_lack}, train.names)}
    if inputs.about:
        new = cycles_of_recordings(
            inputs.workbook, inputs.about[0], needed_columns(features, train.names)
        )
    else:
        new = cycles_of_workbook(inputs.workbook, params.sheet, needed, params.columns, params.read)
    for line in new.lines:
        logging.warning("%s", line)
    described = with_recording(new.table, params.name_pattern)
    may_lack += [name for name in features if name in new.lacks]
    columns = new_columns(described, train, features, may_lack)
    fits, loaded, unread = load_fits(fits)
    groups = {
        of: Groups.of(described[name])
        for of, name in (("patient", "patient_ID"), ("recording", "recording"))
        if name in described.column_names
    }
    sources = {name for feature in features for name in sources_of(feature, train.names)}
    trained = pq.read_table(inputs.train[0], columns=sorted(sources | {"patient_ID"}))
    known = known_features(trained, features)
    outside = outside_of(columns, known)
    labels = labels_of(described, target, new.unread)
    about = about_scored(described, labels, outside, trained["patient_ID"], new.notes)
    del trained  # as many cycles as the models were fitted on
    table = add_columns(new.table, {OUTSIDE: pa.array(flags(columns, known))})
    counts: dict[str, dict[str, np.ndarray]] = {of: {} for of in groups}

    def predictions() -> Iterator[pa.Table]:  # one model's at a time
        nonlocal table
        keys = keys_of(described, labels, outside[1], target)
        yield no_predictions(keys, target)
        for (fit, _, _), (step, model) in zip(fits, loaded, strict=True):
            name = fit["model"]
            logging.info("%s speaks of %d cycles", name, table.num_rows)
            said = say(model, step, columns, target)
            table = add_columns(table, columns_said(name, said, target))
            for of, group in groups.items():
                counts[of][name] = group.counts(said.called, n_classes)
            called = called_of(counts, name, said.called, n_classes)
            about["models"].append({"model": name, "algorithm": fit["algorithm"], "called": called})
            yield labelled_predictions(name, said, keys, target)

    write_parquet(predictions(), output.predictions)
    write_parquet(table, output.parquet)
    heard = {fit["model"] for fit, _, _ in fits}
    silent = sorted({fit["model"] for fit in params.fits} - heard - unread.keys())
    about["silent"] = unread | dict.fromkeys(silent, "its fit has no result")
    write_text(output.about, json.dumps(about, indent=2, ensure_ascii=False) + "\n")
    own = new.table.column_names
    added = table.column_names[len(own) :]

    def number_format(name: str) -> str:
        return PLAIN if name in added else GENERAL  # the workbook's own are of any size

    cycles = table.select(shown_columns(own, added))
    add_sheet(book, "Cycles", NOTES["cycles"] + new.note, cycles, number_format)
    shares = [share_table(of, groups[of], counts[of], target) for of in groups]
    add_sheet(book, "Patients and recordings", NOTES["shares"], pa.concat_tables(shares))
    return Written(fits, about, unread, silent, new.problem_table if new.problems else None)


def main(snakemake) -> None:
    """Read the new workbook, let the models speak, write all files."""
    inputs, output = snakemake.input, snakemake.output
    target = target_of(pq.read_schema(inputs.comparison).metadata)
    book = Book()
    fits, about, unread, silent, problems = write_cycles(snakemake, book, target)
    note = NOTES["models"] + (f" Without a result: {', '.join(silent)}." if silent else "")
    note += "".join(f" {model} could not be loaded: {why}." for model, why in unread.items())
    answer = read_json(inputs.answer)
    if not splits_apart(answer["splits"]):
        note += " No split of this run keeps patients apart: nothing of all that is known."
    models = pa.Table.from_pylist(model_rows(fits, inputs, answer, target))
    add_sheet(book, "Models", note, models)
    if about["labelled"]:
        scores = validation_of(snakemake.params.name, output.predictions, about, inputs, target)
        add_sheet(book, "Validation", NOTES["validation"], scores, lambda _: PLAIN)
    if problems is not None:
        add_sheet(book, "Problems", NOTES["problems"], problems)
    with atomic_path(output.xlsx) as path:
        book.save(path)


start(globals(), main)
