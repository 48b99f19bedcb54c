"""The workflow on a real Slurm, with the profiles as they are shipped."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import sys
import time

import pytest

from harness import ROOT, Project
from slurm_cluster import Cluster, missing

# A kernel machine is submitted alone and fits its folds at once; the baseline shares a job.
CONFIG = {
    "demo": {"seed": 3, "patients": 8},
    "splits": {"half": {"seed": 0}, "patient": {"folds": 2, "seed": 0}},
    "models": {"mean": {}, "svc": {"scale": "standard"}},
}
# Jobs here take seconds, and a node has two cores.
SMALL = ["--cores", "2", "--latency-wait", "10", "--max-status-checks-per-second", "10"]

# Too little memory on the first attempt of one job, even to start.
STARVED = "100 if attempt == 1 and wildcards.split == 'half' else 1000"

# Two jobs that take as long as a file says, and one after them.
NAPS = """
rule all:
    input: "done.txt"
rule nap:
    output: "{name}.nap"
    resources: mem_mb=1000
    shell: "while [ -e hold ]; do sleep 0.2; done; echo {wildcards.name} > {output}"
rule collect:
    input: "a.nap", "b.nap"
    output: "done.txt"
    localrule: True
    shell: "cat {input} > {output}"
"""


def installed():
    """Skip where there is no Slurm, or fail where there has to be one."""
    absent = missing()
    if absent:
        reason = f"a test cluster needs {', '.join(absent)}: apt-get install slurmctld slurmd munge"
        if os.environ.get("REQUIRE_SLURM") == "1":
            pytest.fail(reason)
        pytest.skip(reason)


@pytest.fixture(scope="module")
def cluster():
    """A Slurm of our own, on which nodes are lost."""
    installed()
    cluster = Cluster()
    yield cluster
    cluster.close()


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A run of the whole workflow, on a Slurm of its own; other tests wait while it waits."""
    installed()
    cluster = Cluster()
    project = Project(tmp_path_factory.mktemp("remote"))
    project.configure(CONFIG)
    starved = ["--set-resources", "fit_svc:mem_mb=" + STARVED, "fit_svc:runtime=600"]
    starved += ["--default-resources", "slurm_partition=main", "runtime=10"]
    try:
        with Run(cluster, project.folder, *profile("slurm"), *quick(5), *starved) as run:
            yield run, project
    finally:
        cluster.close()


