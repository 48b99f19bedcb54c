"""Batches of recordings: the files that each is made from, and what one more recording changes."""

import os
import zlib

import pytest

from auscultation.recordings.batches import BATCHES, PARTS, batch_of, batches_of, only, parts_of
from auscultation.recordings.folder import list_folder

NAMES = [f"{101 + n}_1b1_Al_sc_Meditron" for n in range(40)]


def write(root, *files):
    for file in files:
        path = root / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(file.encode())


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, *(f"{name}.{end}" for name in NAMES for end in ("wav", "txt")))
    return tmp_path


def batches(root):
    """The batches, with paths in the folder."""
    return {
        batch: [os.path.relpath(file, root) for file in files]
        for batch, files in batches_of(list_folder(root)).items()
    }


def test_a_batch_is_made_from_its_recordings_and_their_annotations_alone(folder):
    made = batches(folder)
    for batch, files in made.items():
        names = [n for n in NAMES if zlib.crc32(n.encode()) % BATCHES == batch]
        assert sorted(files) == sorted(f"{n}.{end}" for n in names for end in ("wav", "txt"))
    assert sum(map(len, made.values())) == 2 * len(NAMES)


def test_one_more_recording_changes_one_batch(folder):
    before, name = batches(folder), "200_1b1_Pl_mc_AKGC417L"
    write(folder, f"inside/{name}.flac", f"labels/{name}.txt")
    after = batches(folder)
    changed = batch_of(name)
    assert set(after[changed]) - set(before.pop(changed, [])) == {
        f"inside/{name}.flac",
        f"labels/{name}.txt",
    }
    assert {batch: after[batch] for batch in before} == before


def test_a_table_of_annotations_is_part_of_every_batch_and_other_files_of_none(folder):
    write(folder, "annotations.CSV", "demographics.txt", ".snakemake_timestamp", "readme.md")
    for files in batches(folder).values():
        assert files[-1] == "annotations.CSV"
        assert not {"demographics.txt", ".snakemake_timestamp", "readme.md"} & set(files)


def test_the_folder_of_a_batch_has_what_the_batch_is_made_from(folder):
    listed = list_folder(folder)
    for batch, files in batches(folder).items():
        part = only(listed, batch)
        assert [r.file for r in part.recordings] + part.others == files


def test_a_link_to_nothing_is_left_to_the_job(folder):
    os.symlink("gone.wav", folder / "999_1b1_Al_sc_Meditron.wav")
    listed = list_folder(folder)
    assert "999_1b1_Al_sc_Meditron" in {r.name for r in listed.recordings}
    assert not any("999_" in file for files in batches_of(listed).values() for file in files)


def test_parts_have_every_batch_once():
    parts = parts_of(range(BATCHES))
    assert len(parts) == PARTS
    assert sorted(batch for part in parts.values() for batch in part) == [*range(BATCHES)]
    # what a part is made of does not hang on which other batches there are
    assert parts_of([3, 7, 8]) == {0: [8], 3: [3, 7]}
