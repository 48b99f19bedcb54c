"""The workflow as a module of another one: with a config of its own, and rules under other names."""

import sys

import pytest
import yaml

from harness import ROOT, job_counts, run

CONFIG = {
    "results": "lung",
    "demo": {"seed": 3, "patients": 12},
    "splits": {"half": {}},
    "models": {"mean": {}, "lstsq": {}},
}
HOST = """
configfile: "config.yaml"

module auscultation:
    snakefile: "{snakefile}"
    config: config["auscultation"]
{options}

use rule * from auscultation as lung_*

use rule fits_mean from auscultation as lung_fits_mean with:
    threads: 2

rule summary:
    default_target: True
    input: "{page}"
    output: "summary.txt"
    shell: "wc -c {{input}} > {{output}}"
"""


@pytest.fixture
def host(tmp_path):
    """Return a function that runs a workflow which uses this one as a module, in a folder without our config."""
    (tmp_path / "config.yaml").write_text(yaml.safe_dump({"auscultation": CONFIG}))

    def use(*args, page="lung/report.html", options="", snakefile=ROOT / "Snakefile"):
        text = HOST.format(snakefile=snakefile, options=options, page=page)
        (tmp_path / "Snakefile").write_text(text, encoding="utf-8")
        return run([sys.executable, "-m", "snakemake", "--cores", "2", *args], tmp_path)

    use.folder = tmp_path
    return use


def test_from_another_workflow_to_the_page(host):
    host()
    page = (host.folder / "lung" / "report.html").read_text(encoding="utf-8")
    assert "lstsq" in page
    assert (host.folder / "summary.txt").exists()
    assert job_counts(host("--dry-run")) == {}


def test_below_the_other_workflow_and_with_a_prefix(host):
    (host.folder / "below").symlink_to(ROOT)
    page, options = "deep/lung/report.html", '    prefix: "deep"'
    jobs = job_counts(host("--dry-run", page=page, options=options, snakefile="below/Snakefile"))
    assert jobs["lung_report"] == 1 and jobs["lung_fits_lstsq"] == 1
