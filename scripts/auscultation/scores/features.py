"""The features of all models: which columns they are, and how much of each is the patient."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import NamedTuple, TypedDict

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from auscultation.data.derived import SOURCES, derive
from auscultation.data.features import FeatureError, is_category, resolve_features
from auscultation.scores.tables import schema_of
from auscultation.scores.variance import (
    Groups,
    between,
    between_of_category,
    columns_at_once,
    scaled,
)
from auscultation.scores.wording import listed

# Above it, most of a feature's spread is between patients: it tells who it is more than what is heard.
PATIENT_SPECIFIC = 0.5
CATEGORY, NUMBER = "category", "number"
GROUPED = ("patient_ID", "recording")


class Feature(TypedDict):
    """One row of the features."""

    feature: str
    kind: str  # number or category
    models: int  # that use it
    missing: int  # cycles without a value
    levels: int | None  # of a category
    between_patients: float | None  # share of its variance
    between_recordings: float | None  # None also where the table has no recordings
    patient_specific: bool


FEATURES = schema_of(Feature)


class Used(NamedTuple):
    """The models that use each feature, and those of each problem with the entries of the config."""

    models: dict[str, list[str]]
    problems: dict[str, list[str]]


Entries = Mapping[str, Sequence[Sequence[str]]]  # by model, its lists (several to choose among)


def used_features(
    entries: Entries, columns: Sequence[str], target: str, own: Collection[str] = ()
) -> Used:
    """Return which features the models use, of a table with these columns.

    `own` are models whose features are those of their algorithm: what these lack is no problem of the
    config, but the reason why their fits have no result.
    """
    used = Used({}, {})
    resolved: dict[tuple[str, ...], list[str]] = {}
    problems: dict[tuple[str, ...], list[str]] = {}
    for model, lists in sorted(entries.items()):
        for names in dict.fromkeys(map(tuple, lists)):
            if names not in resolved:
                resolved[names], problems[names] = [], []
                try:
                    resolved[names] = resolve_features(names, columns, target)
                except FeatureError as error:
                    problems[names] = error.problems
            wrong = [] if model in own else problems[names]
            for models, keys in ((used.models, resolved[names]), (used.problems, wrong)):
                for key in keys:
                    if model not in models.setdefault(key, []):
                        models[key].append(model)
    return used


def place(models: Sequence[str], entries: Entries, common: Sequence[str]) -> str:
    """Return where the config names the features of some models; `common` are those of `features`."""
    own = [model for model in models if [*common] not in map(list, entries[model])]
    places = ["config key `features`"] if len(own) < len(models) else []
    if own:
        places.append(f"model{'s' * (len(own) > 1)} {listed(own)}")
    return " and ".join(places)


def problem_of_category(name: str, levels: int, filled: int, n: int, most: int) -> str | None:
    """Return what is wrong with a category of so many levels, filled in so many of n cycles."""
    out = f'leave it out by "!{name}"'
    if levels == filled > n / 2:
        return f"column {name!r} has another value in each cycle, as an id has: {out}"
    if levels <= most:
        return None
    return (
        f"column {name!r} has {levels:,} different values, and a category at most {most:,}: {out}, "
        "group its values, or raise config key `max_levels`"
    )


def is_number(kind: pa.DataType) -> bool:
    """Return whether a column of this type is a feature that is a number."""
    types = pa.types
    return any(f(kind) for f in (types.is_integer, types.is_floating, types.is_boolean))


def columns_of(file: pq.ParquetFile, names: Sequence[str]) -> dict[str, pa.ChunkedArray]:
    """Return features of a table of cycles, read or derived."""
    there = file.schema_arrow.names
    derived = [name for name in names if name not in there]
    sources = [source for name in derived for source in SOURCES[name]]
    table = file.read(columns=[*dict.fromkeys([name for name in names if name in there] + sources)])
    numbers = {name: table[name].to_numpy() for name in sources}
    columns = {name: pa.chunked_array([derive(numbers, name)]) for name in derived}
    return columns | {name: table[name] for name in names if name in there}


def codes_of(column: pa.ChunkedArray) -> tuple[np.ndarray, int]:
    """Return the number of each cycle's value, -1 for none, shape (n,), and how many values there are."""
    encoded = column.cast(pa.string()).combine_chunks().dictionary_encode()
    return encoded.indices.fill_null(-1).to_numpy(), len(encoded.dictionary)


