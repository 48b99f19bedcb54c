"""What a path to score stands for."""

import pytest

from auscultation.recordings.to_score import files_of, is_recordings, to_score

FITS = [{"model": "knn"}]


def made(folder, *names):
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    return str(folder)


@pytest.mark.parametrize(
    "names",
    [
        ("a.wav", "b.FLAC"),
        ("a.wav", "patients.xlsx"),  # a workbook beside recordings is not scored
        ("a.wav", "annotations.csv"),
        ("a.m4a",),
        ("ward/a.wav",),
        ("ward/a.wav", "annotations.xlsx"),
    ],
)
def test_a_folder_with_sound_is_one_of_recordings(names, tmp_path):
    path = made(tmp_path / "ward 3.5", *names)
    assert to_score(path, FITS) == {"ward_3.5": path} and is_recordings(path)


@pytest.mark.parametrize(
    ("names", "results"),
    [
        (("b.xlsx", "a.csv"), ["a", "b"]),
        (("annotations.csv",), ["annotations"]),
        (("new.csv", "ward/a.wav"), ["new"]),
        (("new.csv", "._a.wav"), ["new"]),
    ],
)
def test_a_folder_without_sound_is_its_workbooks(names, results, tmp_path):
    scored = to_score(made(tmp_path, *names), FITS)
    assert list(scored) == results and not any(map(is_recordings, scored.values()))


def test_recordings_and_workbooks_together(tmp_path):
    root = made(tmp_path, "x/bed 7.wav", "new.xlsx", "x/bed 8.wav", "x/bed 7.txt", "x/other.txt")
    paths = [f"{root}/x/bed 7.wav", f"{root}/new.xlsx", f"{root}/x/"]
    assert to_score(paths, FITS) == dict(zip(("bed_7", "new", "x"), paths, strict=True))
    assert files_of(paths[0]) == [paths[0], f"{root}/x/bed 7.txt"]
    assert len(files_of(paths[2])) == 4
    made(tmp_path, "x.ods")
    with pytest.raises(ValueError, match="would both be scored/x.xlsx"):
        to_score([*paths, f"{root}/x.ods"], FITS)


def test_nothing_to_score(tmp_path):
    with pytest.raises(ValueError, match="no workbook and no recording in the folder"):
        to_score(made(tmp_path, "notes.txt"), FITS)
