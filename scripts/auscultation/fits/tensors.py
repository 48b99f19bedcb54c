"""TensorFlow as the fits use it: without what they do without, and always with the same sums."""

import os
from types import ModuleType

from auscultation.job.imports import without


def tensorflow() -> ModuleType:
    """Return TensorFlow, imported without Keras (1 s), which it can do without."""
    with without("pandas", "keras.src"):
        import tensorflow as tf
    return tf


def same_sums(threads: int) -> None:
    """Set TensorFlow's threads, and sums that are the same in every run; before its first operation."""
    os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
    tf = tensorflow()
    tf.config.threading.set_intra_op_parallelism_threads(threads)
    tf.config.threading.set_inter_op_parallelism_threads(1)
    tf.config.experimental.enable_op_determinism()
