"""Real snakemake runs in a folder of their own, on a small simulated workbook."""

import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]

SMALL = {
    "demo": {"seed": 3, "patients": 12},
    "splits": {"half": {"seed": 0}, "final": {}},
    "models": {"mean": {}, "most_frequent": {}, "lstsq": {}, "knn": {"n_neighbors": 5}},
}


def run(command: list[str], folder: Path) -> str:
    """Run a command in a folder and hold that it succeeds; return what it printed."""
    done = subprocess.run(
        command,
        cwd=folder,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=600,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


class Project:
    """A working folder with a config of its own, run by the project's Snakefile or that of a copy."""

    def __init__(self, folder: Path, home: Path = ROOT):
        self.folder, self.home = folder, home
        self.results = folder / "results"

    def configure(self, config: dict | str) -> None:
        """Write config.yaml, from a mapping or as text."""
        text = config if isinstance(config, str) else yaml.safe_dump(config, sort_keys=False)
        (self.folder / "config.yaml").write_text(text, encoding="utf-8")

    def command(self, *args: str, cores: int = 2, program: tuple = ("-m", "snakemake")) -> list:
        """Return the command that runs snakemake here, or a program of Python's that starts it."""
        command = [sys.executable, *program, "--snakefile", str(self.home / "Snakefile")]
        return [*command, "--directory", str(self.folder), "--cores", str(cores), *args]

    def snakemake(self, *args: str, timeout: int = 600, **kwargs):
        """Run snakemake; output and errors come together in `stdout`."""
        return subprocess.run(
            self.command(*args, **kwargs),
            cwd=self.folder,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=timeout,
            env=os.environ | {"PYTHONHASHSEED": "random"},
        )

    def run(self, *args: str, **kwargs) -> str:
        """Run snakemake and hold that it succeeds; give what it printed."""
        done = self.snakemake(*args, **kwargs)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def planned(self, *targets: str) -> dict[str, int]:
        """How often each rule would run, by a dry run."""
        return job_counts(self.run("--dry-run", *targets))


def job_counts(text: str) -> dict[str, int]:
    """How often each rule would run, from what a dry run says."""
    table = re.search(r"^Job stats:\n.*?\n-+\s+-+\n(.*?)\n\n", text, re.M | re.S)
    if table is None:
        assert "Nothing to be done" in text, text
        return {}
    counts = dict(line.split() for line in table[1].splitlines())
    return {rule: int(n) for rule, n in counts.items() if rule not in ("total", "all")}
