"""One rule per algorithm of the registry, all with the same outputs: fit_knn, fit_svc and so on.

Beside each one that fits again on parts of the training parts, where a key of the config asks for it.
"""

# Largest number of cycles for a kernel machine, and what to do with more.
KERNEL = {"max_rows": CONFIG["max_kernel_rows"], "above": CONFIG["above_max_kernel_rows"]}

# The most refits of a fold, each of which may take as long as the fit.
REFITS = max(CONFIG["inner"]["folds"], len((CONFIG["learning_curve"] or {}).get("shares", [])))

for name, algorithm in ALGORITHMS.items():

    rule:
        name:
            f"fit_{name}"
        message:
            "Fit {wildcards.model} under {wildcards.split}"
        input:
            train=f"{RESULTS}/splits/{{split}}/train.parquet",
            test=f"{RESULTS}/splits/{{split}}/test.parquet",
            lib=modules(f"fit_{name}"),
        output:
            model=f"{RESULTS}/fits/{{model}}/{{split}}/{algorithm.model_file}",
            predictions=f"{RESULTS}/fits/{{model}}/{{split}}/predictions.parquet",
            summary=f"{RESULTS}/fits/{{model}}/{{split}}/fit.json",
        log:
            f"{RESULTS}/fits/{{model}}/{{split}}/fit.log",
        benchmark:
            f"{RESULTS}/fits/{{model}}/{{split}}/benchmark.tsv"
        wildcard_constraints:
            model=models_of(name),
        resources:
            mem_mb=memory(*algorithm.memory),
            runtime=minutes(*algorithm.minutes),
        params:
            **({"kernel": KERNEL} if algorithm.kernel else {}),
            algorithm=name,
            settings=lambda wildcards: CONFIG["models"][wildcards.model]["settings"],
            features=lambda wildcards: features_of(CONFIG, wildcards.model),
            scale=lambda wildcards: scale_of(CONFIG, wildcards.model),
            missing=lambda wildcards: missing_of(CONFIG, wildcards.model),
            own_features=lambda wildcards: wildcards.model in with_own_features(CONFIG),
            tune=lambda wildcards: tune_of(CONFIG, wildcards.model),
            timeout=lambda wildcards: timeout_of(CONFIG, wildcards.model),
        conda:
            f"../envs/{algorithm.environment}.yaml"
        group:
            cluster_group("small" if algorithm.small else None)
        script:
            "../scripts/fit_{params.algorithm}.py"

    rule:
        name:
            f"refit_{name}"
        message:
            "Refit {wildcards.model} under {wildcards.split}: {wildcards.refit}"
        input:
            train=f"{RESULTS}/splits/{{split}}/train.parquet",
            test=f"{RESULTS}/splits/{{split}}/test.parquet",
            summary=f"{RESULTS}/fits/{{model}}/{{split}}/fit.json",
            lib=modules(f"fit_{name}"),
        output:
            predictions=f"{RESULTS}/fits/{{model}}/{{split}}/{{refit}}.parquet",
        log:
            f"{RESULTS}/fits/{{model}}/{{split}}/{{refit}}.log",
        benchmark:
            f"{RESULTS}/fits/{{model}}/{{split}}/{{refit}}.benchmark.tsv"
        wildcard_constraints:
            model=models_of(name),
            refit="inner|learning",
        resources:
            mem_mb=memory(*algorithm.memory),
            runtime=minutes(*(REFITS * part for part in algorithm.minutes)),
        params:
            **({"kernel": KERNEL} if algorithm.kernel else {}),
            algorithm=name,
            settings=lambda wildcards: CONFIG["models"][wildcards.model]["settings"],
            features=lambda wildcards: features_of(CONFIG, wildcards.model),
            scale=lambda wildcards: scale_of(CONFIG, wildcards.model),
            missing=lambda wildcards: missing_of(CONFIG, wildcards.model),
            own_features=lambda wildcards: wildcards.model in with_own_features(CONFIG),
            tune=lambda wildcards: tune_of(CONFIG, wildcards.model),
            refit=lambda wildcards: refit_of(CONFIG, wildcards.refit),
            timeout=lambda wildcards: timeout_of(CONFIG, wildcards.model),
        conda:
            f"../envs/{algorithm.environment}.yaml"
        group:
            cluster_group("small" if algorithm.small else None)
        script:
            "../scripts/fit_{params.algorithm}.py"
