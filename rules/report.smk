"""From the comparison to the figures and the page."""

FIGURES = f"{RESULTS}/figures"


# Splits whose differences are what having heard recording or patient is worth: are there any?
LEAKS = len(set(apart(CONFIG).values())) > 1
DESCENTS = of_fits("fit.json", algorithm="gradient_descent")
PLANE = CONFIG["target"] != "Diagnosis"  # a diagnosis has not one sensitivity
FITTED = sorted({fit["model"] for fit in FITS})  # without those that the target leaves out
CURVES = curves({model: CONFIG["models"][model] for model in FITTED})


rule figures:
    """Draw all figures, for the page and for papers."""
    message:
        "Draw the figures"
    input:
        raw=f"{RESULTS}/table/raw.parquet",
        cycles=f"{RESULTS}/table/cycles.parquet",
        comparison=f"{RESULTS}/comparison.parquet",
        leakage=f"{RESULTS}/leakage.parquet",
        calibration=f"{RESULTS}/calibration.parquet",
        confusion=f"{RESULTS}/confusion.parquet",
        errors=f"{RESULTS}/errors.parquet",
        hardest=f"{RESULTS}/hardest.parquet",
        first_cycles=f"{RESULTS}/first_cycles.parquet",
        descents=DESCENTS,
        splits=SPLITS,
        published=source("report/icbhi_published_scores.csv"),
        lib=modules("figures"),
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
            labels={"figure": "scores of every model"},
        ),
        plane=[
            report(
                f"{FIGURES}/plane.svg",
                caption="../report/plane.rst",
                category="Comparison",
                labels={"figure": "sensitivity and specificity"},
            )
            for _ in [PLANE][: int(PLANE)]
        ],
        calibration=report(
            f"{FIGURES}/calibration.svg",
            caption="../report/calibration.rst",
            category="Comparison",
            labels={"figure": "calibration of the probabilities"},
        ),
        leakage=[
            report(
                f"{FIGURES}/leakage.svg",
                caption="../report/leakage.rst",
                category="Comparison",
                labels={"figure": "what having heard recording and patient is worth"},
            )
            for _ in [LEAKS][: int(LEAKS)]
        ],
        losses=[
            report(
                f"{FIGURES}/losses.svg",
                caption="../report/losses.rst",
                category="Comparison",
                labels={"figure": "loss of gradient descent"},
            )
            for _ in DESCENTS[:1]
        ],
        sweeps=[
            report(
                f"{FIGURES}/sweeps/{curve['sweep']}.{curve['key']}.svg",
                caption="../report/sweep.rst",
                category="Comparison",
                labels={"figure": f"{curve['sweep']} by {curve['key']}"},
            )
            for curve in CURVES
        ],
        forests=[
            report(
                f"{FIGURES}/scores/{split}.svg",
                caption="../report/forest.rst",
                category="Comparison",
                labels={"figure": "scores, intervals", "split": split},
            )
            for split in sorted(CONFIG["splits"])
        ],
        areas=[
            report(
                f"{FIGURES}/auc/{split}.svg",
                caption="../report/auc.rst",
                category="Comparison",
                labels={"figure": "AUCs, intervals", "split": split},
            )
            for split in sorted(CONFIG["splits"])
        ],
        patients=[
            report(
                f"{FIGURES}/patients/{split}.svg",
                caption="../report/patients.rst",
                category="Comparison",
                labels={"figure": "who is always wrong", "split": split},
            )
            for split in sorted(CONFIG["splits"])
        ],
        confusions=[
            report(
                f"{FIGURES}/confusion/{model}.svg",
                caption="../report/confusion.rst",
                category="Models",
                labels={"model": model, "figure": "confusion"},
            )
            for model in FITTED
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
    threads: 2
    resources:
        mem_mb=memory(800, 100, 300),
        runtime=minutes(5, 1),
    params:
        fits=lambda wildcards: FITS,
        protocols=lambda wildcards: PROTOCOLS,
        curves=lambda wildcards: CURVES,
    conda:
        "../envs/report.yaml"
    group:
        cluster_group("finish")
    script:
        "../scripts/figures.py"


rule provenance:
    """Write down what the results come from."""
    message:
        "Write down what the results come from"
    input:
        source=f"{RESULTS}/table/source.json",
        comparison=f"{RESULTS}/comparison.parquet",
        benchmarks=of_fits("benchmark.tsv"),
        lock=source("requirements.txt"),
        lib=modules("provenance"),
    output:
        provenance=f"{RESULTS}/provenance.json",
    log:
        f"{RESULTS}/logs/provenance.log",
    benchmark:
        f"{RESULTS}/benchmarks/provenance.tsv"
    threads: 1
    resources:
        mem_mb=memory(300, 50),
        runtime=minutes(5, 1),
    params:
        config=lambda wildcards: CONFIG,
    conda:
        "../envs/report.yaml"
    group:
        cluster_group("finish")
    script:
        "../scripts/provenance.py"


rule report:
    """Make the page."""
    message:
        "Write the report: {output.page}"
    input:
        source=f"{RESULTS}/table/source.json",
        quality=f"{RESULTS}/table/quality.json",
        cycles=f"{RESULTS}/table/cycles.parquet",
        splits=SPLITS,
        comparison=f"{RESULTS}/comparison.parquet",
        differences=f"{RESULTS}/differences.parquet",
        answer=f"{RESULTS}/answer.json",
        leakage=f"{RESULTS}/leakage.parquet",
        calibration=f"{RESULTS}/calibration.parquet",
        errors=f"{RESULTS}/errors.parquet",
        hardest=f"{RESULTS}/hardest.parquet",
        costs=f"{RESULTS}/costs.tsv",
        provenance=f"{RESULTS}/provenance.json",
        fits=of_fits("fit.json"),
        missing=rules.figures.output.missing,
        states=rules.figures.output.states,
        scores=rules.figures.output.scores,
        plane=rules.figures.output.plane,
        calibration_figure=rules.figures.output.calibration,
        leakage_figure=rules.figures.output.leakage,
        losses=rules.figures.output.losses,
        sweeps=rules.figures.output.sweeps,
        forests=rules.figures.output.forests,
        areas=rules.figures.output.areas,
        patients=rules.figures.output.patients,
        confusions=rules.figures.output.confusions,
        models=rules.figures.output.models,
        published=source("report/icbhi_published_scores.csv"),
        template=source("report/report.html.j2"),
        parts=source(
            "report/answer.j2",
            "report/macros.html.j2",
            "report/sections/answer.html.j2",
            "report/sections/data.html.j2",
            "report/sections/models.html.j2",
            "report/sections/patients.html.j2",
            "report/sections/provenance.html.j2",
            "report/sections/published.html.j2",
            "report/sections/published.j2",
            "report/sections/scores.html.j2",
            "report/sentences.j2",
        ),
        css=source("report/style.css"),
        script=source("report/report.js"),
        lib=modules("report"),
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
    resources:
        mem_mb=memory(500, 50),
        runtime=minutes(5, 1),
    params:
        config=lambda wildcards: CONFIG,
        fits=lambda wildcards: FITS,
        lost=lambda wildcards: LOST,
        left_out=lambda wildcards: left_out(CONFIG),
        curves=lambda wildcards: CURVES,
    conda:
        "../envs/report.yaml"
    group:
        cluster_group("finish")
    script:
        "../scripts/report.py"
