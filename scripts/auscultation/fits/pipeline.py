"""Features and estimator as one scikit-learn Pipeline, which skops loads without this project.

Its steps: `columns` takes the features from a pandas DataFrame by name, or from an array by position;
`features` imputes, encodes and scales them; `model` is the estimator.
"""

import os
import zipfile
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np

from auscultation.data.derived import derive, missing
from auscultation.fits.magnitude import SCALES, TooLarge, advice
from auscultation.fits.preprocess import AS_VALUE, BLANK, MOST_QUANTILES, Preprocessor, is_text
from auscultation.job.imports import is_estimator, lean, skops_io, without

with lean():
    from sklearn.compose import ColumnTransformer
    from sklearn.frozen import FrozenEstimator
    from sklearn.impute import MissingIndicator, SimpleImputer
    from sklearn.pipeline import FeatureUnion, Pipeline
    from sklearn.preprocessing import (
        FunctionTransformer,
        MaxAbsScaler,
        OneHotEncoder,
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
    "numpy.prod",  # of the logarithm
    "numpy.reshape",
    "sklearn.ensemble._hist_gradient_boosting.predictor.TreePredictor",
    "sklearn.neighbors._ball_tree.BallTree",
    "sklearn.neighbors._kd_tree.KDTree",
    "sklearn.tree._tree.Tree",
    *(f"sklearn.metrics._dist_metrics.{name}Distance64" for name in DISTANCES.split()),
)

Steps = list[tuple[str, object]]
GAPS = "missing"  # the branch of columns that say what is missing


class Branch(NamedTuple):
    """Features that the same steps prepare: one category, or neighbours that are numbers."""

    name: str
    steps: Pipeline
    places: list[int]  # of the features


