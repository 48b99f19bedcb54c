"""From predictions to the comparison."""


rule compare:
    """Compute every metric of every model, split and part."""
    message:
        "Compare the models"
    input:
        predictions=of_fits("predictions.parquet"),
        summaries=of_fits("fit.json"),
        cycles=f"{RESULTS}/table/cycles.parquet",
        splits=SPLITS,
        lib=modules("compare"),
    output:
        parquet=f"{RESULTS}/comparison.parquet",
        csv=report(
            f"{RESULTS}/comparison.csv",
            caption="../report/comparison.rst",
            category="Tables",
            labels={"table": "every metric"},
        ),
        xlsx=report(
            f"{RESULTS}/comparison.xlsx",
            caption="../report/comparison.rst",
            category="Tables",
            labels={"table": "for Excel"},
        ),
        differences=f"{RESULTS}/differences.parquet",
        differences_csv=report(
            f"{RESULTS}/differences.csv",
            caption="../report/differences.rst",
            category="Tables",
            labels={"table": "differences between models"},
        ),
        leakage=f"{RESULTS}/leakage.parquet",
        leakage_csv=report(
            f"{RESULTS}/leakage.csv",
            caption="../report/leakage.rst",
            category="Tables",
            labels={"table": "what having heard the patients is worth"},
        ),
        calibration=f"{RESULTS}/calibration.parquet",
        calibration_csv=report(
            f"{RESULTS}/calibration.csv",
            caption="../report/calibration.rst",
            category="Tables",
            labels={"table": "calibration of the probabilities"},
        ),
        confusion=f"{RESULTS}/confusion.parquet",
        confusion_csv=report(
            f"{RESULTS}/confusion.csv",
            caption="../report/confusion.rst",
            category="Tables",
            labels={"table": "what each class was called"},
        ),
        errors=f"{RESULTS}/errors.parquet",
        errors_csv=report(
            f"{RESULTS}/errors.csv",
            caption="../report/errors.rst",
            category="Tables",
            labels={"table": "errors by patient and device"},
        ),
        hardest=f"{RESULTS}/hardest.parquet",
        hardest_csv=report(
            f"{RESULTS}/hardest.csv",
            caption="../report/hardest.rst",
            category="Tables",
            labels={"table": "who is always wrong"},
        ),
        answer=f"{RESULTS}/answer.json",
        first_cycles=f"{RESULTS}/first_cycles.parquet",
        costs=report(
            f"{RESULTS}/costs.tsv",
            caption="../report/costs.rst",
            category="Tables",
            labels={"table": "run time and memory"},
        ),
    log:
        f"{RESULTS}/logs/compare.log",
    benchmark:
        f"{RESULTS}/benchmarks/compare.tsv"
    threads: 2
    resources:
        mem_mb=memory(700, 200, 300),
        runtime=minutes(5, 1),
    params:
        fits=lambda wildcards: FITS,
        lost=lambda wildcards: LOST,
        protocols=lambda wildcards: PROTOCOLS,
        apart=lambda wildcards: apart(CONFIG),
    conda:
        "../envs/data.yaml"
    group:
        cluster_group("finish")
    script:
        "../scripts/compare.py"
