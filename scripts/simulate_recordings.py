"""Write a folder of simulated recordings that looks like the ICBHI 2017 database.

In: a seed and a number of patients. Out: a folder with a .wav and an annotation (.txt) per recording,
demographics.txt and diagnosis.txt.
"""

import logging
from pathlib import Path

from auscultation.job.log import start
from auscultation.recordings.simulation import write_recordings


def main(snakemake) -> None:
    """Write the recordings that the rule asks for."""
    folder = Path(snakemake.output.recordings)
    params = snakemake.params
    write_recordings(folder, int(params.seed), int(params.patients), bool(params.sounds))
    logging.info("simulated %d recordings", len(list(folder.glob("*.wav"))))


start(globals(), main)
