"""The baselines: models that look at no sound. One rule each, with the outputs of all models."""


rule fit_mean:
    """Fit the mean baseline to every fold of a split."""
    message:
        "Fit {wildcards.model} under {wildcards.split}"
    input:
        train=f"{RESULTS}/splits/{{split}}/train.parquet",
        test=f"{RESULTS}/splits/{{split}}/test.parquet",
        lib=FITTING,
    output:
        model=f"{RESULTS}/fits/{{model}}/{{split}}/model.npz",
        predictions=f"{RESULTS}/fits/{{model}}/{{split}}/predictions.parquet",
        summary=f"{RESULTS}/fits/{{model}}/{{split}}/fit.json",
    log:
        f"{RESULTS}/fits/{{model}}/{{split}}/fit.log",
    benchmark:
        f"{RESULTS}/fits/{{model}}/{{split}}/benchmark.tsv"
    wildcard_constraints:
        model=models_of("mean"),
    threads: 1
    resources:
        mem_mb=memory(700, 50),
        runtime=minutes(5, 1),
    params:
        settings=lambda wildcards: CONFIG["models"][wildcards.model]["settings"],
        features=lambda wildcards: features_of(CONFIG, wildcards.model),
        scale=lambda wildcards: scale_of(CONFIG, wildcards.model),
        tune=lambda wildcards: tune_of(CONFIG, wildcards.model),
        timeout=lambda wildcards: timeout_of(CONFIG, wildcards.model),
    conda:
        "../envs/models.yaml"
    script:
        "../scripts/fit_mean.py"


rule fit_most_frequent:
    """Fit the most-frequent-state baseline to every fold of a split."""
    message:
        "Fit {wildcards.model} under {wildcards.split}"
    input:
        train=f"{RESULTS}/splits/{{split}}/train.parquet",
        test=f"{RESULTS}/splits/{{split}}/test.parquet",
        lib=FITTING,
    output:
        model=f"{RESULTS}/fits/{{model}}/{{split}}/model.npz",
        predictions=f"{RESULTS}/fits/{{model}}/{{split}}/predictions.parquet",
        summary=f"{RESULTS}/fits/{{model}}/{{split}}/fit.json",
    log:
        f"{RESULTS}/fits/{{model}}/{{split}}/fit.log",
    benchmark:
        f"{RESULTS}/fits/{{model}}/{{split}}/benchmark.tsv"
    wildcard_constraints:
        model=models_of("most_frequent"),
    threads: 1
    resources:
        mem_mb=memory(700, 50),
        runtime=minutes(5, 1),
    params:
        settings=lambda wildcards: CONFIG["models"][wildcards.model]["settings"],
        features=lambda wildcards: features_of(CONFIG, wildcards.model),
        scale=lambda wildcards: scale_of(CONFIG, wildcards.model),
        tune=lambda wildcards: tune_of(CONFIG, wildcards.model),
        timeout=lambda wildcards: timeout_of(CONFIG, wildcards.model),
    conda:
        "../envs/models.yaml"
    script:
        "../scripts/fit_most_frequent.py"


rule fit_stratified:
    """Fit the baseline that draws states by their shares to every fold of a split."""
    message:
        "Fit {wildcards.model} under {wildcards.split}"
    input:
        train=f"{RESULTS}/splits/{{split}}/train.parquet",
        test=f"{RESULTS}/splits/{{split}}/test.parquet",
        lib=FITTING,
    output:
        model=f"{RESULTS}/fits/{{model}}/{{split}}/model.npz",
        predictions=f"{RESULTS}/fits/{{model}}/{{split}}/predictions.parquet",
        summary=f"{RESULTS}/fits/{{model}}/{{split}}/fit.json",
    log:
        f"{RESULTS}/fits/{{model}}/{{split}}/fit.log",
    benchmark:
        f"{RESULTS}/fits/{{model}}/{{split}}/benchmark.tsv"
    wildcard_constraints:
        model=models_of("stratified"),
    threads: 1
    resources:
        mem_mb=memory(700, 50),
        runtime=minutes(5, 1),
    params:
        settings=lambda wildcards: CONFIG["models"][wildcards.model]["settings"],
        features=lambda wildcards: features_of(CONFIG, wildcards.model),
        scale=lambda wildcards: scale_of(CONFIG, wildcards.model),
        tune=lambda wildcards: tune_of(CONFIG, wildcards.model),
        timeout=lambda wildcards: timeout_of(CONFIG, wildcards.model),
    conda:
        "../envs/models.yaml"
    script:
        "../scripts/fit_stratified.py"


rule fit_by_device:
    """Fit the baseline that knows each device's states to every fold of a split."""
    message:
        "Fit {wildcards.model} under {wildcards.split}"
    input:
        train=f"{RESULTS}/splits/{{split}}/train.parquet",
        test=f"{RESULTS}/splits/{{split}}/test.parquet",
        lib=FITTING,
    output:
        model=f"{RESULTS}/fits/{{model}}/{{split}}/model.npz",
        predictions=f"{RESULTS}/fits/{{model}}/{{split}}/predictions.parquet",
        summary=f"{RESULTS}/fits/{{model}}/{{split}}/fit.json",
    log:
        f"{RESULTS}/fits/{{model}}/{{split}}/fit.log",
    benchmark:
        f"{RESULTS}/fits/{{model}}/{{split}}/benchmark.tsv"
    wildcard_constraints:
        model=models_of("by_device"),
    threads: 1
    resources:
        mem_mb=memory(700, 50),
        runtime=minutes(5, 1),
    params:
        settings=lambda wildcards: CONFIG["models"][wildcards.model]["settings"],
        features=lambda wildcards: features_of(CONFIG, wildcards.model),
        scale=lambda wildcards: scale_of(CONFIG, wildcards.model),
        tune=lambda wildcards: tune_of(CONFIG, wildcards.model),
        timeout=lambda wildcards: timeout_of(CONFIG, wildcards.model),
    conda:
        "../envs/models.yaml"
    script:
        "../scripts/fit_by_device.py"
