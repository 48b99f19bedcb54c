"""From lung sounds, or a workbook of their cycles, to a comparison of models: table of contents."""

from snakemake.utils import min_version

min_version("9.0")


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
