"""Compute the family of features `log_mel` of each cycle.

In: sound at 4000 Hz. Out: a row per cycle. What the features are: auscultation/recordings/families/log_mel.py.
"""

from auscultation.job.log import start
from auscultation.recordings.families.log_mel import NAMES, of_analysis
from auscultation.recordings.sounds import write_family

start(globals(), write_family, NAMES, of_analysis)
