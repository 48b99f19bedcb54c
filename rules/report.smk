"""From the comparison to the figures and the page."""

FIGURES = f"{RESULTS}/figures"


rule figures:
    """Draw all figures, for the page and for papers."""
    message:
        "Draw the figures"
    input:
        raw=f"{RESULTS}/table/raw.parquet",
        cycles=f"{RESULTS}/table/cycles.parquet",
        comparison=f"{RESULTS}/comparison.parquet",
        predictions=of_fits("predictions.parquet"),
        descents=of_fits("fit.json", algorithm="gradient_descent"),
        lib=lib("canvas", "comparison", "datafigures", "job", "metrics", "style", "table", "target"),
    output:
        missing=report(
            f"{FIGURES}/missing.svg",
            caption="../report/missing.rst",
            category="Data",
            labels={"figure": "missing values"},
        ),
        states=report(
            f"{FIGURES}/states.svg",
            caption="../report/states.rst",
            category="Data",
            labels={"figure": "states"},
        ),
        scores=report(
            f"{FIGURES}/scores.svg",
            caption="../report/scores.rst",
            category="Comparison",
            labels={"figure": "ICBHI score of every model"},
        ),
        losses=[
            report(
                f"{FIGURES}/losses.svg",
                caption="../report/losses.rst",
                category="Comparison",
                labels={"figure": "loss of gradient descent"},
            )
            for _ in of_fits("fit.json", algorithm="gradient_descent")[:1]
        ],
        models=[
            report(
                f"{FIGURES}/models/{fit['model']}.{fit['split']}.svg",
                caption="../report/model.rst",
                category="Models",
                labels={"model": fit["model"], "split": fit["split"]},
            )
            for fit in FITS
        ],
    log:
        f"{RESULTS}/logs/figures.log",
    benchmark:
        f"{RESULTS}/benchmarks/figures.tsv"
    threads: 1
    params:
        fits=lambda wildcards: FITS,
    conda:
        "../envs/report.yaml"
    script:
        "../scripts/figures.py"


rule report:
    """Make the page."""
    message:
        "Write the report: {output.page}"
    input:
        source=f"{RESULTS}/table/source.json",
        quality=f"{RESULTS}/table/quality.json",
        cycles=f"{RESULTS}/table/cycles.parquet",
        splits=expand(f"{RESULTS}/splits/{{split}}/split.json", split=sorted(CONFIG["splits"])),
        comparison=f"{RESULTS}/comparison.parquet",
        differences=f"{RESULTS}/differences.parquet",
        leakage=f"{RESULTS}/leakage.parquet",
        costs=f"{RESULTS}/costs.tsv",
        fits=of_fits("fit.json"),
        missing=rules.figures.output.missing,
        states=rules.figures.output.states,
        scores=rules.figures.output.scores,
        losses=rules.figures.output.losses,
        models=rules.figures.output.models,
        template=source("report/template.html.j2"),
        css=source("report/style.css"),
        lib=lib(
            "comparison", "findings", "job", "metrics", "pagetables", "style", "table", "target"
        ),
    output:
        page=report(
            f"{RESULTS}/report.html",
            caption="../report/page.rst",
            category="Report",
            labels={"page": "the whole report"},
        ),
    log:
        f"{RESULTS}/logs/report.log",
    benchmark:
        f"{RESULTS}/benchmarks/report.tsv"
    threads: 1
    params:
        config=lambda wildcards: CONFIG,
        left_out=lambda wildcards: left_out(CONFIG),
        fits=lambda wildcards: FITS,
    conda:
        "../envs/report.yaml"
    script:
        "../scripts/report.py"
