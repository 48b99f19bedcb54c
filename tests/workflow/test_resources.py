"""What jobs ask a cluster for: by the size of the workbook, enough, and without rerunning anything."""

import csv
import re
from pathlib import Path

import pytest
import yaml

from auscultation.fits.algorithms import ALGORITHMS
from auscultation.recordings.families.registry import FAMILIES
from harness import ROOT
from rule_texts import rule_texts

PROFILES = ("slurm", "cluster-generic")


def rules():
    """Each rule's name and text; those of the algorithms have one text, as have those of the families."""
    yield from rule_texts()
    for name in FAMILIES:
        yield f"family_{name}", (ROOT / "rules" / "families.smk").read_text(encoding="utf-8")
    for name in ALGORITHMS:
        yield f"fit_{name}", (ROOT / "rules" / "fits.smk").read_text(encoding="utf-8")


def asked(workbook=None, patients=126, fits=78):
    """Run rules/resources.smk for a workbook; give each rule's functions of memory and time."""
    known = {
        "CONFIG": {"demo": {"patients": patients}, "recordings": None},
        "DEMO_WORKBOOK": "demo.xlsx",
        "FITS": [{}] * fits,
        "WORKBOOKS": [str(workbook or "demo.xlsx")],
        "Path": Path,
    }
    exec((ROOT / "rules" / "resources.smk").read_text(encoding="utf-8"), known)
    found = {}
    for name, text in rules():
        mem_mb, runtime = (
            re.search(rf"^ +{key}=(.*),$", text, re.M)[1] for key in ("mem_mb", "runtime")
        )
        known["algorithm"] = ALGORITHMS.get(name.removeprefix("fit_"))
        found[name] = eval(mem_mb, known), eval(runtime, known)
    return found


@pytest.mark.consistency
def test_every_rule_asks_for_memory_and_time():
    assert len(asked()) == len(list(rules())) > 15
    for mem_mb, runtime in asked().values():
        assert 100 < mem_mb(None, 1, 1) < 4000
        assert 1 <= runtime(None, 1) <= 60


TO_HEAR = {"hear_recordings", "hear_new_recordings", *(f"family_{name}" for name in FAMILIES)}
# They hold one recording at a time, or a row for each cycle, and there is no workbook.
OF_RECORDINGS = TO_HEAR | {f"{verb}_recordings" for verb in ("simulate", "annotate", "join")}


@pytest.mark.consistency
@pytest.mark.parametrize("name", sorted(asked().keys() - OF_RECORDINGS))
def test_more_for_a_larger_workbook_and_a_further_attempt(tmp_path, name):
    small, large = tmp_path / "small.xlsx", tmp_path / "large.xlsx"
    for path, size in ((small, 100_000), (large, 40_000_000)):
        with open(path, "wb") as file:
            file.truncate(size)
    (little, soon), (much, late) = asked(small)[name], asked(large)[name]
    assert much(None, 1, 1) > little(None, 1, 1) + 1000
    assert soon(None, 1) + 30 < late(None, 1) < 24 * 60  # many partitions end jobs after a day
    assert little(None, 2, 1) == pytest.approx(2 * little(None, 1, 1), abs=2)
    assert soon(None, 3) == pytest.approx(3 * soon(None, 1), abs=2)
    assert little(None, 1, 5) >= little(None, 1, 1)


@pytest.mark.consistency
@pytest.mark.parametrize("name", ["compare", "examine", "figures", "report"])
def test_more_for_more_fits(name):
    (little, soon), (much, late) = asked(fits=100)[name], asked(fits=10_000)[name]
    assert much(None, 1, 1) - little(None, 1, 1) == pytest.approx(9900)
    assert late(None, 1) - soon(None, 1) == pytest.approx(99, abs=1)


def test_demo_is_taken_for_as_large_as_it_becomes(finished):
    workbook = finished.results / "demo" / "workbook.xlsx"
    for name, (mem_mb, _) in asked(patients=12).items():
        assert mem_mb(None, 1, 1) == pytest.approx(asked(workbook)[name][0](None, 1, 1), abs=50)


def test_enough_memory_for_what_the_jobs_took(finished):
    around = 300  # the two snakemakes that a cluster's job starts around the script, MB
    files = {"compare": "benchmarks/compare.tsv", "figures": "benchmarks/figures.tsv"}
    files |= {"clean": "benchmarks/clean.tsv", "split": "benchmarks/split/half.tsv"}
    files |= {"read_workbook": "benchmarks/read_workbook.tsv", "report": "benchmarks/report.tsv"}
    files |= {f"fits_{name}": f"benchmarks/fits_{name}.tsv" for name in ("knn", "mean")}
    for name, path in files.items():
        (row,) = csv.DictReader((finished.results / path).open(), delimiter="\t")
        assert float(row["max_rss"]) + around < asked(patients=12)[name.replace("fits_", "fit_")][
            0
        ](None, 1, 1), name


def test_changed_resources_rerun_nothing(finished):
    more = ["--set-resources", "fits_knn:mem_mb=9000", "compare:runtime=99"]
    assert finished.planned(*more) == {}
    assert finished.planned("--set-threads", "fits_knn=2", "fits_mean=2") == {}


def settings(profile):
    path = ROOT / "profiles" / profile / "config.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.consistency
@pytest.mark.parametrize("profile", PROFILES)
def test_threads_are_for_fits_that_have_a_job_of_their_own(profile):
    large = {f"fit_{name}" for name, row in ALGORITHMS.items() if not row.small}
    assert settings(profile)["set-threads"].keys() == large


@pytest.mark.consistency
def test_every_rule_that_takes_seconds_shares_a_job():
    local = {name for name, text in rules() if "localrule: True" in text}
    alone = {name for name, text in rules() if "cluster_group(" not in text}
    # what hears is to run at once; what simulates for it cannot be in the group that waits for both
    assert alone == local | TO_HEAR | {"simulate_recordings"}


@pytest.mark.consistency
def test_profiles_agree():
    slurm, generic = map(settings, PROFILES)
    shared = slurm.keys() & generic.keys() - {"executor"}
    assert {"group-components", "set-threads", "retries", "cores"} <= shared
    assert {key: slurm[key] for key in shared} == {key: generic[key] for key in shared}
