"""One rule per algorithm of the registry, all with the same outputs: fit_knn, fit_svc and so on.

Beside each one that fits again on parts of the training parts, where a key of the config asks for it.
Fits that take less time than their start share a job: fits_mean and so on, by the size of the workbook.
"""

# Largest number of cycles for a kernel machine, and what to do with more.
KERNEL = {"max_rows": CONFIG["max_kernel_rows"], "above": CONFIG["above_max_kernel_rows"]}

# The most refits of a fold, each of which may take as long as the fit.
REFITS = max(CONFIG["inner"]["folds"], len((CONFIG["learning_curve"] or {}).get("shares", [])))

TOGETHER = together(FITS, CONFIG, size_mb())  # fits that share a job, by the name of its rule
SHARED = {(fit["model"], fit["split"]) for several in TOGETHER.values() for fit in several}
BENCHMARKS = [f"{RESULTS}/benchmarks/{name}.tsv" for name in TOGETHER] + [
    in_fit(fit, "benchmark.tsv") for fit in FITS if (fit["model"], fit["split"]) not in SHARED
]

for name, algorithm in ALGORITHMS.items():

    rule:
        name:
            f"fit_{name}"
        message:
            "Fit {wildcards.model} under {wildcards.split}"
        input:
            train=f"{RESULTS}/splits/{{split}}/train.parquet",
            test=f"{RESULTS}/splits/{{split}}/test.parquet",
        output:
            model=f"{RESULTS}/fits/{{model}}/{{split}}/{algorithm.model_file}",
            predictions=f"{RESULTS}/fits/{{model}}/{{split}}/predictions.parquet",
            summary=f"{RESULTS}/fits/{{model}}/{{split}}/fit.json",
        log:
            f"{RESULTS}/fits/{{model}}/{{split}}/fit.log",
        benchmark:
            f"{RESULTS}/fits/{{model}}/{{split}}/benchmark.tsv"
        wildcard_constraints:
            model=models_of(name, alone=True),
        resources:
            mem_mb=memory(*algorithm.memory),
            runtime=minutes(*algorithm.minutes),
        params:
            **({"kernel": KERNEL} if algorithm.kernel else {}),
            **{key: of_model(question) for key, question in OF_MODEL.items()},
            code=code_of(f"fit_{name}"),
            algorithm=name,
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
            **{key: of_model(question) for key, question in OF_MODEL.items()},
            code=code_of(f"fit_{name}"),
            algorithm=name,
            refit=lambda wildcards: refit_of(CONFIG, wildcards.refit),
        conda:
            f"../envs/{algorithm.environment}.yaml"
        group:
            cluster_group("small" if algorithm.small else None)
        script:
            "../scripts/fit_{params.algorithm}.py"


for name, several in TOGETHER.items():
    splits = sorted({fit["split"] for fit in several})
    folders = [f"{RESULTS}/fits/{fit['model']}/{fit['split']}" for fit in several]
    algorithm = several[0]["algorithm"]
    common, own = parameters(several, CONFIG)

    rule:
        name:
            name
        message:
            f"Fit {several[0]['model']} under {several[0]['split']}"
            + f" and {len(several) - 1} more of {algorithm}" * (len(several) > 1)
        input:
            train=[f"{RESULTS}/splits/{split}/train.parquet" for split in splits],
            test=[f"{RESULTS}/splits/{split}/test.parquet" for split in splits],
        output:
            model=kept(f"{folder}/{ALGORITHMS[algorithm].model_file}" for folder in folders),
            predictions=kept(f"{folder}/predictions.parquet" for folder in folders),
            summary=kept(f"{folder}/fit.json" for folder in folders),
        log:
            f"{RESULTS}/logs/{name}.log",
        benchmark:
            f"{RESULTS}/benchmarks/{name}.tsv"
        resources:
            mem_mb=memory(*ALGORITHMS[algorithm].memory),
            runtime=minutes(*ALGORITHMS[algorithm].minutes),
        params:
            code=code_of(f"fit_{algorithm}"),
            algorithm=algorithm,
            splits=as_it_is(splits),
            common=as_it_is(common),
            together=as_it_is(own),
        conda:
            f"../envs/{ALGORITHMS[algorithm].environment}.yaml"
        group:
            cluster_group("small")
        script:
            "../scripts/fit_{params.algorithm}.py"
