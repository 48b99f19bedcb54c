"""Import less of what libraries import: a job lives about as long as its imports take.

A fit by scikit-learn starts 0.4 s sooner without pandas, and 0.6 s without scipy.stats and the list of all
estimators that skops makes; a job that only reads or writes Parquet 0.2 s without pandas; TensorFlow
imports in 2.2 s rather than 3.5 s without Keras. With AUSCULTATION_PLAIN_IMPORTS=1 in the environment
everything is imported.
"""

import importlib
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder
from types import ModuleType

import pyarrow as pa

PLAIN = os.environ.get("AUSCULTATION_PLAIN_IMPORTS") == "1"


class _Without(MetaPathFinder):
    def __init__(self, names: tuple[str, ...]) -> None:
        self.names = names

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        if fullname in self.names:
            raise ImportError("not needed")


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Import libraries without the named modules, which they can use but need not.

    pyarrow and scikit-learn import pandas to ask whether a value is one of its own. To be entered
    before anything is made with pyarrow.
    """
    if PLAIN:
        yield
        return
    finder = _Without(names)
    sys.meta_path.insert(0, finder)
    try:
        pa.array([0])  # pyarrow looks for pandas once, here
        yield
    finally:
        sys.meta_path.remove(finder)


def without_pandas() -> None:
    """Do without pandas in a job that imports nothing else that would import it."""
    with without("pandas"):
        pass


class _Later(ModuleType):
    """Stands for a module while others import it, and then is that module."""

    def __getattr__(self, name: str) -> object:
        if name.startswith("__"):
            raise AttributeError(name)

        def whole() -> Callable:
            return getattr(importlib.import_module(self.__name__), name)

        others_import = sys.modules.get(self.__name__) is self
        return (lambda *args, **kwargs: whole()(*args, **kwargs)) if others_import else whole()


@contextmanager
def later(name: str) -> Iterator[None]:
    """Import libraries, and a module that they take functions from only when one is called."""
    if PLAIN or name in sys.modules:
        yield
        return
    sys.modules[name] = _Later(name)
    try:
        yield
    finally:
        del sys.modules[name]


@contextmanager
def lean() -> Iterator[None]:
    """Import scikit-learn without pandas, and scipy.stats only if it is ever used."""
    with without("pandas"), later("scipy.stats"):
        yield


def skops_io() -> ModuleType:
    """Return `skops.io`, imported without its list of all estimators of scikit-learn.

    `is_estimator` answers what the list is for.
    """
    if "skops.io" not in sys.modules:
        from sklearn import utils

        whole = utils.all_estimators
        if not PLAIN:
            utils.all_estimators = list
        try:
            with lean():
                importlib.import_module("skops.io")
        finally:
            utils.all_estimators = whole
    return sys.modules["skops.io"]


def is_estimator(name: str) -> bool:
    """Return whether a name is that of an estimator of scikit-learn, of which alone it imports modules."""
    module, _, kind = name.rpartition(".")
    parts = module.split(".")
    if parts[0] != "sklearn" or {"tests", "conftest", "externals"} & {*parts}:
        return False
    from sklearn.base import BaseEstimator

    try:
        found = getattr(importlib.import_module(module), kind, None)
    except ImportError:
        return False
    return isinstance(found, type) and issubclass(found, BaseEstimator)
