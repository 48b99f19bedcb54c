"""The jobs of the workflow as a DVC pipeline: one stage a job."""

import sys
from pathlib import Path

import yaml

from jobs import read_plan


def write_pipeline(folder: Path, here: Path) -> None:
    """Write `dvc.yaml`; a stage depends on its job's own file, and so on its parameters."""
    stages = {}
    for path, job in zip(sorted((folder / "jobs").glob("*.json")), read_plan(folder), strict=True):
        stages[path.stem.replace(".", "_")] = {
            "cmd": f"{sys.executable} {here / 'jobs.py'} do jobs/{path.name}",
            "deps": [f"jobs/{path.name}", str(here.parent / "scripts" / job["script"])]
            + sorted(set(job["input"]["files"])),
            "outs": [
                {file: {"persist": True}} if file in job["stays"] else file
                for file in sorted([*job["output"]["files"], job["benchmark"]])
            ],
        }
    (folder / "dvc.yaml").write_text(yaml.safe_dump({"stages": stages}))
