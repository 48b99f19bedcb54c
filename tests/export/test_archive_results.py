"""The archive: its members, their sums, what describes them, and the same bytes for the same files."""

import hashlib
import json
import os
import shutil
import subprocess
import zipfile
from importlib import resources
from urllib.parse import unquote

import pytest
from rocrate.rocrate import ROCrate

from archive_results import README, RECORDINGS, WORKBOOK, members, pack
from auscultation.export.ro_crate import OTHER, description_of, ro_crate

COMMIT = "c0ffee" * 6 + "abcd"
ABOUT = {
    "made": "2026-05-04T10:20:30+00:00",
    "workbook": {"workbook": "here/lungs.xlsx", "sheet": 0, "bytes": 9, "sha256": "ab" * 32},
    "code": {"commit": COMMIT, "changed": True},
    "versions": {"Python": "3.11.7", "numpy": "2.4.6"},
    "time": {"first_fit_began": "2026-05-04T10:19:00+00:00"},
    "config": {"target": "state", "models": {"knn": {}}, "splits": {"half": {}}},
}
HEARD = {k: v for k, v in ABOUT.items() if k != "workbook"}
HEARD |= {"recordings": {"folder": "x/lungs/", "files": 2, "bytes": 9, "sha256": "cd" * 32}}


@pytest.fixture
def results(tmp_path):
    folder = tmp_path / "results"
    (folder / "export" / "knn").mkdir(parents=True)
    (folder / "export" / "knn" / "card.md").write_text("# knn\n")
    (folder / "export" / "knn" / ".snakemake_timestamp").write_text("")
    (folder / "report.html").write_text("<p>")
    (folder / "predictions.parquet").write_text("rows")
    return folder


def packed(results, name, folder="results"):
    found = members([str(results / "report.html"), str(results / "export")], results)
    path = results.parent / name
    pack(found, path, folder, ABOUT)
    return path


def test_named_files_alone_with_their_sums(results, tmp_path):
    path = packed(results, "a.zip")
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        archive.extractall(tmp_path / "out")
    out = tmp_path / "out" / "results"
    names = sorted(p.relative_to(out).as_posix() for p in out.rglob("*") if p.is_file())
    assert names == ["README.txt", "SHA256SUMS", "export/knn/card.md", "report.html"]
    assert {path.name for path in out.parent.iterdir()} == {"results", "ro-crate-metadata.json"}
    assert (out / "export/knn/card.md").read_text() == "# knn\n"
    lines = dict(reversed(x.split("  ")) for x in (out / "SHA256SUMS").read_text().splitlines())
    assert lines.keys() == set(names) - {"SHA256SUMS"}
    for name, digest in lines.items():
        assert digest == hashlib.sha256((out / name).read_bytes()).hexdigest()
    if shutil.which("sha256sum"):
        command = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
        subprocess.run(command, cwd=out, check=True, timeout=60)


def test_same_files_same_bytes(results):
    first = packed(results, "a.zip").read_bytes()
    os.utime(results / "report.html", (1e9, 1e9))
    (results / "report.html").chmod(0o600)
    assert packed(results, "b.zip").read_bytes() == first
    (results / "report.html").write_text("<b>")
    assert packed(results, "c.zip").read_bytes() != first


def test_the_readme_says_what_the_results_come_from():
    texts = [README.format(**words) for words in (WORKBOOK, RECORDINGS)]
    assert ["workbook" in text for text in texts] == [True, False]
    assert ["recordings" in text for text in texts] == [False, True]
    assert all(len(line) <= 104 for text in texts for line in text.splitlines())


def described(path):
    """The entities of the archive's metadata by their id, read by the library of RO-Crate."""
    return {entity.id: entity.properties() for entity in ROCrate(path).get_entities()}


