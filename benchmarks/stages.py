"""Where the time of whole runs goes: by kind of work, by stage as the table grows, in a sweep."""

import json
import re
import sys
from pathlib import Path

from jobs import SCRIPTS
from measure import HERE, child, printed
from page import Section, number, slope
from workflow import Bench, cold_plain, configure, default, fresh, snakemake

# Of jobs: the first of these that their scripts import, as they start
KINDS = {"tensorflow": "TensorFlow", "sklearn": "scikit-learn", "matplotlib": "Matplotlib"}
PLAIN = "neither of these"
SMALL = 0.02  # share of the core-seconds under which the work of jobs is summed up
QUICK = ("mean", "most_frequent", "stratified", "lstsq", "linear_regression", "logistic_regression")
LARGE = (*QUICK, "knn", "hist_gradient_boosting", "gradient_descent")
SPLITS = ("half", "patient", "final")
SWEPT = ("half", "holdout", "patient", "recording")

START = """
import json, runpy, sys
sys.path[:0] = [sys.argv[1]]
from snakemake.iocontainers import Snakemake  # both: what Snakemake puts before each script
from snakemake.logging import logger
script = runpy.run_path(f"{sys.argv[1]}/{sys.argv[2]}.py")  # without `snakemake` it does nothing
script.get("tensorflow", dict)()  # imported by a function
print(json.dumps([kind for kind in sys.argv[3:] if kind in sys.modules]))
"""


def metered(folder: Path, cores: int, *args: str) -> tuple[dict[str, float], list[dict]]:
    """Run the workflow; return what it took, and what the process of each job's script took."""
    meter = folder / "meter"
    meter.mkdir()
    env = {"PYTHONPATH": str(HERE / "meter"), "METER": str(meter)}
    took, jobs = snakemake(folder, cores, *args, env=env), []
    for path in sorted(meter.iterdir()):
        job = json.loads(path.read_text())
        # Snakemake runs a copy of the script, with eight letters before its name
        if copy := re.fullmatch(r"tmp\w{8}\.(\w+)\.py", Path(job.pop("command")[-1]).name):
            jobs.append(job | {"script": copy[1]})
    return took, jobs


def where(bench: Bench) -> tuple[Section, dict]:
    """Divide the core-seconds of a cold run by kind of work."""
    folder = fresh(bench, "where")
    took, jobs = metered(folder, bench.cores)
    starts, kinds = {}, {}
    for script in sorted({job["script"] for job in jobs}):
        command = [sys.executable, "-c", START, SCRIPTS, script, *KINDS]
        starts[script] = child(command, folder)["cpu"]
        kinds[script] = next((KINDS[kind] for kind in printed(folder)), PLAIN)
    started: dict[str, list[float]] = {}  # core-seconds of each job
    worked: dict[str, list[float]] = {}
    for job in jobs:
        script = job["script"]
        started.setdefault(f"start: {kinds[script]}", []).append(starts[script])
        name = script.replace("fit_", "fits: ")
        worked.setdefault(name, []).append(job["cpu"] - starts[script])
    whole = bench.cores * took["seconds"]
    for name in [name for name, of in worked.items() if sum(of) < SMALL * whole]:
        kind = "other fits" if name.startswith("fits: ") else "other jobs"
        worked.setdefault(kind, []).extend(worked.pop(name))
    parts = sorted(started.items()) + sorted(worked.items(), key=lambda part: -sum(part[1]))
    parts.append(("Snakemake itself", [took["cpu"] - sum(job["cpu"] for job in jobs)]))
    parts.append(("idle", [whole - took["cpu"]]))
    rows = [[name, str(len(of)), number(sum(of)), f"{sum(of) / whole:.0%}"] for name, of in parts]
    for row in rows[-2:]:  # no jobs
        row[1] = ""
    rows.append(["all", str(len(jobs)), number(whole), "100%"])
    return Section(
        "Where each core-second goes",
        f"A cold run of the default config on {bench.workbook.name}: {number(took['seconds'])} s on "
        f"{bench.cores} cores.",
        ["", "jobs", "core-seconds", "share"],
        rows,
        [
            "A start is what a job's script takes with nothing in it beyond its imports, measured "
            "alone; the rest of its job is work. `Snakemake itself` is what no job has taken: its "
            "start, its plan, its looking after files.",
            f"Fits, and other jobs, whose work is less than {SMALL:.0%} are summed up. Idle is what "
            "no process of the run has taken: where others use the machine, too, it is theirs.",
        ],
    ), {"run": took, "jobs": jobs, "starts": starts}


