"""From predictions to what a reviewer asks next of the models."""

# Tables that are always made, then those that a key of the config asks for, and what they show.
EXAMINED = {
    "units": "verdicts on recordings and patients",
    "subgroups": "scores by sex, age, device, location",
    "power": "differences that could have been shown",
    "luck": "spread over repeats and seeds",
    "curves": "curves over thresholds",
    "probabilities": "scores of probabilities",
}
if CONFIG["threshold"]:
    EXAMINED["operating"] = "scores at the operating point"
if CONFIG["learning_curve"]:
    EXAMINED["learning"] = "scores by number of patients in training"


rule examine:
    """Examine the models under the splits that keep patients apart."""
    message:
        "Examine the models"
    input:
        **parquet("comparison", "differences"),
        predictions=of_fits("predictions.parquet"),
        inner=of_refits("inner", CONFIG["threshold"] or CONFIG["verdict"] == "choose"),
        learning=of_refits("learning", CONFIG["learning_curve"]),
        cycles=f"{RESULTS}/table/cycles.parquet",
        answer=f"{RESULTS}/answer.json",
    output:
        **parquet(*EXAMINED),
        **{f"{name}_csv": table(f"{name}.csv", label) for name, label in EXAMINED.items()},
    log:
        f"{RESULTS}/logs/examine.log",
    benchmark:
        f"{RESULTS}/benchmarks/examine.tsv"
    threads: 2
    resources:
        mem_mb=memory(700, 200, 300, 1),
        runtime=minutes(5, 1, 0.01),
    params:
        **of_config("verdict", "threshold", "subgroups", "age_bands"),
        code=code_of("examine"),
        fits=lambda wildcards: FITS,
        repeated=lambda wildcards: repeated(CONFIG),
        seeds=lambda wildcards: seed_sweeps(CONFIG["models"]),
    conda:
        "../envs/data.yaml"
    group:
        cluster_group("finish")
    script:
        "../scripts/examine.py"
