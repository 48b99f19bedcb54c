"""From a folder of recordings to the table that a workbook would make."""

DEMO_RECORDINGS = f"{RESULTS}/demo/recordings"
FOLDER = DEMO_RECORDINGS if CONFIG["recordings"] == "demo" else CONFIG["recordings"]
HEARD = f"{RESULTS}/recordings"

if FOLDER == DEMO_RECORDINGS:
    BATCHED = {batch: [DEMO_RECORDINGS] for batch in range(BATCHES)}
    N_RECORDINGS = 3 * CONFIG["demo"]["recordings"]["patients"]
    PATIENT_TABLES = [f"{DEMO_RECORDINGS}/{name}.txt" for name in ("demographics", "diagnosis")]
else:
    try:
        listed = list_folder(FOLDER)
    except InputError as error:
        raise WorkflowError(f"config:\n  - {error}") from None
    BATCHED, N_RECORDINGS = batches_of(listed), len(listed.recordings)
    PATIENT_TABLES = CONFIG["patient_tables"]

PARTED = parts_of(BATCHED)


rule simulate_recordings:
    """Simulate the demo recordings."""
    message:
        "Simulate the demo recordings"
    output:
        recordings=directory(DEMO_RECORDINGS),
    log:
        f"{RESULTS}/logs/simulate_recordings.log",
    benchmark:
        f"{RESULTS}/benchmarks/simulate_recordings.tsv"
    resources:
        mem_mb=memory(500, 0),
        runtime=minutes(30),
    params:
        code=code_of("simulate_recordings"),
        seed=lambda wildcards: CONFIG["demo"]["seed"],
        patients=lambda wildcards: CONFIG["demo"]["recordings"]["patients"],
        sounds=lambda wildcards: CONFIG["demo"]["recordings"]["sounds"],
    conda:
        "../envs/sound.yaml"
    # In no group: that of the jobs behind those that hear would wait for itself.
    script:
        "../scripts/simulate_recordings.py"


rule annotate_recordings:
    """List recordings, annotated cycles and patients."""
    message:
        "Read the annotations"
    input:
        files=lambda wildcards: sorted({file for files in BATCHED.values() for file in files}),
        patient_tables=[] if FOLDER == DEMO_RECORDINGS else PATIENT_TABLES,
    output:
        cycles=f"{HEARD}/cycles.parquet",
        about=f"{HEARD}/annotations.json",
    log:
        f"{RESULTS}/logs/annotate_recordings.log",
    benchmark:
        f"{RESULTS}/benchmarks/annotate_recordings.tsv"
    resources:
        mem_mb=memory(500, 50),
        runtime=minutes(10),
    params:
        **of_config("name_pattern", "columns"),
        code=code_of("annotate_recordings"),
        folder=lambda wildcards: FOLDER,
        patient_tables=lambda wildcards: PATIENT_TABLES,
    conda:
        "../envs/sound.yaml"
    group:
        cluster_group("prepare")
    script:
        "../scripts/annotate_recordings.py"


rule hear_recordings:
    """Read the sound of a batch of recordings: at 4000 Hz, and the notebook's statistics."""
    message:
        "Hear the recordings, batch {wildcards.batch}"
    input:
        files=lambda wildcards: BATCHED[int(wildcards.batch)],
    output:
        sound=f"{HEARD}/sound/{{batch}}.parquet",
        notebook=f"{HEARD}/notebook/{{batch}}.parquet",
        about=f"{HEARD}/sound/{{batch}}.json",
    log:
        f"{RESULTS}/logs/hear_recordings/{{batch}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/hear_recordings/{{batch}}.tsv"
    wildcard_constraints:
        batch=r"\d+",
    resources:
        mem_mb=memory(700, 0),
        runtime=minutes(60),
    params:
        **of_config("columns", "exact"),
        code=code_of("hear_recordings"),
        folder=lambda wildcards: FOLDER,
        families=lambda wildcards: bool(CONFIG["families"]),
    conda:
        "../envs/sound.yaml"
    script:
        "../scripts/hear_recordings.py"


rule join_recordings:
    """Join cycles and features to the table."""
    message:
        "Join the features of the recordings"
    input:
        cycles=f"{HEARD}/cycles.parquet",
        about=f"{HEARD}/annotations.json",
        notebook=expand(f"{HEARD}/notebook/{{batch}}.parquet", batch=BATCHED),
        heard=expand(f"{HEARD}/sound/{{batch}}.json", batch=BATCHED),
        families=expand(
            f"{HEARD}/{{family}}/{{part}}.parquet", family=CONFIG["families"], part=PARTED
        ),
    output:
        raw=f"{RESULTS}/table/raw.parquet",
        source=f"{RESULTS}/table/source.json",
    log:
        f"{RESULTS}/logs/join_recordings.log",
        # a log too: what is wrong with the recordings must outlive the job that fails for it
        problems=f"{RESULTS}/table/problems.csv",
    benchmark:
        f"{RESULTS}/benchmarks/join_recordings.tsv"
    resources:
        mem_mb=memory(500, 50),
        runtime=minutes(10),
    params:
        **of_config("families", "checks"),
        code=code_of("join_recordings"),
    conda:
        "../envs/sound.yaml"
    group:
        cluster_group("prepare")
    script:
        "../scripts/join_recordings.py"
