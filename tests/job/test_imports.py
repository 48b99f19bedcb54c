"""What jobs leave out when they import libraries, and that results are the same with all of it."""

import os
import pickle
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from auscultation.job.imports import is_estimator
from fit_jobs import two_folds
from workbooks import sheet, xlsx

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
HEAVY = ("pandas", "matplotlib", "keras.src", "scipy.stats")


def python(code, *args, **environment):
    """Run code in a process of its own; return what it printed, as words."""
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, args)],
        cwd=SCRIPTS,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    "work",
    [
        *(
            f"import fit_{name}"
            for name in (
                "hist_gradient_boosting",
                "knn",
                "linear_regression",
                "linear_svc",
                "logistic_regression",
                "random_forest",
                "svc",
                "svr",
            )
        ),
        "import fit_gradient_descent as fit; fit.tensorflow()",
    ],
)
def test_fits_import_what_they_need(work):
    code = f"import sys; {work}; print(*set({HEAVY}) & {{*sys.modules}})"
    assert python(code) == []
    everything = python(code, AUSCULTATION_PLAIN_IMPORTS="1")
    assert "pandas" in everything or "keras.src" in everything


@pytest.mark.parametrize("script", ["clean", "compare", "examine", "report", "split"])
def test_jobs_of_every_run_import_none_of_it(script):
    assert python(f"import sys, {script}; print(*set({HEAVY}) & {{*sys.modules}})") == []


def test_what_is_left_for_later_is_there_when_it_is_used():
    # the first is the example of scikit-learn's documentation, the second is half of a normal
    code = """
import numpy as np
from auscultation.job.imports import lean
with lean():
    from sklearn.metrics import label_ranking_average_precision_score as precision
    from sklearn.preprocessing import QuantileTransformer
print(precision([[1, 0, 0], [0, 0, 1]], [[0.75, 0.5, 1], [1, 0.2, 0.1]]))
normal = QuantileTransformer(n_quantiles=101, output_distribution="normal")
x = np.arange(101.0)[:, None]
print(normal.fit(x).transform([[50.0]])[0, 0])
"""
    first, second = map(float, python(code))
    assert first == pytest.approx(5 / 12)
    assert second == pytest.approx(0, abs=1e-12)


def test_a_module_that_is_there_is_not_put_off():
    code = """
import sys, scipy.stats
from auscultation.job.imports import later
with later("scipy.stats"):
    print(sys.modules["scipy.stats"] is scipy.stats)
"""
    assert python(code) == ["True"]


def test_what_is_saved_can_be_loaded_at_once(tmp_path):
    code = """
import sys
import numpy as np
from auscultation.fits.pipeline import Transformers, load_pipelines, save_pipelines
from auscultation.job.imports import lean
with lean():
    from sklearn.svm import SVC
X, y = np.array([[0.0], [1.0]]), np.array([0, 1])
step = Transformers(["Var"], "none").fit({"Var": X[:, 0]})
save_pipelines(sys.argv[1], [SVC().fit(X, y)], [step])
((_, model),) = load_pipelines(sys.argv[1])
print(*model.predict(X), bool({"pandas", "scipy.stats"} & {*sys.modules}))
"""
    assert python(code, tmp_path / "model.skops") == ["0", "1", "False"]


FIT = 'runpy.run_path(f"fit_{name}.py", {"snakemake": job})'
READ = "import read_workbook; read_workbook.main(job)"


def reading(folder):
    """Return a job that reads the workbook beside the folder."""
    workbook = folder.parent / "cycles.xlsx"
    if not workbook.exists():
        workbook.write_bytes(xlsx(sheet()))
    params = {"sheet": None, "reader": "calamine", "max_rows": 1000, "max_megabytes": 10}
    return SimpleNamespace(
        input=SimpleNamespace(workbook=str(workbook)),
        output=SimpleNamespace(raw=folder / "raw.parquet", source=folder / "source.json"),
        log=SimpleNamespace(problems=folder / "problems.csv"),
        params=SimpleNamespace(**params, checks={}, needed=[], columns={}, datasets=[]),
    )


def fitting(folder, model="model.skops"):
    """Return a job of a fitting rule that can be sent to another process."""
    job = two_folds(folder)
    del job.folds
    job.output.model = folder / model
    return job


def descending(folder):
    return fitting(folder, "model.npz")


@pytest.mark.parametrize(
    ("name", "make", "work", "results"),
    [
        ("knn", fitting, FIT, ["predictions.parquet"]),
        ("gradient_descent", descending, FIT, ["predictions.parquet", "model.npz"]),
        ("reading", reading, READ, ["raw.parquet", "source.json", "problems.csv"]),
    ],
)
def test_results_are_the_same_with_plain_imports(tmp_path, name, make, work, results):
    code = "import pickle, runpy, sys; job = pickle.load(open(sys.argv[1], 'rb'));"
    contents = []
    for plain in ("0", "1"):
        folder = tmp_path / plain
        folder.mkdir()
        (folder / "job").write_bytes(pickle.dumps(make(folder)))
        python(f"{code} name = {name!r}; {work}", folder / "job", AUSCULTATION_PLAIN_IMPORTS=plain)
        contents.append({result: (folder / result).read_bytes() for result in results})
    assert contents[0] == contents[1]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("sklearn.svm._classes.SVC", True),
        ("sklearn.pipeline.Pipeline", True),
        ("sklearn.utils.shuffle", False),  # a function
        ("sklearn.base.clone", False),
        ("sklearn.nowhere.SVC", False),
        ("sklearn.svm._classes.SVC.fit", False),
        ("shutil.rmtree", False),
        ("sklearnish.svm.SVC", False),
        ("SVC", False),
    ],
)
def test_an_estimator_is_known_by_its_name(name, expected):
    assert is_estimator(name) is expected