@pytest.mark.parametrize("folder", ["results", "Zo\u00eb's [new] results"])
def test_the_metadata_describe_each_file(results, folder):
    path = packed(results, "a.zip", folder)
    files = {unquote(i): e for i, e in described(path).items() if e["@type"] == "File"}
    with zipfile.ZipFile(path) as archive:
        assert files.keys() == {*archive.namelist()} - {"ro-crate-metadata.json"}
        for name, entity in files.items():
            content = archive.read(name)
            assert entity["contentSize"] == str(len(content))
            assert entity["sha256"] == hashlib.sha256(content).hexdigest()
            assert entity["encodingFormat"] and entity["description"] != OTHER
    assert files[f"{folder}/export/knn/card.md"]["encodingFormat"] == "text/markdown"
    assert files[f"{folder}/export/knn/card.md"]["name"] == "export/knn/card.md"


def test_the_metadata_say_what_made_the_files(results):
    entities = described(packed(results, "a.zip"))
    root, run, flow = (entities[name] for name in ("./", "#run", "#workflow"))
    files = {name for name in entities if name.startswith("results/")}
    assert {part["@id"] for part in root["hasPart"]} == files
    ours = {"results/README.txt", "results/SHA256SUMS"}
    assert {part["@id"] for part in run["result"]} == files - ours
    assert root["datePublished"] == run["endTime"] == ABOUT["made"] > run["startTime"]
    assert "medical" in root["description"] and root["name"].endswith(": results")
    assert "no licence" in entities[root["license"]["@id"]]["description"]
    assert root["mentions"] == {"@id": "#run"} and run["instrument"] == {"@id": "#workflow"}
    assert flow["version"] == f"commit {COMMIT}, changed since"
    assert flow["programmingLanguage"]["@id"].endswith("#snakemake")
    packages = [entities[package["@id"]] for package in flow["softwareRequirements"]]
    assert {p["name"]: p["softwareVersion"] for p in packages} == ABOUT["versions"]
    data = entities[run["object"]["@id"]]
    assert (data["name"], data["sha256"]) == ("lungs.xlsx", "ab" * 32)


@pytest.mark.parametrize("about", [ABOUT, HEARD])
def test_the_metadata_keep_to_the_specification(about):
    """What RO-Crate 1.1 and Process Run Crate 0.5 require, and that each term and reference is known."""
    graph = ro_crate({}, about, "results", "words")["@graph"]
    entities = {entity["@id"]: entity for entity in graph}
    assert len(entities) == len(graph)
    about_file, root = entities["ro-crate-metadata.json"], entities["./"]
    assert about_file["@type"] == "CreativeWork" and about_file["about"] == {"@id": "./"}
    assert about_file["conformsTo"] == {"@id": "https://w3id.org/ro/crate/1.1"}
    assert {"name", "description", "datePublished", "license"} <= root.keys()
    assert root["@type"] == "Dataset"
    assert root["conformsTo"] == {"@id": "https://w3id.org/ro/wfrun/process/0.5"}
    text = resources.files("rocrate").joinpath("data/ro-crate.jsonld").read_text(encoding="utf-8")
    terms = json.loads(text)["@context"].keys() | {"@id", "@type"}
    outside = {"https://w3id.org/ro/crate/1.1", "https://snakemake.github.io"}
    outside |= {"https://doi.org/10.1093/bioinformatics/bts480"}
    for entity in graph:
        kinds = entity["@type"] if isinstance(entity["@type"], list) else [entity["@type"]]
        assert {*entity, *kinds} <= terms
        for value in entity.values():
            for part in value if isinstance(value, list) else [value]:
                if isinstance(part, dict):
                    assert {*part} == {"@id"} and part["@id"] in entities.keys() | outside


def test_recordings_are_named_by_their_folder():
    graph = ro_crate({}, HEARD, "results", "words")["@graph"]
    (data,) = (entity for entity in graph if entity["@id"] == "#data")
    assert data["name"] == "lungs" and data["description"].startswith("2 recordings")
    assert data["sha256"] == "cd" * 32


def test_the_first_description_that_fits_is_taken():
    assert "first cycles" in description_of("figures/models/knn.half.svg")
    assert "Settings" in description_of("fits/knn/half/fit.json")
    assert description_of("unheard_of.xyz") == OTHER
