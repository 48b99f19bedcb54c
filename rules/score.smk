"""From the fitted models and new workbooks to predictions for these."""


rule score_workbook:
    """Predict a new workbook by every model that was fitted on all cycles."""
    message:
        "Score {input.workbook}"
    input:
        workbook=lambda wildcards: SCORED[wildcards.scored],
        models=[model_file(fit) for fit in SCORED_FITS],
        summaries=[f"{RESULTS}/fits/{fit['model']}/{fit['split']}/fit.json" for fit in SCORED_FITS],
        train=[f"{RESULTS}/splits/{fit['split']}/train.parquet" for fit in SCORED_FITS[:1]],
        comparison=f"{RESULTS}/comparison.parquet",
        answer=f"{RESULTS}/answer.json",
        source=f"{RESULTS}/table/source.json",
        lib=modules("score_workbook"),
    output:
        xlsx=f"{RESULTS}/scored/{{scored}}.xlsx",
        parquet=f"{RESULTS}/scored/{{scored}}.parquet",
    log:
        f"{RESULTS}/logs/score/{{scored}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/score/{{scored}}.tsv"
    wildcard_constraints:
        scored="|".join(map(re.escape, sorted(SCORED))) or "(?!)",
    resources:
        mem_mb=memory(900, 100),
        runtime=minutes(5, 1),
    params:
        fits=lambda wildcards: SCORED_FITS,
        sheet=lambda wildcards: REQUEST["score_sheet"],
        columns=lambda wildcards: CONFIG["columns"],
        name_pattern=lambda wildcards: CONFIG["name_pattern"],
        read=lambda wildcards: {
            name: CONFIG[name] for name in ("reader", "max_rows", "max_megabytes", "checks")
        },
    conda:
        "../envs/score.yaml"
    group:
        cluster_group("finish")
    script:
        "../scripts/score_workbook.py"
