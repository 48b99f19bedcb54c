"""The tables and the page of a large comparison, from made-up predictions: no fit is run."""

import json
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import compare
import examine
import figures
import report
from auscultation.config.sweep import curves, seed_sweeps
from auscultation.data.parquet import write_parquet
from auscultation.data.target import Target
from auscultation.scores.features import FEATURES as SCHEMA
from auscultation.scores.tables import to_table
from harness import ROOT

PATIENTS, EACH = 24, 12
ALGORITHMS = ("random_forest", "svc", "hist_gradient_boosting", "logistic_regression")
PROTOCOLS = {"half": "half", "patient": "patient", "published": "published"}
FEATURES = ["Var", "Range"]
WARNING = "<script>alert(1)</script>"
EXAMINED = tuple(examine.SCHEMAS)
NAMES = ("comparison", "differences", "leakage", "calibration", "confusion", "errors", "hardest")


class Files(dict):
    """Named files, as a rule's input and output are: by attribute and by key."""

    __getattr__ = dict.__getitem__


def models_of(n: int) -> dict[str, dict]:
    """Resolved models: baselines, a sweep of kNN, and so many in all of other algorithms."""
    models = {name: {"algorithm": name, "settings": {}} for name in ("mean", "most_frequent")}
    for k in (1, 3, 9, 27, 81):
        sweep = {"model": "knn_sweep", "n_neighbors": k}
        models[f"knn_sweep-n_neighbors-{k}"] = {
            "algorithm": "knn",
            "settings": {"n_neighbors": k},
            "sweep": sweep,
        }
    while len(models) < n:
        algorithm = ALGORITHMS[len(models) % len(ALGORITHMS)]
        name = f"{algorithm}_of_number_{len(models)}"
        models[name] = {"algorithm": algorithm, "settings": {"C": len(models)}}
    return models


def cycles_of() -> pa.Table:
    """A cleaned table: patients with cycles of every state, four devices."""
    n = PATIENTS * EACH
    patient = 101 + np.arange(n) // EACH
    state = np.random.default_rng(2).choice(4, n, p=(0.5, 0.3, 0.15, 0.05))
    device = np.array(["Meditron", "AKGC417L", "Litt3200"])[patient % 3]
    return pa.table(
        {
            "cycle": np.arange(n),
            "patient_ID": patient,
            "Diagnosis": np.where(patient % 2 == 0, "COPD", "Healthy"),
            "state": state,
            "recording": [f"{p}_1b1_Al_sc_{d}" for p, d in zip(patient, device, strict=True)],
            "device": device,
        }
    )


def predictions_of(cycles: pa.Table, split: str, model: str, algorithm: str, skill: float):
    """Predictions of one fit: right with a probability of `skill`, else any class."""
    rng = np.random.default_rng([len(split), len(model), int(1000 * skill)])
    n, true = cycles.num_rows, cycles["state"].to_numpy()
    odd = cycles["patient_ID"].to_numpy() % 2 if split != "half" else np.arange(n) % 2
    called = np.where(rng.random(n) < skill, true, rng.integers(0, 4, n)).astype(float)
    constant = {"mean": 0.7, "most_frequent": 0.0}.get(algorithm)
    called = called if constant is None else np.full(n, constant)
    shares = np.full((n, 4), 0.1) + 0.6 * np.eye(4)[np.rint(called).astype(int)]
    known = algorithm != "mean"
    table = pa.table(
        {name: cycles[name] for name in ("cycle", "patient_ID")}
        | {"fold": np.zeros(n, int), "part": np.where(odd, "train", "test")}
        | {"state": true, "prediction": called}
        | {f"p{k}": pa.array(shares[:, k] if known else [None] * n, pa.float64()) for k in range(4)}
    )
    return table.replace_schema_metadata(Target().to_metadata())


