"""What `ro-crate-metadata.json` says of an archive of results, for repositories and search engines.

RO-Crate 1.1 (https://w3id.org/ro/crate/1.1) by the profile Process Run Crate 0.5 (https://w3id.org/ro/wfrun/process/0.5):
the files, and the run that made them. A Workflow Run Crate would need the workflow's own files in the archive.
"""

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import NamedTuple
from urllib.parse import quote

METADATA = "ro-crate-metadata.json"
SPECIFICATION = "https://w3id.org/ro/crate/1.1"
PROFILE = "https://w3id.org/ro/wfrun/process/0.5"
# the specification's terms do not have sha256
CONTEXT = [f"{SPECIFICATION}/context", {"sha256": "http://schema.org/sha256"}]
SNAKEMAKE = "https://w3id.org/workflowhub/workflow-ro-crate#snakemake"
MIT = "https://spdx.org/licenses/MIT"
WORKFLOW, RUN, DATA, LICENSE = "#workflow", "#run", "#data", "#license"
FORMATS = {
    ".csv": "text/csv",
    ".html": "text/html",
    ".json": "application/json",
    ".md": "text/markdown",
    ".npz": "application/x-npz",
    ".onnx": "application/onnx",
    ".parquet": "application/vnd.apache.parquet",
    ".pdf": "application/pdf",
    ".bib": "application/x-bibtex",
    ".skops": "application/zip",
    ".svg": "image/svg+xml",
    ".tex": "application/x-tex",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "": "text/plain",
}
# What a file holds, by its place in the results; the first pattern that fits speaks.
DESCRIPTIONS = {
    "README.txt": "What is in the archive and what is left out, and where it speaks of single patients",
    "SHA256SUMS": "SHA-256 of each file, for sha256sum --check",
    "report.html": "The page of the results: answers, scores, figures; needs no network",
    "answer.json": "The answer as data: is there information, is a model useful, how sure is that",
    "provenance.json": "From which data, config, code and packages the results come",
    "comparison.xlsx": "The answer, the scores of every model, run time and memory, one sheet per question",
    "comparison.*": "Scores of every model, split, part and metric, with 95 % intervals",
    "differences.*": "Each model against the best constant, baseline and model, as paired differences",
    "leakage.*": "What models gain where they have heard the recording or the patient",
    "calibration.*": "Predicted and observed shares of cycles that are not normal",
    "units.*": "What verdicts on whole recordings and patients are worth",
    "subgroups.*": "Scores by sex, age, device and location",
    "power.*": "Differences between models that could have been shown",
    "luck.*": "Spread of scores over repeats of the folds and over seeds",
    "curves.*": "Curves over thresholds of the models' probabilities",
    "probabilities.*": "How well the models' probabilities are calibrated",
    "operating.*": "Scores at a threshold chosen on inner folds",
    "learning.*": "Scores by number of training patients",
    "importance.*": "What models lose where features are permuted between patients",
    "recognising.*": "Which features recognise patients",
    "confusion.*": "Cycles by true and predicted class",
    "errors.*": "Right predictions by model and patient, and by device",
    "hardest.*": "Patients and devices by how often models are right about them",
    "costs.tsv": "Run time and memory of each fit",
    "figures/models/*": "Classes and predictions of the first cycles",
    "figures/patients/*": "Patients that no model classifies well, model by patient",
    "figures/*": "A figure of the page",
    "splits/*": "Patients and recordings of both parts of a split",
    "table/source.json": "What the cycles come from: files with their SHA-256, notes and warnings",
    "table/quality.json": "What was missing in the cycles, and what replaced it",
    "fits/*/fit.json": "Settings, coefficients and warnings of a fit",
    "fits/*": "A model fitted to all cycles",
    "export/*.onnx": "A model fitted to all cycles, for programs that run ONNX",
    "export/*.md": "Card of a model: what it is, its scores, what it is not for",
    "export/*": "Beside the card of a model: the columns that it needs",
}
OTHER = "A file of the results"
NO_LICENSE = (
    "The results name no licence: who made them says under which they may be used. Those of the data that they "
    "come from hold on for what is said of single patients. The workflow's code is under the MIT licence."
)


class Packed(NamedTuple):
    """A file of an archive: its size in bytes and its SHA-256."""

    size: int
    sha256: str


def reference(name: str) -> dict[str, str]:
    """Return what refers to an entity."""
    return {"@id": name}


def description_of(name: str) -> str:
    """Return what a file holds, by its place in the results."""
    return next((text for known, text in DESCRIPTIONS.items() if fnmatchcase(name, known)), OTHER)


def file_entity(path: str, name: str, packed: Packed) -> dict:
    """Return what is said of a file: `path` in the archive, `name` in the results."""
    return {
        "@id": quote(path),
        "@type": "File",
        "name": name,
        "description": description_of(name),
        "encodingFormat": FORMATS.get(PurePosixPath(name).suffix, "application/octet-stream"),
        "contentSize": str(packed.size),
        "sha256": packed.sha256,
    }


