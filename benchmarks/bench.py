"""Measure, and write what was measured onto `docs/benchmarks.md`.

make bench
make bench WORKBOOK=auscultation_features.xlsx ARGS="--only cold,nothing --repeats 1"
make bench RECORDINGS=ICBHI_final_database ARGS="--only recordings,steps --repeats 1"
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent)]

import growth
import largepage
import reading
import recordings
import stages
import workflow
from measure import HERE, ROOT, commit, machine, today, versions
from page import markdown, put

ALWAYS = 10**6
PARTS: dict[str, tuple[Callable, int]] = {  # and how often each is measured at most
    "cold": (workflow.cold, ALWAYS),
    "where": (stages.where, 1),
    "changed": (workflow.changed, ALWAYS),
    "nothing": (workflow.nothing, ALWAYS),
    "reading": (reading.reading, ALWAYS),
    "large": (stages.large, 1),
    "sweep": (stages.sweep, 1),
    "growth": (growth.growth, 1),
    "parallel": (workflow.parallel, 1),
    "report": (largepage.report, 1),
    "recordings": (recordings.recordings, 1),
    "steps": (recordings.steps, 1),
}
PAGE = ROOT / "docs" / "benchmarks.md"


def demo(path: Path) -> Path:
    """Simulate the demo workbook beforehand, where it is not there yet."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, str(HERE / "bigworkbook.py"), "126", str(path)], check=True)
    return path


def sizes(text: str) -> tuple[int, ...]:
    """Read whole numbers with commas between them."""
    return tuple(map(int, text.split(",")))


def main() -> None:
    """Measure the parts asked for."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.splitlines()[0])
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts: {', '.join(PARTS)}")
    parser.add_argument("--repeats", type=int, default=5, help="of each measurement")
    parser.add_argument("--cores", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--workbook", type=Path, help="another one for cold runs")
    parser.add_argument("--recordings", type=Path, help="folder in place of simulated recordings")
    parser.add_argument("--patients", default=workflow.PATIENTS, type=sizes, help="of tables")
    parser.add_argument("--values", default=workflow.VALUES, type=int, help="of the sweep")
    parser.add_argument("--librosa", default=sys.executable, help="a Python that has librosa")
    parser.add_argument("--work", type=Path, default=ROOT / "bench_work", help="folder to work in")
    parser.add_argument("--page", type=Path, default=PAGE, help="page to write to")
    args = parser.parse_args()
    parts = args.only.split(",")
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}; there are: {', '.join(PARTS)}")
    work = args.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(work / "plan", ignore_errors=True)  # jobs of other code
    other, heard = (path and path.resolve() for path in (args.workbook, args.recordings))
    bench = workflow.Bench(
        *(work, demo(work / "demo.xlsx"), args.repeats, args.cores, other, heard),
        *(args.librosa, args.patients, args.values),
    )
    paths = {"WORKBOOK": other, "RECORDINGS": heard}
    command = " ".join(["make bench", *(f"{key}={of.name}" for key, of in paths.items() if of)])
    options = [f"--only {args.only}"] * (parts != list(PARTS)) + [f"--repeats {args.repeats}"]
    options += [f"--patients {','.join(map(str, args.patients))}"] * (
        args.patients != workflow.PATIENTS
    )
    options += [f"--values {args.values}"] * (args.values != workflow.VALUES)
    command += f' ARGS="{" ".join(options)}"'
    raw_file = work / "measured.json"
    for part, (measure, most) in PARTS.items():
        if part not in parts:
            continue
        print(f"{part}:", flush=True)
        began, repeats = time.perf_counter(), min(args.repeats, most)
        section, raw = measure(bench._replace(repeats=repeats))
        print(f"{part} took {time.perf_counter() - began:.0f} s", flush=True)
        often = f"medians of {repeats}" if repeats > 1 else "each once"
        about = (
            f"Measured {today()} at commit {commit()} by `{command}`, {often}, on {machine()}; "
            f"{versions()}."
        )
        put(args.page, part, markdown(section, about), list(PARTS))
        stored = json.loads(raw_file.read_text()) if raw_file.exists() else {}
        stored[part] = {"about": about, "runs": raw}
        raw_file.write_text(json.dumps(stored, indent=1))
        print(f"{markdown(section, about)}\n", flush=True)


if __name__ == "__main__":
    main()
