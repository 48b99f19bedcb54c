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
        **parquet("comparison", "leakage", "calibration", "curves", "confusion", "errors"),
        **parquet("hardest", "subgroups", "first_cycles"),
        raw=f"{RESULTS}/table/raw.parquet",
        cycles=f"{RESULTS}/table/cycles.parquet",
        descents=DESCENTS,
        splits=SPLITS,
        importances=rules.gather_importance.output.importance if IMPORTANT else [],
        published=source("report/icbhi_published_scores.csv"),
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
        code=code_of("figures"),
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
        code=code_of("provenance"),
        config=lambda wildcards: CONFIG,
    conda:
        "../envs/report.yaml"
    group:
        cluster_group("finish")
    script:
        "../scripts/provenance.py"
