"""What each model that speaks of new patients is, was fitted on, and is worth: a row of the sheet `Models`."""

import json
from pathlib import Path

import pyarrow.parquet as pq

from auscultation.data.target import Target
from auscultation.fits.algorithms import BASELINES
from auscultation.job.files import read_json, sha256_of
from auscultation.metrics.names import metrics_of
from auscultation.scores.questions import metric_of, splits_apart
from auscultation.scores.verdict import of_model, word
from auscultation.scores.wording import area

LISTED = 30  # features that a model's row names


def expected(
    rows: list[dict], model: str, algorithm: str, answer: dict, target: Target
) -> dict[str, object]:
    """Return what to expect of a model for patients it has not heard.

    For each split that keeps patients apart, the test scores and what the answer says of the model:
    the same names for every model. `rows` are those of the comparison.
    """
    names = [target.score, "sensitivity", "specificity", "accuracy"]
    scores: dict[str, object] = {}
    for about in splits_apart(answer["splits"]):
        split = about["split"]
        own = {
            row["metric"]: row
            for row in rows
            if (row["model"], row["split"], row["part"]) == (model, split, "test")
        }
        metric = metric_of(own, "information", target)
        shown = [(name, name) for name in names if name in metrics_of(target)] + [("AUC", metric)]
        for title, name in shown:
            row = own.get(name, {})
            scores[f"{title} under {split}"] = row.get("value")
            if title in (target.score, "AUC"):
                for end in ("low", "high"):
                    scores[f"{title} under {split}, {end}"] = row.get(f"ci_{end}")
        scores[f"which AUC under {split}"] = metric and area(metric, target)
        for question, what in (("information", "AUC"), ("useful", target.score)):
            entry = of_model(about, question, model)
            verdict = "a baseline" if algorithm in BASELINES else word(about, entry)
            scores[f"{question} under {split}"] = verdict
            scores[f"{what} that would have been seen under {split}"] = entry and entry["limit"]
    return scores


def model_rows(
    fits: list[tuple[dict, str, dict]], inputs, answer: dict, target: Target
) -> list[dict]:
    """Return the rows of the third sheet: what each model is, was fitted on, and is worth."""
    source = read_json(inputs.source)
    train = pq.read_table(inputs.train[0], columns=["patient_ID"])
    rows = pq.read_table(inputs.comparison).to_pylist()
    return [
        {
            "model": fit["model"],
            "algorithm": fit["algorithm"],
            "predicts": target.name,
            "features": listed(about["inputs"]),
            "settings": json.dumps(about["settings"], default=str),
            "fitted on": Path(source["workbook"]).name,
            "SHA-256 of that workbook": source["sha256"],
            "cycles": train.num_rows,
            "patients": len(train["patient_ID"].unique()),
            "SHA-256 of the model": sha256_of(path),
            **expected(rows, fit["model"], fit["algorithm"], answer, target),
        }
        for fit, path, about in fits
    ]


def listed(names: list[str]) -> str:
    """Return names in a row; of many the first, and how many more there are."""
    more = len(names) - LISTED
    return ", ".join(names[:LISTED]) + (f" and {more:,} more" if more > 0 else "")
