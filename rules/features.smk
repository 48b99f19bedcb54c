"""From the features that the config names to columns of the table, before any fit."""

from auscultation.data.target import wanted


def feature_lists(model):
    """Lists of features of a model: its own or the common one, and those that it chooses among."""
    candidates = tune_of(CONFIG, model).get("candidates", [])
    lists = [candidate["features"] for candidate in candidates if "features" in candidate]
    return lists or [features_of(CONFIG, model)]


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
        features=lambda wildcards: {
            model: feature_lists(model) for model in sorted({fit["model"] for fit in fits(CONFIG)})
        },
        common=lambda wildcards: CONFIG["features"],
        target=lambda wildcards: wanted(CONFIG["target"]).column,
        max_levels=lambda wildcards: CONFIG["max_levels"],
    conda:
        "../envs/data.yaml"
    group:
        cluster_group("prepare")
    script:
        "../scripts/describe_features.py"
