"""The features of the table: as a file for other programs, and what is known of those that models use."""


rule write_features:
    """Write the table as it was read, for this workflow and any other program."""
    message:
        "Write the table of cycles: {output.xlsx}"
    input:
        raw=f"{RESULTS}/table/raw.parquet",
    output:
        parquet=f"{RESULTS}/table/features.parquet",
        xlsx=f"{RESULTS}/table/features.xlsx",
    log:
        f"{RESULTS}/logs/write_features.log",
    benchmark:
        f"{RESULTS}/benchmarks/write_features.tsv"
    resources:
        mem_mb=memory(500, 50),
        runtime=minutes(5, 1),
    params:
        code=code_of("write_features"),
    conda:
        "../envs/data.yaml"
    group:
        cluster_group("prepare")
    script:
        "../scripts/write_features.py"


rule describe_features:
    """Find the features of all models among the columns, and describe them."""
    message:
        "Describe the features"
    input:
        cycles=f"{RESULTS}/table/cycles.parquet",
    output:
        parquet=f"{RESULTS}/table/feature_shares.parquet",
        csv=table("table/feature_shares.csv", "features of the models"),
    log:
        f"{RESULTS}/logs/describe_features.log",
    benchmark:
        f"{RESULTS}/benchmarks/describe_features.tsv"
    resources:
        mem_mb=memory(500, 50),
        runtime=minutes(5, 1),
    params:
        code=code_of("describe_features"),
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
