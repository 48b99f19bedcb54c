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
    output:
        parquet=f"{RESULTS}/comparison.parquet",
        csv=table("comparison.csv", "every metric"),
        xlsx=table("comparison.xlsx", "for Excel"),
        differences=f"{RESULTS}/differences.parquet",
        differences_csv=table("differences.csv", "differences between models"),
        leakage=f"{RESULTS}/leakage.parquet",
        leakage_csv=table("leakage.csv", "gain by knowing recording or patient"),
        calibration=f"{RESULTS}/calibration.parquet",
        calibration_csv=table("calibration.csv", "calibration of the probabilities"),
        confusion=f"{RESULTS}/confusion.parquet",
        confusion_csv=table("confusion.csv", "true against predicted class"),
        errors=f"{RESULTS}/errors.parquet",
        errors_csv=table("errors.csv", "errors by patient and device"),
        hardest=f"{RESULTS}/hardest.parquet",
        hardest_csv=table("hardest.csv", "patients that no model classifies well"),
        answer=f"{RESULTS}/answer.json",
        first_cycles=f"{RESULTS}/first_cycles.parquet",
        costs=table("costs.tsv", "run time and memory"),
    log:
        f"{RESULTS}/logs/compare.log",
    benchmark:
        f"{RESULTS}/benchmarks/compare.tsv"
    threads: 2
    resources:
        mem_mb=memory(700, 200, 300, 1),
        runtime=minutes(5, 1, 0.01),
    params:
        code=code_of("compare"),
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
