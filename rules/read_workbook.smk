"""From the workbook to a typed table."""


rule read_workbook:
    """Read the workbook into a typed table."""
    message:
        "Read the workbook"
    input:
        workbook=WORKBOOKS if DATASETS else WORKBOOKS[0],
    output:
        raw=f"{RESULTS}/table/raw.parquet",
        source=f"{RESULTS}/table/source.json",
    log:
        f"{RESULTS}/logs/read_workbook.log",
        # a log too: what is wrong with the workbook must outlive the job that fails for it
        problems=f"{RESULTS}/table/problems.csv",
    benchmark:
        f"{RESULTS}/benchmarks/read_workbook.tsv"
    resources:
        mem_mb=memory(500, 100),
        runtime=minutes(5, 1),
    params:
        **of_config("sheet", "columns", "reader", "checks", "max_rows", "max_megabytes"),
        code=code_of("read_workbook"),
        datasets=lambda wildcards: DATASETS,
        needed=lambda wildcards: needed_columns(CONFIG),
    conda:
        "../envs/data.yaml"
    group:
        cluster_group("prepare")
    script:
        "../scripts/read_workbook.py"
