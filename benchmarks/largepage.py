"""The report page of many models, from made-up predictions: no fit is run.

python benchmarks/largepage.py MODELS FOLDER
"""

import json
import shutil
import sys
import time
from pathlib import Path

from measure import HERE, ROOT, alternate, child, middle
from page import Section, number

MODELS = (10, 200)


def make(n: int, folder: Path) -> None:
    """Make the page of so many models by the tests' own run; write the time of each stage."""
    sys.path[:0] = [str(ROOT / "scripts"), str(ROOT / "tests" / "helpers")]
    import bigrun

    took = {}
    for stage in (bigrun.compare, bigrun.figures, bigrun.report):

        def timed(snakemake, main=stage.main, name=stage.__name__) -> None:
            start = time.perf_counter()
            main(snakemake)
            took[name] = time.perf_counter() - start

        stage.main = timed
    bigrun.run(folder, n)
    took["page_mb"] = (folder / "report.html").stat().st_size / 1e6
    (folder / "took.json").write_text(json.dumps(took))


def report(bench) -> tuple[Section, dict]:
    """Measure the page at growing numbers of models."""

    def run(n: int) -> dict:
        folder = bench.work / f"page{n}"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        used = child([sys.executable, HERE / "largepage.py", n, folder], folder)
        return used | json.loads((folder / "took.json").read_text())

    runs = alternate({str(n): lambda i, n=n: run(n) for n in MODELS}, bench.repeats)
    keys = ("compare", "figures", "report", "page_mb", "peak_mb")
    return Section(
        "Report page",
        "Made-up predictions of 288 cycles by so many models, under three splits.",
        ["models", "compare, s", "figures, s", "report, s", "page, MB", "peak MB of all"],
        [[n, *(number(middle(of, key)) for key in keys)] for n, of in runs.items()],
        ["Without imports. Figures: those that the page shows, of one split."],
    ), runs


if __name__ == "__main__":
    make(int(sys.argv[1]), Path(sys.argv[2]))
