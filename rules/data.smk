"""From the workbook to training and test tables."""


rule simulate_workbook:
    """Simulate the demo workbook."""
    message:
        "Simulate the demo workbook"
    output:
        workbook=DEMO_WORKBOOK,
    log:
        f"{RESULTS}/logs/simulate_workbook.log",
    benchmark:
        f"{RESULTS}/benchmarks/simulate_workbook.tsv"
    resources:
        mem_mb=memory(500, 50),
        runtime=minutes(5, 1),
    params:
        code=code_of("simulate_workbook"),
        seed=lambda wildcards: CONFIG["demo"]["seed"],
        patients=lambda wildcards: CONFIG["demo"]["patients"],
    conda:
        "../envs/data.yaml"
    group:
        cluster_group("prepare")
    script:
        "../scripts/simulate_workbook.py"


rule fetch_workbook:
    """Download the workbook that the config names by its URL."""
    localrule: True
    message:
        "Download {params.url}"
    output:
        workbook=DOWNLOAD,
    log:
        f"{RESULTS}/logs/fetch_workbook.log",
    benchmark:
        f"{RESULTS}/benchmarks/fetch_workbook.tsv"
    resources:
        mem_mb=memory(500, 50),
        runtime=minutes(5, 1),
    params:
        code=code_of("fetch_workbook"),
        url=lambda wildcards: URL,
        sha256=lambda wildcards: expected_sha256(CONFIG),
    conda:
        "../envs/data.yaml"
    script:
        "../scripts/fetch_workbook.py"


rule clean:
    """Drop columns, impute or drop missing values, and report what was done."""
    message:
        "Clean the cycles"
    input:
        raw=f"{RESULTS}/table/raw.parquet",
    output:
        cycles=f"{RESULTS}/table/cycles.parquet",
        quality=f"{RESULTS}/table/quality.json",
    log:
        f"{RESULTS}/logs/clean.log",
    benchmark:
        f"{RESULTS}/benchmarks/clean.tsv"
    resources:
        mem_mb=memory(600, 50),
        runtime=minutes(5, 1),
    params:
        **of_config("target", "name_pattern"),
        code=code_of("clean"),
        drop=lambda wildcards: CONFIG["clean"]["drop"],
        missing=lambda wildcards: CONFIG["clean"]["missing"],
        in_fold=lambda wildcards: (
            imputed_in_fold(CONFIG) if CONFIG["clean"]["impute"] == "in_fold" else []
        ),
    conda:
        "../envs/data.yaml"
    group:
        cluster_group("prepare")
    script:
        "../scripts/clean.py"


rule split:
    """Divide the cycles into training and test part by one protocol."""
    message:
        "Split the cycles: {wildcards.split}"
    input:
        cycles=f"{RESULTS}/table/cycles.parquet",
        # a list of recordings that the config names
        list=lambda wildcards: CONFIG["splits"][wildcards.split]["settings"].get("list", []),
    output:
        train=f"{RESULTS}/splits/{{split}}/train.parquet",
        test=f"{RESULTS}/splits/{{split}}/test.parquet",
        summary=f"{RESULTS}/splits/{{split}}/split.json",
    log:
        f"{RESULTS}/logs/split/{{split}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/split/{{split}}.tsv"
    resources:
        mem_mb=memory(600, 50),
        runtime=minutes(5, 1),
    params:
        code=lambda wildcards: code_of(
            "split",
            f"auscultation/splits/protocols/{PROTOCOLS[wildcards.split]}",
        ),
        protocol=lambda wildcards: CONFIG["splits"][wildcards.split]["protocol"],
        settings=lambda wildcards: CONFIG["splits"][wildcards.split]["settings"],
        target=lambda wildcards: CONFIG["target"],
    conda:
        "../envs/data.yaml"
    group:
        cluster_group("prepare")
    script:
        "../scripts/split.py"
