"""How time and memory of every job grow with the number of cycles."""

import json
import shutil
import sys

import yaml

from jobs import read_plan
from measure import HERE, ROOT, child, middle
from page import Section, most, number, slope

PATIENTS = (8, 126, 1260, 12600)  # the first shows what a job takes to start
CAP, MEMORY = 600, 4096  # seconds and MB in which each must be done
FEWER = {1260: 3, 12600: 1}  # repeats at most
GUESS = 2.0  # slope where there is none yet

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
    from workflow import fresh, plan

    made = bench._replace(workbook=bench.work / f"{patients}.parquet")
    if not made.workbook.exists():
        command = [sys.executable, "-c", MAKE, patients, made.workbook, ROOT / "scripts"]
        child(command, bench.work)
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    extra = {"linear_svc": {"scale": "standard", "n_components": 100}, "hist_gradient_boosting": {}}
    changes = {"splits": {"half": {"seed": 0}}, "models": config["models"] | extra}
    if "max_kernel_rows" in config:
        changes["max_kernel_rows"] = 10**9  # what a kernel machine takes, not what stands in for it
    folder = fresh(made, f"growth{patients}", **changes)
    plan(folder, made)
    return folder


def estimate(times: list[float], sizes: list[float], size: float) -> float:
    """Guess the time at a size from those at smaller ones, the first of which is the start."""
    if len(times) < 2:
        return 0.0
    power = (slope(sizes[1:], times[1:], times[0]) or GUESS) if len(times) > 2 else GUESS
    return times[0] + max(times[-1] - times[0], 0.0) * (size / sizes[-1]) ** power


def stand_in(job: dict, folder) -> None:
    """Put another model's predictions in place of those of a fit that is not run, for compare."""
    mine = folder / job["benchmark"]
    mine.parent.mkdir(parents=True, exist_ok=True)
    other = mine.parents[1].with_name("knn") / mine.parent.name
    for name in ("predictions.parquet", "benchmark.tsv"):
        shutil.copy(other / name, mine.parent / name)


def growth(bench) -> tuple[Section, dict]:
    """Measure each job at growing sizes; one that would take too long is left out, and said so."""
    found: dict[str, list[list[dict]]] = {}
    skipped: dict[str, str] = {}
    cycles = []
    for patients in PATIENTS:
        folder = folder_of(bench, patients)
        repeats = min(bench.repeats, FEWER.get(patients, bench.repeats))
        paths = sorted((folder / "jobs").glob("*.json"))
        late = []
        for path, job in zip(paths, read_plan(folder), strict=True):
            name = job["wildcards"].get("model", job["rule"])
            if name in ("figures", "provenance", "report", "read_workbook", "split"):
                if name in ("read_workbook", "split"):
                    child([sys.executable, HERE / "jobs.py", "do", path], folder)
                continue
            runs = found.setdefault(name, [])
            if runs:
                sizes, times = cycles[: len(runs)], [middle(of) for of in runs]
                guess = estimate(times, sizes, cycles[-1])
                if guess > CAP and name not in skipped:
                    skipped[name] = f"not run (about {number(guess)})"
            if name == "compare":
                for fit in late:
                    stand_in(fit, folder)
            if name not in skipped:
                try:
                    runs.append(
                        [
                            child([sys.executable, HERE / "jobs.py", "do", path], folder, 2 * CAP)
                            for _ in range(repeats)
                        ]
                    )
                    print(f"  {patients} patients, {name}: {middle(runs[-1]):.2f} s", flush=True)
                except TimeoutError:
                    skipped[name] = f"stopped after {2 * CAP}"
            if name in skipped:
                late.append(job)
                print(f"  {patients} patients, {name}: {skipped[name]}", flush=True)
            if name == "clean":
                quality = json.loads((folder / "results" / "table" / "quality.json").read_text())
                cycles.append(quality["cycles_after"])
    return table(found, skipped, cycles), {"cycles": cycles, "runs": found}


def table(found: dict, skipped: dict[str, str], cycles: list[int]) -> Section:
    """Make the section of the page."""
    rows = []
    for name, runs in sorted(found.items()):
        times, peaks = ([middle(of, key) for of in runs] for key in ("seconds", "peak_mb"))
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
        "Growth",
        "Simulated tables with more patients, split `half` (one half trains), one job at a time on "
        "one core, compare on two. The first size shows what a job takes to start.",
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
                f"Not run is what would take more than {CAP // 60} minutes by the slope so far. There, "
                "compare scores the predictions of kNN in its place."
            ),
            "Of the two largest sizes there are at most three runs and one.",
        ],
    )
