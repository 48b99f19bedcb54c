"""Features and estimator as one scikit-learn Pipeline, which skops loads without this project.

Its steps: `columns` takes the features from a pandas DataFrame by name, or from an array by position;
`features` imputes, encodes and scales each of them; `model` is the estimator.
"""

import os
import zipfile
from collections.abc import Mapping

import numpy as np

from auscultation.data.derived import CATEGORIES, derive, missing
from auscultation.fits.magnitude import SCALES, TooLarge, advice
from auscultation.fits.preprocess import MOST_QUANTILES, Preprocessor
from auscultation.job.imports import is_estimator, lean, skops_io, without

with lean():
    from sklearn.compose import ColumnTransformer
    from sklearn.impute import SimpleImputer
    from sklearn.pipeline import FeatureUnion, Pipeline
    from sklearn.preprocessing import (
        FunctionTransformer,
        MaxAbsScaler,
        OneHotEncoder,
        PolynomialFeatures,
        QuantileTransformer,
        StandardScaler,
    )

# Parts of estimators that skops does not trust by itself: trees, and the distances of neighbours but
# the one that calls a function.
DISTANCES = (
    "BrayCurtis Canberra Chebyshev Dice Euclidean Hamming Haversine Jaccard Mahalanobis Manhattan "
    "Minkowski RogersTanimoto RussellRao SEuclidean SokalMichener SokalSneath"
)
TRUSTED = (
    "numpy.dtype",  # of texts
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.neighbors._ball_tree.BallTree",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.tree._tree.Tree",
    *(f"sklearn.metrics._dist_metrics.{name}Distance64" for name in DISTANCES.split()),
)

Steps = list[tuple[str, object]]


