"""What catalogs and citation tools read of the project."""

from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]


def read(name):
    return yaml.safe_load((ROOT / name).read_text(encoding="utf-8"))


def test_the_workflow_catalog_is_told_what_there_is():
    usage = read(".snakemake-workflow-catalog.yml")["usage"]
    assert usage["software-stack-deployment"]["conda"] == bool(list((ROOT / "envs").glob("*.yaml")))
    assert usage["report"] is ('report: "' in (ROOT / "Snakefile").read_text(encoding="utf-8"))


def test_the_citation_has_what_its_format_requires():
    citation = read("CITATION.cff")
    assert citation["cff-version"] == "1.2.0"
    assert all(citation[key] for key in ("message", "title", "authors"))
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert licence.startswith(f"{citation['license']} License")
