"""From a folder of recordings to the table that a workbook would make."""

BATCHES = 16  # jobs that hear the recordings; one more recording is heard in one of them
FOLDER = CONFIG["recordings"]
HEARD = f"{RESULTS}/recordings"


rule annotate_recordings:
    """List recordings, annotated cycles and patients."""
    message:
        "Read the annotations"
    input:
        patient_tables=CONFIG["patient_tables"],
        lib=modules("annotate_recordings"),
    output:
        cycles=f"{HEARD}/cycles.parquet",
        about=f"{HEARD}/annotations.json",
    log:
        f"{RESULTS}/logs/annotate_recordings.log",
    benchmark:
        f"{RESULTS}/benchmarks/annotate_recordings.tsv"
    resources:
        mem_mb=memory(500, 0),
        runtime=minutes(10),
    params:
        folder=lambda wildcards: FOLDER,
        patient_tables=lambda wildcards: CONFIG["patient_tables"],
        name_pattern=lambda wildcards: CONFIG["name_pattern"],
        batches=lambda wildcards: BATCHES,
    conda:
        "../envs/data.yaml"
    group:
        cluster_group("prepare")
    script:
        "../scripts/annotate_recordings.py"


rule hear_recordings:
    """Compute the features of the cycles of a batch of recordings."""
    message:
        "Hear batch {wildcards.batch} of the recordings"
    input:
        cycles=f"{HEARD}/cycles.parquet",
        lib=modules("hear_recordings"),
    output:
        features=f"{HEARD}/features/{{batch}}.parquet",
        problems=f"{HEARD}/features/{{batch}}.json",
    log:
        f"{RESULTS}/logs/hear_recordings/{{batch}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/hear_recordings/{{batch}}.tsv"
    wildcard_constraints:
        batch=r"\d+",
    resources:
        mem_mb=memory(500, 0),
        runtime=minutes(10),
    params:
        folder=lambda wildcards: FOLDER,
        families=lambda wildcards: CONFIG["families"],
        exact=lambda wildcards: CONFIG["exact"],
    conda:
        "../envs/data.yaml"
    script:
        "../scripts/hear_recordings.py"


rule join_recordings:
    """Join cycles and features to the table."""
    message:
        "Join the features of the recordings"
    input:
        cycles=f"{HEARD}/cycles.parquet",
        about=f"{HEARD}/annotations.json",
        features=expand(f"{HEARD}/features/{{batch}}.parquet", batch=range(BATCHES)),
        problems=expand(f"{HEARD}/features/{{batch}}.json", batch=range(BATCHES)),
        lib=modules("join_recordings"),
    output:
        raw=f"{RESULTS}/table/raw.parquet",
        source=f"{RESULTS}/table/source.json",
    log:
        f"{RESULTS}/logs/join_recordings.log",
    benchmark:
        f"{RESULTS}/benchmarks/join_recordings.tsv"
    resources:
        mem_mb=memory(500, 0),
        runtime=minutes(10),
    conda:
        "../envs/data.yaml"
    group:
        cluster_group("prepare")
    script:
        "../scripts/join_recordings.py"
