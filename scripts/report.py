"""Make the page: one HTML file with everything in it, for a browser without a network.

In: what was read, cleaned and split, the comparison with its tables, the fits' summaries, the
figures, the template. Out: `report.html`. Everything shown is prepared here; the template lays out.
"""

import json
import logging
import platform
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path

import pyarrow.parquet as pq
import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from lib.comparison import read_costs, wide
from lib.findings import (
    ABOUT,
    answer,
    definitions,
    imputed_features,
    kind_of,
    leakage_sentences,
    verdicts,
)
from lib.job import job_log, write_text
from lib.pagetables import (
    costs_table,
    leakage_table,
    quality_table,
    ranking_table,
    splits_table,
    theta_table,
)
from lib.style import inline_svg
from lib.target import Target, target_of
from markupsafe import Markup

PACKAGES = ("snakemake", "numpy", "pandas", "pyarrow", "scikit-learn", "scipy", "tensorflow")
PACKAGES += ("tensorflow-cpu", "skops", "openpyxl", "matplotlib", "jinja2")


def read_json(path: str) -> dict:
    """Read one of the workflow's JSON files."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


def figure(path: str, alt: str, caption: str) -> dict:
    """Give a figure for the page: its SVG, what it shows for those who do not see it, a caption."""
    prefix = Path(path).stem.replace(".", "-")
    svg = inline_svg(Path(path).read_text(encoding="utf-8"), prefix)
    # the workflow's own drawing; matplotlib has escaped what the workbook and config say in it
    return {"svg": Markup(svg), "alt": alt, "caption": caption}


def model_section(
    model: str, fits: list[tuple[str, dict]], figures: list[dict], target: Target
) -> dict:
    """Give all that the page says of one model."""
    warnings = {}
    for split, summary in fits:
        for fold in summary["folds"]:
            for text in fold["warnings"]:
                warnings.setdefault(text, []).append(f"{split}, fold {fold['fold']}")
    settings = fits[0][1]["settings"]
    return {
        "name": model,
        "features": ", ".join(fits[0][1]["features"]),
        "settings": ", ".join(f"{k} = {v}" for k, v in settings.items()) or "none",
        "warnings": [{"text": text, "where": where} for text, where in warnings.items()],
        "theta": theta_table(fits, target),
        "figures": figures,
    }


def versions() -> list[tuple[str, str]]:
    """List the versions of Python and of the packages that this environment has."""
    found = [("Python", platform.python_version())]
    for package in PACKAGES:
        try:
            found.append((package, metadata.version(package)))
        except metadata.PackageNotFoundError:
            logging.info("%s is not in this environment", package)
    return found


def prepare(inputs, params, made: datetime) -> dict:
    """Prepare everything the template shows.

    Parameters
    ----------
    inputs, params
        Of the rule `report`.
    made
        When the page is made, with its time zone.
    """
    source, quality = read_json(inputs.source), read_json(inputs.quality)
    comparison = pq.read_table(inputs.comparison)
    rows, target = comparison.to_pylist(), target_of(comparison.schema.metadata)
    differences = pq.read_table(inputs.differences).to_pylist()
    leakage = pq.read_table(inputs.leakage).to_pylist()
    splits = dict(zip(sorted(params.config["splits"]), map(read_json, inputs.splits), strict=True))
    test, train = (wide(rows, part, target) for part in ("test", "train"))
    cycles = pq.read_table(inputs.cycles, columns=["patient_ID", "recording"])
    said = verdicts(rows, differences, splits, target)
    order = [verdict["split"] for verdict in said]
    models: dict[str, list] = {}
    drawn: dict[str, list] = {}
    for fit, path, svg in zip(params.fits, inputs.fits, inputs.models, strict=True):
        models.setdefault(fit["model"], []).append((fit["split"], read_json(path)))
        alt = f"First 50 cycles of {fit['model']} under {fit['split']}: true and predicted class"
        drawn.setdefault(fit["model"], []).append(
            figure(svg, alt, f"Under {fit['split']}, first fold.")
        )
    features = sorted(
        {name for fits in models.values() for _, fit in fits for name in fit["inputs"]}
    )
    return {
        "made": made.strftime("%d %B %Y, %H:%M %Z").lstrip("0"),
        "source": source,
        "workbook_name": Path(source["workbook"]).name,
        "demo": params.config["workbook"] == "demo",
        "n_cycles": cycles.num_rows,
        "n_patients": len(cycles["patient_ID"].unique()),
        "n_recordings": len(cycles["recording"].unique()),
        "dropped_cycles": quality["cycles_before"] - quality["cycles_after"],
        "answer": answer(said),
        "verdicts": said,
        "definitions": definitions(target),
        "target": target,
        "left_out": params.left_out,
        "leakage": leakage_sentences(leakage, target),
        "leakage_table": leakage_table(leakage, target),
        "imputed": imputed_features(quality, features),
        "states": figure(
            inputs.states,
            "Bars: cycles in each state, and patients with such cycles",
            "Cycles by state, and how many patients stand behind each.",
        ),
        "missing": figure(
            inputs.missing,
            "Heat map of missing values by column and row, before and after cleaning",
            "Missing values before and after cleaning; behind each column's name, their number.",
        ),
        "scores": figure(
            inputs.scores,
            f"Dots: {target.score_words} of every model under every split, with baselines as lines",
            f"The {target.score_words} of every model, with its 95 % interval on the test part.",
        ),
        "losses": [
            figure(
                path,
                "Lines: mean squared error of gradient descent by iteration",
                "Loss of gradient descent before each iteration, in the first fold; the numbers are "
                "the training parts' MSE over all folds.",
            )
            for path in inputs.losses
        ],
        "quality": quality_table(quality),
        "splits": splits_table(
            {name: splits[name] for name in order},
            {name: test[name][0]["n_patients"] for name in order},
            target,
        ),
        "rankings": [
            {
                "split": name,
                "about": ABOUT[kind_of(splits[name])],
                "table": ranking_table(name, test[name], train[name], differences, target),
            }
            for name in order
        ],
        "models": [
            model_section(name, models[name], drawn[name], target) for name in sorted(models)
        ],
        "costs": costs_table(read_costs(inputs.costs)),
        "versions": versions(),
        "config": yaml.safe_dump(params.config, sort_keys=True, allow_unicode=True),
        "bootstrap": params.config["bootstrap"],
    }


def render(context: dict, template: str, css: str) -> str:
    """Fill in the template; everything that is not marked safe is escaped."""
    folder, name = str(Path(template).parent), Path(template).name
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = Markup(Path(css).read_text(encoding="utf-8"))
    return environment.get_template(name).render(css=style, **context)


def main(snakemake) -> None:
    """Make the page."""
    inputs = snakemake.input
    context = prepare(inputs, snakemake.params, datetime.now(UTC))
    page = render(context, inputs.template[0], inputs.css[0])
    logging.info("the page has %d kB", len(page.encode()) // 1000)
    write_text(snakemake.output.page, page)


if "snakemake" in globals():
    with job_log(snakemake):  # noqa: F821
        main(snakemake)  # noqa: F821
