"""From the comparison to the figures and the page."""

# Whether there are splits whose difference is what knowing the recording or the patient is worth.
LEAKS = len(set(apart(CONFIG).values())) > 1
DESCENTS = of_fits("fit.json", algorithm="gradient_descent")
PLANE = wanted(CONFIG["target"]).ordered  # else there is no single sensitivity
FITTED = sorted({fit["model"] for fit in FITS})  # without those that the target leaves out
IMPORTANT = bool(CONFIG["importance"])
MOST = 100  # models that have figures of their own; of more, those outside sweeps, whose values share a figure
SINGLE = [model for model in FITTED if "sweep" not in CONFIG["models"][model]]
DRAWN = next(models for models in (FITTED, SINGLE, []) if len(models) <= MOST)
DRAWN_FITS = [fit for fit in FITS if fit["model"] in DRAWN]
CURVES = curves({model: CONFIG["models"][model] for model in FITTED})
NAMESAKES = ("calibration", "leakage", "learning", "subgroups")  # figures named as tables are


rule figures:
    """Draw all figures, for the page and for papers."""
    message:
        "Draw the figures"
    input:
        **asked_for("learning"),
        raw=f"{RESULTS}/table/raw.parquet",
        cycles=f"{RESULTS}/table/cycles.parquet",
        comparison=f"{RESULTS}/comparison.parquet",
        leakage=f"{RESULTS}/leakage.parquet",
        calibration=f"{RESULTS}/calibration.parquet",
        curves=f"{RESULTS}/curves.parquet",
        confusion=f"{RESULTS}/confusion.parquet",
        errors=f"{RESULTS}/errors.parquet",
        hardest=f"{RESULTS}/hardest.parquet",
        subgroups=f"{RESULTS}/subgroups.parquet",
        first_cycles=f"{RESULTS}/first_cycles.parquet",
        descents=DESCENTS,
        splits=SPLITS,
        importances=rules.gather_importance.output.importance if IMPORTANT else [],
        published=source("report/icbhi_published_scores.csv"),
        lib=modules("figures"),
        script=source("scripts/figures.py"),
    output:
        made_from=update(f"{RESULTS}/figures/made_from.json"),
        missing=figure("missing", "missing", "Data", figure="missing values"),
        states=figure("states", "states", "Data", figure="states"),
        scores=figure("scores", "scores", figure="scores of every model"),
        plane=[figure("plane", "plane", figure="sensitivity and specificity")] * PLANE,
        calibration=figure("calibration", "calibration", figure="calibration of the probabilities"),
        learning=[figure("learning", "learning", figure="learning curves")]
        * bool(CONFIG["learning_curve"]),
        roc=figure("roc", "roc", figure="ROC curves"),
        precision_recall=figure("precision_recall", "precision_recall", figure="precision, recall"),
        net_benefit=figure("net_benefit", "net_benefit", figure="net benefit by threshold"),
        leakage=[figure("leakage", "leakage", figure="gain by knowing the patient")] * LEAKS,
        subgroups=[figure("subgroups", "subgroup", figure="AUCs by sex, age, device, location")]
        * bool(CONFIG["subgroups"]),
        losses=[figure("losses", "losses", figure="loss of gradient descent")] * bool(DESCENTS),
        sweeps=[
            figure(
                f"sweeps/{c['sweep']}.{c['key']}", "sweep", figure=f"{c['sweep']} by {c['key']}"
            )
            for c in CURVES
        ],
        relied_on=[figure("importance", "relied_on", figure="what the models rely on")] * IMPORTANT,
        forests=[
            figure(f"scores/{split}", "forest", figure="scores, intervals", split=split)
            for split in sorted(CONFIG["splits"])
        ],
        areas=[
            figure(f"auc/{split}", "auc", figure="AUCs, intervals", split=split)
            for split in sorted(CONFIG["splits"])
        ],
        patients=[
            figure(f"patients/{split}", "patients", figure="hardest patients", split=split)
            for split in sorted(CONFIG["splits"])
        ],
        confusions=[
            figure(f"confusion/{model}", "confusion", "Models", model=model, figure="confusion")
            for model in DRAWN
        ],
        models=[
            figure(f"models/{model}.{split}", "model", "Models", model=model, split=split)
            for model, split in ((fit["model"], fit["split"]) for fit in DRAWN_FITS)
        ],
    log:
        f"{RESULTS}/logs/figures.log",
    benchmark:
        f"{RESULTS}/benchmarks/figures.tsv"
    threads: 2
    resources:
        mem_mb=memory(800, 100, 300, 1),
        runtime=minutes(5, 1, 0.01),
    params:
        fits=lambda wildcards: FITS,
        drawn=lambda wildcards: DRAWN_FITS,
        protocols=lambda wildcards: PROTOCOLS,
        apart=lambda wildcards: apart(CONFIG),
        curves=lambda wildcards: CURVES,
    conda:
        "../envs/report.yaml"
    group:
        cluster_group("finish")
    script:
        "../scripts/figures.py"


