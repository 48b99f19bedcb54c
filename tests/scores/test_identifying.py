"""Models that identify patients rather than sounds."""

from answering import answered, split_of
from auscultation.scores.identifying import identifying

SPLITS = {"shuffled": split_of("shuffled", both=range(60)), "patient": split_of("patient")}


def models(information, useful, folds=(0.5,)):
    """A model with skill where it knows the patients, and what it has where it does not."""
    known = {"information": (0.8, 0.001, 0.001), "useful": (0.7, 0.001, 0.001)}
    new = {"information": (*information, *folds), "useful": (*useful, *folds)}
    names = ("forest", "random_forest")
    return {(*names, "shuffled"): known, (*names, "patient"): new}


def found(of_model, p=0.001, heard="patient or recording", **changes):
    row = {"model": "forest", "metric": "icbhi_score", "heard": heard, "split": "shuffled"}
    row |= {"other_split": "patient", "difference": 0.2, "p_holm": p}
    answer, _ = answered(of_model, SPLITS, leakage=[row], **changes)
    return identifying(answer)


def test_gain_by_knowing_patients_and_nothing_without():
    nothing = models((0.52, 0.4), (0.5, 0.9))
    assert found(nothing) == ["forest"]
    assert found(nothing, heard="patient") == ["forest"]
    # no gain is shown, or one by the recording alone, or too few patients for a verdict
    assert found(nothing, p=0.2) == found(nothing, heard="recording") == []
    assert found(nothing, n_patients=9) == []
    # information under the split that keeps patients apart, by both tests or by one
    assert found(models((0.7, 0.001), (0.5, 0.9), folds=(0.001,))) == []
    assert found(models((0.7, 0.001), (0.5, 0.9), folds=(0.3,))) == ["forest"]
    assert found(models((0.52, 0.4), (0.6, 0.001), folds=(0.001,))) == []
