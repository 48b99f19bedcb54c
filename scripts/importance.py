"""Permute groups of features between patients, inside the test part of each fold: what is lost?

In: the model of a fit with its summary and predictions, the test part, the cleaned table (by which
features are grouped). Out: `importance.parquet`, the score of the fit as it is and with each group
permuted; `importance_without.parquet`, the same loss without each patient. Both are empty where the
fit has no result.
"""

import logging
from collections.abc import Mapping, Sequence
from functools import partial

import numpy as np
import pyarrow.parquet as pq

from auscultation.data.derived import derive
from auscultation.data.parquet import write_parquet
from auscultation.data.target import Target, target_of
from auscultation.fits.load import load
from auscultation.fits.predict import predict
from auscultation.fits.preprocess import columns_for, is_text, sources_of
from auscultation.job.errors import InputError
from auscultation.job.files import read_json
from auscultation.job.log import start
from auscultation.job.parallel import limit
from auscultation.scores.feature_groups import FeatureGroup, correlated, of_families, of_sets
from auscultation.scores.importance import (
    IMPORTANCE,
    Examined,
    HeldOut,
    importance_rows,
    losses,
    without_schema,
    without_table,
)
from auscultation.scores.tables import to_table
from auscultation.scores.tested import Tested, read_tested


def features_of(summary: Mapping) -> list[str]:
    """Return the features of all folds, each once: a model that chooses them may differ by fold."""
    lists = [summary["inputs"], *(fold.get("inputs", ()) for fold in summary["folds"])]
    return list(dict.fromkeys(name for names in lists for name in names))


def groups_of(cycles: str, features: Sequence[str], params, target: Target) -> list[FeatureGroup]:
    """Return the groups of features, as the config wants them; `cycles` is the cleaned table."""
    names = pq.read_schema(cycles).names
    if params.importance["groups"] == "sets":
        return of_sets(features, params.sets, names, target.name)
    if params.importance["groups"] == "families":
        return of_families(features, params.families)
    sources = [source for name in features for source in sources_of(name, names)]
    columns = columns_for(pq.read_table(cycles, columns=[*dict.fromkeys(sources)]), features)
    values = {name: derive(columns, name) for name in features}
    numbers = {name: of.astype(np.float64) for name, of in values.items() if not is_text(name, of)}
    return correlated(numbers, features, params.importance["limit"])


def held_out(model: str, test: str, tested: Tested) -> list[HeldOut]:
    """Return each fold's model, and its test part as the model takes it.

    InputError where the test part is not the one that was predicted.
    """
    folds = []
    with pq.ParquetFile(test) as file:
        names = file.schema_arrow.names
        for fold, (step, fitted) in enumerate(load(model)):
            sources = [source for name in step.features for source in sources_of(name, names)]
            columns = [*dict.fromkeys(["cycle", *sources])]
            part = file.read_row_group(fold, columns=columns).select(columns)
            if not np.array_equal(part["cycle"].to_numpy(), tested.cycle[tested.fold == fold]):
                raise InputError(f"{test}: fold {fold} has other cycles than those predicted")
            X = step.transform(columns_for(part, step.features))
            made_of = tuple(column.feature for column in step.columns)
            predicts = partial(predict, fitted, n_classes=len(tested.target.classes))
            folds.append(HeldOut(predicts, X, made_of))
    return folds


def main(snakemake) -> None:
    """Permute each group in turn, and write what is lost."""
    inputs, output, params = snakemake.input, snakemake.output, snakemake.params
    schema = pq.read_schema(inputs.test)
    ids = schema.field("patient_ID").type
    tested = read_tested(inputs.predictions, params.fit)
    if tested is None:
        logging.warning("nothing is permuted: the fit has no result")
        write_parquet(to_table([], IMPORTANCE), output.rows)
        write_parquet(without_schema(ids).empty_table(), output.without)
        return
    target = target_of(schema.metadata)
    groups = groups_of(inputs.cycles, features_of(read_json(inputs.summary)), params, target)
    logging.info(
        "%d groups of features: %s", len(groups), "; ".join(group.name for group in groups)
    )
    repeats, seed = params.importance["repeats"], params.importance["seed"]
    with limit(1):
        examined = Examined.of(tested, held_out(inputs.model, inputs.test, tested))
        worth = list(losses(examined, groups, repeats, seed))
    write_parquet(to_table(importance_rows(examined, worth, repeats), IMPORTANCE), output.rows)
    write_parquet(without_table(examined.tested, worth, ids), output.without)


start(globals(), main)
