"""What known patients and recordings are worth: told of models that have skill where they know them."""

from auscultation.report.leakage import gains
from verdicts import STATE, words


def row(model, difference, p, heard="patient or recording", other="p"):
    names = {"model": model, "metric": "icbhi_score", "heard": heard, "split": "s"}
    ends = {"ci_low": difference - 0.03, "ci_high": difference + 0.03, "p_holm": p}
    return names | ends | {"other_split": other, "difference": difference}


def answer_with(leakage):
    entry = {"metric": "icbhi_score", "yes": True}
    useful = {"models": [entry | {"model": "forest"}, entry | {"model": "knn", "yes": False}]}
    answers = {"useful": useful, "information": {"models": []}}
    return {"splits": [{"split": "s", "answers": answers}], "leakage": leakage}


def test_gains_of_models_with_skill():
    of_recording = row("forest", 0.1, 0.001, heard="recording", other="r")
    leakage = [of_recording, row("forest", 0.13, 0.001), row("knn", 0.2, 0.001)]
    (gain,) = gains(answer_with(leakage), STATE)
    assert (gain.model, gain.difference.value, gain.recording) == ("forest", 0.13, 0.1)
    text = words("gain", gain, STATE, file="sentences.j2")
    assert "0.130 higher" in text and "patients or recordings; 0.100 of it" in text


def test_no_gain_without_skill_or_evidence():
    leakage = [row("forest", 0.13, 0.2), row("knn", 0.2, 0.001)]
    assert gains(answer_with(leakage), STATE) == []
    assert gains(answer_with([]), STATE) == []
