"""From the results to what others can use: cards and ONNX files of the models, an archive, a page."""

CARDS = expand(f"{RESULTS}/export/{{model}}", model=FITTED)
ARCHIVE = f"{RESULTS}/archive/{Path(RESULTS).resolve().name}.zip"


rule export_model:
    """Write the card of a model and, if its algorithm allows, the model as an ONNX file."""
    message:
        "Write the card of {wildcards.model}"
    input:
        model=lambda wildcards: [
            model_file(fit) for fit in SCORED_FITS if fit["model"] == wildcards.model
        ],
        train=[f"{RESULTS}/splits/{fit['split']}/train.parquet" for fit in SCORED_FITS[:1]],
        fits=lambda wildcards: of_fits("fit.json", model=wildcards.model),
        cycles=f"{RESULTS}/table/cycles.parquet",
        source=f"{RESULTS}/table/source.json",
        quality=f"{RESULTS}/table/quality.json",
        comparison=f"{RESULTS}/comparison.parquet",
        answer=f"{RESULTS}/answer.json",
        provenance=f"{RESULTS}/provenance.json",
        template=source("report/model_card.md.j2"),
        parts=source("report/sentences.j2"),
    output:
        folder=directory(f"{RESULTS}/export/{{model}}"),
    log:
        f"{RESULTS}/logs/export/{{model}}.log",
    benchmark:
        f"{RESULTS}/benchmarks/export/{{model}}.tsv"
    wildcard_constraints:
        model="|".join(map(re.escape, FITTED)),
    resources:
        mem_mb=memory(900, 200),
        runtime=minutes(5, 1),
    params:
        code=code_of("export_model"),
        algorithm=lambda wildcards: CONFIG["models"][wildcards.model]["algorithm"],
        splits=lambda wildcards: [f["split"] for f in FITS if f["model"] == wildcards.model],
        final=lambda wildcards: next(
            (fit["split"] for fit in SCORED_FITS if fit["model"] == wildcards.model), None
        ),
    conda:
        "../envs/export.yaml"
    group:
        cluster_group("finish")
    script:
        "../scripts/export_model.py"


rule archive_results:
    """Pack the results into one .zip, without the workbook and its cycles."""
    message:
        "Pack the results: {output.archive}"
    input:
        packed=as_it_is(
            [
                f"{RESULTS}/report.html",
                *(f for f in rules.compare.output if f != rules.compare.output.first_cycles),
                *rules.examine.output,
                *(rules.gather_importance.output if IMPORTANT else []),
                *rules.figures.output,
                *SPLITS,
                f"{RESULTS}/table/source.json",
                f"{RESULTS}/table/quality.json",
                f"{RESULTS}/provenance.json",
                *of_fits("fit.json"),
                *(model_file(fit) for fit in SCORED_FITS),
                *CARDS,
            ]
        ),
    output:
        archive=ARCHIVE,
    log:
        f"{RESULTS}/logs/archive_results.log",
    benchmark:
        f"{RESULTS}/benchmarks/archive_results.tsv"
    resources:
        mem_mb=memory(300, 50),
        runtime=minutes(5, 1),
    params:
        code=code_of("archive_results"),
        results=lambda wildcards: RESULTS,
    conda:
        "../envs/data.yaml"
    group:
        cluster_group("finish")
    script:
        "../scripts/archive_results.py"


rule diff_runs:
    """Report what changed from other results to these, or several runs side by side."""
    message:
        "Compare with {params.against}: {output.page}"
    input:
        comparison=f"{RESULTS}/comparison.parquet",
        provenance=f"{RESULTS}/provenance.json",
        quality=f"{RESULTS}/table/quality.json",
        answer=f"{RESULTS}/answer.json",
        other_comparisons=lambda wildcards: [f"{run}/comparison.parquet" for run in AGAINST],
        other_provenances=lambda wildcards: [f"{run}/provenance.json" for run in AGAINST],
        template=source("report/diff.html.j2", "report/runs.html.j2"),
        parts=source("report/macros.html.j2", "report/run_change.j2", "report/runs_forest.j2"),
        css=source("report/style.css"),
        script=source("report/report.js"),
    output:
        page=f"{RESULTS}/diff.html",
        table=f"{RESULTS}/diff.csv",
        figure=f"{RESULTS}/figures/diff.svg",
    log:
        f"{RESULTS}/logs/diff_runs.log",
    benchmark:
        f"{RESULTS}/benchmarks/diff_runs.tsv"
    resources:
        mem_mb=memory(400, 50),
        runtime=minutes(5, 1),
    params:
        code=code_of("diff_runs"),
        against=lambda wildcards: AGAINST,
        results=lambda wildcards: RESULTS,
    conda:
        "../envs/report.yaml"
    group:
        cluster_group("finish")
    script:
        "../scripts/diff_runs.py"
