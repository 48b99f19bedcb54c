"""The families by name, and the table of several of them from one analysis of a recording."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from auscultation.recordings.families.bands import NAMES as BANDS
from auscultation.recordings.families.bands import of_analysis as bands
from auscultation.recordings.families.envelope import NAMES as ENVELOPE
from auscultation.recordings.families.envelope import of_analysis as envelope
from auscultation.recordings.families.log_mel import NAMES as LOG_MEL
from auscultation.recordings.families.log_mel import of_analysis as log_mel
from auscultation.recordings.families.mfcc import NAMES as MFCC
from auscultation.recordings.families.mfcc import of_analysis as mfcc
from auscultation.recordings.families.spectrum import NAMES as SPECTRUM
from auscultation.recordings.families.spectrum import of_analysis as spectrum
from auscultation.recordings.families.tonal import NAMES as TONAL
from auscultation.recordings.families.tonal import of_analysis as tonal
from auscultation.recordings.families.transient import NAMES as TRANSIENT
from auscultation.recordings.families.transient import of_analysis as transient
from auscultation.recordings.frames import DEFAULTS, Analysis, Settings


class Family(NamedTuple):
    """A family: its columns, and its features, (n_cycles, columns), of an analysis."""

    NAMES: tuple[str, ...]
    of_analysis: Callable[[Analysis], np.ndarray]


FAMILIES = {
    "spectrum": Family(SPECTRUM, spectrum),
    "bands": Family(BANDS, bands),
    "mfcc": Family(MFCC, mfcc),
    "tonal": Family(TONAL, tonal),
    "transient": Family(TRANSIENT, transient),
    "envelope": Family(ENVELOPE, envelope),
    "log_mel": Family(LOG_MEL, log_mel),
}


def column_names(families: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of the families of these names, in this order."""
    return tuple(column for name in families for column in FAMILIES[name].NAMES)


def families_of(columns: Sequence[str]) -> list[str]:
    """Return the families that some of the columns are features of."""
    return [name for name, family in FAMILIES.items() if {*columns} & {*family.NAMES}]


def features(
    signal: np.ndarray,
    cycles: np.ndarray,
    families: Sequence[str],
    settings: Settings = DEFAULTS,
) -> np.ndarray:
    """Return the features of several families, (n_cycles, columns), spectra computed once.

    From a recording at 4000 Hz, (n,), and begin and end of its cycles in samples, (n_cycles, 2).
    """
    analysis = Analysis(signal, cycles, settings)
    tables = [FAMILIES[name].of_analysis(analysis) for name in families]
    return np.concatenate([np.empty((len(analysis.cycles), 0)), *tables], axis=1)
