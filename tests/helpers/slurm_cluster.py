"""A real Slurm on loopback, of our own: munged, slurmctld and two slurmd, nothing under /etc."""

import contextlib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

DAEMONS = ("munged", "slurmctld", "slurmd")
CLIENTS = ("sacct", "sacctmgr", "sbatch", "scancel", "scontrol", "sinfo", "squeue", "srun")
NODES = ("left", "right")
SEARCH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"

CONF = """
ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={control_port}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/%n.pid
SlurmdSpoolDir={folder}/%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
SwitchType=switch/none
SlurmdParameters=config_overrides
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerParameters=sched_min_interval=0,batch_sched_delay=0,sched_interval=2,bf_interval=2
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/linux
JobAcctGatherFrequency=task=1
JobAcctGatherParams=OverMemoryKill
MinJobAge=300
ReturnToService=2
KillWait=2
SlurmdTimeout=3
MessageTimeout=3
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def missing() -> list[str]:
    """Programs of Slurm that are not installed."""
    needed = (*DAEMONS, "sbatch", "squeue", "srun", "setpriv")
    return [name for name in needed if shutil.which(name, path=SEARCH) is None]


def free_ports(n: int) -> list[int]:
    """Ports that nothing listens on, all different."""
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n)]
    ports = [opened.getsockname()[1] for opened in sockets]
    for opened in sockets:
        opened.close()
    return ports


class Cluster:
    """Daemons that run until `close`, or until this process is gone.

    Parameters
    ----------
    cpus
        Of each of the two nodes; so many jobs may run at once, whatever the machine has.
    memory
        Of each node, in MB.
    """

    def __init__(self, cpus: int = 2, memory: int = 8000):
        # short, because a socket's path may have 107 characters, and open, as munge demands
        self.folder = Path(tempfile.mkdtemp(prefix="slurm-", dir="/tmp"))
        self.folder.chmod(0o755)
        self.daemons: dict[str, subprocess.Popen] = {}
        ports = free_ports(1 + len(NODES))
        nodes = [
            f"NodeName={name} NodeHostname=localhost NodeAddr=127.0.0.1 Port={port} CPUs={cpus}"
            f" RealMemory={memory} State=UNKNOWN"
            for name, port in zip(NODES, ports[1:], strict=True)
        ]
        self.conf = self.folder / "slurm.conf"
        text = CONF.format(
            host=socket.gethostname(),
            user=pwd.getpwuid(os.getuid()).pw_name,
            folder=self.folder,
            control_port=ports[0],
            nodes="\n".join(nodes),
        )
        self.conf.write_text(text, encoding="utf-8")
        for name in ("state", "bin", *NODES):
            (self.folder / name).mkdir()
        for name in filter(lambda name: shutil.which(name, path=SEARCH), CLIENTS):
            self._wrap(name)
        self.env = os.environ | {"PATH": f"{self.folder / 'bin'}:{os.environ['PATH']}"}
        try:
            self._start()
        except BaseException:
            self.close()
            raise

    def _wrap(self, name: str) -> None:
        """Put a program on PATH that knows the configuration: the executor takes SLURM_* away."""
        path = self.folder / "bin" / name
        real = shutil.which(name, path=SEARCH)
        path.write_text(f'#!/bin/sh\nSLURM_CONF={self.conf} exec {real} "$@"\n', encoding="utf-8")
        path.chmod(0o755)

    def _start(self) -> None:
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o600)
        files = {"key-file": key.name, "socket": "munge.socket", "pid-file": "munge.pid"}
        files |= {"log-file": "munge.log", "seed-file": "munge.seed"}
        options = [f"--{option}={self.folder / name}" for option, name in files.items()]
        self._daemon("munged", "munged", "--foreground", "--force", *options)
        self._wait(lambda: (self.folder / "munge.socket").exists(), "munged")
        self._daemon("slurmctld", "slurmctld", "-D", "-f", str(self.conf))
        for name in NODES:
            self.start_node(name)
        self._wait(lambda: set(self.nodes().values()) == {"idle"}, "the nodes")

    def _daemon(self, name: str, *command: str) -> None:
        program = shutil.which(command[0], path=SEARCH)
        with open(self.folder / f"{name}.out", "ab") as out:
            self.daemons[name] = subprocess.Popen(
                # whatever ends the tests, the daemons do not outlive them
                ["setpriv", "--pdeathsig", "KILL", program, *command[1:]],
                stdout=out,
                stderr=out,
                stdin=subprocess.DEVNULL,
                env=self.env | {"SLURM_CONF": str(self.conf)},
            )

    def _wait(self, ready, what: str, seconds: float = 20) -> None:
        end = time.monotonic() + seconds
        while not ready():
            if time.monotonic() > end or any(d.poll() is not None for d in self.daemons.values()):
                said = [path.read_text(errors="replace") for path in self.folder.glob("*.out")]
                raise RuntimeError(f"Slurm: {what} did not start\n" + "\n".join(said)[-4000:])
            time.sleep(0.05)

    def start_node(self, name: str) -> None:
        """Start the slurmd of a node."""
        self._daemon(name, "slurmd", "-D", "-N", name, "-f", str(self.conf))

    def lose_node(self, name: str) -> None:
        """Kill a node's slurmd and whatever runs on it, as a power cut does."""
        self.daemons.pop(name).kill()
        self._kill(name)

    def _kill(self, *names: str) -> None:
        for pid in self._on(*names):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)

    def _on(self, *names: str) -> list[int]:
        """Processes of the jobs on the nodes named, their slurmstepd first."""
        marks = [f"SLURMD_NODENAME={name}".encode() for name in names]
        bin_folder, found, parents = f"{self.folder}/bin".encode(), [], []
        for path in Path("/proc").glob("[0-9]*"):
            try:
                variables = (path / "environ").read_bytes()
                parent = int((path / "stat").read_text().rsplit(")", 1)[1].split()[1])
                parent_name = Path(f"/proc/{parent}/comm").read_text()
            except OSError:
                continue
            if bin_folder in variables and any(m in variables.split(b"\0") for m in marks):
                found.append(int(path.name))
                if parent_name.startswith("slurmstepd"):
                    parents.append(parent)
        return list(dict.fromkeys(parents + found))

    def run(self, *command: str) -> str:
        """Run one of Slurm's programs; give what it printed."""
        done = subprocess.run(command, env=self.env, capture_output=True, text=True, timeout=30)
        return done.stdout.strip()

    def nodes(self) -> dict[str, str]:
        """State of each node."""
        lines = self.run("sinfo", "--noheader", "--Node", "--format=%N %t").splitlines()
        return dict(line.split() for line in lines)

    def jobs(self) -> list[str]:
        """Jobs that wait or run."""
        return self.run("squeue", "--noheader", "--format=%i %T %k").splitlines()

    def close(self) -> None:
        """End all jobs and daemons, and remove the folder."""
        if "slurmctld" in self.daemons and self.jobs():
            self.run("scancel", "--full", "--signal=KILL", *[job.split()[0] for job in self.jobs()])
        for daemon in reversed(self.daemons.values()):
            daemon.kill()
            daemon.wait(timeout=20)
        self._kill(*NODES)
        shutil.rmtree(self.folder, ignore_errors=True)
