"""A job of several fits, each quicker than its start: every one has its own files, log and failure.

What was fitted from the same bytes is kept, so a value added to a sweep fits nothing but itself.
"""

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace

from auscultation.job.files import read_json, sha256_of
from auscultation.job.record import ANEW, LOG


def is_kept(part: SimpleNamespace) -> bool:
    """Return whether the files of a fit are there, and were made from the same."""
    with contextlib.suppress(OSError, ValueError):
        same = read_json(part.output.summary).get("made_from") == part.made_from
        files = part.output.model, part.output.predictions
        return same and all(Path(f).exists() for f in files)
    return False


def parts(snakemake) -> Iterator:
    """Yield the fits of a job that are to be made, or the job itself where it is not one of several.

    Each is as its script takes it from Snakemake where it is a job by itself, with `made_from`.

    The parameter `together` has model, split and parameters of each fit beside those in `common`, in
    the order of the outputs `model`, `predictions` and `summary`; the inputs `train` and `test` are
    those of `splits`.
    """
    together = getattr(getattr(snakemake, "params", None), "together", None)
    if together is None:
        yield snakemake
        return
    digest = cache(sha256_of)
    inputs, output, params = snakemake.input, snakemake.output, snakemake.params
    sides = dict(zip(params.splits, zip(inputs.train, inputs.test, strict=True), strict=True))
    files = zip(output.model, output.predictions, output.summary, strict=True)
    with open(snakemake.log[0], "w", encoding="utf-8", buffering=1) as log:
        for fit, (model, predictions, summary) in zip(together, files, strict=True):
            wildcards = {name: fit[name] for name in ("model", "split")}
            own = params.common | {k: v for k, v in fit.items() if k not in wildcards}
            train, test = sides[fit["split"]]
            seen = json.dumps([own, digest(train), digest(test), params.code], sort_keys=True)
            part = SimpleNamespace(
                rule=snakemake.rule,
                wildcards=SimpleNamespace(**wildcards, items=wildcards.items),
                input=SimpleNamespace(train=train, test=test),
                output=SimpleNamespace(model=model, predictions=predictions, summary=summary),
                params=SimpleNamespace(**own),
                log=[str(Path(summary).with_name(LOG))],
                threads=1,
                # of all that its result depends on; in the summary, too
                made_from=hashlib.sha256(seen.encode()).hexdigest(),
            )
            kept = is_kept(part) and not os.environ.get(ANEW)
            log.write(f"{fit['model']} under {fit['split']}: {'kept' if kept else part.log[0]}\n")
            if not kept:
                Path(summary).unlink(missing_ok=True)  # what it says of is about to change
                yield part