class Transformers(Preprocessor):
    """The same preprocessing by scikit-learn's transformers.

    A branch of steps for each category, for each run of numbers, and for what is missing.
    """

    branches: Sequence[Branch] = ()
    sample: np.ndarray  # (1, features), a cycle of the training part

    def fit(self, columns: Mapping[str, np.ndarray]) -> "Transformers":
        """Learn from the training part, as `Preprocessor.fit`; FitFailed also for too large numbers."""
        self.refuse_empty(columns)
        self.branches = self._unfitted(columns)
        blocks = [self._block(branch, columns) for branch in self.branches]
        with without("pandas"), np.errstate(over="ignore", invalid="ignore"):  # refused below
            for branch, block in zip(self.branches, blocks, strict=True):
                self._fit_branch(branch, block)
        named = zip(self.branches, blocks, strict=True)
        self.sample = np.hstack([block[:1] for branch, block in named if branch.name != GAPS])
        self._take()
        for name, learnt in self.fitted.items():
            if learnt.dtype.kind == "f" and not np.isfinite(learnt).all():
                raise self._too_large(name)
        return self

    def transform(self, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the matrix of cycles, as `Preprocessor.transform` does."""
        parts = []
        with without("pandas"), np.errstate(over="ignore"):  # what is infinite is refused
            for branch in self.branches:
                block = self._block(branch, columns)
                if "divide" in branch.steps.named_steps:
                    infinite = np.isinf(block / branch.steps["divide"].scale_).any(axis=0)
                    if infinite.any():
                        raise self._too_large(self.features[branch.places[infinite.argmax()]])
                parts.append(branch.steps.transform(block))
        return np.ascontiguousarray(np.hstack(parts), dtype=np.float64)

    def pipeline(self, model: object) -> Pipeline:
        """Return the pipeline from columns to predictions, with a model fitted behind these features."""
        every = slice(0, len(self.features))
        columns = ColumnTransformer([("features", "passthrough", every)])
        frozen = [(b.name, FrozenEstimator(b.steps), span(b.places)) for b in self.branches]
        features = ColumnTransformer(frozen)
        with without("pandas"):
            columns.fit(self.sample)
            features.fit(self.sample)  # what is frozen learns nothing
        # as if it had been fitted on a DataFrame, for which pandas would be imported (0.5 s)
        columns.feature_names_in_ = np.array(self.features)
        for part in (columns, features):  # lists would make the file slow to write and to read
            indices = part._transformer_to_input_indices
            indices |= {name: np.array(places) for name, places in indices.items()}
        fitted = [(b.name, b.steps, span(b.places)) for b in self.branches]
        features.transformers = features.transformers_ = fitted
        return Pipeline([("columns", columns), ("features", features), ("model", model)])

    @classmethod
    def of(cls, pipeline: Pipeline) -> "Transformers":
        """Return the preprocessing of a pipeline that `Transformers.pipeline` has made."""
        made = cls(pipeline["columns"].feature_names_in_.tolist())
        every = range(len(made.features))
        made.branches = [
            Branch(name, steps, [*every[places]] if isinstance(places, slice) else places)
            for name, steps, places in pipeline["features"].transformers_
        ]
        made._take()
        return made

    def _unfitted(self, columns: Mapping[str, np.ndarray]) -> list[Branch]:
        """Return the branches, to be fitted on these columns."""
        texts = [is_text(name, derive(columns, name)) for name in self.features]
        n, branches = len(derive(columns, self.features[0])), []
        runs = groupby(enumerate(texts), lambda of: of[0] if of[1] else -1)  # a category alone
        for _, run in runs:
            places = [place for place, _ in run]
            blank = not self.blank.isdisjoint(self.features[place] for place in places)
            text, k = texts[places[0]], len(places)
            steps = self._encoding(blank) if text else self._scaling(blank, n, k)
            branches.append(Branch(f"features_{places[0]}", Pipeline(steps), places))
        gaps = [
            place
            for place, name in enumerate(self.features)
            if self.missing == "indicator" and name in self.blank and not texts[place]
            if missing(derive(columns, name)).any()
        ]
        if gaps:
            steps = [("indicator", MissingIndicator(features="all"))]
            branches.append(Branch(GAPS, Pipeline(steps), gaps))
        return branches

    def _encoding(self, blank: bool) -> Steps:
        """Return the steps of a category."""
        steps: Steps = []
        if blank:  # a DataFrame may have None where this project has nan
            how = {"strategy": "most_frequent"}
            if self.missing in AS_VALUE:
                how = {"strategy": "constant", "fill_value": BLANK}
            steps.append(("impute", SimpleImputer(**how)))
            steps.append(("impute_none", SimpleImputer(missing_values=None, **how)))
        encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
        return [*steps, ("encode", encoder)]

    def _scaling(self, blank: bool, n: int, k: int) -> Steps:
        """Return the steps of k numbers, to be fitted on n cycles."""
        steps: Steps = [("keep", FunctionTransformer())] if self.missing == "keep" else []
        if blank and self.missing != "keep":
            usual = "most_frequent" if self.missing == "most_frequent" else "median"
            steps.append(("impute", SimpleImputer(strategy=usual, keep_empty_features=True)))
        if self.scale == "standard":
            steps.append(("standard", StandardScaler()))
        elif self.scale == "quantile":
            quantiles = QuantileTransformer(n_quantiles=min(MOST_QUANTILES, n), subsample=None)
            steps.append(("quantile", quantiles))
        elif self.scale == "log":
            steps += log_steps(k)
        return steps or [("as_they_are", FunctionTransformer())]

    def _fit_branch(self, branch: Branch, block: np.ndarray) -> None:
        """Fit the steps of a branch."""
        steps, rest = branch.steps.named_steps, branch.steps
        if "impute" in steps and "encode" not in steps:
            # on one cycle: the medians of all would take seconds of many features
            impute = steps["impute"].fit(block[:1])
            impute.statistics_[:] = np.nan  # a feature that was never blank stays so
            for k, place in enumerate(branch.places):
                if self.features[place] in self.blank:
                    impute.statistics_[k] = self.usual(block[~np.isnan(block[:, k]), k])
            block, rest = impute.transform(block), rest[1:]
        if len(rest):
            rest.fit(block)
        if "divide" in steps:
            middles = np.nanmedian(np.abs(block), axis=0)
            steps["divide"].scale_ = np.where(middles > 0, middles, 1.0)

    def _block(self, branch: Branch, columns: Mapping[str, np.ndarray]) -> np.ndarray:
        """Return the features of a branch, shape (n, features), nan where blank.

        Numbers are in Fortran's order: a column's mean is the same, whatever is beside it.
        """
        values = [derive(columns, self.features[place]) for place in branch.places]
        if "encode" in branch.steps.named_steps:
            (texts,) = values
            own = np.where(missing(texts), np.nan, texts.astype(str).astype(object))
            return own[:, None]
        return np.array(values, dtype=np.float64).T

    def _too_large(self, name: str) -> TooLarge:
        return TooLarge(
            f"the feature {name!r} is too large for `scale: {self.scale}`: what is computed of its "
            f"numbers is not finite{advice(self.scale)}"
        )

    def _take(self) -> None:
        """Take what the steps of the branches have learnt."""
        for branch in self.branches:
            names = [self.features[place] for place in branch.places]
            steps = branch.steps.named_steps
            if "encode" in steps:
                self.fitted[names[0]] = steps["encode"].categories_[0].astype(str)
                if "impute" in steps:
                    self.imputed[names[0]] = steps["impute"].statistics_.astype(str)
                continue
            if "indicator" in steps:
                self.indicators, self.missing = names, "indicator"
            if "keep" in steps:
                self.missing = "keep"
            if "impute" in steps:
                usual = zip(names, steps["impute"].statistics_, strict=True)
                self.imputed |= {n: np.array([v]) for n, v in usual if not np.isnan(v)}
            if "standard" in steps:
                learnt = np.column_stack([steps["standard"].mean_, steps["standard"].scale_])
            elif "quantile" in steps:
                learnt = steps["quantile"].quantiles_.T
            elif "divide" in steps:
                learnt = steps["divide"].scale_[:, None]
            else:
                continue
            self.fitted |= dict(zip(names, learnt, strict=True))
            self.scale = next(scale for scale in SCALES if scale in steps)


def span(places: list[int]) -> slice | list[int]:
    """Return places as a slice where they follow each other, which files keep in a line."""
    run = [*range(places[0], places[-1] + 1)]
    return slice(run[0], run[-1] + 1) if places == run else places


def log_steps(k: int) -> Steps:
    """Return the steps of sign(x) log(1 + |x| / m) for k numbers, with m the median of |x|.

    skops loads no function of this project: a scaler by the largest |x| is told m when it is fitted.
    """
    size = [("absolute", FunctionTransformer(np.abs)), ("log", FunctionTransformer(np.log1p))]
    both = FeatureUnion([("sign", FunctionTransformer(np.sign)), ("size", Pipeline(size))])
    pairs = FunctionTransformer(np.reshape, kw_args={"shape": (-1, 2, k)})
    product = FunctionTransformer(np.prod, kw_args={"axis": 1})
    return [("divide", MaxAbsScaler()), ("log", both), ("pairs", pairs), ("product", product)]


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
