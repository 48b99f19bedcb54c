"""From fitted models to what they rely on, on request: nothing is fitted again."""

PERMUTED = {(f["model"], f["split"]): f for f in permuted_fits(CONFIG) if f in FITS}


rule importance:
    """Permute groups of features between patients, inside the test folds of a fit."""
    message:
        "Permute the features of {wildcards.model} under {wildcards.split}"
    input:
        model=lambda wildcards: model_file(PERMUTED[wildcards.model, wildcards.split]),
        summary=f"{RESULTS}/fits/{{model}}/{{split}}/fit.json",
        predictions=f"{RESULTS}/fits/{{model}}/{{split}}/predictions.parquet",
        test=f"{RESULTS}/splits/{{split}}/test.parquet",
        cycles=f"{RESULTS}/table/cycles.parquet",
    output:
        rows=f"{RESULTS}/fits/{{model}}/{{split}}/importance.parquet",
        without=f"{RESULTS}/fits/{{model}}/{{split}}/importance_without.parquet",
    log:
        f"{RESULTS}/logs/importance/{{model}}.{{split}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/importance/{{model}}.{{split}}.tsv"
    wildcard_constraints:
        model="|".join(sorted({re.escape(model) for model, _ in PERMUTED})) or "(?!)",
        split="|".join(sorted({re.escape(split) for _, split in PERMUTED})) or "(?!)",
    resources:
        mem_mb=memory(900, 1000),
        runtime=minutes(20, 5),
    params:
        **of_config("importance", "families"),
        code=code_of("importance"),
        fit=lambda wildcards: PERMUTED[wildcards.model, wildcards.split],
        sets=lambda wildcards: {
            name: expand_sets(entries, CONFIG["feature_sets"])
            for name, entries in CONFIG["feature_sets"].items()
            if CONFIG["importance"]["groups"] == "sets"
        },
    conda:
        "../envs/score.yaml"
    group:
        cluster_group("small")
    script:
        "../scripts/importance.py"


rule gather_importance:
    """Gather what all models lose, and which features recognise patients."""
    message:
        "Gather what the models rely on"
    input:
        rows=[in_fit(fit, "importance.parquet") for fit in PERMUTED.values()],
        without=[in_fit(fit, "importance_without.parquet") for fit in PERMUTED.values()],
        splits=SPLITS,
    output:
        importance=f"{RESULTS}/importance.parquet",
        importance_csv=table("importance.csv", "what the models rely on"),
        recognising=f"{RESULTS}/recognising.parquet",
        recognising_csv=table("recognising.csv", "features that recognise patients"),
    log:
        f"{RESULTS}/logs/gather_importance.log",
    benchmark:
        f"{RESULTS}/benchmarks/gather_importance.tsv"
    resources:
        mem_mb=memory(500, 50),
        runtime=minutes(5, 1),
    params:
        code=code_of("gather_importance"),
        protocols=lambda wildcards: PROTOCOLS,
        apart=lambda wildcards: apart(CONFIG),
    conda:
        "../envs/data.yaml"
    group:
        cluster_group("finish")
    script:
        "../scripts/gather_importance.py"
