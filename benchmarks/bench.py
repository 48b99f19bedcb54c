"""Measure, and write what was measured onto `docs/benchmarks.md`.

make bench
make bench WORKBOOK=auscultation_features.xlsx ARGS="--only cold,nothing --repeats 1"
make bench RECORDINGS=ICBHI_final_database ARGS="--only recordings,steps --repeats 1"
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).resolve().parent)]

import growth
import largepage
import reading
import recordings
import workflow
from measure import HERE, ROOT, commit, machine, today, versions
from page import markdown, put

PARTS: dict[str, Callable] = {
    "cold": workflow.cold,
    "changed": workflow.changed,
    "nothing": workflow.nothing,
    "reading": reading.reading,
    "growth": growth.growth,
    "parallel": workflow.parallel,
    "report": largepage.report,
    "recordings": recordings.recordings,
    "steps": recordings.steps,
}
PAGE = ROOT / "docs" / "benchmarks.md"


def demo(path: Path) -> Path:
    """Simulate the demo workbook beforehand, where it is not there yet."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run([sys.executable, str(HERE / "bigworkbook.py"), "126", str(path)], check=True)
    return path


def main() -> None:
    """Measure the parts asked for."""
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__.splitlines()[0])
    parser.add_argument("--only", default=",".join(PARTS), help=f"parts: {', '.join(PARTS)}")
    parser.add_argument("--repeats", type=int, default=5, help="of each measurement")
    parser.add_argument("--cores", type=int, default=min(2, os.cpu_count() or 1))
    parser.add_argument("--workbook", type=Path, help="in place of the simulated one")
    parser.add_argument("--recordings", type=Path, help="folder in place of simulated recordings")
    parser.add_argument("--librosa", default=sys.executable, help="a Python that has librosa")
    parser.add_argument("--work", type=Path, default=HERE / "work", help="folder to work in")
    parser.add_argument("--page", type=Path, default=PAGE, help="page to write to")
    args = parser.parse_args()
    parts = args.only.split(",")
    unknown = [part for part in parts if part not in PARTS]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)}; there are: {', '.join(PARTS)}")
    work = args.work.resolve()
    work.mkdir(parents=True, exist_ok=True)
    workbook = args.workbook.resolve() if args.workbook else demo(work / "demo.xlsx")
    heard = args.recordings.resolve() if args.recordings else None
    bench = workflow.Bench(work, workbook, args.repeats, args.cores, heard, args.librosa)
    said = f" WORKBOOK={workbook.name}" if args.workbook else ""
    said += f" RECORDINGS={heard.name}" if heard else ""
    given = [f"--only {args.only}"] * (parts != list(PARTS)) + [f"--repeats {args.repeats}"]
    command = f'make bench{said} ARGS="{" ".join(given)}"'
    raw_file = work / "measured.json"
    for part, measure in PARTS.items():
        if part not in parts:
            continue
        print(f"{part}:", flush=True)
        section, raw = measure(bench)
        about = (
            f"Measured {today()} at commit {commit()} by `{command}`, medians of {args.repeats}, on "
            f"{machine()}; {versions()}."
        )
        put(args.page, part, markdown(section, about), list(PARTS))
        stored = json.loads(raw_file.read_text()) if raw_file.exists() else {}
        stored[part] = {"about": about, "runs": raw}
        raw_file.write_text(json.dumps(stored, indent=1))
        print(f"{markdown(section, about)}\n", flush=True)


if __name__ == "__main__":
    main()
