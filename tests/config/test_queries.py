"""What the rules ask of a resolved config: fits, features, splits that keep units together."""

from auscultation.config.columns import used_columns
from auscultation.config.queries import (
    apart,
    features_of,
    fits,
    parameters,
    refit_of,
    refitted,
    repeated,
    together,
)
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


class TestFitsThatShareAJob:
    def jobs(self, models, megabytes=1.0, **config):
        config = resolved(models=models, splits={"half": {}, "patient": {}}, **config)
        jobs = together(fits(config), config, megabytes)
        names = {job: [(fit["model"], fit["split"]) for fit in own] for job, own in jobs.items()}
        return config, jobs, names

    def test_those_of_an_algorithm_that_take_less_than_their_start(self):
        models = {"mean": {}, "knn": {}, "svc": {}}
        _, _, names = self.jobs(models)
        assert names == {
            "fits_mean": [("mean", "half"), ("mean", "patient")],
            "fits_knn": [("knn", "half"), ("knn", "patient")],
        }
        _, _, names = self.jobs(models, megabytes=100)
        assert list(names) == ["fits_mean"]  # which does so at any size

    def test_not_what_is_tuned_or_has_a_time_limit(self):
        models = {"mean": {"fit_timeout": 60}, "knn": {"n_neighbors": [1, 5], "tune": True}}
        assert self.jobs(models)[2] == {}
        assert self.jobs({"mean": {}}, fit_timeout=60)[2] == {}

    def test_at_most_fifty_each_of_them_once(self):
        models = {"knn": {"n_neighbors": [*range(1, 61)]}}
        config, _, names = self.jobs(models)
        assert {job: len(own) for job, own in names.items()} == {
            "fits_knn": 50,
            "fits_knn_2": 50,
            "fits_knn_3": 20,
        }
        made = [fit for own in names.values() for fit in own]
        assert sorted(made) == sorted((fit["model"], fit["split"]) for fit in fits(config))

    def test_what_is_the_same_for_all_is_said_once(self):
        models = {"knn": {"n_neighbors": [1, 5], "features": ["Var"]}}
        config, jobs, _ = self.jobs(models)
        common, own = parameters(jobs["fits_knn"], config)
        assert common["features"] == ["Var"] and common["scale"] == "none"
        assert {tuple(of) for of in own} == {("model", "split", "settings")}
        assert [of["settings"]["n_neighbors"] for of in own] == [1, 5, 1, 5]


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


class TestRefits:
    SPLITS = {"patient": {}, "shuffled": {}, "recording": {}, "half": {}, "final": {}}

    def test_splits_that_are_never_examined_are_not_refitted(self):
        models = {"knn": {}, "svr": {}}
        of = {fit["split"] for fit in refitted(resolved(splits=self.SPLITS, models=models))}
        assert of == {"patient", "half"}
        without = {name: self.SPLITS[name] for name in ("shuffled", "final")}
        config = resolved(splits=without, models=models)
        assert refitted(config) == fits(config)

    def test_a_share_of_one_is_the_fit_itself(self):
        config = resolved(learning_curve={"shares": [1, 0.5, 0.2], "seed": 3})
        assert refit_of(config, "learning") == {"kind": "learning", "shares": [0.2, 0.5], "seed": 3}
        assert refit_of(config, "inner") == {"kind": "inner", "folds": 5, "seed": 0}
