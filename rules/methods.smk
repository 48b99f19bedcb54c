"""From the results to a paper: methods, references, numbers, tables, figures, a checklist."""


rule write_methods:
    """Write what a paper needs of the run."""
    message:
        "Write methods, numbers, tables and figures for a paper: {output.folder}"
    input:
        **parquet("comparison", "differences", "leakage", "calibration", "curves", "subgroups"),
        source=f"{RESULTS}/table/source.json",
        quality=f"{RESULTS}/table/quality.json",
        cycles=f"{RESULTS}/table/cycles.parquet",
        splits=SPLITS,
        fits=of_fits("fit.json"),
        answer=f"{RESULTS}/answer.json",
        provenance=f"{RESULTS}/provenance.json",
        template=source("report/methods/methods.j2"),
        checklist=source("report/methods/checklist.j2"),
        works=source("report/methods/references.bib"),
        published=source("report/icbhi_published_scores.csv"),
        parts=source(*sorted(glob("report/methods/*.j2", root_dir=HOME))),
    output:
        folder=directory(f"{RESULTS}/methods"),
    log:
        f"{RESULTS}/logs/write_methods.log",
    benchmark:
        f"{RESULTS}/benchmarks/write_methods.tsv"
    resources:
        mem_mb=memory(500, 50),
        runtime=minutes(5, 1),
    params:
        code=code_of("write_methods"),
        fits=lambda wildcards: FITS,
        lost=lambda wildcards: LOST,
        examined=lambda wildcards: [*EXAMINED, *["importance"] * IMPORTANT],
    conda:
        "../envs/report.yaml"
    group:
        cluster_group("finish")
    script:
        "../scripts/write_methods.py"
