"""Models that predict the state as a class: one rule an algorithm, all with the same outputs."""


rule fit_knn:
    """Fit k nearest neighbours to every fold of a split."""
    message:
        "Fit {wildcards.model} under {wildcards.split}"
    input:
        train=f"{RESULTS}/splits/{{split}}/train.parquet",
        test=f"{RESULTS}/splits/{{split}}/test.parquet",
        lib=FITTING,
    output:
        model=f"{RESULTS}/fits/{{model}}/{{split}}/model.skops",
        predictions=f"{RESULTS}/fits/{{model}}/{{split}}/predictions.parquet",
        summary=f"{RESULTS}/fits/{{model}}/{{split}}/fit.json",
    log:
        f"{RESULTS}/fits/{{model}}/{{split}}/fit.log",
    benchmark:
        f"{RESULTS}/fits/{{model}}/{{split}}/benchmark.tsv"
    wildcard_constraints:
        model=models_of("knn"),
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
        "../scripts/fit_knn.py"


rule fit_svc:
    """Fit a support vector classifier to every fold of a split."""
    message:
        "Fit {wildcards.model} under {wildcards.split}"
    input:
        train=f"{RESULTS}/splits/{{split}}/train.parquet",
        test=f"{RESULTS}/splits/{{split}}/test.parquet",
        lib=FITTING + lib("kernels"),
    output:
        model=f"{RESULTS}/fits/{{model}}/{{split}}/model.skops",
        predictions=f"{RESULTS}/fits/{{model}}/{{split}}/predictions.parquet",
        summary=f"{RESULTS}/fits/{{model}}/{{split}}/fit.json",
    log:
        f"{RESULTS}/fits/{{model}}/{{split}}/fit.log",
    benchmark:
        f"{RESULTS}/fits/{{model}}/{{split}}/benchmark.tsv"
    wildcard_constraints:
        model=models_of("svc"),
    threads: 1
    resources:
        mem_mb=memory(800, 150, 300),
        runtime=minutes(20, 5),
    params:
        settings=lambda wildcards: CONFIG["models"][wildcards.model]["settings"],
        features=lambda wildcards: features_of(CONFIG, wildcards.model),
        scale=lambda wildcards: scale_of(CONFIG, wildcards.model),
        tune=lambda wildcards: tune_of(CONFIG, wildcards.model),
        timeout=lambda wildcards: timeout_of(CONFIG, wildcards.model),
        kernel=lambda wildcards: KERNEL,
    conda:
        "../envs/models.yaml"
    script:
        "../scripts/fit_svc.py"


rule fit_logistic_regression:
    """Fit a logistic regression to every fold of a split."""
    message:
        "Fit {wildcards.model} under {wildcards.split}"
    input:
        train=f"{RESULTS}/splits/{{split}}/train.parquet",
        test=f"{RESULTS}/splits/{{split}}/test.parquet",
        lib=FITTING,
    output:
        model=f"{RESULTS}/fits/{{model}}/{{split}}/model.skops",
        predictions=f"{RESULTS}/fits/{{model}}/{{split}}/predictions.parquet",
        summary=f"{RESULTS}/fits/{{model}}/{{split}}/fit.json",
    log:
        f"{RESULTS}/fits/{{model}}/{{split}}/fit.log",
    benchmark:
        f"{RESULTS}/fits/{{model}}/{{split}}/benchmark.tsv"
    wildcard_constraints:
        model=models_of("logistic_regression"),
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
        "../scripts/fit_logistic_regression.py"


rule fit_linear_svc:
    """Fit a linear support vector classifier on Nystroem features to every fold of a split."""
    message:
        "Fit {wildcards.model} under {wildcards.split}"
    input:
        train=f"{RESULTS}/splits/{{split}}/train.parquet",
        test=f"{RESULTS}/splits/{{split}}/test.parquet",
        lib=FITTING,
    output:
        model=f"{RESULTS}/fits/{{model}}/{{split}}/model.skops",
        predictions=f"{RESULTS}/fits/{{model}}/{{split}}/predictions.parquet",
        summary=f"{RESULTS}/fits/{{model}}/{{split}}/fit.json",
    log:
        f"{RESULTS}/fits/{{model}}/{{split}}/fit.log",
    benchmark:
        f"{RESULTS}/fits/{{model}}/{{split}}/benchmark.tsv"
    wildcard_constraints:
        model=models_of("linear_svc"),
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
        "../scripts/fit_linear_svc.py"


rule fit_random_forest:
    """Fit a random forest to every fold of a split."""
    message:
        "Fit {wildcards.model} under {wildcards.split}"
    input:
        train=f"{RESULTS}/splits/{{split}}/train.parquet",
        test=f"{RESULTS}/splits/{{split}}/test.parquet",
        lib=FITTING,
    output:
        model=f"{RESULTS}/fits/{{model}}/{{split}}/model.skops",
        predictions=f"{RESULTS}/fits/{{model}}/{{split}}/predictions.parquet",
        summary=f"{RESULTS}/fits/{{model}}/{{split}}/fit.json",
    log:
        f"{RESULTS}/fits/{{model}}/{{split}}/fit.log",
    benchmark:
        f"{RESULTS}/fits/{{model}}/{{split}}/benchmark.tsv"
    wildcard_constraints:
        model=models_of("random_forest"),
    threads: 1
    resources:
        mem_mb=memory(800, 1000, 300),
        runtime=minutes(20, 5),
    params:
        settings=lambda wildcards: CONFIG["models"][wildcards.model]["settings"],
        features=lambda wildcards: features_of(CONFIG, wildcards.model),
        scale=lambda wildcards: scale_of(CONFIG, wildcards.model),
        tune=lambda wildcards: tune_of(CONFIG, wildcards.model),
        timeout=lambda wildcards: timeout_of(CONFIG, wildcards.model),
    conda:
        "../envs/models.yaml"
    script:
        "../scripts/fit_random_forest.py"


rule fit_hist_gradient_boosting:
    """Fit gradient-boosted trees to every fold of a split."""
    message:
        "Fit {wildcards.model} under {wildcards.split}"
    input:
        train=f"{RESULTS}/splits/{{split}}/train.parquet",
        test=f"{RESULTS}/splits/{{split}}/test.parquet",
        lib=FITTING,
    output:
        model=f"{RESULTS}/fits/{{model}}/{{split}}/model.skops",
        predictions=f"{RESULTS}/fits/{{model}}/{{split}}/predictions.parquet",
        summary=f"{RESULTS}/fits/{{model}}/{{split}}/fit.json",
    log:
        f"{RESULTS}/fits/{{model}}/{{split}}/fit.log",
    benchmark:
        f"{RESULTS}/fits/{{model}}/{{split}}/benchmark.tsv"
    wildcard_constraints:
        model=models_of("hist_gradient_boosting"),
    threads: 1
    resources:
        mem_mb=memory(700, 100, 300),
        runtime=minutes(20, 5),
    params:
        settings=lambda wildcards: CONFIG["models"][wildcards.model]["settings"],
        features=lambda wildcards: features_of(CONFIG, wildcards.model),
        scale=lambda wildcards: scale_of(CONFIG, wildcards.model),
        tune=lambda wildcards: tune_of(CONFIG, wildcards.model),
        timeout=lambda wildcards: timeout_of(CONFIG, wildcards.model),
    conda:
        "../envs/models.yaml"
    script:
        "../scripts/fit_hist_gradient_boosting.py"