def as_floats(column: pa.ChunkedArray) -> np.ndarray:
    """Return a column of numbers, nan where blank, float64, shape (n,)."""
    return column.cast(pa.float64(), safe=False).to_numpy()


class Described(NamedTuple):
    """What is computed of one feature."""

    name: str
    kind: str
    missing: int
    levels: int | None
    shares: dict[str, float]  # of its variance, by the column of the groups


def describe(
    file: pq.ParquetFile, models: Mapping[str, list[str]], most: int
) -> tuple[list[Feature], dict[str, list[str]]]:
    """Return a row for each feature, the most patient-specific first, and the models by problem.

    `models` are those that use a feature, `most` is the largest number of levels of a category. With
    problems there are no rows. The memory does not grow with the number of features.
    """
    types = {name: pa.float64() for name in models}
    types |= {field.name: field.type for field in file.schema_arrow if field.name in models}
    categories = [name for name, kind in types.items() if is_category(name, kind)]
    numbers = [name for name in types if name not in categories]
    by = {
        name: Groups.of(codes_of(file.read(columns=[name])[name])[0])
        for name in GROUPED
        if name in file.schema_arrow.names
    }
    problems = {
        f"column {name!r} holds neither numbers nor texts, but {types[name]}": models[name]
        for name in numbers
        if not is_number(types[name])
    }
    described = []
    for name in categories:
        codes, levels = codes_of(file.read(columns=[name])[name])
        filled = int((codes >= 0).sum())
        problem = problem_of_category(name, levels, filled, len(codes), most)
        if problem:
            problems[problem] = models[name]
            continue
        shares = {key: between_of_category(codes, groups) for key, groups in by.items()}
        described.append(Described(name, CATEGORY, len(codes) - filled, levels, shares))
    if problems:
        return [], problems
    described += describe_numbers(file, numbers, by)
    rows = [row_of(about, len(models[about.name])) for about in described]
    rows.sort(key=lambda row: (-blank_last(row["between_patients"]), row["feature"]))
    return rows, {}


def describe_numbers(
    file: pq.ParquetFile, names: Sequence[str], by: Mapping[str, Groups]
) -> Iterator[Described]:
    """Yield what is computed of features that are numbers, some columns at a time."""
    step = columns_at_once(file.metadata.num_rows)
    for start in range(0, len(names), step):
        block = names[start : start + step]
        columns = columns_of(file, block)
        matrix = np.column_stack([as_floats(columns.pop(name)) for name in block])
        missing = np.isnan(matrix).sum(0)
        matrix = scaled(matrix)
        shares = {key: between(matrix, groups) for key, groups in by.items()}
        for place, name in enumerate(block):
            own = {key: float(values[place]) for key, values in shares.items()}
            yield Described(name, NUMBER, int(missing[place]), None, own)


def row_of(about: Described, n_models: int) -> Feature:
    """Return the row of a feature that so many models use."""
    patients, recordings = (about.shares.get(key, np.nan) for key in GROUPED)
    return Feature(
        feature=about.name,
        kind=about.kind,
        models=n_models,
        missing=about.missing,
        levels=about.levels,
        between_patients=None if np.isnan(patients) else patients,
        between_recordings=None if np.isnan(recordings) else recordings,
        patient_specific=patients > PATIENT_SPECIFIC,
    )


def blank_last(share: float | None) -> float:
    """Return a share to order by, lowest where there is none."""
    return -1 if share is None else share
