"""Many models: each is fitted by the rule of its algorithm, and those of a wide sweep have no figures of their own."""

import subprocess
import sys

import pytest
import yaml

from harness import ROOT, SMALL

VALUES = range(1, 102)
MODELS = {
    "svc": {"C": [*VALUES]},
    "svc-C-own": {"algorithm": "svr"},  # begins as the sweep's models do
    "svc-C": {"algorithm": "lda"},
    "lda": {"shrinkage": [0.1, 0.2], "solver": "lsqr"},
}


@pytest.fixture(scope="module")
def rule_of(tmp_path_factory):
    """The rule that makes each file."""
    folder = tmp_path_factory.mktemp("many")
    config = SMALL | {"models": MODELS, "splits": {"half": {}}}
    (folder / "config.yaml").write_text(yaml.safe_dump(config), encoding="utf-8")
    command = [sys.executable, "-m", "snakemake", "--snakefile", ROOT / "Snakefile", "--summary"]
    done = subprocess.run(
        command, cwd=folder, capture_output=True, text=True, check=True, timeout=300
    )
    rows = (line.split("\t") for line in done.stdout.splitlines()[1:])
    return {row[0].removeprefix("results/"): row[2] for row in rows}


def test_models_are_fitted_by_the_rule_of_their_algorithm(rule_of):
    rules = {
        path.split("/")[1]: rule for path, rule in rule_of.items() if path.endswith("fit.json")
    }
    expected = {f"svc-C-{value}": "fit_svc" for value in VALUES}
    expected |= {"svc-C-own": "fit_svr", "svc-C": "fit_lda"}
    expected |= {f"lda-shrinkage-{value}": "fit_lda" for value in (0.1, 0.2)}
    assert rules == expected


def test_models_outside_sweeps_have_figures_of_their_own(rule_of):
    names = {path for path, rule in rule_of.items() if rule == "figures"}
    own = {path for path in names if "/models/" in path or "/confusion/" in path}
    single = [f"figures/models/{model}.half.svg" for model in ("svc-C-own", "svc-C")]
    assert own - {"figures/confusion/svc-C.svg", "figures/confusion/svc-C-own.svg"} == {*single}
    assert {"figures/sweeps/svc.C.svg", "figures/sweeps/lda.shrinkage.svg"} <= names
