"""Fits that share a job: each with its own files, log and failure; kept where it was made from the same."""

import json
import logging
from pathlib import Path
from types import SimpleNamespace

import pytest

from auscultation.job.errors import InputError
from auscultation.job.files import read_json, write_text
from auscultation.job.log import start
from auscultation.job.record import ANEW

MODELS, SPLITS = ("a", "b"), ("half", "patient")


@pytest.fixture
def job(tmp_path, monkeypatch):
    """A job of two models under two splits, and the code that it depends on."""
    monkeypatch.chdir(tmp_path)
    fits = [(model, split) for model in MODELS for split in SPLITS]
    folders = [Path("fits", *fit) for fit in fits]
    sides = {
        part: [write(f"splits/{split}/{part}.parquet", f"{part} of {split}") for split in SPLITS]
        for part in ("train", "test")
    }
    return SimpleNamespace(
        rule="fits_x",
        log=["job.log"],
        input=SimpleNamespace(**sides),
        output=SimpleNamespace(
            model=[str(folder / "model.npz") for folder in folders],
            predictions=[str(folder / "predictions.parquet") for folder in folders],
            summary=[str(folder / "fit.json") for folder in folders],
        ),
        params=SimpleNamespace(
            code="of the script",
            splits=list(SPLITS),
            common={"scale": "none"},
            together=[
                {"model": model, "split": split, "settings": {"k": model}} for model, split in fits
            ],
        ),
    )


def write(path, text):
    Path(path).parent.mkdir(parents=True, exist_ok=True)
    write_text(path, text)
    return path


def fitted(job, fails=()):
    """The fits that a run of the job makes, those that fail included."""
    made = []

    def main(part):
        fit = part.wildcards.model, part.wildcards.split
        made.append(fit)
        logging.info("this is %s", fit)
        if fit in fails:
            raise InputError(f"{fit} cannot be")
        seen = [Path(path).read_text() for path in (part.input.train, part.input.test)]
        for path in (part.output.model, part.output.predictions):
            write(path, f"{part.params.settings['k']} of {seen}")
        write(part.output.summary, json.dumps({"made_from": part.made_from}))

    start({"snakemake": job}, main)
    return made


ALL = [(model, split) for model in MODELS for split in SPLITS]


def test_each_fit_has_its_own_files_and_log(job):
    assert fitted(job) == ALL
    assert Path("fits/b/patient/predictions.parquet").read_text() == (
        "b of ['train of patient', 'test of patient']"
    )
    log = Path("fits/b/patient/fit.log").read_text()
    assert "this is ('b', 'patient')" in log and "('b', 'half')" not in log
    assert len({read_json(path)["made_from"] for path in job.output.summary}) == 4


def test_what_was_made_from_the_same_is_kept(job):
    fitted(job)
    assert fitted(job) == []
    assert Path("job.log").read_text().count("kept") == 4
    assert "this is ('a', 'half')" in Path("fits/a/half/fit.log").read_text()


@pytest.mark.parametrize(
    ("change", "anew"),
    [
        (lambda job: job.params.together[1]["settings"].update(k="c"), [ALL[1]]),
        (lambda job: write("splits/half/train.parquet", "train of half"), []),
        (lambda job: write("splits/half/train.parquet", "other cycles"), [ALL[0], ALL[2]]),
        (lambda job: write("splits/half/test.parquet", "other cycles"), [ALL[0], ALL[2]]),
        (lambda job: Path("fits/a/patient/predictions.parquet").unlink(), [ALL[1]]),
        (lambda job: Path("fits/a/patient/model.npz").unlink(), [ALL[1]]),
        (lambda job: write("fits/a/patient/fit.json", "{"), [ALL[1]]),
        (lambda job: setattr(job.params, "code", "of an edited script"), ALL),
        (lambda job: job.params.common.update(scale="log"), ALL),
    ],
)
def test_what_changed_is_made_anew(job, change, anew):
    fitted(job)
    change(job)
    assert fitted(job) == anew


def test_forced_keeps_nothing(job, monkeypatch):
    fitted(job)
    monkeypatch.setenv(ANEW, "1")
    assert fitted(job) == ALL


def test_one_that_fails_does_not_stop_the_others(job, capfd):
    with pytest.raises(SystemExit) as ended:
        fitted(job, fails=[ALL[1]])
    assert ended.value.code == 1
    assert "('a', 'patient') cannot be" in capfd.readouterr().err
    assert Path("fits/a/patient/failed").read_text() == "('a', 'patient') cannot be"
    assert [Path(path).exists() for path in job.output.summary] == [True, False, True, True]
    assert not Path("fits/b/half/failed").exists()


def test_one_that_was_changed_in_vain_is_made_again(job):
    """What its summary said of no longer holds once its job has begun."""
    fitted(job)
    before, job.params.together[1]["settings"] = job.params.together[1]["settings"], {"k": "c"}
    with pytest.raises(SystemExit):
        fitted(job, fails=[ALL[1]])
    job.params.together[1]["settings"] = before
    assert fitted(job) == [ALL[1]]
