"""List the jobs of the workflow as Snakemake plans them, and do one without Snakemake.

    python benchmarks/jobs.py list CONFIG FOLDER CORES   writes FOLDER/jobs/<number>.<rule>.json
    python benchmarks/jobs.py do JOB.json                does one, in the folder it is started in

The other contenders do exactly these jobs: the same scripts, files and parameters.
"""

import csv
import json
import os
import resource
import runpy
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from types import SimpleNamespace

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ROOT / "scripts"


class Files(list):
    """Files or wildcards by position and by name, as a rule's input, output and log are."""

    def __init__(self, files: Iterable[str], names: dict[str, str | list[str]]):
        super().__init__(files)
        self.__dict__ |= names
        self.get, self.keys, self.items = names.get, names.keys, names.items

    def __getitem__(self, key):
        return self.__dict__[key] if isinstance(key, str) else super().__getitem__(key)


def _files(of_job) -> dict:
    """Return the files of a job's input, output or log as JSON takes them."""
    names = {}
    for name, files in of_job.items():
        names[name] = [str(f) for f in files] if isinstance(files, list) else str(files)
    return {"files": [str(file) for file in of_job], "names": names}


def plan(config: Path, folder: Path, cores: int) -> list[dict]:
    """Return every job of a cold run in a folder, each after those that it needs."""
    from snakemake.api import SnakemakeApi
    from snakemake.io import is_flagged
    from snakemake.settings.types import ConfigSettings, OutputSettings, Quietness, ResourceSettings

    with SnakemakeApi(OutputSettings(dryrun=True, quiet={Quietness.ALL})) as api:
        workflow = api.workflow(
            resource_settings=ResourceSettings(cores=cores),
            config_settings=ConfigSettings(configfiles=[config]),
            snakefile=ROOT / "Snakefile",
            workdir=folder,
        )
        dag = workflow.dag()
        dag.execute_workflow(pseudo_executor="dryrun")
        planned = workflow._workflow.dag  # the library has no public list of jobs with their params
        levels = (sorted(level, key=lambda job: list(job.output)) for level in planned.toposorted())
        jobs = [job for level in levels for job in level if job.rule.script]
        return [
            {
                "rule": job.rule.name,
                "script": Path(job.format_wildcards(job.rule.script)).name,
                "input": _files(job.input),
                "output": _files(job.output),
                "stays": sorted(str(f) for f in job.output if is_flagged(f, "update")),
                "log": _files(job.log),
                "benchmark": str(job.benchmark),
                "params": dict(job.params.items()),
                "wildcards": dict(job.wildcards.items()),
                "threads": job.threads,
            }
            for job in jobs
        ]


def write_plan(jobs: list[dict], folder: Path) -> None:
    """Write each job as a file of its own; one that is the same already is left alone."""
    (folder / "jobs").mkdir(exist_ok=True)
    for number, job in enumerate(jobs):
        path = folder / "jobs" / f"{number:03d}.{job['rule']}.json"
        text = json.dumps(job, indent=1, sort_keys=True, default=list)
        if not path.exists() or path.read_text() != text:
            path.write_text(text)


def read_plan(folder: Path) -> list[dict]:
    """Read the jobs of a folder, in their order."""
    return [json.loads(path.read_text()) for path in sorted((folder / "jobs").glob("*.json"))]


def snakemake_of(job: dict) -> SimpleNamespace:
    """Make the object that a script knows as `snakemake`."""
    sides = {side: Files(**job[side]) for side in ("input", "output", "log")}
    return SimpleNamespace(
        **sides,
        params=SimpleNamespace(**job["params"]),
        wildcards=Files(job["wildcards"].values(), job["wildcards"]),
        threads=job["threads"],
        rule=job["rule"],
        scriptdir=str(SCRIPTS),
    )


def do(job: dict) -> None:
    """Run a job's script as Snakemake would, and write its benchmark."""
    for file in [*job["output"]["files"], *job["log"]["files"], job["benchmark"]]:
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    start = time.perf_counter()
    runpy.run_path(str(SCRIPTS / job["script"]), {"snakemake": snakemake_of(job)})
    seconds = time.perf_counter() - start
    peak = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    with open(job["benchmark"], "w", newline="") as file:
        csv.writer(file, delimiter="\t").writerows([["s", "max_rss"], [seconds, peak / 1024]])


def limit_threads(n: int) -> None:
    """Keep libraries that are not yet loaded to so many threads, as Snakemake does for its jobs."""
    for name in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM", "GOTO"):
        os.environ[f"{name}_NUM_THREADS"] = str(n)


if __name__ == "__main__":
    sys.path.insert(0, str(SCRIPTS))
    if sys.argv[1] == "list":
        where = Path(sys.argv[3]).resolve()
        write_plan(plan(Path(sys.argv[2]).resolve(), where, int(sys.argv[4])), where)
    else:
        the_job = json.loads(Path(sys.argv[2]).read_text())
        limit_threads(the_job["threads"])
        do(the_job)
