"""Which fits have their features permuted."""

from auscultation.config.queries import Fit, apart, fits
from auscultation.fits.algorithms import ALGORITHMS

# Protocols that keep most patients apart, though nothing says that each is tested once.
MOSTLY_APART = ("leave_group_out", "published")


def permuted_splits(config: dict) -> list[str]:
    """Return the splits under which features are permuted.

    Those that keep patients apart, or most of them; and beside these those of single cycles, whose
    difference shows what recognises patients. Without any, all but those that test what they train.
    """
    units, splits = apart(config), config["splits"]
    protocols = {name: split["protocol"] for name, split in sorted(splits.items())}
    chosen = [
        name
        for name, protocol in protocols.items()
        if units.get(name) == "patient" or protocol in MOSTLY_APART
    ]
    if chosen:
        return sorted({*chosen, *(name for name, unit in units.items() if unit == "cycle")})
    return [name for name, protocol in protocols.items() if protocol != "final"]


def permuted_fits(config: dict) -> list[Fit]:
    """Return the fits whose features are permuted: not baselines that look at none."""
    splits = permuted_splits(config)
    return [
        fit
        for fit in fits(config)
        if fit["split"] in splits
        and (not ALGORITHMS[fit["algorithm"]].baseline or ALGORITHMS[fit["algorithm"]].features)
    ]
