"""Fits compared by the script: two models and a baseline under two splits, with their files."""

import json
from types import SimpleNamespace

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

import compare
from auscultation.scores.fit_scores import scores, sum_parts
from cohorts import cohort, rows_of_part

ENDINGS = ("", "_between_patients", "_within_device", "_within_patient")
ABNORMAL = tuple(f"auc_abnormal{ending}" for ending in ENDINGS)
OVR = tuple(f"auc_ovr{ending}" for ending in ENDINGS)
COSTS = ("fit_seconds", "predict_seconds", "peak_memory_mb")


def fit_of(model="knn", algorithm="knn", split="half"):
    return {"model": model, "algorithm": algorithm, "split": split}


def predictions(train, test, folds=1, p=None):
    """Predictions of pairs (state, prediction); every pair in each fold, two cycles a patient.

    Probabilities are p of the state predicted and the same for the other three; None for none.
    """
    rows = []
    for fold in range(folds):
        first = 0
        for part, pairs in (("train", train), ("test", test)):
            for number, (state, prediction) in enumerate(pairs, first):
                row = {"cycle": number, "patient_ID": 101 + number // 2, "fold": fold, "part": part}
                row |= {"state": state, "prediction": float(prediction)}
                for other in range(4):
                    share = (
                        p if other == np.rint(prediction) else None if p is None else (1 - p) / 3
                    )
                    row[f"p{other}"] = share
                rows.append(row)
            first = 100
    schema = pa.Table.from_pylist([rows[0] | {f"p{s}": 0.5 for s in range(4)}]).schema
    return pa.Table.from_pylist(rows, schema)


def rows_of(fit, table, device=None):
    """Rows of the comparison that a fit gives."""
    return [
        {**fit, "part": part, **row, **side.counts}
        for part, side in sum_parts(table, fit["algorithm"], device).items()
        for row in scores(side)
    ]


def summary_of(*costs):
    """The content of a fit.json that says what the fit took."""
    return json.dumps({"settings": {}, "measured": dict(zip(COSTS, costs, strict=True))})


MODELS = {"knn, scaled": "knn", "mean": "mean", "svc": "svc"}
SPLITS = ("by patient", "mixed")
FITS = [fit_of(model, MODELS[model], split) for split in SPLITS for model in MODELS]
PROTOCOLS = {"by patient": "patient", "mixed": "shuffled"}
APART = {"by patient": "patient", "mixed": "cycle"}
PATIENT, STATE, _, CALLED = cohort(4, 24, (0.4, 0.3, 0.8))
N = len(STATE)
DEVICES = np.array(["AKGC417L", "Meditron"])
CYCLES = pa.table(
    {
        "cycle": np.arange(N),
        "patient_ID": PATIENT,
        "recording": [f"{p}_1b1_Al_sc_{DEVICES[p % 2]}" for p in PATIENT.tolist()],
        "device": DEVICES[PATIENT % 2],
    }
)


def table_of(fit):
    """Predictions of a fit in two folds; nearest neighbours know a cycle that they have heard."""
    fold = PATIENT % 2 if fit["split"] == "by patient" else np.arange(N) % 2
    p, called = None, CALLED[1]
    if fit["model"] == "mean":
        called = np.full(N, STATE.mean())
    if fit["model"] == "knn, scaled":
        called = CALLED[0] if fit["split"] == "by patient" else CALLED[2]
        p = np.full((N, 4), 0.2)
        p[np.arange(N), called] = 0.4
    test = rows_of_part(PATIENT, STATE, called, fold, "test", p)
    return pa.concat_tables([rows_of_part(PATIENT, STATE, called, 1 - fold, "train", p), test])


TABLES = [table_of(fit) for fit in FITS]
MEASURED = [(2.5, 0.5, 130.25), (1.0, None, None), (0.25, 0.0625, 77.0)]
MEASURED += [(3.0, 0.1, 85.5), (4.0, 0.2, 90.0), (5.0, None, 1.0)]
NAMES = ("parquet", "csv", "xlsx", "differences", "differences_csv", "leakage", "leakage_csv")
NAMES += ("calibration", "calibration_csv", "costs", "confusion", "confusion_csv")
NAMES += ("errors", "errors_csv", "hardest", "hardest_csv", "first_cycles", "answer")


def device_of(table):
    return table["patient_ID"].to_numpy() % 2


def run(folder, fits=FITS, lost=(), cycles=CYCLES, threads=1, **tables):
    """Compare by the script; `tables` holds predictions by model and split that differ."""
    inputs = SimpleNamespace(predictions=[], summaries=[], cycles=folder / "cycles.parquet")
    pq.write_table(cycles, inputs.cycles)
    inputs.splits = [folder / f"{split}.json" for split in SPLITS]
    for split, path in zip(SPLITS, inputs.splits, strict=True):
        both = [] if split == "by patient" else [*range(101, 125)]
        fold = {"patients_on_both_sides": both, "test": {"patients": 12}}
        path.write_text(json.dumps({"protocol": PROTOCOLS[split], "folds": [fold] * 2}))
    for number, fit in enumerate(fits):
        place = FITS.index(fit)
        table = tables.get(fit["model"] + fit["split"], TABLES[place])
        inputs.predictions.append(folder / f"{number}.parquet")
        inputs.summaries.append(folder / f"{number}.json")
        pq.write_table(table, inputs.predictions[-1])
        inputs.summaries[-1].write_text(summary_of(*MEASURED[place]))
    output = {name: folder / "out" / name for name in NAMES}
    output = SimpleNamespace(**output | {"xlsx": folder / "out" / "comparison.xlsx"})
    params = SimpleNamespace(fits=fits, lost=list(lost), protocols=PROTOCOLS, apart=APART)
    compare.main(SimpleNamespace(params=params, input=inputs, output=output, threads=threads))
    return output
