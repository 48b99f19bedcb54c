"""From a folder of recordings to the page: what is made, what runs again, what is wrong with files."""

import contextlib
import csv
import json
import os
import re
import shutil

import numpy as np
import pyarrow.parquet as pq
import pytest

from auscultation.recordings.batches import batch_of, batches_of
from auscultation.recordings.folder import list_folder
from auscultation.recordings.simulation import write_recordings
from harness import ROOT, Project
from wrong_recordings import FATAL, GOOD, TAKEN, write_wrong

CONFIG = {
    "recordings": "sounds",
    "patient_tables": ["sounds/demographics.txt", "sounds/diagnosis.txt"],
    "families": ["bands", "mfcc"],
    "splits": {"half": {"seed": 0}},
    "models": {"most_frequent": {}, "lstsq": {}},
}
FROM_JOIN = ["join_recordings", "clean", "split", "fits_most_frequent", "fits_lstsq"]
FROM_JOIN += ["describe_features", "compare", "examine", "provenance", "figures", "report"]
FROM_JOIN = dict.fromkeys(FROM_JOIN, 1)
CODE = ("Snakefile", "config.schema.yaml", "requirements.txt")
CODE_FOLDERS = ("rules", "scripts", "profiles", "report", "envs")
RAW = "results/table/raw.parquet"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A run on simulated recordings, by a copy of the code; what is done to it is undone."""
    folder = tmp_path_factory.mktemp("recordings")
    home = folder / "code"
    home.mkdir()
    for name in CODE:
        shutil.copy2(ROOT / name, home)
    for name in CODE_FOLDERS:
        ignored = shutil.ignore_patterns("__pycache__")
        shutil.copytree(ROOT / name, home / name, ignore=ignored)
    write_recordings(folder / "sounds", 3, 8)
    project = Project(folder, home)
    project.configure(CONFIG)
    project.alone = project.run("features")
    project.tables = {path.name for path in (project.results / "table").iterdir()}
    project.run()
    return project


@pytest.fixture(scope="module")
def wrong(tmp_path_factory):
    """A run on recordings that are wrong in every way, what it printed, and what is wrong."""
    project = Project(tmp_path_factory.mktemp("wrong"))
    project.faults = write_wrong(project.folder / "sounds")
    project.configure(CONFIG | {"patient_tables": [], "families": ["envelope"]})
    project.done = project.snakemake("--keep-going", RAW)
    return project


def source_of(project):
    return json.loads((project.results / "table" / "source.json").read_text(encoding="utf-8"))


def problems_of(project):
    with open(project.results / "table" / "problems.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def annotations_of(folder):
    """Start, end and labels of each cycle, by the name of its recording, read by hand."""
    rows = []
    for path in sorted(folder.glob("*_*.txt")):
        for line in path.read_text(encoding="utf-8").splitlines():
            start, end, crackles, wheezes = line.split()
            rows.append((path.stem, float(start), float(end), int(crackles), int(wheezes)))
    return rows


@contextlib.contextmanager
def changed(path, data):
    """Have other bytes in a file for a while."""
    before, times = path.read_bytes(), path.stat()
    try:
        path.write_bytes(data)
        yield
    finally:
        path.write_bytes(before)
        os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


class TestMade:
    def test_the_target_features_makes_the_table_alone(self, made):
        assert made.tables == {
            *("raw.parquet", "source.json", "problems.csv"),
            *("features.parquet", "features.xlsx"),
        }

    def test_progress_counts_recordings(self, made):
        n = len(list_folder(made.folder / "sounds").recordings)
        heard = [int(k) for k in re.findall(rf"(\d+) of {n} recordings heard", made.alone)]
        assert heard and heard == sorted(heard) and set(heard) <= set(range(n))

    def test_the_table_has_each_annotated_cycle_in_the_order_of_the_names(self, made):
        table = pq.read_table(made.results / "table" / "raw.parquet")
        keys = ("recording", "start", "end", "crackles", "wheezes")
        columns = [table[key].to_pylist() for key in keys]
        assert [*zip(*columns, strict=True)] == annotations_of(made.folder / "sounds")
        assert table["patient_ID"].to_pylist() == [int(n[:3]) for n in columns[0]]
        assert table["state"].to_pylist() == [
            c + 2 * w for c, w in zip(columns[3], columns[4], strict=True)
        ]
        diagnoses = (made.folder / "sounds" / "diagnosis.txt").read_text(encoding="utf-8").split()
        of = dict(zip(map(int, diagnoses[::2]), diagnoses[1::2], strict=True))
        assert table["Diagnosis"].to_pylist() == [of[n] for n in table["patient_ID"].to_pylist()]
        for name in table.column_names:
            if name.startswith(("bands_", "mfcc_")) or name in ("Var", "Fine_Av"):
                assert np.isfinite(table[name].to_numpy()).all(), name

    def test_nothing_is_wrong_and_every_recording_has_rows(self, made):
        source, folder = source_of(made), list_folder(made.folder / "sounds")
        assert source["warnings"] == [] and not source["without_rows"]
        assert source["recordings"] == len(folder.recordings)
        assert source["rows"] == source["cycles"]
        assert source["bytes"] == sum(os.path.getsize(r.path) for r in folder.recordings)
        assert problems_of(made) == []
        # neither the patients' tables nor anything else is taken for an annotation
        assert not [note for note in source["notes"] if "left out" in note]
        page = (made.results / "report.html").read_text(encoding="utf-8")
        assert "most_frequent" in page

    def test_the_workflow_reads_the_table_as_its_workbook(self, made, tmp_path):
        project = Project(tmp_path)
        project.configure(
            {k: CONFIG[k] for k in ("splits", "models")}
            | {"workbook": str(made.results / "table" / "features.xlsx")}
        )
        project.run(RAW)
        ours, back = (pq.read_table(p.results / "table" / "raw.parquet") for p in (made, project))
        assert back.column_names == ours.column_names
        for name in ours.column_names:
            if str(ours.schema.field(name).type) == "double":
                values = [table[name].to_numpy() for table in (back, ours)]
                np.testing.assert_allclose(*values, rtol=1e-12, atol=0, err_msg=name)
            else:
                assert back[name].to_pylist() == ours[name].to_pylist(), name
        np.testing.assert_array_equal(back["start"].to_numpy(), ours["start"].to_numpy())


class TestReruns:
    def planned(self, made, **config):
        made.configure(CONFIG | config)
        try:
            return made.planned()
        finally:
            made.configure(CONFIG)

    def test_nothing(self, made):
        assert made.planned() == {}

    def test_a_recording_added(self, made):
        """It is heard in one batch, whose part of each family follows."""
        sounds = made.folder / "sounds"
        there = list_folder(sounds)
        of = there.recordings[0]
        name = next(
            name
            for name in (f"{of.name}{n}" for n in range(100))
            if batch_of(name) in batches_of(there)
        )
        new = [sounds / f"{name}{ending}" for ending in (".wav", ".txt")]
        try:
            for path in new:
                shutil.copy(sounds / f"{of.name}{path.suffix}", path)
            once = ["annotate_recordings", "hear_recordings", "family_bands", "family_mfcc"]
            assert made.planned() == dict.fromkeys(once, 1) | FROM_JOIN
        finally:
            for path in new:
                path.unlink()

    @pytest.mark.parametrize("ending", ["wav", "txt"])
    def test_other_bytes_in_a_file_of_a_recording(self, made, ending):
        path = min((made.folder / "sounds").glob(f"*_*.{ending}"))
        data = path.read_bytes()
        with changed(path, data[:-2] + bytes([data[-2] ^ 1]) + data[-1:]):  # 0 and 1 change places
            once = ["annotate_recordings", "hear_recordings", "family_bands", "family_mfcc"]
            assert made.planned() == dict.fromkeys(once, 1) | FROM_JOIN

    def test_a_family_in_place_of_another(self, made):
        """What the page is made from changes; neither the sound nor the other family is looked at."""
        again = self.planned(made, families=["mfcc", "log_mel"])
        assert again == {"family_log_mel": 4} | FROM_JOIN

    def test_settings_of_the_frames(self, made):
        """Of a family those that it looks at; the sound is not read again."""
        again = self.planned(made, frames={"mel_bands": 20, "tonal_high": 1000})
        assert again == {"family_mfcc": 4} | FROM_JOIN

    def test_the_code_of_a_family(self, made):
        path = made.home / "scripts" / "auscultation" / "recordings" / "families" / "bands.py"
        with changed(path, path.read_bytes() + b"\n# another line\n"):
            assert made.planned() == {"family_bands": 4} | FROM_JOIN

    def test_exact(self, made):
        batches = len(batches_of(list_folder(made.folder / "sounds")))
        again = self.planned(made, exact=True)
        assert again.pop("hear_recordings") == batches
        assert "annotate_recordings" not in again and "simulate_recordings" not in again

    def test_levels_of_checks_and_patients(self, made):
        again = self.planned(made, checks={"lossy": "error"}, patient_tables=[])
        assert again == {"annotate_recordings": 1} | FROM_JOIN


class TestWrong:
    def test_one_message_has_all_and_one_job_fails(self, wrong):
        text = wrong.done.stdout
        assert wrong.done.returncode != 0
        assert re.findall(r"Error in rule (\w+)", text) == ["join_recordings"]
        assert text.count("recordings sounds:\n") == 1
        message = text[text.index("recordings sounds:\n") :].partition("table/problems.csv")[0]
        for fault in wrong.faults:
            line = f"- {fault.file}" + (f", {fault.where}" if fault.where else "")
            assert (line in message) == (fault.level == "error"), fault

    def test_the_list_has_each_with_its_level_and_place(self, wrong):
        rows = problems_of(wrong)
        seen = {(r["level"], r["check"], r["file"], r["where"]) for r in rows}
        in_sound = {"past", "end", "fine"}  # which say the cycle in their own words
        for fault in wrong.faults:
            if fault.check in in_sound:
                assert [*fault[:3]] in [[*row[:3]] for row in seen], fault
            else:
                assert tuple(fault) in seen, fault
        assert all(row["problem"] for row in rows)
        files = {fault.file for fault in wrong.faults}
        # no word of what is right, but that a rule is broken in more than one way
        assert {row["file"] for row in rows} - files == set()
        assert not any(f"_{what}." in row["file"] for row in rows for what in TAKEN)

    def test_with_warnings_the_run_goes_on_without_what_cannot_be_used(self, wrong):
        sounds = wrong.folder / "sounds"
        for path in [path for what in FATAL for path in sounds.glob(f"*_{what}.*")]:
            path.write_bytes(GOOD) if path.suffix == ".wav" else path.unlink()
        checks = {fault.check for fault in wrong.faults} - {"label", "column", "number"}
        config = CONFIG | {"patient_tables": [], "families": ["envelope"]}
        levels = dict.fromkeys(sorted(checks), "warn") | {"file": "off", "name": "off"}
        wrong.configure(config | {"checks": levels})
        wrong.run(RAW)
        source = source_of(wrong)
        with_rows = set(pq.read_table(wrong.folder / RAW)["recording"].to_pylist())
        named = {os.path.splitext(row["file"])[0] for row in problems_of(wrong)}
        assert {os.path.splitext(file)[0] for file in source["without_rows"]} <= named
        assert source["recordings"] == len(with_rows) + len(source["without_rows"])
        # all sounds of the folder, but one that lies there twice
        endings = (".wav", ".ogg", ".m4a")
        sounds_there = [p for p in sounds.rglob("*") if p.suffix in endings]
        assert source["recordings"] == len(sounds_there) - 1
        assert {row["level"] for row in problems_of(wrong)} == {"warn"}
        assert len(source["warnings"]) == len({row["check"] for row in problems_of(wrong)})
