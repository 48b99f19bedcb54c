"""Rows of the importance, made up."""

from auscultation.data.target import Target

STATE = Target()
OVR, ABNORMAL = "auc_ovr_between_patients", "auc_abnormal_between_patients"


def row(model, group, loss, reach=0.01, split="patient", metric=OVR, value=0.7, **more):
    """A row whose loss has an interval of twice `reach`, and is shown where that is above 0."""
    shown = loss is not None and loss > reach
    known = {
        "permuted": None if loss is None else value - loss,
        "ci_low": None if loss is None else loss - reach,
        "ci_high": None if loss is None else loss + reach,
        "p": None if loss is None else 0.01 if shown else 0.5,
        "p_holm": None if loss is None else 0.02 if shown else 1.0,
    }
    names = {"model": model, "algorithm": model, "split": split, "group": group, "metric": metric}
    return (
        names
        | {"features": group, "value": value, "loss": loss, "n_repeats": 5, "note": ""}
        | (known | more)
    )


def gain(model, group, difference, reach=0.01, **more):
    """A row of what recognises patients."""
    names = {"model": model, "algorithm": model, "group": group, "features": group, "metric": OVR}
    values = {"loss": difference + 0.1, "other_loss": 0.1, "difference": difference}
    ends = {"ci_low": difference - reach, "ci_high": difference + reach}
    shown = {"p": 0.01, "p_holm": 0.02} if difference > reach else {"p": 0.5, "p_holm": 1.0}
    return names | {"split": "shuffled", "other_split": "patient"} | values | ends | shown | more
