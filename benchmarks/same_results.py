"""Compare two results folders file by file: equal bytes, or which columns differ and by how much.

python benchmarks/same_results.py results other/results

Every CSV and Parquet file, and every array file of a model, must have equal bytes; JSON files the same
content without `measured` and `made_from`. The exit status is 1 where a file differs or is missing, else 0.
"""

import argparse
import json
import sys
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

BYTES = (".csv", ".parquet", ".npz")
# What holds times, memory, paths or words, and is not compared.
LEFT_OUT = {
    "measured and made_from in fit.json": (),
    "logs": ("logs/*", "*.log"),
    "benchmarks": ("benchmarks/*", "*/benchmark.tsv"),
    "costs": ("costs.tsv",),
    "provenance": ("provenance.json",),
    "pages": ("*.html", "*.md"),
    "figures": ("*.svg", "figures/made_from.json"),
    "spreadsheets": ("*.xlsx",),
    "models as skops files, and archives": ("*.skops", "*.onnx", "*.zip"),
}


def compared(folder: Path) -> set[str]:
    """Return the files of a results folder that are compared, by their path in it."""
    names = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    patterns = [pattern for group in LEFT_OUT.values() for pattern in group]
    kept = {name for name in names if not any(fnmatch(name, pattern) for pattern in patterns)}
    return {name for name in kept if Path(name).suffix in (*BYTES, ".json")}


def differences(first: Path, second: Path) -> Iterator[str]:
    """Yield a line for each file that differs or is missing."""
    names, others = compared(first), compared(second)
    yield from (f"{name}: only in {first}" for name in sorted(names - others))
    yield from (f"{name}: only in {second}" for name in sorted(others - names))
    for name in sorted(names & others):
        one, other = first / name, second / name
        if one.read_bytes() == other.read_bytes():
            continue
        if one.suffix == ".json":
            old, new = content(one), content(other)
            changed = sorted(key for key in {*old, *new} if old.get(key) != new.get(key))
            if changed:
                yield f"{name}: other content of {', '.join(changed)}"
        elif one.suffix == ".npz":
            yield f"{name}: other bytes"
        else:
            yield from (f"{name}: {text}" for text in table_differences(one, other))


def content(path: Path) -> dict[str, object]:
    """Return the content of a JSON file, without what was measured, and what it was made from."""
    loaded = json.loads(path.read_text(encoding="utf-8"))
    return {key: value for key, value in loaded.items() if key not in ("measured", "made_from")}


def read(path: Path) -> pa.Table:
    """Return the table of a CSV or Parquet file."""
    return pq.read_table(path) if path.suffix == ".parquet" else pyarrow.csv.read_csv(path)


def table_differences(first: Path, second: Path) -> list[str]:
    """Return how two tables with different bytes differ."""
    one, other = read(first), read(second)
    if one.column_names != other.column_names:
        changed = sorted({*one.column_names} ^ {*other.column_names})
        return [f"other columns: {', '.join(changed) or 'in another order'}"]
    if one.num_rows != other.num_rows:
        return [f"{one.num_rows:,} and {other.num_rows:,} rows"]
    columns = ((name, column_difference(one[name], other[name])) for name in one.column_names)
    texts = [f"column {name}: {text}" for name, text in columns if text]
    return texts or ["the same values, in other bytes"]


def column_difference(one: pa.ChunkedArray, other: pa.ChunkedArray) -> str:
    """Return how two columns of equal length differ; nothing where they are the same.

    The relative difference is that from the first, of values that are not 0 there.
    """
    if not all(pa.types.is_floating(c.type) or pa.types.is_integer(c.type) for c in (one, other)):
        if one.type != other.type:
            return f"{one.type} and {other.type}"
        changed = sum(a != b for a, b in zip(one.to_pylist(), other.to_pylist(), strict=True))
        return f"{changed:,} of {len(one):,} values differ" if changed else ""
    values, others = (c.cast(pa.float64()).to_numpy(zero_copy_only=False) for c in (one, other))
    blank = pc.is_null(one).to_numpy() != pc.is_null(other).to_numpy()
    unlike = blank | ((values != others) & ~(np.isnan(values) & np.isnan(others)))
    if not unlike.any():
        return "" if one.type == other.type else f"{one.type} and {other.type}"
    text = f"{unlike.sum():,} of {len(values):,} values differ"
    gap = np.abs(values - others)[unlike]
    gap, base = gap[np.isfinite(gap)], np.abs(values)[unlike][np.isfinite(gap)]
    if len(gap):
        text += f", by at most {gap.max():.3g}"
    if (base > 0).any():
        text += f" (relative {(gap[base > 0] / base[base > 0]).max():.3g})"
    numbers = np.isfinite(values[unlike]) != np.isfinite(others[unlike])
    return text + (f"; {numbers.sum():,} are a number in one only" if numbers.any() else "")


def main() -> int:
    """Print how two results folders differ; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    args = parser.parse_args()
    for folder in (args.first, args.second):
        if not folder.is_dir():
            parser.error(f"no such folder: {folder}")
    lines = list(differences(args.first, args.second))
    print(*lines, sep="\n" if lines else "", end="\n" if lines else "")
    files = len(compared(args.first) | compared(args.second))
    differing = len({line.split(": ")[0] for line in lines})
    print(
        f"{files - differing:,} of {files:,} files are the same. Not compared: {', '.join(LEFT_OUT)}."
    )
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
