"""Measurements: the jobs done without Snakemake, and their page: slopes, extrapolations, and sections that are replaced alone."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

sys.path.append(str(Path(__file__).resolve().parents[2] / "benchmarks"))

from jobs import SCRIPTS, read_plan
from measure import HERE
from page import Section, markdown, most, number, put, slope

SECTION = Section("Growth", "Of jobs.", ["", "s", "slope"], [["knn", "1.00", "-"]], ["A note."])


@pytest.mark.parametrize("power", [0.5, 1, 2, 2.7])
def test_slope_of_a_power_above_its_start(power):
    sizes = [10, 1000, 10_000]
    values = [3 + n**power for n in sizes]
    assert slope(sizes, values, base=3) == pytest.approx(power)


def test_no_slope_where_nothing_rises():
    assert slope([1, 10, 100], [2.0, 2.0, 2.01], base=2.0) is None
    assert slope([1, 10], [2.0, 1.9]) is None
    assert slope([1], [2.0]) is None


@pytest.mark.parametrize("power", [1, 2])
def test_most_is_where_the_limit_is_met(power):
    sizes = [100, 1000]
    values = [2 + 1e-3 * n**power for n in sizes]
    assert 2 + 1e-3 * most(sizes, values, 602, base=2) ** power == pytest.approx(602)


def test_most_takes_no_growth_below_proportion():
    sizes, values = [100, 10_000], [1.0, 10.0]  # slope 0.5
    assert most(sizes, values, 100.0) == pytest.approx(100_000)


def test_numbers_have_three_digits():
    assert [number(v) for v in (0.123, 12.34, 1234.5, None)] == ["0.12", "12.3", "1,234", "-"]


def test_section_is_a_table_of_as_many_columns():
    lines = [line for line in markdown(SECTION, "Here.").splitlines() if line.startswith("|")]
    assert len(lines) == 3
    assert {line.count("|") for line in lines} == {4}


def test_sections_are_replaced_alone_and_keep_their_order(tmp_path):
    page, order = tmp_path / "page.md", ["cold", "growth", "report"]
    for name in ("report", "cold", "growth"):
        put(page, name, f"## {name} one", order)
    before = page.read_text()
    put(page, "growth", "## growth two", order)
    assert page.read_text() == before.replace("growth one", "growth two")
    assert before.index("cold one") < before.index("growth one") < before.index("report one")


def test_jobs_of_a_run_are_done_without_snakemake(tmp_path):
    config = {"workbook": "demo", "demo": {"patients": 8}, "splits": {"half": {}, "final": {}}}
    config["models"] = {"mean": {}, "by_3": {"algorithm": "knn", "n_neighbors": 3}}
    (tmp_path / "config.yaml").write_text(yaml.safe_dump(config))

    def python(*command) -> None:
        command = [sys.executable, *map(str, command)]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=120)
        assert done.returncode == 0, done.stderr

    python(HERE / "jobs.py", "list", "config.yaml", tmp_path, 1)
    jobs = read_plan(tmp_path)
    scripts = {job["script"] for job in jobs}
    assert {"simulate_workbook.py", "fit_mean.py", "fit_knn.py", "report.py"} <= scripts
    assert all((SCRIPTS / script).is_file() for script in scripts)
    python(HERE / "plain.py", tmp_path)
    assert all((tmp_path / file).exists() for job in jobs for file in job["output"]["files"])
    for split in ("half", "final"):
        assert (tmp_path / "results" / "fits" / "by_3" / split / "predictions.parquet").exists()


def test_a_process_writes_down_what_it_and_its_children_took(tmp_path):
    busy = "import time\nwhile time.process_time() < 0.3: pass"
    work = f"import subprocess, sys\nsubprocess.run([sys.executable, '-c', {busy!r}])\nx = b'1' * 10**8"
    env = {"PYTHONPATH": str(HERE / "meter"), "METER": str(tmp_path)}
    subprocess.run([sys.executable, "-c", work], env=os.environ | env, check=True, timeout=60)
    both = [json.loads(path.read_text()) for path in tmp_path.iterdir()]
    child, parent = sorted(both, key=lambda took: took["peak_mb"])
    assert child["command"][-1] == busy and parent["command"][-1] == work
    assert 0.3 <= child["cpu"] < parent["cpu"] <= parent["seconds"] + 0.3
    assert child["peak_mb"] < 60 and 95 < parent["peak_mb"] < 160


def test_the_page_of_many_models_is_made(tmp_path):
    command = [sys.executable, HERE / "largepage.py", "8", tmp_path]
    subprocess.run(command, cwd=tmp_path, check=True, timeout=240)
    took = json.loads((tmp_path / "took.json").read_text())
    assert took.keys() == {"compare", "figures", "report", "page_mb"} and min(took.values()) > 0
