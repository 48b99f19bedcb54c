"""Sound at 4000 Hz between jobs, and the settings of families as the config has them."""

from types import SimpleNamespace

import numpy as np
import pyarrow.parquet as pq
import pytest

from auscultation.recordings.frames import DEFAULTS, Settings
from auscultation.recordings.sounds import (
    Stretch,
    read_stretches,
    settings_of,
    write_family,
    write_stretches,
)

IN_MS = {"frame": 64, "hop": 16, "long_frame": 128, "long_hop": 32}


def stretch(name, samples, *spans, first=0):
    rng = np.random.default_rng(samples)
    spans = np.array(spans, np.int64).reshape(-1, 2)
    rows = np.arange(first, first + len(spans))
    return Stretch(name, rows, spans, rng.normal(size=samples).astype(np.float32))


PIECES = [
    stretch("101_é", 9000, (0, 4000), (4000, 9000)),
    stretch("102", 5000, (10, 5000)),
    stretch("102", 7000, (0, 3000), (3000, 6000), (6000, 7000), first=1),
    stretch("103", 8000),
]


@pytest.fixture
def file(tmp_path):
    write_stretches(tmp_path / "sound.parquet", iter(PIECES))
    return tmp_path / "sound.parquet"


def test_pieces_come_back_as_they_were_written(file):
    back = list(read_stretches(file))
    assert [piece.recording for piece in back] == ["101_é", "102", "102", "103"]
    for piece, written in zip(back, PIECES, strict=True):
        for values, expected in zip(piece[1:], written[1:], strict=True):
            assert values.dtype == expected.dtype
            np.testing.assert_array_equal(values, expected)


def test_each_piece_is_a_row_group(file):
    """So a job that reads them has one in memory."""
    assert pq.ParquetFile(file).num_row_groups == len(PIECES)


def test_a_batch_without_sound_has_no_piece(tmp_path):
    write_stretches(tmp_path / "sound.parquet", [])
    assert list(read_stretches(tmp_path / "sound.parquet")) == []


def test_a_file_is_whole_or_not_there(tmp_path):
    def broken():
        yield PIECES[0]
        raise ValueError

    with pytest.raises(ValueError):
        write_stretches(tmp_path / "sound.parquet", broken())
    assert not list(tmp_path.iterdir())


def test_settings_in_ms_and_hz_are_those_of_the_families():
    config = IN_MS | {"low": 100, "high": 1800, "tonal_high": 1200, "mel_bands": 24}
    assert settings_of(config) == DEFAULTS
    other = settings_of({"frame": 25.6, "hop": 10, "mel_bands": 20})
    # 25.6 ms at 4000 Hz are 102.4 samples
    assert other == Settings(frame=102, hop=40, mel_bands=20)
    assert all(isinstance(other.__dict__[name], int) for name in IN_MS)


@pytest.mark.parametrize("files", [0, 2])
def test_a_family_has_a_row_for_each_cycle_of_the_files(file, tmp_path, files):
    def length(analysis):
        return (analysis.spans[:, 1:] - analysis.spans[:, :1]) / analysis.settings.hop

    empty = tmp_path / "empty.parquet"
    write_stretches(empty, [])
    output = tmp_path / "family.parquet"
    job = SimpleNamespace(
        input=SimpleNamespace(sound=[empty, file][:files]),
        params=SimpleNamespace(frames={"hop": 250}),
        output=SimpleNamespace(features=output),
    )
    write_family(job, ["length"], length)
    rows = pq.read_table(output).to_pydict()
    assert list(rows) == ["recording", "row", "length"]
    if not files:
        assert rows == {"recording": [], "row": [], "length": []}
        return
    assert rows["recording"] == ["101_é", "101_é", "102", "102", "102", "102"]
    assert rows["row"] == [0, 1, 0, 1, 2, 3]
    assert rows["length"] == [4, 5, 4.99, 3, 3, 1]
