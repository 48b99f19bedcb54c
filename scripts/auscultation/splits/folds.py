"""What a protocol is given and what it returns."""

from collections.abc import Mapping

import numpy as np

# Rows that train and rows that test, each shape (n,), int64.
Fold = tuple[np.ndarray, np.ndarray]
# The cleaned columns, each shape (n,), and `class`, what is to be predicted.
Cycles = Mapping[str, np.ndarray]