class Transformers(Preprocessor):
    """The same preprocessing by scikit-learn's transformers, one branch of steps for each feature."""

    transformer: ColumnTransformer

    def fit(self, columns: Mapping[str, np.ndarray]) -> "Transformers":
        """Learn from the training part, as `Preprocessor.fit`; FitFailed also for too large numbers."""
        self.refuse_empty(columns)
        X = self._matrix(columns)
        branches = [
            (name, self._branch(name, len(X)), [place]) for place, name in enumerate(self.features)
        ]
        with without("pandas"), np.errstate(over="ignore", invalid="ignore"):  # refused below
            transformer = ColumnTransformer(branches).fit(X)
            for name, branch, place in transformer.transformers_:
                if self.scale == "log" and name not in CATEGORIES:
                    divide_by_median(branch, X[:, place])
            self._take(transformer)
        for name in self.features:
            if name not in CATEGORIES:
                self._refuse_infinite(name, ~np.isfinite(self.fitted.get(name, 0)))
        return self

    def transform(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the matrix of cycles, as `Preprocessor.transform` does."""
        X = self._matrix(columns)
        with without("pandas"), np.errstate(over="ignore"):  # what is infinite is refused
            for place, name in enumerate(self.features if self.scale == "log" else ()):
                if name not in CATEGORIES:  # the steps of the logarithm take no infinite number
                    shares = X[:, place].astype(np.float64) / self.fitted[name]
                    self._refuse_infinite(name, np.isinf(shares))
            return np.ascontiguousarray(self.transformer.transform(X), dtype=np.float64)

    def pipeline(self, model: object) -> Pipeline:
        """Return the pipeline from columns to predictions, with a model fitted behind these features."""
        places = list(range(len(self.features)))
        columns = ColumnTransformer([("features", "passthrough", places)])
        with without("pandas"):
            columns.fit(np.zeros((1, len(places))))
        # as if it had been fitted on a DataFrame, for which pandas would be imported (0.5 s)
        columns.feature_names_in_ = np.array(self.features, dtype=object)
        return Pipeline([("columns", columns), ("features", self.transformer), ("model", model)])

    @classmethod
    def of(cls, pipeline: Pipeline) -> "Transformers":
        """Return the preprocessing of a pipeline that `Transformers.pipeline` has made."""
        made = cls(pipeline["columns"].feature_names_in_.tolist())
        made._take(pipeline["features"])
        return made

    def _matrix(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the features, shape (n, features), nan where blank; objects where some are texts."""
        parts = []
        for name in self.features:
            values = derive(columns, name)
            if name in CATEGORIES:
                parts.append(np.where(missing(values), np.nan, values.astype(str).astype(object)))
            else:
                parts.append(values.astype(np.float64))
        return np.column_stack(parts)

    def _refuse_infinite(self, name: str, infinite: np.ndarray) -> None:
        """Hold that nothing that scaling computes of a feature is infinite; else raise TooLarge."""
        if infinite.any():
            raise TooLarge(
                f"the feature {name!r} is too large for `scale: {self.scale}`: what is computed of its "
                f"numbers is not finite{advice(self.scale)}"
            )

    def _branch(self, name: str, n: int) -> Pipeline | str:
        """Return the transformers of a feature, to be fitted on n cycles."""
        steps: Steps = []
        if name in self.impute:
            steps.append(("impute", SimpleImputer(strategy="most_frequent")))
        if name in CATEGORIES:
            if name in self.impute:  # a DataFrame may have None where this project has nan
                other = SimpleImputer(missing_values=None, strategy="most_frequent")
                steps.append(("impute_none", other))
            steps.append(("encode", OneHotEncoder(handle_unknown="ignore", sparse_output=False)))
        elif self.scale == "standard":
            steps.append(("standard", StandardScaler()))
        elif self.scale == "quantile":
            quantiles = QuantileTransformer(n_quantiles=min(MOST_QUANTILES, n), subsample=None)
            steps.append(("quantile", quantiles))
        elif self.scale == "log":
            steps += log_steps()
        return Pipeline(steps) if steps else "passthrough"

    def _take(self, transformer: ColumnTransformer) -> None:
        """Take a fitted transformer, and what it has learnt."""
        self.transformer = transformer
        for name, branch in transformer.named_transformers_.items():
            steps = branch.named_steps if isinstance(branch, Pipeline) else {}
            kind = str if name in CATEGORIES else np.float64
            if "impute" in steps:
                self.imputed[name] = steps["impute"].statistics_.astype(kind)
            if "encode" in steps:
                self.fitted[name] = steps["encode"].categories_[0].astype(str)
            elif "standard" in steps:
                self.fitted[name] = np.append(steps["standard"].mean_, steps["standard"].scale_)
            elif "quantile" in steps:
                self.fitted[name] = steps["quantile"].quantiles_[:, 0]
            elif "divide" in steps:
                self.fitted[name] = steps["divide"].scale_
            self.scale = next((scale for scale in SCALES if scale in steps), self.scale)
        self.impute = frozenset(self.imputed)


def log_steps() -> Steps:
    """Return the steps of sign(x) log(1 + |x| / m), with m the median of |x|.

    skops loads no function of this project: a scaler by the largest |x| is told m when it is fitted.
    """
    size = [("absolute", FunctionTransformer(np.abs)), ("log", FunctionTransformer(np.log1p))]
    both = FeatureUnion([("sign", FunctionTransformer(np.sign)), ("size", Pipeline(size))])
    product = PolynomialFeatures(degree=2, interaction_only=True, include_bias=False)
    last = ColumnTransformer([("product", "passthrough", [2])])  # after sign and size themselves
    return [("divide", MaxAbsScaler()), ("log", both), ("product", product), ("last", last)]


def divide_by_median(branch: Pipeline, values: np.ndarray) -> None:
    """Have the fitted steps of a logarithm divide by the median size of values, shape (n, 1)."""
    if "impute" in branch.named_steps:
        values = branch["impute"].transform(values)
    middle = np.median(np.abs(values.astype(np.float64)))
    branch["divide"].scale_ = np.array([middle if middle > 0 else 1.0])


def save_pipelines(path: str | os.PathLike, models: list, steps: list[Transformers]) -> None:
    """Save a pipeline a fold with skops: the file loads as a list of them."""
    for model in models:  # what early stopping leaves refers back to its model, and no file can
        for name in ("_scorer", "_raw_predict"):
            vars(model).pop(name, None)
    kept = [step.pipeline(model) for step, model in zip(steps, models, strict=True)]
    skops_io().dump(kept, path)


def load_pipelines(path: str | os.PathLike) -> list[tuple[Preprocessor, object]]:
    """Return for each fold the preprocessing and the estimator that `save_pipelines` has kept.

    ValueError where the file holds anything else, or is damaged; nothing in it is run.
    """
    io = skops_io()
    try:
        unknown = io.get_untrusted_types(file=path)
    except (zipfile.BadZipFile, KeyError, ValueError) as error:
        raise ValueError(f"{path}: not a model that a fit has kept: {error}") from error
    with lean():
        foreign = sorted(name for name in {*unknown} - {*TRUSTED} if not is_estimator(name))
        if foreign:
            raise ValueError(f"{path}: holds what no fit keeps: {', '.join(foreign)}")
        kept = io.load(path, trusted=unknown)
    steps = ["columns", "features", "model"]
    ours = isinstance(kept, list) and all(
        isinstance(pipeline, Pipeline) and [*pipeline.named_steps] == steps for pipeline in kept
    )
    if not ours:
        raise ValueError(f"{path}: not a model that a fit has kept: no list of its pipelines")
    return [(Transformers.of(pipeline), pipeline["model"]) for pipeline in kept]