def split_of(cycles: pa.Table, split: str) -> dict:
    """The content of a `split.json`."""
    half = cycles.num_rows // 2
    side = {"patients": PATIENTS, "recordings": PATIENTS, "cycles": half}
    side["classes"] = dict.fromkeys(Target().classes, half // 4)
    both = {"half": list(range(101, 101 + PATIENTS)), "published": [101]}.get(split, [])
    fold = {"fold": 0, "train": side, "test": side, "patients_on_both_sides": both}
    return {"protocol": PROTOCOLS[split], "settings": {}, "folds": [fold]}


def outputs_of(folder: Path, fits: list[dict], models: dict) -> Files:
    """The figures' files, as the rule names them."""
    at = folder / "figures"
    splits = sorted(PROTOCOLS)
    names = ("missing", "states", "scores", "calibration", "roc", "precision_recall", "net_benefit")
    alone = {name: at / f"{name}.svg" for name in names}
    files = Files(
        **alone,
        made_from=at / "made_from.json",
        plane=[at / "plane.svg"],
        leakage=[at / "leakage.svg"],
        losses=[],
        learning=[],
        relied_on=[],
        subgroups=[at / "subgroups.svg"],
        sweeps=[at / "sweeps" / "knn_sweep.n_neighbors.svg"],
        forests=[at / "scores" / f"{split}.svg" for split in splits],
        areas=[at / "auc" / f"{split}.svg" for split in splits],
        patients=[at / "patients" / f"{split}.svg" for split in splits],
        confusions=[at / "confusion" / f"{model}.svg" for model in sorted(models)],
        models=[at / "models" / f"{fit['model']}.{fit['split']}.svg" for fit in fits],
    )
    texts = {
        name: [*map(str, of)] if isinstance(of, list) else str(of) for name, of in files.items()
    }
    return Files(texts)


def run(folder: Path, n: int) -> str:
    """Compare so many models, draw the figures, make the page; give its text."""
    models, cycles = models_of(n), cycles_of()
    fits = [
        {"model": model, "algorithm": about["algorithm"], "split": split}
        for split in sorted(PROTOCOLS)
        for model, about in sorted(models.items())
    ]
    write_parquet(cycles, folder / "cycles.parquet")
    inputs = Files(raw=folder / "cycles.parquet", cycles=folder / "cycles.parquet", descents=[])
    inputs |= {
        "predictions": [],
        "summaries": [],
        "fits": [],
        "splits": [],
    }
    inputs["published"] = [ROOT / "report" / "icbhi_published_scores.csv"]
    for number, fit in enumerate(fits):
        known = 0.3 if fit["split"] == "half" else 0.0  # so much is recognising patients
        skill = known + 0.5 * (number % len(models)) / len(models)
        table = predictions_of(cycles, fit["split"], fit["model"], fit["algorithm"], skill)
        paths = {name: folder / f"{number}.{name}" for name in ("parquet", "json")}
        write_parquet(table, paths["parquet"])
        settings = models[fit["model"]]["settings"]
        fold = {"fold": 0, "warnings": [WARNING] if fit["algorithm"] == "svc" else []}
        summary = {"settings": settings, "features": FEATURES, "inputs": FEATURES, "folds": [fold]}
        summary["measured"] = {"fit_seconds": 1.5, "predict_seconds": 0.25, "peak_memory_mb": 200}
        paths["json"].write_text(json.dumps(summary))
        inputs.predictions.append(paths["parquet"])
        inputs.summaries.append(paths["json"])
        inputs.fits.append(paths["json"])
    for split in sorted(PROTOCOLS):
        inputs.splits.append(folder / f"{split}.json")
        inputs.splits[-1].write_text(json.dumps(split_of(cycles, split)))
    params = SimpleNamespace(
        code="",
        lost=[],
        fits=fits,
        drawn=fits,
        protocols=PROTOCOLS,
        apart={"patient": "patient"},
        curves=curves(models),
        left_out=[],
        verdict="mean",
        threshold=None,
        subgroups=["sex", "device"],
        age_bands=[18, 65],
        repeated={},
        seeds=seed_sweeps(models),
        config={
            "workbook": f"{WARNING}.xlsx",
            "splits": dict.fromkeys(PROTOCOLS, {}),
            "importance": False,
        },
    )
    tables = Files(costs=folder / "costs.tsv", parquet=folder / "comparison.parquet")
    tables |= {"csv": folder / "comparison.csv", "xlsx": folder / "comparison.xlsx"}
    for name in NAMES[1:]:
        tables |= {name: folder / f"{name}.parquet", f"{name}_csv": folder / f"{name}.csv"}
    tables |= {"first_cycles": folder / "first_cycles.parquet", "answer": folder / "answer.json"}
    with mock.patch.object(compare, "write_comparison"):  # a spreadsheet that nobody reads here
        compare.main(SimpleNamespace(input=inputs, output=tables, params=params, threads=1))
    inputs |= {name: folder / f"{name}.parquet" for name in (*NAMES, "first_cycles")}
    inputs["answer"] = folder / "answer.json"
    paths = {name: folder / f"{name}.parquet" for name in EXAMINED}
    more = {f"{name}_csv": folder / f"{name}.csv" for name in EXAMINED}
    output = Files(paths | more)
    examine.main(SimpleNamespace(input=inputs, output=output, params=params, threads=1))
    inputs |= paths
    drawn = outputs_of(folder, fits, models)
    # of the figures of single fits the page shows those of this split alone
    chosen = [number for number, fit in enumerate(fits) if fit["split"] == "patient"]
    params.drawn = [fits[number] for number in chosen]
    drawn["models"] = [drawn.models[number] for number in chosen]
    figures.main(SimpleNamespace(input=inputs, output=drawn, params=params, threads=1))
    source = {"workbook": f"{WARNING}.xlsx", "sheet": WARNING, "rows": 1, "columns": ["state"]}
    (folder / "source.json").write_text(json.dumps(source | {"bytes": 1, "sha256": "0" * 64}))
    quality = {"cycles_before": 1, "cycles_after": 1, "imputed": {}, "dropped_columns": []}
    quality |= {"empty_columns": []}
    quality |= {"missing_before": {"Var": 0}, "missing_after": {"Var": 0}, "missing": "impute"}
    (folder / "quality.json").write_text(json.dumps(quality))
    origin = {"code": {"commit": WARNING, "changed": True}, "versions": {WARNING: "1"}}
    origin |= {"lock": {"file": WARNING, "sha256": "0" * 64}}
    (folder / "provenance.json").write_text(json.dumps(origin))
    page = inputs | drawn | {name: folder / f"{name}.parquet" for name in NAMES}
    shares = {"between_patients": 0.75, "between_recordings": None, "patient_specific": True}
    about = {"feature": WARNING, "kind": "category", "models": 3, "missing": 0, "levels": 2}
    pq.write_table(to_table([about | shares], SCHEMA), folder / "features.parquet")
    page |= {"features": folder / "features.parquet"}
    page |= {"source": folder / "source.json", "quality": folder / "quality.json"}
    page |= {"costs": folder / "costs.tsv", "calibration_figure": drawn["calibration"]}
    page |= {"leakage_figure": drawn["leakage"], "provenance": folder / "provenance.json"}
    page |= {"subgroups_figure": drawn["subgroups"], "subgroups": folder / "subgroups.parquet"}
    page |= dict.fromkeys(("learning", "learning_figure", "operating", "importance"), [])
    for name, file in (
        ("template", "report.html.j2"),
        ("css", "style.css"),
        ("script", "report.js"),
    ):
        page[name] = [ROOT / "report" / file]
    report.main(
        SimpleNamespace(
            input=Files(page), output=SimpleNamespace(page=folder / "report.html"), params=params
        )
    )
    return (folder / "report.html").read_text(encoding="utf-8")
