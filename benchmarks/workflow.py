"""Whole runs: cold, with one parameter changed, with nothing changed, on one core and on several."""

import os
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

import yaml

from jobs import read_plan
from measure import HERE, ROOT, alternate, child, middle
from page import Section, number

EMPTY = "rule all:\n    input:\n        [],\n"
CHANGED = (7, 9, 11, 13, 15, 17, 19, 21, 23, 25)  # neighbours, in place of 5
FINISHED: dict[str, list[dict]] = {}  # cold runs of this process, by tool


class Bench(NamedTuple):
    """What all parts share: where to work, on what, how often."""

    work: Path
    workbook: Path
    repeats: int
    cores: int
    recordings: Path | None = None  # folder in place of simulated ones
    librosa: str = sys.executable  # a Python that has it


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


def snakemake(folder: Path, cores: int, *args: str, snakefile: Path | None = None) -> dict:
    """Run Snakemake with the project's own profile."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", snakefile or ROOT / "Snakefile"]
    command += ["--workflow-profile", ROOT / "profiles" / "default", "--cores", cores]
    return child([*command, *args], folder)


def dvc(folder: Path, *args: str) -> dict:
    """Run DVC."""
    return child([sys.executable, "-m", "dvc", *args], folder)


def with_jobs(bench: Bench, name: str) -> Path:
    """Make an empty folder that has the jobs of a cold run, which are listed once."""
    folder, kept = fresh(bench, name), bench.work / "plan"
    if (
        not kept.exists()
        or (kept / "config.yaml").read_text() != (folder / "config.yaml").read_text()
    ):
        plan(fresh(bench, "plan"), bench)
    shutil.copytree(kept / "jobs", folder / "jobs")
    return folder


def cold_snakemake(bench: Bench, repeat: int = 0) -> dict:
    """Run the workflow in an empty folder."""
    took = snakemake(fresh(bench, "snakemake"), bench.cores)
    FINISHED.setdefault("snakemake", []).append(took)
    return took


def cold_dvc(bench: Bench, repeat: int = 0) -> dict:
    """Run the pipeline in an empty folder."""
    from pipeline import write_pipeline

    folder = with_jobs(bench, "dvc")
    write_pipeline(folder, HERE)
    dvc(folder, "init", "--no-scm", "--quiet")
    took = dvc(folder, "repro")
    FINISHED.setdefault("dvc", []).append(took)
    return took


def cold_plain(bench: Bench, processes: int) -> dict:
    """Do the jobs without a workflow tool."""
    folder = with_jobs(bench, f"plain{processes}")
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
    """Compare cold runs."""
    runs = alternate(
        {
            "this workflow": lambda i: cold_snakemake(bench),
            "one process, no tool": lambda i: cold_plain(bench, 1),
            f"pool of {bench.cores} processes": lambda i: cold_plain(bench, bench.cores),
            "DVC": lambda i: cold_dvc(bench),
            "notebook (less work)": lambda i: cold_notebook(bench),
        },
        bench.repeats,
    )
    ours = middle(runs["this workflow"])
    rows = [
        [name, number(middle(of)), number(middle(of, "peak_mb")), f"{ours / middle(of):.2f}"]
        for name, of in runs.items()
    ]
    jobs = read_plan(bench.work / "plan")
    fits = sum(job["rule"].startswith("fit_") for job in jobs)
    same = (
        f"All but the notebook do the same {len(jobs)} jobs, {fits} of them fits, by the same "
        "scripts, through the same files. Without a tool everything is imported once a process, "
        "nothing is checked and nothing is remembered."
    )
    notes = [
        same,
        (
            "What the workflow takes longer than a pool is the start of its jobs: 0.6 s each, 1.6 s "
            "with scikit-learn, 4 s with TensorFlow. For that, each fit is kept, made anew, timed "
            "and lost by itself."
        ),
        "DVC runs one stage after another, each in a process of its own.",
        "The notebook reads, cleans and divides once, and fits five models to one half.",
    ]
    return Section(
        "Cold run",
        f"Default config on {bench.workbook.name}, {bench.cores} cores, nothing there yet.",
        ["", "s", "MB", "this workflow / it"],
        rows,
        notes,
    ), runs


def finished(bench: Bench, tool: str) -> tuple[Path, float]:
    """Return the folder of a finished cold run, made where there is none, and how long it took."""
    if tool not in FINISHED:
        {"snakemake": cold_snakemake, "dvc": cold_dvc}[tool](bench)
    return bench.work / tool, middle(FINISHED[tool])


def changed(bench: Bench) -> tuple[Section, dict]:
    """Compare runs after one parameter was changed: another number of neighbours each time."""
    (one, cold_one), (other, cold_other) = finished(bench, "snakemake"), finished(bench, "dvc")

    def set_k(folder: Path, repeat: int) -> None:
        models = yaml.safe_load((ROOT / "config.yaml").read_text())["models"]
        models["knn"] = {"n_neighbors": CHANGED[repeat % len(CHANGED)]}
        configure(folder, bench, models=models)

    def with_snakemake(repeat: int) -> dict:
        set_k(one, repeat)
        return snakemake(one, bench.cores)

    def with_dvc(repeat: int) -> dict:
        set_k(other, repeat)
        plan(other, bench)  # not counted: it stands for an edit of the parameters
        return dvc(other, "repro")

    runs = alternate({"this workflow": with_snakemake, "DVC": with_dvc}, bench.repeats)
    rows = [
        [name, number(middle(of)), number(whole), f"{middle(of) / whole:.0%}"]
        for (name, of), whole in zip(runs.items(), (cold_one, cold_other), strict=True)
    ]
    return Section(
        "One parameter changed",
        "`models: {knn: {n_neighbors: 5}}` becomes 7, then 9 and so on: kNN is fitted anew under "
        "every split, and all that depends on it is made anew.",
        ["", "s", "cold run, s", "share"],
        rows,
        ["DVC reads parameters from its stages' files; writing these anew is not counted."],
    ), runs


def nothing(bench: Bench) -> tuple[Section, dict]:
    """Compare runs where there is nothing to do."""
    (one, _), (other, _) = finished(bench, "snakemake"), finished(bench, "dvc")
    empty = fresh(bench, "empty") / "Snakefile"
    empty.write_text(EMPTY)
    runs = alternate(
        {
            "this workflow": lambda i: snakemake(one, bench.cores),
            "an empty Snakefile": lambda i: snakemake(empty.parent, bench.cores, snakefile=empty),
            "DVC": lambda i: dvc(other, "repro"),
        },
        bench.repeats,
    )
    for folder in (one, other):
        said = (folder / "bench.log").read_text()
        assert "Nothing to be done" in said or "up to date" in said, said
    ours = middle(runs["this workflow"])
    return Section(
        "Nothing changed",
        "The same command again after a finished run.",
        ["", "s", "this workflow / it"],
        [[n, number(middle(of)), f"{ours / middle(of):.2f}"] for n, of in runs.items()],
        [],
    ), runs


def parallel(bench: Bench) -> tuple[Section, dict]:
    """Measure what further cores bring to the whole run, and to the fits alone."""
    cores = [n for n in (1, 2, 4) if n <= (os.cpu_count() or 1)]
    folder = with_jobs(bench, "parallel")
    fits = [job for job in read_plan(folder) if job["rule"].startswith("fit_")]
    targets = [job["output"]["names"]["predictions"] for job in fits]
    splits = sorted({job["input"]["names"]["train"] for job in fits})

    def alone(n: int) -> dict:
        shutil.rmtree(folder / "results" / "fits", ignore_errors=True)
        return snakemake(folder, n, *targets)

    def whole(n: int) -> dict:
        return snakemake(fresh(bench, "whole"), n)

    snakemake(folder, cores[-1], *splits)
    work = {"fits alone": alone, "whole run": whole}
    runs = alternate(
        {f"{name}, {n}": lambda i, do=do, n=n: do(n) for name, do in work.items() for n in cores},
        bench.repeats,
    )
    rows = []
    for name in work:
        first = middle(runs[f"{name}, 1"])
        for n in cores:
            took = middle(runs[f"{name}, {n}"])
            rows.append([name, str(n), number(took), f"{first / (n * took):.2f}"])
    return Section(
        "Further cores",
        "Efficiency is the time on one core, divided by the number of cores and the time on these.",
        ["", "cores", "s", "efficiency"],
        rows,
        ["Snakemake's own start and plan, the same on any number of cores, are in the times."],
    ), runs
