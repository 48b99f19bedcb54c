"""Import less of what libraries import: a job lives about as long as its imports take.

Without pandas, a job that imports scikit-learn starts 0.4 s sooner, and one that only reads or writes
Parquet 0.2 s; TensorFlow without Keras imports in 2.2 s rather than 3.5 s. With
AUSCULTATION_PLAIN_IMPORTS=1 in the environment everything is imported.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.abc import MetaPathFinder

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
    """Import libraries without others that they can use but need not.

    pyarrow and scikit-learn import pandas to ask whether a value is one of its own. To be entered
    before anything is made with pyarrow.

    Parameters
    ----------
    names
        Modules whose import fails within.
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
