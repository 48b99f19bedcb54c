"""What jobs leave out when they import libraries, and that it is there where it is used."""

import subprocess
import sys
from pathlib import Path

import pytest

from auscultation.job.imports import is_estimator

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"


def python(code):
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=SCRIPTS, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    "work, heavy",
    [
        *(
            (f"import fit_{name}", ("pandas", "matplotlib", "scipy.stats"))
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
        (
            "import fit_gradient_descent as fit; fit.tensorflow()",
            ("pandas", "matplotlib", "sklearn", "scipy.stats", "keras.src"),
        ),
    ],
)
def test_fits_import_what_they_need(work, heavy):
    assert python(f"import sys; {work}; print(*set({heavy}) & {{*sys.modules}})") == []


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
    code = f"""
import sys
import numpy as np
from auscultation.fits.pipeline import Transformers, load_pipelines, save_pipelines
from auscultation.job.imports import lean
with lean():
    from sklearn.svm import SVC
X, y = np.array([[0.0], [1.0]]), np.array([0, 1])
step = Transformers(["Var"], "none").fit({{"Var": X[:, 0]}})
save_pipelines({str(tmp_path / "model.skops")!r}, [SVC().fit(X, y)], [step])
print(*{{"pandas", "scipy.stats"}} & {{*sys.modules}}, end="|")
((_, model),) = load_pipelines({str(tmp_path / "model.skops")!r})
print(*model.predict(X), end="|")
print(*{{"pandas", "scipy.stats"}} & {{*sys.modules}})
"""
    assert "".join(python(code)) == "|01|"


@pytest.mark.parametrize(
    ("name", "said"),
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
def test_an_estimator_is_known_by_its_name(name, said):
    assert is_estimator(name) is said
