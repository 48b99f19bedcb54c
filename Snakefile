"""From lung sounds, or a workbook of their cycles, to a comparison of models: table of contents."""

import gc

from snakemake.utils import min_version

min_version("9.0")
gc.freeze()  # what Snakemake has imported stays: a run starts and ends sooner


configfile: "config.yaml"


report: "report/workflow.rst"


include: "rules/common.smk"
include: "rules/run.smk"
include: "rules/resources.smk"
include: "rules/data.smk"


if CONFIG["recordings"]:

    include: "rules/recordings.smk"
    include: "rules/families.smk"

else:

    include: "rules/read_workbook.smk"


include: "rules/features.smk"
include: "rules/fits.smk"
include: "rules/evaluate.smk"
include: "rules/examine.smk"


if CONFIG["importance"]:

    include: "rules/importance.smk"


include: "rules/report.smk"
include: "rules/score.smk"
include: "rules/export.smk"
include: "rules/methods.smk"


rule report:
    """Make the page, as snakemake does unless told otherwise.

    It is here, and not behind `all`, as a run ends a second after its last job was selected.
    """
    default_target: True
    message:
        "Write the report: {output.page}"
    input:
        **{
            f"{name}_figure" if name in NAMESAKES else name: as_it_is(paths)
            for name, paths in rules.figures.output.items()
            if name != "made_from"
        },
        **asked_for("operating", "learning"),
        **parquet("comparison", "differences", "leakage", "calibration", "errors", "hardest"),
        **parquet("units", "subgroups", "power", "luck", "probabilities"),
        source=f"{RESULTS}/table/source.json",
        quality=f"{RESULTS}/table/quality.json",
        cycles=f"{RESULTS}/table/cycles.parquet",
        features=f"{RESULTS}/table/feature_shares.parquet",
        splits=SPLITS,
        comparison_csv=f"{RESULTS}/comparison.csv",
        answer=f"{RESULTS}/answer.json",
        importance=as_it_is(rules.gather_importance.output.importance if IMPORTANT else []),
        recognising=as_it_is(rules.gather_importance.output.recognising if IMPORTANT else []),
        costs=f"{RESULTS}/costs.tsv",
        provenance=f"{RESULTS}/provenance.json",
        fits=of_fits("fit.json"),
        published=source("report/icbhi_published_scores.csv"),
        template=source("report/report.html.j2"),
        parts=source(
            "report/answer.j2",
            "report/macros.html.j2",
            *sorted(glob("report/sections/*.j2", root_dir=HOME)),
            "report/sentences.j2",
        ),
        css=source("report/style.css"),
        script=source("report/report.js"),
    output:
        page=report(
            f"{RESULTS}/report.html",
            caption="report/page.rst",
            category="Report",
            labels={"page": "the whole report"},
        ),
    log:
        f"{RESULTS}/logs/report.log",
    benchmark:
        f"{RESULTS}/benchmarks/report.tsv"
    resources:
        mem_mb=memory(500, 50, 0, 1),
        runtime=minutes(5, 1, 0.01),
    params:
        code=code_of("report"),
        config=lambda wildcards: CONFIG,
        fits=lambda wildcards: FITS,
        drawn=lambda wildcards: DRAWN_FITS,
        lost=lambda wildcards: LOST,
        left_out=lambda wildcards: left_out(CONFIG),
        curves=lambda wildcards: CURVES,
    conda:
        "envs/report.yaml"
    group:
        cluster_group("finish")
    script:
        "scripts/report.py"


rule all:
    input:
        f"{RESULTS}/report.html",
        f"{RESULTS}/comparison.csv",


rule features:
    input:
        rules.write_features.output,


rule score:
    input:
        scored,


rule export:
    input:
        CARDS,


rule methods:
    input:
        rules.write_methods.output,


rule archive:
    input:
        ARCHIVE,


rule diff:
    input:
        compared,