class Run:
    """A snakemake in a session of its own, so that nothing it has started is left."""

    def __init__(self, cluster, folder, *args, snakefile=ROOT / "Snakefile"):
        self.output = folder / "output.txt"
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(snakefile)]
        command += ["--directory", str(folder), *SMALL, *args]
        with open(self.output, "wb") as file:
            self.process = subprocess.Popen(
                command,
                cwd=folder,
                stdout=file,
                stderr=subprocess.STDOUT,
                env=cluster.env,
                start_new_session=True,
            )

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(20)

    def said(self):
        return self.output.read_text(encoding="utf-8", errors="replace")

    def end(self, seconds=240):
        """Wait for the end; give the status and what was said."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            pytest.fail(f"snakemake did not end within {seconds} s:\n{self.said()}")
        return self.process.returncode, self.said()

    def until(self, ready, seconds=60):
        """Wait until something is so, while snakemake runs."""
        end = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > end or self.process.poll() is not None:
                pytest.fail(f"waited in vain for {seconds} s:\n{self.said()}")
            time.sleep(0.2)


def quick(seconds):
    """Look at the jobs after seconds, which then grow by 10 each time."""
    return ["--slurm-init-seconds-before-status-checks", str(seconds)]


def profile(name):
    return ["--profile", str(ROOT / "profiles" / name)]


def tables(project):
    """Hash of each file that must have the same bytes wherever it was made."""
    files = [p for p in project.results.rglob("*") if p.suffix in (".parquet", ".csv", ".npz")]
    return {
        str(path.relative_to(project.results)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in files
    }


def test_interrupted_then_started_again_on_a_cluster_that_loses_a_node(whole, cluster, tmp_path):
    (tmp_path / "Snakefile").write_text(NAPS, encoding="utf-8")
    (tmp_path / "hold").touch()

    def start():
        snakefile = tmp_path / "Snakefile"
        return Run(cluster, tmp_path, *profile("slurm"), *quick(2), snakefile=snakefile)

    def two_run():
        return sum("RUNNING" in job for job in cluster.jobs()) == 2

    with start() as run:
        run.until(two_run)
        run.process.send_signal(signal.SIGINT)
        status, said = run.end(60)
    assert status != 0, said
    run_id = re.search(r"SLURM run ID: (\S+)", said)[1]
    assert cluster.run("squeue", "--noheader", "--name", run_id) == ""
    assert not (tmp_path / "done.txt").exists()

    with start() as run:
        run.until(two_run)
        on = ["squeue", "--noheader", "--states=RUNNING", "--format=%N"]
        lost = cluster.run(*on).splitlines()[0]
        cluster.lose_node(lost)
        (tmp_path / "hold").unlink()  # not before: what has ended is not started again
        status, said = run.end()
    assert status == 0, said
    assert cluster.nodes()[lost].startswith("down")
    # by Slurm itself, or, where its job has ended first as one that failed, by Snakemake
    by_slurm = "Restarts=1" in cluster.run("scontrol", "show", "job")
    again = re.findall(
        r"Trying to restart job (\d+)", said
    )  # both jobs, where both were on that node
    assert by_slurm or (again and len(again) == len({*again}))
    cluster.start_node(lost)
    assert (tmp_path / "done.txt").read_text() == "a\nb\n"


def test_generic_profile(whole, cluster, tmp_path):
    (tmp_path / "Snakefile").write_text(NAPS, encoding="utf-8")
    snakefile = tmp_path / "Snakefile"
    with Run(cluster, tmp_path, *profile("cluster-generic"), snakefile=snakefile) as run:
        status, said = run.end()
    assert status == 0, said
    assert (tmp_path / "done.txt").read_text() == "a\nb\n"
    assert len(re.findall(r"Submitted job \d+ with external jobid '\d+'", said)) == 2


@pytest.fixture
def fake_squeue(tmp_path):
    """Return a function that runs the status script with a squeue and a sacct that say something."""

    def status(squeue, sacct=""):
        for name, said in {"squeue": squeue, "sacct": sacct}.items():
            path = tmp_path / name
            path.write_text(f"#!/bin/sh\n{said}\n", encoding="utf-8")
            path.chmod(0o755)
        script = ROOT / "profiles" / "cluster-generic" / "status.sh"
        path = f"{tmp_path}:{os.environ['PATH']}"
        done = subprocess.run(
            [str(script), "7"], env={"PATH": path}, capture_output=True, text=True, timeout=30
        )
        assert done.returncode == 0 and done.stderr == ""
        return done.stdout

    return status


FORGOTTEN = "echo 'slurm_load_jobs error: Invalid job id specified' >&2; exit 1"


@pytest.mark.parametrize(
    ("squeue", "sacct", "expected"),
    [
        ("echo PENDING", "", "running"),
        ("echo RUNNING", "", "running"),
        ("echo COMPLETING", "", "running"),
        ("echo COMPLETED", "", "success"),
        ("echo OUT_OF_MEMORY", "", "failed"),
        ("echo NODE_FAIL", "", "failed"),
        (FORGOTTEN, "echo '   COMPLETED '", "success"),
        (FORGOTTEN, "echo 'CANCELLED by 0'", "failed"),
        (FORGOTTEN, "echo 'Slurm accounting storage is disabled' >&2; exit 1", "failed"),
    ],
)
def test_status_script(fake_squeue, squeue, sacct, expected):
    assert fake_squeue(squeue, sacct) == f"{expected}\n"


def test_status_script_says_running_while_the_controller_is_silent(cluster, tmp_path):
    conf = re.sub(r"SlurmctldPort=\d+", "SlurmctldPort=1", cluster.conf.read_text())
    (tmp_path / "slurm.conf").write_text(conf + "MessageTimeout=1\nSlurmctldTimeout=1\n")
    script = ROOT / "profiles" / "cluster-generic" / "status.sh"
    env = {"PATH": os.environ["PATH"], "SLURM_CONF": str(tmp_path / "slurm.conf")}
    assert shutil.which("squeue") and cluster.run(str(script), "99999") == "failed"
    done = subprocess.run([str(script), "1"], env=env, capture_output=True, text=True, timeout=60)
    assert done.stdout == "running\n"


@pytest.mark.thorough
def test_recordings_are_heard_by_jobs_of_their_own(cluster, tmp_path):
    """What the demo simulates is heard outside the group that waits for it."""
    project = Project(tmp_path)
    demo = {"demo": {"recordings": {"patients": 8}}, "families": ["bands", "mfcc"]}
    project.configure(CONFIG | demo | {"recordings": "demo"})
    target = "results/table/cycles.parquet"
    with Run(cluster, tmp_path, target, *profile("slurm"), *quick(5)) as run:
        status, said = run.end()
    assert status == 0, said
    submitted = re.findall(r"submitted with SLURM jobid \d+ \(log: \S+/slurm_logs/(\w+)/", said)
    assert submitted.count("rule_hear_recordings") == 8
    assert submitted.count("rule_family_bands") == submitted.count("rule_family_mfcc") == 4
    assert len(submitted) == 18  # and the simulation, and one group


def test_whole_workflow_with_the_shipped_profile(whole, tmp_path):
    run, remote = whole
    local = Project(tmp_path)
    local.configure(CONFIG)
    local.run("results/units.csv", "results/table/feature_shares.csv")
    status, said = run.end()
    assert status == 0, said
    assert (remote.results / "report.html").exists()
    assert tables(remote) == tables(local)
    assert len(tables(local)) > 10
    # before the fits, small fits, after the fits: one job each; and each kernel machine alone, one
    # of them twice
    submitted = re.findall(r"submitted with SLURM jobid \d+ \(log: \S+/slurm_logs/(\w+)/", said)
    groups = sorted(name.split("_")[1] for name in submitted if name.startswith("group_"))
    assert groups == ["finish", "prepare", "small"]
    assert submitted.count("rule_fit_svc") == 3 and len(submitted) == 6
    assert said.count("Trying to restart job") == 1
