"""One rule per family of features, all with the same outputs: family_mfcc and so on."""

for family in CONFIG["families"]:

    rule:
        name:
            f"family_{family}"
        message:
            "Compute the features {params.family}, part {wildcards.part}"
        input:
            sound=lambda wildcards: [
                f"{HEARD}/sound/{batch}.parquet" for batch in PARTED[int(wildcards.part)]
            ],
        output:
            features=f"{HEARD}/{family}/{{part}}.parquet",
        log:
            f"{RESULTS}/logs/family_{family}/{{part}}.log",
        benchmark:
            f"{RESULTS}/benchmarks/family_{family}/{{part}}.tsv"
        wildcard_constraints:
            part=r"\d+",
        resources:
            mem_mb=memory(700, 0),
            runtime=minutes(60),
        params:
            code=code_of(f"family_{family}"),
            family=family,
            frames={name: CONFIG["frames"][name] for name in SETTINGS[family]},
        conda:
            "../envs/sound.yaml"
        script:
            "../scripts/family_{params.family}.py"
