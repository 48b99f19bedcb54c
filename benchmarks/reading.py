"""Reading a workbook: the rule's job beside pandas with openpyxl.

python benchmarks/reading.py pandas WORKBOOK OUT.parquet
python benchmarks/reading.py same ONE.parquet OTHER.parquet
"""

import subprocess
import sys

from measure import HERE, alternate, child, middle, printed
from page import Section, number

MANY = 1000  # patients from which on pandas takes long, and each is run once
MOST = 10_000  # from which on it takes minutes


def with_pandas(workbook: str, out: str) -> None:
    """Read a workbook as a notebook would."""
    import pandas as pd

    pd.read_excel(workbook, engine="openpyxl").to_parquet(out)


def check_same(one: str, other: str) -> None:
    """Hold that two tables have the same values, cell by cell, and print the number of rows.

    Raises
    ------
    AssertionError
        Where they have not; with the first column that differs.
    """
    import numpy as np
    import pyarrow.parquet as pq

    tables = [pq.read_table(path) for path in (one, other)]
    names = [table.column_names for table in tables]
    assert sorted(names[0]) == sorted(names[1]), names
    for name in names[0]:
        a, b = (table[name].to_pandas() for table in tables)
        same = (a.isna() & b.isna()) | (a == b).fillna(False)
        assert len(a) == len(b) and bool(np.all(same)), f"{name} differs"
    print(tables[0].num_rows)


def reading(bench) -> tuple[Section, dict]:
    """Compare the readers at growing sizes."""
    from workflow import fresh, plan

    rows, raw = [], {}
    for patients in (n for n in bench.patients if n < MOST):
        workbook = bench.work / f"{patients}.xlsx"
        if not workbook.exists():
            command = [sys.executable, HERE / "bigworkbook.py", patients, workbook]
            subprocess.run(list(map(str, command)), check=True)
        on_it = bench._replace(workbook=workbook)
        folder = fresh(on_it, f"reading{patients}")
        plan(folder, on_it)
        job = next((folder / "jobs").glob("*.read_workbook.json"))
        commands = {
            "read_workbook": [HERE / "jobs.py", "do", job],
            "pandas": [HERE / "reading.py", "pandas", workbook, "pandas.parquet"],
        }
        repeats = 1 if patients >= MANY else bench.repeats
        runs = alternate(
            {
                name: lambda i, c=command, f=folder: child([sys.executable, *c], f)
                for name, command in commands.items()
            },
            repeats,
        )
        same = [HERE / "reading.py", "same", "results/table/raw.parquet", "pandas.parquet"]
        child([sys.executable, *same], folder)
        size = f"{printed(folder):,}"
        times = [middle(runs[name]) for name in ("read_workbook", "pandas")]
        peaks = [middle(runs[name], "peak_mb") for name in ("read_workbook", "pandas")]
        ratios = [f"{times[1] / times[0]:.1f}", f"{peaks[0] / peaks[1]:.2f}"]
        rows.append([size, *map(number, [*times, *peaks]), *ratios, str(repeats)])
        raw[size] = runs
    columns = ["rows", "s", "pandas, s", "MB", "pandas, MB", "times faster", "memory, share"]
    return Section(
        "Reading a workbook",
        "The job `read_workbook`, with all its checks, beside `pandas.read_excel` with openpyxl and "
        "`to_parquet`, which check nothing; each a process of its own, imports included.",
        [*columns, "runs"],
        rows,
        ["The values are the same cell by cell; a difference would have ended the measurement."],
    ), raw


if __name__ == "__main__":
    {"pandas": with_pandas, "same": check_same}[sys.argv[1]](*sys.argv[2:])
