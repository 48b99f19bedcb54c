"""From predictions to the comparison."""


rule compare:
    """Compute every metric of every model, split and part."""
    message:
        "Compare the models"
    input:
        predictions=of_fits("predictions.parquet"),
        benchmarks=of_fits("benchmark.tsv"),
        lib=lib("comparison", "excel", "job", "metrics", "table"),
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
    threads: 1
    params:
        fits=lambda wildcards: FITS,
    conda:
        "../envs/data.yaml"
    script:
        "../scripts/compare.py"
