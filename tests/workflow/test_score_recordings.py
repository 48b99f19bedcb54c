"""`snakemake score` of recordings: with the times of cycles, and without."""

import math
import shutil

import numpy as np
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pytest
import soundfile
from openpyxl import load_workbook

from auscultation.recordings.batches import batch_of
from auscultation.recordings.simulation import write_recordings
from harness import Project

CONFIG = {
    "recordings": "ward",
    "models": {"knn": {"scale": "standard"}, "logistic_regression": {"scale": "standard"}},
    "splits": {"patient": {"folds": 2}, "final": {}},
    "families": ["mfcc"],
    "window": 4,
}
SAID = [
    *("knn: state", "knn: p(normal)", "knn: p(both)"),
    *("logistic_regression: state", "logistic_regression: p(crackles)"),
]


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """Models of a ward; its own table, some of its recordings and a strange one are scored."""
    project = Project(tmp_path_factory.mktemp("score"))
    write_recordings(project.folder / "ward", seed=5, patients=8)
    # of few batches: each is a job
    batches = [batch_of(path.stem) for path in (project.folder / "ward").glob("*.wav")]
    largest = sorted({*batches}, key=batches.count)[-3:]
    for path in (project.folder / "ward").iterdir():
        if path.suffix != ".txt" and batch_of(path.stem) not in largest:
            path.unlink()
            path.with_suffix(".txt").unlink()
    project.configure(CONFIG)
    project.run("features", "results/comparison.csv")
    new = project.folder / "new patients"
    new.mkdir()
    wavs = sorted((project.folder / "ward").glob("*.wav"))
    for wav in wavs[:4]:
        shutil.copy(wav, new)
        shutil.copy(wav.with_suffix(".txt"), new)
    times = (new / wavs[0].name).with_suffix(".txt")  # without labels
    lines = times.read_text().splitlines()
    times.write_text("".join("\t".join(line.split("\t")[:2]) + "\n" for line in lines))
    (new / "cut off.wav").write_bytes(wavs[0].read_bytes()[:3000])
    (new / "patients.csv").write_text("patient_ID\n1\n")
    shutil.copy(wavs[0], project.folder / "bed 7.wav")
    project.configure(
        CONFIG | {"score": ["bed 7.wav", "new patients", "results/table/features.xlsx"]}
    )
    project.run("score")
    return project


def rows(project, name):
    return pq.read_table(project.results / "scored" / f"{name}.parquet")


def test_annotated_cycles_get_what_their_rows_in_the_workbook_get(scored):
    new, known = rows(scored, "new_patients"), rows(scored, "features")
    known = known.filter(pc.is_in(known["recording"], new["recording"].unique()))
    assert len(new["recording"].unique()) == 4 and new.num_rows == known.num_rows
    assert set(new["cut"].to_pylist()) == {"annotated"}
    for name in ("recording", "patient_ID", *SAID):
        first, second = new[name].to_pylist(), known[name].to_pylist()
        second = [str(value) for value in second] if name == "patient_ID" else second
        if name.endswith(")"):
            assert np.allclose(first, second, rtol=0, atol=1e-9), name
        else:
            assert first == second, name
    for name in ("start", "end", "Var", "Spectrum Av", "mfcc_1_mean"):
        assert np.allclose(new[name], known[name], rtol=1e-9), name
    # labels stay where there are some
    first = pc.equal(new["recording"], new["recording"][0])
    assert new.filter(first)["crackles"].null_count == pc.sum(first).as_py()
    assert new.filter(pc.invert(first))["crackles"].null_count == 0
    assert set(new["outside training"].to_pylist()) == {""}


def test_annotated_recordings_are_validated_as_the_same_rows_of_the_workflow(scored):
    predictions = {
        name: pq.read_table(
            scored.results / "scored" / "predictions" / f"{name}.parquet"
        ).to_pandas()
        for name in ("features", "new_patients")
    }
    first, second = (table[table["model"] == "knn"] for table in predictions.values())
    new = rows(scored, "new_patients").to_pandas()
    labelled = new["crackles"].notna() & new["wheezes"].notna()
    assert second["cycle"].tolist() == np.flatnonzero(labelled).tolist()
    known = rows(scored, "features").to_pandas().iloc[first["cycle"]]
    key = ["recording", "start"]
    truth = dict(zip(known[key].itertuples(index=False), first["state"], strict=True))
    own = new[labelled][key].itertuples(index=False)
    assert [truth[cycle] for cycle in own] == second["state"].tolist()
    comparison = pq.read_table(scored.results / "comparison.parquet").to_pylist()
    inside = {
        (row["model"], row["metric"]): row["value"]
        for row in comparison
        if (row["split"], row["part"]) == ("final", "test")
    }
    made = pyarrow.csv.read_csv(scored.results / "scored" / "features.csv").to_pylist()
    assert {(row["model"], row["metric"]) for row in made} == inside.keys()
    for row in made:
        assert row["value"] == pytest.approx(inside[row["model"], row["metric"]], rel=1e-9)
    page = (scored.results / "scored" / "new_patients.html").read_text(encoding="utf-8")
    assert f"{labelled.sum()} labelled cycles" in page and "without a label" in page
    page = (scored.results / "scored" / "bed_7.html").read_text(encoding="utf-8")
    assert "has no labels" in page and "windows of recordings without annotated cycles" in page


def test_what_cannot_be_heard_is_on_the_sheet(scored):
    book = load_workbook(scored.results / "scored" / "new_patients.xlsx")
    note = book["Cycles"]["A1"].value
    assert "1 of 5 recordings could not be used: cut off.wav;" in note
    assert "patients.csv" in note
    _, head, *problems = book["Problems"].iter_rows(values_only=True)
    assert head == ("file", "where", "check", "problem")
    assert [row[0] for row in problems] == ["cut off.wav"] and "cut short" in problems[0][3]
    log = scored.results / "logs" / "hear_new_recordings" / "new_patients.log"
    assert "cut off.wav: cut short" in log.read_text(encoding="utf-8")


def test_a_recording_without_annotation_is_cut_into_windows(scored):
    table = rows(scored, "bed_7")
    about = soundfile.info(scored.folder / "bed 7.wav")
    duration = about.frames / about.samplerate
    n = math.floor(duration / 4 + 0.5)
    assert table["start"].to_pylist() == [4.0 * k for k in range(n)]
    assert table["end"].to_pylist() == [*(4.0 * k for k in range(1, n)), pytest.approx(duration)]
    assert set(table["cut"].to_pylist()) == {"window"}
    assert set(table["patient_ID"].to_pylist()) == {"bed 7"}
    assert None not in table["knn: state"].to_pylist()
    book = load_workbook(scored.results / "scored" / "bed_7.xlsx")
    note = book["Cycles"]["A1"].value
    assert "windows of 4 s" in note and "bed 7" in note and "not annotated" in note
    assert book.sheetnames == ["Cycles", "Patients and recordings", "Models"]
    _, _, *shares = book["Patients and recordings"].iter_rows(values_only=True)
    assert [row[:4] for row in shares if row[2] == "knn"] == [
        ("patient", "bed 7", "knn", n),
        ("recording", "bed 7", "knn", n),
    ]


def test_another_window_hears_what_has_no_cycles_again(scored):
    planned = scored.planned("score", "--config", "window=3")
    assert planned == {
        "hear_new_recordings": 2,
        "score_workbook": 2,
        "validate_scored": 2,
        "score": 1,
    }