rule provenance:
    """Record workbook or recordings, code, versions and config of the results."""
    message:
        "Write down what the results come from"
    input:
        source=f"{RESULTS}/table/source.json",
        comparison=f"{RESULTS}/comparison.parquet",
        benchmarks=BENCHMARKS,
        lock=source("requirements.txt"),
        lib=modules("provenance"),
    output:
        provenance=f"{RESULTS}/provenance.json",
    log:
        f"{RESULTS}/logs/provenance.log",
    benchmark:
        f"{RESULTS}/benchmarks/provenance.tsv"
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
    """Make the page: what snakemake makes unless told otherwise.

    By a rule `all` each run would end a second later: Snakemake waits so long after it selects jobs.
    """
    default_target: True
    message:
        "Write the report: {output.page}"
    input:
        **{
            f"{name}_figure" if name in NAMESAKES else name: as_it_is(paths)
            for name, paths in rules.figures.output.items()
            if name != "made_from"
        },
        **asked_for("operating", "learning"),
        source=f"{RESULTS}/table/source.json",
        quality=f"{RESULTS}/table/quality.json",
        cycles=f"{RESULTS}/table/cycles.parquet",
        features=f"{RESULTS}/table/feature_shares.parquet",
        splits=SPLITS,
        comparison=f"{RESULTS}/comparison.parquet",
        comparison_csv=f"{RESULTS}/comparison.csv",
        differences=f"{RESULTS}/differences.parquet",
        answer=f"{RESULTS}/answer.json",
        leakage=f"{RESULTS}/leakage.parquet",
        calibration=f"{RESULTS}/calibration.parquet",
        errors=f"{RESULTS}/errors.parquet",
        hardest=f"{RESULTS}/hardest.parquet",
        units=f"{RESULTS}/units.parquet",
        importance=as_it_is(rules.gather_importance.output.importance if IMPORTANT else []),
        recognising=as_it_is(rules.gather_importance.output.recognising if IMPORTANT else []),
        subgroups=f"{RESULTS}/subgroups.parquet",
        power=f"{RESULTS}/power.parquet",
        luck=f"{RESULTS}/luck.parquet",
        probabilities=f"{RESULTS}/probabilities.parquet",
        costs=f"{RESULTS}/costs.tsv",
        provenance=f"{RESULTS}/provenance.json",
        fits=of_fits("fit.json"),
        published=source("report/icbhi_published_scores.csv"),
        template=source("report/report.html.j2"),
        parts=source(
            "report/answer.j2",
            "report/macros.html.j2",
            "report/sections/answer.html.j2",
            "report/sections/curves.html.j2",
            "report/sections/curves.j2",
            "report/sections/data.html.j2",
            "report/sections/features.html.j2",
            "report/sections/importance.html.j2",
            "report/sections/learning.html.j2",
            "report/sections/models.html.j2",
            "report/sections/operating.html.j2",
            "report/sections/patients.html.j2",
            "report/sections/power.html.j2",
            "report/sections/provenance.html.j2",
            "report/sections/published.html.j2",
            "report/sections/published.j2",
            "report/sections/recordings.j2",
            "report/sections/scores.html.j2",
            "report/sections/subgroups.html.j2",
            "report/sections/units.html.j2",
            "report/sections/units.j2",
            "report/sentences.j2",
        ),
        css=source("report/style.css"),
        script=source("report/report.js"),
        lib=modules("report"),
    output:
        page=in_report("report.html", "page", "Report", page="the whole report"),
    log:
        f"{RESULTS}/logs/report.log",
    benchmark:
        f"{RESULTS}/benchmarks/report.tsv"
    resources:
        mem_mb=memory(500, 50, 0, 1),
        runtime=minutes(5, 1, 0.01),
    params:
        config=lambda wildcards: CONFIG,
        fits=lambda wildcards: FITS,
        drawn=lambda wildcards: DRAWN_FITS,
        lost=lambda wildcards: LOST,
        left_out=lambda wildcards: left_out(CONFIG),
        curves=lambda wildcards: CURVES,
    conda:
        "../envs/report.yaml"
    group:
        cluster_group("finish")
    script:
        "../scripts/report.py"
