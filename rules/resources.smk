"""What a job asks a cluster for, memory and run time, and which jobs share one job of it.

They follow the workbook's size, the one size that is known before anything has run, so that jobs
which are grouped into one can ask before their inputs are there.
"""


def size_mb():
    """MB of the workbook; the simulated one has about 5 kB a patient, one to be fetched is small."""
    if WORKBOOK == DEMO_WORKBOOK:
        return CONFIG["demo"]["patients"] * 0.005
    return Path(WORKBOOK).stat().st_size / 1e6 if Path(WORKBOOK).exists() else 1.0


def memory(start, per_mb, per_thread=0):
    """MB that a job needs: to start, for each MB of workbook, for each further fold at a time."""

    def mem_mb(wildcards, attempt, threads):
        return round(attempt * (start + per_mb * size_mb() + per_thread * (threads - 1)))

    return mem_mb


def minutes(start, per_mb2=0):
    """Minutes that a job may take: to start, and for each MB of workbook squared."""

    def runtime(wildcards, attempt):
        return round(attempt * (start + per_mb2 * size_mb() ** 2))

    return runtime


def cluster_group(name):
    """Group of jobs that share one job of a cluster: a dry run lists them one by one."""
    return None if workflow.output_settings.dryrun else name
