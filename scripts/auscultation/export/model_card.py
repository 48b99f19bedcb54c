"""A model card: what a model is, what it was fitted on, what it scores, and what it is not for.

The headings are those of Mitchell et al. (2019), "Model Cards for Model Reporting". Every text that
comes from a workbook or a config is escaped.
"""

import json
from pathlib import Path

from auscultation.data.columns import WORKBOOK
from auscultation.data.derived import CATEGORIES
from auscultation.data.target import Target, all_alike
from auscultation.export.card_scores import analyses, in_short
from auscultation.export.markdown import bullets, code, table, text
from auscultation.report.notes import definitions, imputed_features
from auscultation.scores.wording import counted

DERIVED = {
    "duration": "end minus start of the cycle, s",
    "device": "the last part of the recording's name",
    "location": "the third last part of the recording's name",
}


def card(about: dict, target: Target) -> str:
    """Write the card.

    Parameters
    ----------
    about
        `model`, `algorithm`, `fits` (by split, the content of `fit.json`), `final` (the split whose
        model is handed on, or None), `rows` (of the comparison, all models), `answer` (see
        `auscultation.scores.answer`), `source`, `quality`, `provenance`, `data` (see `export_model.data_of`), and
        `onnx`, of the file (`columns`, `bytes`, `sha256`, `agreement`) or with the reason why there
        is none (`reason`). Of a model that is handed on, `model_sha256` and `holds_cycles`, how many
        training cycles it holds the features of.
    target
        What was predicted.
    """
    simulated = about["provenance"]["config"]["workbook"] == "demo"
    lines = [f"# {text(about['model'])}", "", in_short(about, target), ""]
    if simulated:
        lines += ["**Simulated data.** Nothing can be learned about lungs from this model.", ""]
    for title, part in (
        ("Model details", details(about, target)),
        ("Intended use", intended_use(target)),
        ("Factors", factors(about)),
        ("Metrics", metrics(target)),
        ("Training and evaluation data", training_data(about, target)),
        ("Quantitative analyses", analyses(about, target)),
        ("Ethical considerations", ethics(about)),
        ("Caveats and recommendations", caveats(about)),
        ("How to use it", use(about)),
        ("Where it comes from", provenance(about)),
    ):
        lines += [f"## {title}", "", *(line for line in part if line is not None), ""]
    kept: list[str] = []
    for line in lines:  # no two blank lines in a row
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).rstrip() + "\n"


def metrics(target: Target) -> list[str]:
    """Say what the metrics mean, and what intervals and p values hold."""
    return bullets(filter(None, [*definitions(target), all_alike(target)]))


def shown_fit(about: dict) -> dict:
    """Return the fit whose settings are shown: to all cycles, else the first, if it did not fail."""
    fits = [about["fits"][about["final"]]] if about["final"] in about["fits"] else []
    fits += list(about["fits"].values())
    return next((fit for fit in fits if not fit.get("failed")), fits[0])


def details(about: dict, target: Target) -> list[str]:
    """Say what the model is."""
    fit = shown_fit(about)
    lines = [
        f"Algorithm: {code(about['algorithm'])}",
        f"Predicts: {text(target.name)}, of the classes {', '.join(map(text, target.classes))}",
        f"Features: {', '.join(map(text, fit.get('inputs', []))) or 'none'}",
        f"Scaling of numbers: {text(fit.get('scale', 'none'))}",
        f"Settings: {settings_text(fit.get('settings', {}))}",
    ]
    for split, fit in sorted(about["fits"].items()):
        chosen = [fold["chosen"] for fold in fit.get("folds", []) if "chosen" in fold]
        if chosen:
            each = "; ".join(dict.fromkeys(settings_text(one) for one in chosen))
            count = len(chosen)
            folds = "" if count == 1 else f", in {counted(count, 'fold')}"
            metric = text(fit["folds"][0].get("metric", fit["tune"]["metric"]))
            lines.append(
                f"Chosen by {metric} inside the training part of {code(split)}{folds}: {each}"
            )
    for split, fit in sorted(about["fits"].items()):
        if fit.get("failed"):
            lines.append(f"**Could not be fitted under {code(split)}:** {text(fit['failed'])}")
        instead = [fold["approximated"] for fold in fit.get("folds", []) if "approximated" in fold]
        lines += [
            f"**Approximated under {code(split)}:** {text(one)}" for one in dict.fromkeys(instead)
        ]
    warnings: dict[str, list[str]] = {}
    for split, fit in sorted(about["fits"].items()):
        for fold in fit.get("folds", []):
            for said in fold.get("warnings", []):
                warnings.setdefault(said, []).append(f"{split}, fold {fold['fold']}")
    lines += [
        f"**The library warns** ({text('; '.join(where))}): {text(said)}"
        for said, where in warnings.items()
    ]
    return bullets(lines)


def settings_text(settings: dict) -> str:
    """Return settings for reading."""
    pairs = (f"{key} = {json.dumps(value, default=str)}" for key, value in sorted(settings.items()))
    return text(", ".join(pairs) or "none")


