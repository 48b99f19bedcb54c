"""What the rules ask of a resolved config: fits, features, splits that keep units together."""

from auscultation.config.columns import used_columns
from auscultation.config.queries import apart, features_of, fits, repeated
from configs import resolved


def test_features_of_a_model():
    models = {"knn": {}, "svr": {"features": ["Var", "Range"]}}
    config = resolved(models=models, features=["Fine_Av", "Var"])
    assert features_of(config, "knn") == ["Fine_Av", "Var"]
    assert features_of(config, "svr") == ["Var", "Range"]
    assert "features" not in config["models"]["svr"]["settings"]


def test_a_baseline_by_device_looks_at_the_device_whatever_others_look_at():
    models = {"by_device": {}, "by_place": {"algorithm": "by_device", "features": ["location"]}}
    config = resolved(models=models, features=["Var"])
    assert features_of(config, "by_device") == ["device"]
    assert features_of(config, "by_place") == ["location"]
    assert config["models"]["by_device"]["settings"] == {}
    assert {"patient_ID", "device", "location"} <= used_columns(config).keys()


def test_fits_are_sorted():
    config = resolved(
        splits={"half": {}, "final": {}}, models={"svr": {}, "b": {"algorithm": "knn"}}
    )
    assert fits(config) == [
        {"model": "b", "algorithm": "knn", "split": "final"},
        {"model": "svr", "algorithm": "svr", "split": "final"},
        {"model": "b", "algorithm": "knn", "split": "half"},
        {"model": "svr", "algorithm": "svr", "split": "half"},
    ]


class TestWhatIsDealtOutWhole:
    LISTED = {"protocol": "listed_folds", "list": "a.txt"}
    SPLITS = {
        "by_name": LISTED,
        "by_sound": LISTED | {"by": "recording"},
        "cycles": {"protocol": "shuffled"},
        "final": {},
        "half": {},
        "holdout": {},
        "hospital": {"protocol": "leave_group_out", "column": "device"},
        "patient": {},
        "published": {"list": "b.txt"},
        "recording": {},
    }

    def test_splits_whose_folds_are_alike_but_for_that(self):
        """What is compared to see what was heard; a single part tested on is no such split.

        Fault 14: folds listed by patient keep patients apart.
        """
        config = resolved(splits=self.SPLITS)
        assert config["splits"]["by_name"]["settings"] == {"list": "a.txt", "by": "patient"}
        assert apart(config) == {
            "by_name": "patient",
            "by_sound": "recording",
            "cycles": "cycle",
            "patient": "patient",
            "recording": "recording",
        }
        assert apart(resolved()) == {}


def test_splits_that_repeat_their_folds():
    splits = {"patient": {"folds": 4, "repeats": 3}, "shuffled": {}, "half": {}}
    assert repeated(resolved(splits=splits, models={"mean": {}})) == {"patient": 4}
