"""Models that predict the state as a number: one rule an algorithm, all with the same outputs."""


rule fit_lstsq:
    """Fit numpy's least squares to every fold of a split."""
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
        model=models_of("lstsq"),
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
        "../scripts/fit_lstsq.py"


rule fit_linear_regression:
    """Fit scikit-learn's linear regression to every fold of a split."""
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
        model=models_of("linear_regression"),
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
        "../scripts/fit_linear_regression.py"


rule fit_svr:
    """Fit support vector regression to every fold of a split."""
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
        model=models_of("svr"),
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
        "../scripts/fit_svr.py"


rule fit_gradient_descent:
    """Fit a linear model by TensorFlow's gradient descent to every fold of a split."""
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
        model=models_of("gradient_descent"),
    threads: 1
    resources:
        mem_mb=memory(1500, 50, 600),
        runtime=minutes(20, 5),
    params:
        settings=lambda wildcards: CONFIG["models"][wildcards.model]["settings"],
        features=lambda wildcards: features_of(CONFIG, wildcards.model),
        scale=lambda wildcards: scale_of(CONFIG, wildcards.model),
        tune=lambda wildcards: tune_of(CONFIG, wildcards.model),
        timeout=lambda wildcards: timeout_of(CONFIG, wildcards.model),
    conda:
        "../envs/tensorflow.yaml"
    script:
        "../scripts/fit_gradient_descent.py"
