"""Under which splits, and of which models, features are permuted."""

import pytest

from auscultation.config.permuted import permuted_fits, permuted_splits
from configs import resolved

CROSSED = {"patient": {}, "shuffled": {}, "recording": {}}
DEVICE = {"device": {"protocol": "leave_group_out", "column": "device"}}


@pytest.mark.parametrize(
    ("splits", "chosen"),
    [
        (CROSSED | {"half": {}, "final": {}}, ["patient", "shuffled"]),
        (CROSSED | DEVICE, ["device", "patient", "shuffled"]),
        ({"half": {}, "final": {}}, ["half"]),
        ({"recording": {}, "shuffled": {}}, ["recording", "shuffled"]),
        ({"final": {}}, []),
    ],
)
def test_splits(splits, chosen):
    assert permuted_splits(resolved(splits=splits)) == chosen


def test_models_are_those_that_look_at_features():
    models = {name: {} for name in ("knn", "mean", "most_frequent", "stratified", "by_device")}
    config = resolved(splits={"patient": {}, "final": {}}, models=models)
    assert [(fit["model"], fit["split"]) for fit in permuted_fits(config)] == [
        ("by_device", "patient"),
        ("knn", "patient"),
    ]
