"""Whole runs: cold, with one parameter changed, with nothing changed, on one core and on several."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import yaml

from jobs import read_plan
from measure import HERE, ROOT, alternate, child, middle
from page import Section, number

EMPTY = "rule all:\n    input:\n        [],\n"
CHANGED = (7, 9, 11, 13, 15, 17, 19, 21, 23, 25)  # neighbours, in place of 5
PATIENTS = (126, 1260, 12600)  # of simulated tables: 6.9 k, 69 k, 690 k cycles
VALUES = 200  # of a sweep
ONCE = ("DVC", "notebook (less work)")  # take minutes
FINISHED: dict[Path, list[dict]] = {}  # cold runs of this process, by folder


class Bench(NamedTuple):
    """What all parts share: where to work, on what, how often."""

    work: Path
    workbook: Path  # the simulated one
    repeats: int
    cores: int
    other: Path | None = None  # workbook, for cold runs
    recordings: Path | None = None  # folder in place of simulated ones
    librosa: str = sys.executable  # a Python that has it
    patients: tuple[int, ...] = PATIENTS
    values: int = VALUES


def default(section: str, *names: str) -> dict:
    """Return the models or splits of the default config, or those with these names."""
    entries = yaml.safe_load((ROOT / "config.yaml").read_text())[section]
    return {name: entries[name] for name in names or entries}


def configure(folder: Path, bench: Bench, **changes) -> None:
    """Write the default config into a folder, with this workbook and what else is changed."""
    config = yaml.safe_load((ROOT / "config.yaml").read_text())
    config |= {"workbook": str(bench.workbook)} | changes
    (folder / "config.yaml").write_text(yaml.safe_dump(config, sort_keys=False))


def plan(folder: Path, bench: Bench) -> None:
    """List the jobs of a folder's config."""
    child([sys.executable, HERE / "jobs.py", "list", "config.yaml", ".", bench.cores], folder)


def fresh(bench: Bench, name: str, **changes) -> Path:
    """Make an empty folder with a config."""
    folder = bench.work / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    configure(folder, bench, **changes)
    return folder


