"""Compare the models: every metric of every model, split and part.

In: the predictions and benchmarks of all fits. Out: `comparison.parquet`, `.csv` and `.xlsx`, and
`costs.tsv`, which keeps what was measured on the machine (run time, memory) out of the tables that
must come out the same everywhere.
"""

import csv
import logging
import math

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq
from lib.comparison import COSTS, SCHEMA
from lib.excel import write_comparison
from lib.job import atomic_path, job_log
from lib.metrics import METRICS, group_sums, metrics
from lib.table import write_parquet


def score(predictions: pa.Table) -> dict[str, tuple[dict[str, float], dict[str, int]]]:
    """Score one fit.

    Parameters
    ----------
    predictions
        Table with the columns of the predictions' contract; folds are pooled.

    Returns
    -------
    dict
        By part, the metrics and the counts (n_folds, n_cycles, n_patients).
    """
    scores = {}
    parts = predictions["part"].to_numpy(zero_copy_only=False)
    columns = {
        name: predictions[name].to_numpy()
        for name in ("cycle", "patient_ID", "fold", "state", "prediction")
    }
    for part in ("train", "test"):
        chosen = {name: values[parts == part] for name, values in columns.items()}
        sums = group_sums(chosen["state"], chosen["prediction"])[0]
        scores[part] = (
            {name: float(value) for name, value in metrics(sums).items()},
            {
                "n_folds": len(np.unique(chosen["fold"])),
                "n_cycles": len(np.unique(chosen["cycle"])),
                "n_patients": len(np.unique(chosen["patient_ID"])),
            },
        )
    return scores


def rows_of(fit: dict[str, str], predictions: pa.Table) -> list[dict]:
    """Give the rows of the comparison for one fit; nan becomes None."""
    rows = []
    for part, (values, counts) in score(predictions).items():
        for name in METRICS:
            value = None if math.isnan(values[name]) else values[name]
            rows.append(
                {**fit, "part": part, "metric": name, "value": value}
                | {"ci_low": None, "ci_high": None}
                | counts
            )
    return rows


def read_benchmark(path: str) -> dict[str, float | None]:
    """Read wall time (s) and peak resident memory (MB) from a benchmark of Snakemake's."""
    with open(path, encoding="utf-8", newline="") as file:
        row = next(csv.DictReader(file, delimiter="\t"))

    def number(text: str) -> float | None:
        # Snakemake writes NA (or -) where a job ended before it was first looked at.
        return None if text in ("NA", "-", "") else float(text)

    return {"fit_seconds": number(row["s"]), "peak_memory_mb": number(row["max_rss"])}


def main(snakemake) -> None:
    """Score every fit, write the comparison and the costs."""
    rows, costs = [], []
    jobs = zip(
        snakemake.params.fits,
        snakemake.input.predictions,
        snakemake.input.benchmarks,
        strict=True,
    )
    for fit, predictions, benchmark in jobs:
        logging.info("scoring %s under %s", fit["model"], fit["split"])
        columns = ["cycle", "patient_ID", "fold", "part", "state", "prediction"]
        rows += rows_of(fit, pq.read_table(predictions, columns=columns))
        costs.append({**fit, **read_benchmark(benchmark)})
    table = pa.Table.from_pylist(rows, SCHEMA)
    write_parquet(table, snakemake.output.parquet)
    with atomic_path(snakemake.output.csv) as path:
        pyarrow.csv.write_csv(
            table, path, pyarrow.csv.WriteOptions(quoting_style="needed")
        )
    write_comparison(snakemake.output.xlsx, rows, costs)
    with atomic_path(snakemake.output.costs) as path, open(path, "w", newline="") as file:
        writer = csv.DictWriter(file, ["model", "algorithm", "split", *COSTS], delimiter="\t")
        writer.writeheader()
        writer.writerows(costs)


if "snakemake" in globals():
    with job_log(snakemake):  # noqa: F821
        main(snakemake)  # noqa: F821
