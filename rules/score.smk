"""From the fitted models and new workbooks, or recordings, to predictions for these."""

NEW_RECORDINGS = {name: path for name, path in SCORED.items() if is_recordings(path)}
NEW_HEARD = f"{RESULTS}/scored/recordings"


rule hear_new_recordings:
    """Compute the features of new recordings as those of the recordings that models were fitted on."""
    message:
        "Hear {params.recordings}"
    input:
        files=lambda wildcards: files_of(NEW_RECORDINGS[wildcards.scored]),
    output:
        parquet=f"{NEW_HEARD}/{{scored}}.parquet",
        about=f"{NEW_HEARD}/{{scored}}.json",
    log:
        f"{RESULTS}/logs/hear_new_recordings/{{scored}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/hear_new_recordings/{{scored}}.tsv"
    wildcard_constraints:
        scored="|".join(map(re.escape, sorted(NEW_RECORDINGS))) or "(?!)",
    resources:
        mem_mb=memory(700, 0),
        runtime=minutes(60),
    params:
        **of_config("families", "frames", "exact", "name_pattern", "columns", "checks"),
        code=code_of("hear_new_recordings"),
        recordings=lambda wildcards: NEW_RECORDINGS[wildcards.scored],
        window=lambda wildcards: REQUEST["window"],
    conda:
        "../envs/sound.yaml"
    script:
        "../scripts/hear_new_recordings.py"


rule score_workbook:
    """Predict a new workbook, or new recordings, by every model that was fitted on all cycles."""
    message:
        "Score {wildcards.scored}"
    input:
        workbook=lambda wildcards: (
            f"{NEW_HEARD}/{wildcards.scored}.parquet"
            if wildcards.scored in NEW_RECORDINGS
            else SCORED[wildcards.scored]
        ),
        about=lambda wildcards: [
            f"{NEW_HEARD}/{name}.json" for name in NEW_RECORDINGS if name == wildcards.scored
        ],
        models=[model_file(fit) for fit in SCORED_FITS],
        summaries=[in_fit(fit, "fit.json") for fit in SCORED_FITS],
        train=[f"{RESULTS}/splits/{fit['split']}/train.parquet" for fit in SCORED_FITS[:1]],
        comparison=f"{RESULTS}/comparison.parquet",
        answer=f"{RESULTS}/answer.json",
        source=f"{RESULTS}/table/source.json",
    output:
        xlsx=f"{RESULTS}/scored/{{scored}}.xlsx",
        parquet=f"{RESULTS}/scored/{{scored}}.parquet",
        predictions=f"{RESULTS}/scored/predictions/{{scored}}.parquet",
        about=f"{RESULTS}/scored/{{scored}}.json",
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
        **of_config("columns", "name_pattern"),
        code=code_of("score_workbook"),
        name=lambda wildcards: wildcards.scored,
        fits=lambda wildcards: SCORED_FITS,
        sheet=lambda wildcards: REQUEST["score_sheet"],
        read=lambda wildcards: {
            name: CONFIG[name] for name in ("reader", "max_rows", "max_megabytes", "checks")
        },
    conda:
        "../envs/score.yaml"
    group:
        cluster_group("finish")
    script:
        "../scripts/score_workbook.py"


rule validate_scored:
    """Show how the models do on what was scored, where it has labels, beside their scores inside."""
    message:
        "Write the page: {output.page}"
    input:
        **parquet("comparison", "calibration"),
        predictions=f"{RESULTS}/scored/predictions/{{scored}}.parquet",
        about=f"{RESULTS}/scored/{{scored}}.json",
        answer=f"{RESULTS}/answer.json",
        template=source("report/external.html.j2"),
        parts=source(
            "report/answer.j2",
            "report/macros.html.j2",
            "report/sections/curves.j2",
            "report/sentences.j2",
        ),
        css=source("report/style.css"),
        script=source("report/report.js"),
    output:
        page=f"{RESULTS}/scored/{{scored}}.html",
        table=f"{RESULTS}/scored/{{scored}}.csv",
    log:
        f"{RESULTS}/logs/validate/{{scored}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/validate/{{scored}}.tsv"
    wildcard_constraints:
        scored="|".join(map(re.escape, sorted(SCORED))) or "(?!)",
    resources:
        mem_mb=memory(700, 100),
        runtime=minutes(5, 1),
    params:
        code=code_of("validate_scored"),
        name=lambda wildcards: wildcards.scored,
    conda:
        "../envs/validate.yaml"
    group:
        cluster_group("finish")
    script:
        "../scripts/validate_scored.py"