def intended_use(target: Target) -> list[str]:
    """Say what the model is for, and what not."""
    return [
        f"Research and teaching: which statistics of a sound tell {text(target.words)}, and what a "
        "split that keeps patients apart does to a score.",
        "",
        "**Not a medical device.** Not for diagnosis, triage, monitoring or any decision about a "
        "patient, not as a second opinion either. It has not been validated for any of that.",
    ]


def factors(about: dict) -> list[str]:
    """Say on what the scores may depend."""
    devices = about["data"]["devices"]
    heard = f"The recordings are of {', '.join(map(text, devices))}. " if devices else ""
    return [
        f"{heard}A statistic such as the variance of the amplitude depends on the device, on its "
        "amplification and on where on the chest it was held as much as on the lung. Other devices, "
        "clinics, ages and diseases than those of this workbook have not been tried."
    ]


def training_data(about: dict, target: Target) -> list[str]:
    """Say what the workbook holds."""
    data, source = about["data"], about["source"]
    sheet = "" if source["sheet"] is None else f", sheet {text(source['sheet'])}"
    lines = [
        f"Workbook {text(Path(source['workbook']).name)}{sheet}, SHA-256 "
        f"`{source['sha256']}`: {data['cycles']:,} cycles in {data['recordings']:,} recordings of "
        f"{counted(data['patients'], 'patient')}, after cleaning.",
    ]
    rows = [
        [text(one["class"]), f"{one['cycles']:,}", f"{one['patients']:,}"]
        for one in data["classes"]
    ]
    lines += table([text(target.name), "cycles", "patients who have any"], rows)
    features = sorted({name for fit in about["fits"].values() for name in fit.get("inputs", [])})
    lines += [text(said) for said in imputed_features(about["quality"], features)]
    return lines


def ethics(about: dict) -> list[str]:
    """Say what of patients a model file holds."""
    lines = ["The workbook is of people who were examined; they are not named here."]
    if about.get("holds_cycles"):
        lines.append(
            f"The model itself holds the features of {about['holds_cycles']:,} of the cycles it "
            "was fitted on (not whose they are). Pass it on only where the workbook may go, too."
        )
    return [" ".join(lines)]


def caveats(about: dict) -> list[str]:
    """Say what the model cannot know."""
    fit = shown_fit(about)
    few = len(fit.get("inputs", []))
    return bullets(
        [
            f"It sees {counted(few, 'feature')} of a cycle, not the sound: what those do not hold, no "
            "setting brings back.",
            "One workbook, cut into cycles and labelled by people: their mistakes are its truth.",
            "A cycle outside the range of the training cycles gets an answer all the same; `snakemake "
            "score` flags it.",
            "Scores under splits that know the patients, and above all under `final`, flatter it.",
        ]
    )


def use(about: dict) -> list[str]:
    """Say how to let the model speak of a new workbook, here or by way of ONNX."""
    onnx = about["onnx"]
    lines = ["Score a workbook of new cycles:", "", "```"]
    lines += ["snakemake score --cores 2 --config score=new_patients.xlsx", "```", ""]
    if "reason" in onnx:
        return [*lines, f"No ONNX file: {text(onnx['reason'])}."]
    same = onnx["agreement"]
    largest = max(same.number, same.share)
    off = f"{largest:.0e}" if largest else "0"
    rows = []
    for k, name in enumerate(onnx["columns"]):
        feature, _, value = name.partition("=")
        if feature in CATEGORIES:
            where = DERIVED.get(feature, feature)
            what = f"1 where {where} is {text(value)}, else 0"
        else:
            what = text(WORKBOOK[name].description if name in WORKBOOK else DERIVED[name])
        rows.append([str(k), code(name), what])
    return [
        *lines,
        f"`model.onnx` ({onnx['bytes']:,} bytes, SHA-256 `{onnx['sha256']}`) predicts the same: on "
        f"{same.cycles:,} training cycles, onnxruntime gave every cycle its class, and no number or "
        f"probability was further off than {off}. Its input `features` is a float64 "
        "matrix of "
        "these columns, as the workbook has them (scaling is in the file):",
        *table(["column", "name", "what it is"], rows, numbers=False),
    ]


def provenance(about: dict) -> list[str]:
    """Say from what code, packages and config it was made."""
    known = about["provenance"]
    made_by, lock = known["code"], known["lock"]
    commit = f"`{made_by['commit']}`" if made_by["commit"] else "unknown (no git checkout)"
    versions = ", ".join(f"{name} {version}" for name, version in sorted(known["versions"].items()))
    lines = [
        f"Code: auscultation-models, commit {commit}{', with changes' if made_by['changed'] else ''}",
        f"Lock: {text(lock['file'])}, SHA-256 `{lock['sha256']}`",
        f"Versions: {text(versions)}",
    ]
    if about.get("model_sha256"):
        lines.append(
            f"Model file: fits/{text(about['model'])}/{text(about['final'])}/, SHA-256 "
            f"`{about['model_sha256']}`"
        )
    return bullets([*lines, "Config with all defaults: `provenance.json` in the results"])
