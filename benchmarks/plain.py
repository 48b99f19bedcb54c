"""Do all jobs of a folder in one process, or on a pool of processes; no workflow tool.

    python benchmarks/plain.py FOLDER [PROCESSES]

With a pool, each job starts as soon as the jobs that it needs have ended.
"""

import multiprocessing
import os
import sys
from concurrent.futures import FIRST_COMPLETED, ProcessPoolExecutor, wait
from pathlib import Path

from jobs import SCRIPTS, do, limit_threads, read_plan


def in_pool(jobs: list[dict], processes: int) -> None:
    """Do jobs on a pool of processes."""
    made = {file for job in jobs for file in job["output"]["files"]}
    made |= {job["benchmark"] for job in jobs}
    left, running, there = list(jobs), {}, set()
    with ProcessPoolExecutor(processes, multiprocessing.get_context("spawn")) as pool:
        while left or running:
            ready = [job for job in left if not made.intersection(job["input"]["files"]) - there]
            left = [job for job in left if job not in ready]
            running |= {pool.submit(do, job): job for job in ready}
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                future.result()
                job = running.pop(future)
                there |= {*job["output"]["files"], job["benchmark"]}


def main() -> None:
    """Do the jobs."""
    os.chdir(sys.argv[1])
    sys.path.insert(0, str(SCRIPTS))
    jobs, processes = read_plan(Path(".")), int((sys.argv + ["1"])[2])
    if processes > 1:
        limit_threads(1)
        in_pool(jobs, processes)
    else:
        for job in jobs:
            do(job | {"threads": 1})  # or some would fork


if __name__ == "__main__":
    main()
