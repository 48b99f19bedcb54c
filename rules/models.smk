"""The models: one rule an algorithm, all with the same outputs in the same order."""


rule fit_mean:
    """Fit the mean baseline to every fold of a split."""
    message:
        "Fit {wildcards.model} under {wildcards.split}"
    input:
        train=f"{RESULTS}/splits/{{split}}/train.parquet",
        test=f"{RESULTS}/splits/{{split}}/test.parquet",
        lib=lib("fitting", "job", "table"),
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
    params:
        settings=lambda wildcards: CONFIG["models"][wildcards.model]["settings"],
        features=lambda wildcards: features_of(CONFIG, wildcards.model),
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
        lib=lib("fitting", "job", "table"),
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
    params:
        settings=lambda wildcards: CONFIG["models"][wildcards.model]["settings"],
        features=lambda wildcards: features_of(CONFIG, wildcards.model),
    conda:
        "../envs/models.yaml"
    script:
        "../scripts/fit_most_frequent.py"


rule fit_lstsq:
    """Fit numpy's least squares to every fold of a split."""
    message:
        "Fit {wildcards.model} under {wildcards.split}"
    input:
        train=f"{RESULTS}/splits/{{split}}/train.parquet",
        test=f"{RESULTS}/splits/{{split}}/test.parquet",
        lib=lib("fitting", "job", "table"),
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
    params:
        settings=lambda wildcards: CONFIG["models"][wildcards.model]["settings"],
        features=lambda wildcards: features_of(CONFIG, wildcards.model),
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
        lib=lib("fitting", "job", "table"),
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
    params:
        settings=lambda wildcards: CONFIG["models"][wildcards.model]["settings"],
        features=lambda wildcards: features_of(CONFIG, wildcards.model),
    conda:
        "../envs/models.yaml"
    script:
        "../scripts/fit_linear_regression.py"


rule fit_knn:
    """Fit k nearest neighbours to every fold of a split."""
    message:
        "Fit {wildcards.model} under {wildcards.split}"
    input:
        train=f"{RESULTS}/splits/{{split}}/train.parquet",
        test=f"{RESULTS}/splits/{{split}}/test.parquet",
        lib=lib("fitting", "job", "table"),
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
    params:
        settings=lambda wildcards: CONFIG["models"][wildcards.model]["settings"],
        features=lambda wildcards: features_of(CONFIG, wildcards.model),
    conda:
        "../envs/models.yaml"
    script:
        "../scripts/fit_knn.py"


rule fit_svr:
    """Fit support vector regression to every fold of a split."""
    message:
        "Fit {wildcards.model} under {wildcards.split}"
    input:
        train=f"{RESULTS}/splits/{{split}}/train.parquet",
        test=f"{RESULTS}/splits/{{split}}/test.parquet",
        lib=lib("fitting", "job", "table"),
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
    params:
        settings=lambda wildcards: CONFIG["models"][wildcards.model]["settings"],
        features=lambda wildcards: features_of(CONFIG, wildcards.model),
    conda:
        "../envs/models.yaml"
    script:
        "../scripts/fit_svr.py"


rule fit_svc:
    """Fit a support vector classifier to every fold of a split."""
    message:
        "Fit {wildcards.model} under {wildcards.split}"
    input:
        train=f"{RESULTS}/splits/{{split}}/train.parquet",
        test=f"{RESULTS}/splits/{{split}}/test.parquet",
        lib=lib("fitting", "job", "table"),
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
    params:
        settings=lambda wildcards: CONFIG["models"][wildcards.model]["settings"],
        features=lambda wildcards: features_of(CONFIG, wildcards.model),
    conda:
        "../envs/models.yaml"
    script:
        "../scripts/fit_svc.py"


rule fit_gradient_descent:
    """Fit a linear model by TensorFlow's gradient descent to every fold of a split."""
    message:
        "Fit {wildcards.model} under {wildcards.split}"
    input:
        train=f"{RESULTS}/splits/{{split}}/train.parquet",
        test=f"{RESULTS}/splits/{{split}}/test.parquet",
        lib=lib("fitting", "job", "table"),
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
    params:
        settings=lambda wildcards: CONFIG["models"][wildcards.model]["settings"],
        features=lambda wildcards: features_of(CONFIG, wildcards.model),
    conda:
        "../envs/tensorflow.yaml"
    script:
        "../scripts/fit_gradient_descent.py"


rule fit_logistic_regression:
    """Fit a logistic regression to every fold of a split."""
    message:
        "Fit {wildcards.model} under {wildcards.split}"
    input:
        train=f"{RESULTS}/splits/{{split}}/train.parquet",
        test=f"{RESULTS}/splits/{{split}}/test.parquet",
        lib=lib("fitting", "job", "table"),
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
    params:
        settings=lambda wildcards: CONFIG["models"][wildcards.model]["settings"],
        features=lambda wildcards: features_of(CONFIG, wildcards.model),
    conda:
        "../envs/models.yaml"
    script:
        "../scripts/fit_logistic_regression.py"
