"""How time and memory of forests and kernel machines grow, which whole runs of large tables lack."""

import json
import sys

from jobs import read_plan
from measure import HERE, ROOT, child
from page import Section, most, number, slope

FIRST = 8  # patients: shows what a job takes to start
CAP, MEMORY = 600, 4096  # seconds and MB in which each must be done
GUESS = 2.0  # slope where there is none yet
MODELS = ("random_forest", "svc", "svr")  # and a linear machine
BEFORE = ("read_workbook", "clean", "split")  # what a fit needs

MAKE = """
import sys
sys.path[:0] = [sys.argv[3]]
import pyarrow as pa
from auscultation.data.parquet import write_parquet
from simulate_workbook import simulate_cycles
columns = {k: pa.array(v, from_pandas=True) for k, v in simulate_cycles(2017, int(sys.argv[1])).items()}
write_parquet(pa.table(columns), sys.argv[2])
"""


def folder_of(bench, patients: int):
    """Make a folder with the jobs of a table of so many patients, under the split `half`."""
    from workflow import default, fresh, plan

    made = bench._replace(workbook=bench.work / f"{patients}.parquet")
    if not made.workbook.exists():
        command = [sys.executable, "-c", MAKE, patients, made.workbook, ROOT / "scripts"]
        child(command, bench.work)
    extra = {"linear_svc": {"scale": "standard", "n_components": 100}}
    changes = {"splits": default("splits", "half"), "models": default("models", *MODELS) | extra}
    # what a kernel machine takes, not what stands in for it
    folder = fresh(made, f"growth{patients}", max_kernel_rows=10**9, **changes)
    plan(folder, made)
    return folder


def estimate(times: list[float], sizes: list[float], size: float) -> float:
    """Guess the time at a size from those at smaller ones, the first of which is the start."""
    if len(times) < 2:
        return 0.0
    power = (slope(sizes[1:], times[1:], times[0]) or GUESS) if len(times) > 2 else GUESS
    return times[0] + max(times[-1] - times[0], 0.0) * (size / sizes[-1]) ** power


def growth(bench) -> tuple[Section, dict]:
    """Measure each fit at growing sizes; one that would take too long is left out, and said so."""
    measured: dict[str, list[dict]] = {}
    skipped: dict[str, str] = {}
    cycles: list[int] = []
    for patients in (FIRST, *bench.patients):
        folder = folder_of(bench, patients)
        paths = sorted((folder / "jobs").glob("*.json"))
        for path, job in zip(paths, read_plan(folder), strict=True):
            name = job["script"].removesuffix(".py").removeprefix("fit_")
            command = [sys.executable, HERE / "jobs.py", "do", path]
            if name in BEFORE:
                child(command, folder)
            if name == "clean":
                quality = json.loads((folder / "results" / "table" / "quality.json").read_text())
                cycles.append(quality["cycles_after"])
            if not job["script"].startswith("fit_"):
                continue
            runs = measured.setdefault(name, [])
            if runs and name not in skipped:
                guess = estimate([run["seconds"] for run in runs], cycles[: len(runs)], cycles[-1])
                if guess > CAP:
                    skipped[name] = f"not run (about {number(guess)})"
            if name not in skipped:
                try:
                    runs.append(child(command, folder, 2 * CAP))
                    print(f"  {patients} patients, {name}: {runs[-1]['seconds']:.2f} s", flush=True)
                except TimeoutError:
                    skipped[name] = f"stopped after {2 * CAP}"
            if name in skipped:
                print(f"  {patients} patients, {name}: {skipped[name]}", flush=True)
    return table(measured, skipped, cycles), {"cycles": cycles, "runs": measured}


def table(measured: dict, skipped: dict[str, str], cycles: list[int]) -> Section:
    """Make the section of the page."""
    rows = []
    for name, runs in sorted(measured.items()):
        times, peaks = ([run[key] for run in runs] for key in ("seconds", "peak_mb"))
        shown = [number(value) for value in times]
        shown += [skipped.get(name, "")] * (len(cycles) - len(runs) > 0)
        shown += ["not run"] * (len(cycles) - len(shown))
        powers = [
            slope(cycles[: len(of)], of, of[0]) if len(of) > 2 else None for of in (times, peaks)
        ]
        limits = [
            most(cycles[: len(of)], of, limit, of[0])
            for of, limit in ((times, CAP), (peaks, MEMORY))
        ]
        least = min(limits)
        by = "time" if limits[0] == least else "memory"
        takes = f"{float(f'{least:.2g}'):,.0f} ({by})"
        rows.append([name, *shown, number(peaks[-1]), *map(number, powers), takes])
    heads = [f"{n:,} cycles, s" for n in cycles]
    return Section(
        "Forests and kernel machines",
        "What the runs above lack. Simulated tables with more patients, split `half` (one half "
        "trains), one fit at a time on one core. The first size shows what a job takes to start.",
        ["", *heads, "MB at the largest run", "slope of time", "slope of memory", "takes at most"],
        rows,
        [
            (
                "Slopes are log-log, between the two largest sizes run, of what lies above the first "
                "size. `-`: it rises too little to tell."
            ),
            (
                f"`takes at most`: cycles in {CAP // 60} minutes and {MEMORY // 1024} GB, extrapolated "
                "from the largest run by its slope, which is taken to be 1 at least."
            ),
            (
                f"Not run is what would take more than {CAP // 60} minutes by the slope so far. The "
                "workflow stops before such fits, or puts random features in place of a kernel "
                "(`max_kernel_rows`, `above_max_kernel_rows`)."
            ),
        ],
    )
