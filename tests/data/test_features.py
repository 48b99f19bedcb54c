"""Features by name and pattern, feature sets, and what is refused before any fit."""

import pytest

from auscultation.config.columns import feature_lists, problems_of_table
from auscultation.config.queries import missing_of
from auscultation.data.features import FeatureError, resolve_features
from configs import problem, problems, resolved

COLUMNS = ["cycle", "patient_ID", "start", "end", "state", "Var", "mfcc_0", "mfcc_1", "mfcc_2"]
COLUMNS += ["clinic", "f[0]", "label", "recording", "device"]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        (["mfcc_1", "Var"], ["mfcc_1", "Var"]),
        (["mfcc_*", "!mfcc_0"], ["mfcc_1", "mfcc_2"]),
        (["mfcc_[12]", "mfcc_1", "mfcc_?"], ["mfcc_1", "mfcc_2", "mfcc_0"]),
        (["f[0]"], ["f[0]"]),  # a column of that very name
        (["duration", "dev*"], ["duration", "device"]),
        # no label, no key, no target
        (["*", "!mfcc_*"], ["start", "end", "Var", "clinic", "f[0]", "device", "duration"]),
        (["!*", "Var"], ["Var"]),
    ],
)
def test_entries(entries, expected):
    assert resolve_features(entries, COLUMNS, "label") == expected


@pytest.mark.parametrize(
    ("entries", "problem"),
    [
        (["mfc_1"], "there is no column 'mfc_1' (nearest: 'mfcc_1'"),
        (["chroma_*"], "the pattern 'chroma_*' matches no column"),
        (["Var", "!mfcc_9"], "there is no column 'mfcc_9'"),
        (["state"], "'state' is a label, and no feature"),
        (["abnormal"], "'abnormal' is a label"),
        (["recording"], "'recording' is a key of the cycle"),
        (["label"], "'label' is the target"),
        (["Var", "!Var"], "every feature is left out"),
        (["patient_*"], "matches no column"),
    ],
)
def test_refused(entries, problem):
    with pytest.raises(FeatureError) as caught:
        resolve_features(entries, COLUMNS, "label")
    assert len(caught.value.problems) == 1 and problem in caught.value.problems[0]


def test_all_problems_at_once():
    with pytest.raises(FeatureError) as caught:
        resolve_features(["mfc_1", "Var", "state", "x*"], COLUMNS)
    assert len(caught.value.problems) == 3


class TestConfig:
    SETS = {"spectral": ["centroid_*", "mfcc_*"], "all": ["spectral", "Var"]}

    def test_sets_stand_for_their_entries(self):
        config = resolved(feature_sets=self.SETS, features=["all", "!spectral", "age"])
        left_out = ["!centroid_*", "!mfcc_*"]
        assert config["features"] == ["centroid_*", "mfcc_*", "Var", *left_out, "age"]

    def test_a_sweep_over_features_scale_missing_and_weights(self):
        several = {"features": [["Var"], ["spectral"]], "scale": ["none", "log"]}
        several |= {"class_weight": [None, "balanced"], "missing": ["median", "indicator"]}
        config = resolved(feature_sets=self.SETS, models={"svc": several})
        assert len(config["models"]) == 16
        name = "svc-class_weight-balanced-features-spectral-missing-indicator-scale-log"
        model = config["models"][name]
        assert model["features"] == ["centroid_*", "mfcc_*"]
        assert (model["scale"], model["missing"]) == ("log", "indicator")
        assert model["settings"]["class_weight"] == "balanced"
        assert feature_lists(config) == {"models.svc.features": ["Var", "centroid_*", "mfcc_*"]}

    def test_values_are_kept_for_the_models_that_take_them(self):
        config = resolved(missing="keep", models={"knn": {}, "random_forest": {}})
        kept = {model: missing_of(config, model) for model in config["models"]}
        assert kept == {"knn": "median", "random_forest": "keep"}

    def test_candidates_of_tune(self):
        knn = {"features": [["Var"], ["spectral"]], "scale": ["none", "log"], "tune": True}
        (model,) = resolved(feature_sets=self.SETS, models={"knn": knn})["models"].values()
        assert len(model["tune"]["candidates"]) == 4 and "features" not in model
        assert {"features": ["Var"], "scale": "log"} in model["tune"]["candidates"]

    @pytest.mark.parametrize(
        ("changes", "line"),
        [
            ({"features": ["Var", "state"]}, "features: `state` is a label, and no feature"),
            ({"feature_sets": {"a": ["b"], "b": ["a"]}, "features": ["a"]}, "holds itself"),
            ({"feature_sets": {"Var": ["Range"]}}, "feature_sets.Var: a column has this name"),
            ({"feature_sets": {"x*": ["Range"]}}, "feature_sets.x*: a name holds no"),
            (
                {"models": {"knn": {"missing": "keep"}}},
                "models.knn.missing: keep is for algorithms",
            ),
            (
                {"columns": {"patient": "subject"}},
                "columns.patient: no column that is known; did you",
            ),
            ({"columns": {"start": "t", "end": "t"}}, "columns: `t` is there twice"),
            ({"name_pattern": "{patient}"}, "name_pattern: it names none of {location}, {device}"),
            ({"workbook": ["a.csv", "b/a.csv"]}, "workbook: two are named `a`"),
            (
                {"models": {"knn": {"features": [["Var"], ["state"]]}}},
                "models.knn.features: `state` is a label, and no feature",
            ),
        ],
    )
    def test_refused(self, changes, line):
        assert line in problem(**changes)

    def test_a_list_of_one_list_is_a_sweep(self):
        assert [*resolved(models={"knn": {"features": [["Var"]]}})["models"]] == [
            "knn-features-Var"
        ]
        assert problems(models={"knn": {"features": ["Var", ["Range"]]}})


class TestTable:
    """What the workbook lacks is told before any job starts, as soon as its columns are known."""

    def test_nothing(self):
        assert problems_of_table(resolved(), ["patient_ID", "state", *resolved()["features"]]) == []
        config = resolved(features=["f*"], target="abnormal", splits={"patient": {}})
        assert problems_of_table(config, ["patient_ID", "crackles", "wheezes", "f1"]) == []

    @pytest.mark.parametrize(
        ("changes", "line"),
        [
            ({"features": ["f1x"]}, "features: there is no column 'f1x' (nearest: 'f1'"),
            ({"models": {"knn": {"features": ["g*"]}}}, "models.knn.features: the pattern 'g*'"),
            (
                {"target": "lable"},
                "target: the workbook has no column `lable` (did you mean `label`",
            ),
            ({"splits": {"recording": {}}}, "splits.recording: the workbook has no recordings"),
            (
                {"splits": {"x": {"protocol": "leave_group_out", "column": "clinics"}}},
                "splits.x.column: no column `clinics` (did you mean `clinic`",
            ),
            ({"target": "state"}, "target: the workbook has no column `state`"),
        ],
    )
    def test_lacking(self, changes, line):
        config = resolved(**({"features": ["f1"], "target": "label"} | changes))
        (only,) = problems_of_table(config, ["patient_ID", "label", "clinic", "f1"])
        assert line in only

    def test_without_a_patient(self):
        (line,) = problems_of_table(resolved(features=["f"], target="y"), ["f", "y", "patients"])
        assert "did you mean `patients`" in line and "columns: {patient_ID: its name}" in line