def data_entity(provenance: Mapping) -> dict:
    """Return what is said of the workbook or the recordings, which are not in the archive."""
    heard = "recordings" in provenance
    about = provenance["recordings" if heard else "workbook"]
    path = str(about["folder" if heard else "workbook"])
    what = f"{about['files']:,} recordings" if heard else "The workbook"
    digest = "SHA-256 of the SHA-256 of the sound files, by name" if heard else "SHA-256"
    return {
        "@id": DATA,
        "@type": "CreativeWork",
        "name": re.split(r"[/\\]", path.rstrip("/\\"))[-1],
        "description": f"{what} that the cycles come from; not in the archive. `sha256` is the {digest}",
        "contentSize": str(about["bytes"]),
        "sha256": about["sha256"],
    }


def package_entity(name: str, version: str) -> dict:
    """Return what is said of a package, by its package URL; of Python, by the page of the release."""
    about = {
        "@id": f"pkg:pypi/{name}@{quote(version)}",
        "@type": "SoftwareApplication",
        "name": name,
        "softwareVersion": version,
    }
    if name == "Python":
        release = f"https://www.python.org/downloads/release/python-{version.replace('.', '')}/"
        about |= {"@id": release, "url": "https://www.python.org/"}
    return about


def workflow_entity(provenance: Mapping, packages: list[dict]) -> dict:
    """Return what is said of the workflow: its commit is its version."""
    commit, changed = (provenance["code"][key] for key in ("commit", "changed"))
    version = f"commit {commit}{', changed since' if changed else ''}" if commit else "unknown"
    return {
        "@id": WORKFLOW,
        "@type": ["SoftwareSourceCode", "ComputationalWorkflow"],
        "name": "auscultation-models",
        "description": "Compares models of lung-auscultation cycles. Not in the archive",
        "version": version,
        "license": reference(MIT),
        "programmingLanguage": reference(SNAKEMAKE),
        "softwareRequirements": [reference(package["@id"]) for package in packages],
    }


def run_entity(provenance: Mapping, results: list[str]) -> dict:
    """Return what is said of the run that made the results, by their ids."""
    time = provenance.get("time", {})
    target = provenance["config"].get("target", "state")
    target = target["column"] if isinstance(target, Mapping) else target
    run = {
        "@id": RUN,
        "@type": "CreateAction",
        "name": "The run of auscultation-models that made these results",
        "description": (
            f"{len(provenance['config']['models']):,} models of {target} under "
            f"{len(provenance['config']['splits']):,} splits. The config is in provenance.json"
        ),
        "actionStatus": "http://schema.org/CompletedActionStatus",
        "instrument": reference(WORKFLOW),
        "object": reference(DATA),
        "result": [*map(reference, results)],
        "endTime": provenance["made"],
    }
    return run | ({"startTime": time["first_fit_began"]} if time else {})


def ro_crate(files: Mapping[str, Packed], provenance: Mapping, folder: str, words: str) -> dict:
    """Return the content of `ro-crate-metadata.json`, which stands beside the folder of the files.

    `files` are by their place in the results, `words` describe them as a whole. What is published is
    dated by `provenance`, so that the same files have the same metadata.
    """
    entities = [file_entity(f"{folder}/{name}", name, files[name]) for name in sorted(files)]
    made = [
        entity["@id"] for entity in entities if entity["name"] not in ("README.txt", "SHA256SUMS")
    ]
    packages = [package_entity(*pair) for pair in provenance["versions"].items()]
    root = {
        "@id": "./",
        "@type": "Dataset",
        "name": f"Results of auscultation-models: {folder}",
        "description": words,
        "datePublished": provenance["made"],
        "license": reference(LICENSE),
        "conformsTo": reference(PROFILE),
        "mentions": reference(RUN),
        "hasPart": [reference(entity["@id"]) for entity in entities],
    }
    descriptor = {
        "@id": METADATA,
        "@type": "CreativeWork",
        "about": reference("./"),
        "conformsTo": reference(SPECIFICATION),
    }
    context = [
        {"@id": PROFILE, "@type": "CreativeWork", "name": "Process Run Crate", "version": "0.5"},
        {
            "@id": LICENSE,
            "@type": "CreativeWork",
            "name": "No licence named",
            "description": NO_LICENSE,
        },
        {
            "@id": MIT,
            "@type": "CreativeWork",
            "name": "MIT License",
            "description": "The licence of the workflow's code, not of the results",
        },
        {
            "@id": SNAKEMAKE,
            "@type": "ComputerLanguage",
            "name": "Snakemake",
            "url": reference("https://snakemake.github.io"),
            "identifier": reference("https://doi.org/10.1093/bioinformatics/bts480"),
        },
    ]
    run = [run_entity(provenance, made), workflow_entity(provenance, packages)]
    graph = [descriptor, root, *run, data_entity(provenance), *entities, *context, *packages]
    return {"@context": CONTEXT, "@graph": graph}
