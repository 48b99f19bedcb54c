"""Which files of a folder are recordings, by what name, in what order, in which batch."""

import zlib

import pytest

from auscultation.job.errors import InputError
from auscultation.recordings.batches import batch_of
from auscultation.recordings.folder import list_folder


def laid(root, *files, data=b"RIFF"):
    """Write files of a few bytes; return the folder."""
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return root


def names(folder):
    return [recording.name for recording in folder.recordings]


def test_recordings_of_all_folders_are_sorted_by_name(tmp_path):
    """The order is that of the names, whichever folder a file is in, as in the workbook."""
    laid(tmp_path, "b/101_a.wav", "a/103_a.FLAC", "102_a.ogg", "a/102_a.txt", "readme.md")
    folder = list_folder(tmp_path)
    assert names(folder) == ["101_a", "102_a", "103_a"]
    assert [r.place for r in folder.recordings] == ["b/101_a", "102_a", "a/103_a"]
    assert all((tmp_path / r.file).samefile(r.path) for r in folder.recordings)
    assert folder.others == ["a/102_a.txt"]
    assert not folder.problems


def test_hidden_and_temporary_files_are_skipped(tmp_path):
    """Neither what macOS, editors and spreadsheets leave, nor what is in hidden folders, counts."""
    laid(tmp_path, "1.wav", "._1.wav", "~$2.wav", "3.wav~", ".git/4.wav", "__MACOSX/5.wav")
    assert names(list_folder(tmp_path)) == ["1"]


@pytest.mark.parametrize("ending", ["m4a", "MP4", "wma"])
def test_sound_that_cannot_be_read_is_named(ending, tmp_path):
    """A file of a phone is no recording, and no annotation's recording is missing for it."""
    laid(tmp_path, "1.wav", f"2.{ending}", f"1.{ending}")
    folder = list_folder(tmp_path)
    (problem,) = folder.problems
    assert folder.notes == [f"1.{ending} cannot be read, 1.wav is taken"]
    assert (problem.check, problem.file) == ("file", f"2.{ending}")
    assert "convert it to wav or flac" in problem.message


def test_one_name_in_two_folders(tmp_path):
    """The same bytes are one recording, others are an error; so are two endings of one name."""
    laid(tmp_path, "a/1.wav", "b/1.wav", "a/2.wav")
    laid(tmp_path, "b/2.wav", "c/3.wav", "c/3.flac", data=b"other")
    (tmp_path / "c/3.wav").write_bytes(b"third")
    folder = list_folder(tmp_path)
    assert names(folder) == ["1", "2", "3"]
    assert [(p.check, p.file) for p in folder.problems] == [
        ("name", "b/2.wav"),
        ("name", "c/3.wav"),
    ]
    assert folder.notes == ["b/1.wav is the same file as a/1.wav: left out"]


def test_names_that_look_the_same_are_one(tmp_path):
    """A name as macOS writes it (decomposed) is that which a table has (composed)."""
    laid(tmp_path, "Jose\u0301_1.wav")
    assert names(list_folder(tmp_path)) == ["Jos\u00e9_1"]


def test_links_are_followed_once(tmp_path):
    """Recordings behind a link to a folder count; a link to a folder above ends nowhere."""
    laid(tmp_path, "there/1.wav", "here/2.wav")
    (tmp_path / "here/link").symlink_to(tmp_path / "there")
    (tmp_path / "there/loop").symlink_to(tmp_path / "here")
    assert names(list_folder(tmp_path / "here")) == ["1", "2"]


def test_a_folder_without_sound_is_an_error(tmp_path):
    laid(tmp_path, "1.txt")
    for path, what in (
        (tmp_path, "no sound"),
        (tmp_path / "1.txt", "not a folder"),
        (tmp_path / "x", "no such"),
    ):
        with pytest.raises(InputError, match=what):
            list_folder(path)


def test_batches_depend_on_the_name_alone():
    """A recording added leaves the batches of the others as they are; 32 batches are about equal."""
    names = [f"{n}_1b1_Al_sc_Meditron" for n in range(920)]
    batches = [batch_of(name, 32) for name in names]
    assert batches == [zlib.crc32(name.encode()) % 32 for name in names]
    sizes = [batches.count(batch) for batch in range(32)]
    assert min(sizes) > 10 and max(sizes) < 50
