"""Features whose missing values were replaced are warned of."""

from auscultation.report.imputed import imputed_features
from verdicts import words


def test_imputed_features_are_warned_of():
    quality = {"imputed": {"age": {"cells": 61, "value": 75.0}, "Var": {"cells": 2, "value": 0.1}}}
    (feature,) = imputed_features(quality, ["Var", "Range"])
    assert feature == ("Var", 2, 0.1)
    text = words("warn_imputed", feature, file="sentences.j2")
    assert text.startswith("Var is a feature") and "2 of its values" in text and "by 0.1," in text
