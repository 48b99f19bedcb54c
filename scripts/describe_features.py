"""Describe the features of all models, before any is fitted: names, missing values, what is the patient.

In: `cycles.parquet`, and the features of each model as the config has them. Out: `feature_shares.csv` and
`.parquet`, one row for each column that a model uses. What is wrong with the features of all models
is one error.
"""

import logging

import pyarrow.parquet as pq

from auscultation.data.parquet import write_parquet
from auscultation.job.errors import InputError
from auscultation.job.imports import without_pandas
from auscultation.job.log import start
from auscultation.scores.features import FEATURES, PATIENT_SPECIFIC, describe, place, used_features
from auscultation.scores.tables import to_table, write_csv
from auscultation.scores.wording import listed


def main(snakemake) -> None:
    """Resolve the features of all models, write what they are."""
    without_pandas()
    params, output = snakemake.params, snakemake.output
    with pq.ParquetFile(snakemake.input.cycles) as file:
        columns = file.schema_arrow.names
        models, problems = used_features(params.features, columns, params.target, params.own)
        rows, of_columns = describe(file, models, params.max_levels)
    if problems | of_columns:
        lines = [
            f"  - {place(names, params.features, params.common)}: {problem}"
            for problem, names in (problems | of_columns).items()
        ]
        raise InputError("\n".join(["features that cannot be used:", *lines]))
    specific = [row["feature"] for row in rows if row["patient_specific"]]
    if specific:
        logging.warning(
            "more than %g of the variance is between patients: %s",
            *(PATIENT_SPECIFIC, listed(specific, 20)),
        )
    table = to_table(rows, FEATURES)
    write_parquet(table, output.parquet)
    write_csv(table, output.csv)


start(globals(), main)