def large(bench: Bench) -> tuple[Section, dict]:
    """Measure whole runs on growing tables, stage by stage, beside a pool of processes."""
    changes = {
        "workbook": "demo",
        "models": default("models", *LARGE),
        "splits": default("splits", *SPLITS),
    }
    sizes = bench.patients
    runs: dict[str, list[dict]] = {"whole run": [], f"pool of {bench.cores} processes": []}
    ours, pool = runs.values()
    stages: dict[str, list[dict]] = {}
    files: dict[str, list[float]] = {}
    for patients in sizes:
        changes["demo"] = {"patients": patients}
        folder = fresh(bench, "large", **changes)
        took, jobs = metered(folder, bench.cores)
        ours.append(took)
        for script in sorted({job["script"] for job in jobs}):
            of = [job for job in jobs if job["script"] == script]
            largest = {key: max(job[key] for job in of) for key in ("seconds", "peak_mb")}
            stages.setdefault(script, []).append(largest)
        for name, megabytes in sizes_of(folder / "results").items():
            files.setdefault(name, []).append(megabytes)
        pool.append(cold_plain(bench, bench.cores, **changes))
        print(f"  {patients} patients: {ours[-1]}, pool: {pool[-1]}", flush=True)
    rows = [row_of(name, of, sizes) for name, of in runs.items()]
    ratios = [f"{a['seconds'] / b['seconds']:.2f}" for a, b in zip(ours, pool, strict=True)]
    rows.append(["whole run / pool", *ratios, "", "", ""])
    slowest = sorted(stages.items(), key=lambda stage: -stage[1][-1]["seconds"])
    rows += [row_of(name, of, sizes) for name, of in slowest]
    rows += [[f"{name}, MB", *map(number, of), "", "", ""] for name, of in files.items()]
    return Section(
        "Large tables",
        f"Whole runs of {len(LARGE)} models ({', '.join(LARGE)}) under {', '.join(SPLITS)}, the "
        f"simulated workbook written and read, too; {bench.cores} cores, each once. Seconds; of a "
        "stage those of its longest job, imports included.",
        ["", *(f"{n:,} patients" for n in sizes), "peak MB", "slope of time", "slope of memory"],
        rows,
        [
            "Slopes are log-log, between the two largest sizes, of what lies above the smallest, "
            "which is mostly start. `-`: it rises too little to tell.",
            "Each is of one run, and of seconds at the smaller sizes: where others use the machine, it "
            "may be off by 0.3. That of kNN is above 1: each search goes through more of a larger tree.",
        ],
    ), {"patients": sizes, "runs": runs, "stages": stages, "files": files}


def row_of(name: str, of: list[dict], sizes: tuple[int, ...]) -> list[str]:
    """Return the row of a stage: its seconds at each size, its peak memory at the last, slopes."""
    times, peaks = ([run[key] for run in of] for key in ("seconds", "peak_mb"))
    slopes = [slope(sizes, values, values[0]) for values in (times, peaks)]
    return [name, *map(number, times), number(peaks[-1]), *map(number, slopes)]


def sizes_of(results: Path) -> dict[str, float]:
    """Return the sizes (MB) of the page, of the largest table in CSV, and of all results."""
    files = {path: path.stat().st_size / 1e6 for path in results.rglob("*") if path.is_file()}
    named = {name: files[results / name] for name in ("report.html", "errors.csv")}
    return named | {"all results": sum(files.values())}


def sweep(bench: Bench) -> tuple[Section, dict]:
    """Measure a sweep of many values, beside a pool of processes, and with one value more."""

    def changes(n: int) -> dict:
        models = {"knn": {"n_neighbors": list(range(1, n + 1))}}
        return {"models": models, "splits": default("splits", *SWEPT)}

    folder = fresh(bench, "sweep", **changes(bench.values))
    runs = {f"{bench.values} values": snakemake(folder, bench.cores)}
    runs[f"pool of {bench.cores} processes"] = cold_plain(
        bench, bench.cores, **changes(bench.values)
    )
    before = summaries(folder)
    configure(folder, bench, **changes(bench.values + 1))
    runs["one value more"] = snakemake(folder, bench.cores)
    after = summaries(folder)
    anew = sum(before.get(path) != text for path, text in after.items())
    first, *_ = (took["seconds"] for took in runs.values())
    return Section(
        "Many models",
        f"kNN with 1, 2, .. {bench.values} neighbours under {', '.join(SWEPT)}: {len(before)} fits "
        f"on {bench.workbook.name}, {bench.cores} cores, nothing there yet; then with one value "
        "more. Each once.",
        ["", "s", "s of processors", "MB", "whole run / it"],
        [
            [
                name,
                *(number(of[key]) for key in ("seconds", "cpu", "peak_mb")),
                f"{first / of['seconds']:.2f}",
            ]
            for name, of in runs.items()
        ],
        [
            f"With one value more there are {len(after) - len(before)} fits more; {anew} of "
            f"{len(after)} were made anew (their `fit.json` is another)."
        ],
    ), {"runs": runs, "anew": anew}


def summaries(folder: Path) -> dict[str, bytes]:
    """Return the summary of each fit, which says how long it took."""
    paths = (folder / "results" / "fits").glob("*/*/fit.json")
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}
