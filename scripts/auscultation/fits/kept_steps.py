"""What the preprocessing of each fold has learnt, as named arrays for an .npz file, and from them.

`features`, `scale` and `missing` are those of the first fold; of a fold with others they are under
`features.{fold}` and so on. Of numbers, in the order of the features: what scaling has learnt is
`numbers.{fold}`, shape (numbers, k), what blank cells get `imputed.{fold}`, shape (numbers,), nan where
none are blank. Of a category: its values are `preprocess.{fold}.{feature}`, what blank cells get is
`impute.{fold}.{feature}`. `indicators.{fold}` are the features with a column for what is missing.
"""

from collections.abc import Mapping

import numpy as np

from auscultation.fits.preprocess import OPTIONS, Preprocessor

DEFAULT = "median"  # of `missing`, which is not kept


def arrays_of_steps(steps: list[Preprocessor]) -> dict[str, np.ndarray]:
    """Return what is kept of the preprocessing of each fold, by name."""
    arrays = {key: np.array(getattr(steps[0], key)) for key in OPTIONS}
    if steps[0].missing == DEFAULT:
        del arrays["missing"]
    for fold, step in enumerate(steps):
        arrays |= {
            f"{key}.{fold}": np.array(getattr(step, key))
            for key in OPTIONS
            if getattr(step, key) != getattr(steps[0], key)
        }
        categories = step.categories
        numbers = [name for name in step.features if name not in categories]
        if numbers and step.scale != "none":
            arrays[f"numbers.{fold}"] = np.stack([step.fitted[name] for name in numbers])
        if any(name in step.imputed for name in numbers):
            none = np.full(1, np.nan)
            imputed = [step.imputed.get(name, none) for name in numbers]
            arrays[f"imputed.{fold}"] = np.concatenate(imputed)
        if step.indicators:
            arrays[f"indicators.{fold}"] = np.array(step.indicators)
        for part, learnt in (("preprocess", step.fitted), ("impute", step.imputed)):
            own = {name: values for name, values in learnt.items() if name in categories}
            arrays |= {f"{part}.{fold}.{name}": values for name, values in own.items()}
    return arrays


def step_of(arrays: Mapping[str, np.ndarray], fold: int) -> Preprocessor:
    """Return the preprocessing of a fold, from what `arrays_of_steps` has kept."""
    arrays = {"missing": np.array(DEFAULT)} | dict(arrays)
    features, scale, missing = (arrays.get(f"{k}.{fold}", arrays[k]).tolist() for k in OPTIONS)
    fitted, imputed = (_of_fold(arrays, f"{part}.{fold}.") for part in ("preprocess", "impute"))
    numbers = [name for name in features if name not in fitted]
    if f"imputed.{fold}" in arrays:
        values = zip(numbers, arrays[f"imputed.{fold}"][:, None], strict=True)
        imputed |= {name: value for name, value in values if not np.isnan(value[0])}
    if f"numbers.{fold}" in arrays:
        fitted |= dict(zip(numbers, arrays[f"numbers.{fold}"], strict=True))
    step = Preprocessor(features, scale, imputed, missing)
    step.fitted, step.imputed = fitted, imputed
    step.indicators = arrays.get(f"indicators.{fold}", np.array([])).tolist()
    return step


def _of_fold(arrays: Mapping[str, np.ndarray], prefix: str) -> dict[str, np.ndarray]:
    """Return the arrays whose names begin so, by the rest of their names."""
    return {k.removeprefix(prefix): v for k, v in arrays.items() if k.startswith(prefix)}
