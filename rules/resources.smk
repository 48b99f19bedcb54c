"""Memory and run time that a job asks a cluster for, and which steps share a cluster job.

They depend on the size of the workbooks and the number of fits only, which are known before anything has
run, so that a group of jobs can ask before its inputs exist.
"""


def size_mb():
    """Size of the workbooks in MB; a simulated one has about 5 kB per patient, one to download 1 MB."""
    if CONFIG["recordings"]:
        return 0.004 * N_RECORDINGS  # of a table with as many cycles and some families
    simulated = {DEMO_WORKBOOK: CONFIG["demo"]["patients"] * 0.005}
    return sum(
        simulated.get(path, Path(path).stat().st_size / 1e6 if Path(path).exists() else 1.0)
        for path in WORKBOOKS
    )


def memory(start, per_mb, per_thread=0, per_fit=0):
    """Memory of a job in MB: to start, per MB of workbook, per further fold in parallel, per fit of the run."""

    def mem_mb(wildcards, attempt, threads):
        needed = start + per_mb * size_mb() + per_thread * (threads - 1) + per_fit * len(FITS)
        return round(attempt * needed)

    return mem_mb


def minutes(start, per_mb=0, per_fit=0):
    """Time limit of a job in minutes, which a cluster's partition limits, too: likewise."""

    def runtime(wildcards, attempt):
        return round(attempt * (start + per_mb * size_mb() + per_fit * len(FITS)))

    return runtime


def cluster_group(name):
    """Group of the steps that share one cluster job; a dry run lists them one by one."""
    return None if workflow.output_settings.dryrun else name
