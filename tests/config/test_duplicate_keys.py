"""Keys that stand twice in a config file are found wherever they stand."""

import json

from auscultation.config.duplicate_keys import keys_twice

TEXT = """\
models:
  knn: {n_neighbors: 3}
  svc:
    class_weight: {0: 1, "0": 2}
  mean: {}
  knn: {n_neighbors: 7}
splits: {half: {}}
models: {}
"""


def test_every_key_that_stands_twice(tmp_path):
    path = tmp_path / "mine.yaml"
    path.write_text(TEXT, encoding="utf-8")
    end = "of mine.yaml; rename or remove one"
    assert keys_twice([path]) == [
        f"models.svc.class_weight.0: stands twice, in lines 4 and 4 {end}",
        f"models.knn: stands twice, in lines 2 and 6 {end}",
        f"models: stands twice, in lines 1 and 8 {end}",
    ]


def test_nothing_to_say(tmp_path):
    good, wrong = tmp_path / "good.json", tmp_path / "wrong.yaml"
    good.write_text(json.dumps({"models": [{"a": 1}, {"a": 2}], "a": None}), encoding="utf-8")
    wrong.write_text("a: [", encoding="utf-8")
    assert keys_twice([good, wrong, tmp_path / "absent.yaml"]) == []
    (tmp_path / "empty.yaml").touch()
    assert keys_twice([tmp_path / "empty.yaml"]) == []
