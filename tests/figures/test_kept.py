"""Figures that show the same as before are not drawn again."""

import json
from functools import partial
from pathlib import Path

import numpy as np
import pytest

import figures
from auscultation.figures.layout import note_figure
from auscultation.job.record import ANEW


def draw(rows, cycles):
    return note_figure("not drawn here")


@pytest.fixture
def tasks(tmp_path, monkeypatch):
    """Two figures, which are there."""
    monkeypatch.chdir(tmp_path)
    for name in ("a.svg", "b.svg"):
        Path(name).write_text("drawn")
    return list(tasks_of(value=1.5))


def tasks_of(value):
    """What a later job reads: equal, not the same objects."""
    for name in ("a", "b"):
        rows = json.loads(json.dumps([{"model": name, "value": value if name == "b" else 1.5}]))
        yield f"{name}.svg", partial(draw, rows, np.arange(3.0))


def left(tasks, code="of the script"):
    """The figures to draw, which then are."""
    now = figures.made_from(tasks, code)
    paths = [path for path, _ in figures.to_draw(tasks, now, "made_from.json")]
    assert {*json.loads(Path("made_from.json").read_text())} == {*now} - {*paths}
    Path("made_from.json").write_text(json.dumps(now))
    return paths


def test_first_all_then_none(tasks):
    assert left(tasks) == ["a.svg", "b.svg"]
    assert left(list(tasks_of(1.5))) == []


@pytest.mark.parametrize(
    ("change", "drawn"),
    [
        (lambda: tasks_of(2.5), ["b.svg"]),
        (lambda: Path("a.svg").unlink() or tasks_of(1.5), ["a.svg"]),
    ],
)
def test_what_changed_is_drawn_again(tasks, change, drawn):
    left(tasks)
    assert left(list(change())) == drawn


def test_other_code_draws_all(tasks):
    left(tasks)
    assert left(tasks, "of an edited script") == ["a.svg", "b.svg"]


def test_forced_draws_all(tasks, monkeypatch):
    left(tasks)
    monkeypatch.setenv(ANEW, "1")
    assert left(tasks) == ["a.svg", "b.svg"]
