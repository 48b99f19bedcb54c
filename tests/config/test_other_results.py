"""Which folders can be compared with."""

import json
import shutil

import pytest

from auscultation.config.other_results import other_results


def test_folders_that_are_no_results(tmp_path):
    own = tmp_path / "results"
    own.mkdir()
    other = tmp_path / "other"
    for words in ("no such folder", "no comparison.parquet and no provenance.json"):
        with pytest.raises(ValueError, match=words):
            other_results(str(other), str(own))
        other.mkdir(exist_ok=True)
    (other / "comparison.parquet").write_text("")
    known = {key: {} for key in ("workbook", "lock", "code", "versions", "config")}
    for content, words in (
        ("{", "cannot be read"),
        ("[]", "does not hold"),
        ("{}", "does not hold"),
    ):
        (other / "provenance.json").write_text(content)
        with pytest.raises(ValueError, match=words):
            other_results(str(other), str(own))
    (other / "provenance.json").write_text(json.dumps(known))
    assert other_results(f"{other}/", str(own)) == [str(other)]
    assert other_results(None, str(own)) == []
    with pytest.raises(ValueError, match="own results"):
        other_results(str(other), f"{own}/../other")
    third = tmp_path / "third"
    shutil.copytree(other, third)
    assert other_results([f"{third}/", str(other)], str(own)) == [str(third), str(other)]
    for folders, words in (
        ([str(other), f"{third}/../other/"], "other is named twice"),
        ([str(other), str(tmp_path / "none")], "no such folder: .*none"),
        ([str(third), str(own)], "own results"),
    ):
        with pytest.raises(ValueError, match=words):
            other_results(folders, str(own))