def snakemake(
    folder: Path,
    cores: int,
    *args: str,
    snakefile: Path | None = None,
    env: dict[str, str] | None = None,
) -> dict:
    """Run Snakemake with the project's own profile."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", snakefile or ROOT / "Snakefile"]
    command += ["--workflow-profile", ROOT / "profiles" / "default", "--cores", cores]
    return child([*command, *args], folder, env=env)


def dvc(folder: Path, *args: str) -> dict:
    """Run DVC."""
    return child([sys.executable, "-m", "dvc", *args], folder)


def with_jobs(bench: Bench, name: str, **changes) -> Path:
    """Make an empty folder that has the jobs of a cold run, which are listed once."""
    folder, kept = fresh(bench, name, **changes), bench.work / "plan"
    if (
        not kept.exists()
        or (kept / "config.yaml").read_text() != (folder / "config.yaml").read_text()
    ):
        plan(fresh(bench, "plan", **changes), bench)
    shutil.copytree(kept / "jobs", folder / "jobs")
    return folder


def cold_snakemake(bench: Bench) -> dict:
    """Run the workflow in an empty folder."""
    folder = fresh(bench, f"snakemake-{bench.workbook.stem}")
    took = snakemake(folder, bench.cores)
    FINISHED.setdefault(folder, []).append(took)
    return took


def cold_dvc(bench: Bench) -> dict:
    """Run the pipeline in an empty folder."""
    from pipeline import write_pipeline

    folder = with_jobs(bench, f"dvc-{bench.workbook.stem}")
    write_pipeline(folder, HERE)
    dvc(folder, "init", "--no-scm", "--quiet")
    took = dvc(folder, "repro")
    FINISHED.setdefault(folder, []).append(took)
    return took


def cold_plain(bench: Bench, processes: int, **changes) -> dict:
    """Do the jobs without a workflow tool."""
    folder = with_jobs(bench, f"plain{processes}", **changes)
    return child([sys.executable, HERE / "plain.py", ".", processes], folder)


def cold_notebook(bench: Bench) -> dict:
    """Run the notebook."""
    from notebook import write_notebook

    folder = fresh(bench, "notebook")
    write_notebook(folder / "notebook.ipynb", str(bench.workbook))
    return child(
        [sys.executable, "-m", "nbconvert", "--to", "html", "--execute", "notebook.ipynb"], folder
    )


def cold(bench: Bench) -> tuple[Section, dict]:
    """Compare cold runs on the simulated workbook, and on another one if there is one."""
    rows, raw = [], {}
    for workbook in filter(None, (bench.workbook, bench.other)):
        on_it = bench._replace(workbook=workbook)
        contenders = {
            "this workflow": lambda i, on=on_it: cold_snakemake(on),
            "one process, no tool": lambda i, on=on_it: cold_plain(on, 1),
            f"pool of {bench.cores} processes": lambda i, on=on_it: cold_plain(on, bench.cores),
        }
        if workbook == bench.workbook:
            contenders |= {"DVC": lambda i: cold_dvc(bench)}
            contenders |= {"notebook (less work)": lambda i: cold_notebook(bench)}
        runs = alternate(contenders, bench.repeats, once=ONCE)
        ours = middle(runs["this workflow"])
        for name, of in runs.items():
            shown = [number(middle(of, key)) for key in ("seconds", "cpu", "peak_mb")]
            row = [f"{workbook.name}: {name}", *shown, f"{ours / middle(of):.2f}", str(len(of))]
            rows.append(row)
        raw[workbook.name] = runs
    jobs = read_plan(bench.work / "plan")
    fits = sum(file.endswith("/fit.json") for job in jobs for file in job["output"]["files"])
    return Section(
        "Cold run",
        f"Default config, {bench.cores} cores, nothing there yet.",
        ["", "s", "s of processors", "MB", "this workflow / it", "runs"],
        rows,
        [
            f"All but the notebook do the same {len(jobs)} jobs with {fits} fits, by the same "
            "scripts, through the same files. Without a tool everything is imported once a "
            "process, nothing is checked and nothing is remembered.",
            "DVC runs one stage after another, each in a process of its own.",
            "The notebook reads, cleans and divides once, and fits five models to one half.",
        ],
    ), raw


def finished(bench: Bench, tool: str) -> tuple[Path, float]:
    """Return the folder of a finished cold run, made where there is none, and how long it took."""
    folder = bench.work / f"{tool}-{bench.workbook.stem}"
    if folder not in FINISHED:
        {"snakemake": cold_snakemake, "dvc": cold_dvc}[tool](bench)
    return folder, middle(FINISHED[folder])


def changed(bench: Bench) -> tuple[Section, dict]:
    """Compare runs after one parameter was changed: another number of neighbours each time."""

    def set_k(folder: Path, repeat: int) -> None:
        knn = {"n_neighbors": CHANGED[repeat % len(CHANGED)]}
        configure(folder, bench, models=default("models") | {"knn": knn})

    def with_snakemake(repeat: int) -> dict:
        folder, whole = finished(bench, "snakemake")
        set_k(folder, repeat)
        return snakemake(folder, bench.cores) | {"whole": whole}

    def with_dvc(repeat: int) -> dict:
        folder, whole = finished(bench, "dvc")
        set_k(folder, repeat)
        plan(folder, bench)  # not counted: it stands for an edit of the parameters
        return dvc(folder, "repro") | {"whole": whole}

    runs = alternate({"this workflow": with_snakemake, "DVC": with_dvc}, bench.repeats, once=ONCE)
    rows = []
    for name, of in runs.items():
        took, whole = middle(of), middle(of, "whole")
        rows.append([name, number(took), number(whole), f"{took / whole:.0%}", str(len(of))])
    return Section(
        "One parameter changed",
        "`models: {knn: {n_neighbors: 5}}` becomes 7, then 9 and so on: kNN is fitted anew under "
        "every split, and all that depends on it is made anew.",
        ["", "s", "cold run, s", "share", "runs"],
        rows,
        ["DVC reads parameters from its stages' files; writing these anew is not counted."],
    ), runs


def nothing(bench: Bench) -> tuple[Section, dict]:
    """Compare runs where there is nothing to do."""
    empty = fresh(bench, "empty") / "Snakefile"
    empty.write_text(EMPTY)

    def again(tool: str, run: Callable) -> dict:
        folder, _ = finished(bench, tool)
        took = run(folder)
        text = (folder / "bench.log").read_text()
        assert "Nothing to be done" in text or "up to date" in text, text
        return took

    runs = alternate(
        {
            "this workflow": lambda i: again("snakemake", lambda at: snakemake(at, bench.cores)),
            "an empty Snakefile": lambda i: snakemake(empty.parent, bench.cores, snakefile=empty),
            "DVC": lambda i: again("dvc", lambda at: dvc(at, "repro")),
        },
        bench.repeats,
    )
    ours = middle(runs["this workflow"])
    return Section(
        "Nothing changed",
        "The same command again after a finished run.",
        ["", "s", "this workflow / it"],
        [[n, number(middle(of)), f"{ours / middle(of):.2f}"] for n, of in runs.items()],
        [],
    ), runs


def parallel(bench: Bench) -> tuple[Section, dict]:
    """Measure what further cores bring to the whole run."""
    cores = [n for n in (1, 2, 4) if n <= (os.cpu_count() or 1)]
    runs = alternate(
        {str(n): lambda i, n=n: snakemake(fresh(bench, "whole"), n) for n in cores}, bench.repeats
    )
    times = [middle(of) for of in runs.values()]
    return Section(
        "Further cores",
        "A cold run. Efficiency is the time on one core, divided by the number of cores and the "
        "time on these.",
        ["cores", "s", "efficiency"],
        [
            [str(n), number(took), f"{times[0] / (n * took):.2f}"]
            for n, took in zip(cores, times, strict=True)
        ],
        ["Snakemake's own start and plan, the same on any number of cores, are in the times."],
    ), runs
