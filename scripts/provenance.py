"""Record what the results come from: workbook or recordings, config, lock, code, versions, time and duration.

In: `source.json`, the benchmarks of the fits, the lock. Out: `provenance.json`. It holds times:
with the costs it is the one file of the results that differs between two equal runs.
"""

import json
import logging
import platform
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

from auscultation.export.commit import code
from auscultation.job.files import read_json, sha256_of, write_text
from auscultation.job.log import start

PACKAGES = (
    *("snakemake", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "tensorflow"),
    *("tensorflow-cpu", "skops", "openpyxl", "python-calamine", "matplotlib", "jinja2"),
)


def versions() -> dict[str, str]:
    """Return the versions of Python and of the packages that this environment has."""
    installed = {"Python": platform.python_version()}
    for package in PACKAGES:
        try:
            installed[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            logging.info("%s is not in this environment", package)
    return installed


def time_of(benchmarks: list[str]) -> dict[str, str | float]:
    """Return when the first of some jobs began, when the last ended, and the sum of their times.

    The first two are ISO 8601, UTC, the sum is in s. From Snakemake's benchmark files, each written
    when its job has ended.
    """
    began, ended, seconds = [], [], 0.0
    for path in benchmarks:
        head, row = (line.split("\t") for line in Path(path).read_text().splitlines()[:2])
        took, end = float(dict(zip(head, row, strict=True))["s"]), Path(path).stat().st_mtime
        began.append(end - took)
        ended.append(end)
        seconds += took
    ends = (datetime.fromtimestamp(time, UTC) for time in (min(began), max(ended)))
    first, last = (time.isoformat("T", "seconds") for time in ends)
    return {"first_fit_began": first, "last_fit_ended": last, "fit_seconds": round(seconds, 1)}


def data_of(source: dict) -> dict[str, dict]:
    """Return what the cycles come from, from the content of `source.json`: a workbook, or recordings."""
    if "without_rows" not in source:
        return {"workbook": {key: source[key] for key in ("workbook", "sheet", "bytes", "sha256")}}
    about = {"folder": source["workbook"], "files": source["sounds"]}
    return {"recordings": about | {key: source[key] for key in ("bytes", "sha256")}}


def main(snakemake) -> None:
    """Write `provenance.json`."""
    source = read_json(snakemake.input.source)
    (lock,) = snakemake.input.lock
    provenance = {
        "made": datetime.now(UTC).isoformat("T", "seconds"),
        **data_of(source),
        "lock": {"file": Path(lock).name, "sha256": sha256_of(lock)},
        "code": code(Path(snakemake.scriptdir).parent),
        "platform": platform.platform(),
        "versions": versions(),
        "time": time_of(snakemake.input.benchmarks),
        "config": snakemake.params.config,
    }
    text = json.dumps(provenance, indent=2, ensure_ascii=False)
    write_text(snakemake.output.provenance, f"{text}\n")


start(globals(), main)
