"""From the features that the config names to columns of the table, before any fit."""


rule describe_features:
    """Find the features of all models among the columns, and describe them."""
    message:
        "Describe the features"
    input:
        cycles=f"{RESULTS}/table/cycles.parquet",
        lib=modules("describe_features"),
    output:
        parquet=f"{RESULTS}/table/features.parquet",
        csv=table("table/features.csv", "features of the models"),
    log:
        f"{RESULTS}/logs/describe_features.log",
    benchmark:
        f"{RESULTS}/benchmarks/describe_features.tsv"
    resources:
        mem_mb=memory(500, 50),
        runtime=minutes(5, 1),
    params:
        features=lambda wildcards: feature_lists_of_all(CONFIG),
        common=lambda wildcards: CONFIG["features"],
        own=lambda wildcards: with_own_features(CONFIG),
        target=lambda wildcards: wanted(CONFIG["target"]).column,
        max_levels=lambda wildcards: CONFIG["max_levels"],
    conda:
        "../envs/data.yaml"
    # Soon enough to stop the run before its fits. No input of theirs, not even an ancient one: below a job
    # that runs again, Snakemake does not look for what else has changed.
    priority: 100
    group:
        cluster_group("prepare")
    script:
        "../scripts/describe_features.py"
