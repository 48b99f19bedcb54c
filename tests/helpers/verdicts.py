"""Verdicts of the page, from rows of a comparison and of its differences from the best constant."""

from pathlib import Path

from auscultation.data.target import Target
from auscultation.metrics.names import METRICS
from auscultation.report.answer import opposing, verdicts
from auscultation.report.render import environment
from auscultation.scores.answer import answers
from auscultation.scores.comparison import wide
from auscultation.scores.differences import CONSTANT

REPORT = Path(__file__).resolve().parents[2] / "report"
STATE = Target()
SIDES = (15, 18)


def rows(model, algorithm, split="patient", n_patients=20, **values):
    """Rows of the comparison for both parts of one fit."""
    base = dict.fromkeys(METRICS, 0.5) | values
    return [
        {"model": model, "algorithm": algorithm, "split": split, "part": part, "metric": metric}
        | {"value": value}
        | dict.fromkeys(("ci_low", "ci_high"), value)
        | {"n_folds": 5, "n_cycles": 100, "n_patients": n_patients}
        for part in ("train", "test")
        for metric, value in base.items()
    ]


def gap(model, metric, difference, p, folds=None, split="patient"):
    """A row of the differences from the best constant."""
    se = abs(difference) / 3 + 0.01
    return {
        **{"split": split, "metric": metric, "model": model, "against": "constant"},
        **{"against_is": CONSTANT, "difference": difference, "se": se, "df": 14},
        **{"ci_low": difference - 2 * se, "ci_high": difference + 2 * se, "p": p, "p_holm": p},
        **{"fold_t_p": folds, "fold_t_p_holm": folds},
    }


def split_of(protocol="patient", both=(), tested=20):
    fold = {"fold": 0, "test": {"patients": tested}, "patients_on_both_sides": list(both)}
    return {"protocol": protocol, "settings": {}, "folds": [fold]}


BASELINE = rows(
    "most_frequent",
    "most_frequent",
    icbhi_score=0.5,
    auc_abnormal_between_patients=0.5,
    auc_ovr_between_patients=0.5,
)


def verdicts_of(comparison, gaps, splits=None, sides=None, target=STATE):
    """The answer, and the verdict on each split."""
    splits = splits or {"patient": split_of()}
    answer = answers(comparison, gaps, splits, sides or dict.fromkeys(splits, SIDES), target)
    return answer, verdicts(answer, wide(comparison, "test", target), gaps, splits, target)


def words(macro, *values, file="answer.j2"):
    """What a macro of the page's templates says, on one line."""
    module = environment(REPORT).get_template(file).module
    return " ".join(str(getattr(module, macro)(*values)).split())


def headline(answer, made, target=STATE):
    """The page's answer."""
    return words("whole_answer", made[0], opposing(answer, made), target)


def forest(score=0.5, auc=0.5, score_p=0.5, auc_p=0.5, folds=None, split="patient"):
    """A model with probabilities, and its differences from the best constant."""
    values = {
        "icbhi_score": score,
        "auc_ovr_between_patients": auc,
        "auc_abnormal_between_patients": auc,
    }
    values |= {"sensitivity": 0.2, "specificity": 2 * score - 0.2}
    gaps = [
        gap("forest", "icbhi_score", score - 0.5, score_p, folds, split),
        gap("forest", "auc_ovr_between_patients", auc - 0.5, auc_p, folds, split),
    ]
    return rows("forest", "random_forest", split, **values), gaps
