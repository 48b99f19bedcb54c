"""On macOS and Windows: scripts import, and workbooks are read, without what Linux alone has."""

import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from workbooks import sheet, table, xlsx

ROOT = Path(__file__).resolve().parents[2]
# Takes away what a system lacks; what is not the project's own was imported before.
ELSEWHERE = """
import importlib, os, signal, sys
from pathlib import Path
scripts, system = Path(sys.argv[1]), sys.argv[2]
sys.path.insert(0, str(scripts))
names = [
    ".".join(path.relative_to(scripts).with_suffix("").parts)
    for path in sorted((scripts / "auscultation").rglob("[a-z]*.py"))
]
# TensorFlow takes long to import
names += [path.stem for path in sorted(scripts.glob("*.py")) if "gradient_descent" not in path.stem]
for name in names:
    importlib.import_module(name)
for name in [*names, "auscultation"]:
    del sys.modules[name]

def forbidden(*args, **kwargs):
    raise AssertionError("a fork is not safe here")

sys.platform = system
os.fork = forbidden
exists, os.path.exists = os.path.exists, lambda path: path[:5] != "/proc" and exists(path)
if system == "win32":
    del os.fork
    lacking = "killpg getpgid setsid getuid geteuid wait4 mkfifo register_at_fork WNOHANG"
    for module, gone in ((os, lacking), (signal, "SIGKILL SIGBUS SIGHUP SIGALRM setitimer")):
        for name in gone.split():
            delattr(module, name)
    for name in ("fcntl", "resource", "pwd", "grp", "termios"):
        sys.modules[name] = None
for name in names:
    importlib.import_module(name)
"""
READ = """
from types import SimpleNamespace
folder = Path(sys.argv[3])
import read_workbook
from auscultation.job.parallel import Share, each, share
from auscultation.job.memory import limited
job = SimpleNamespace(
    input=SimpleNamespace(workbook=str(folder / "cycles.xlsx")),
    output=SimpleNamespace(raw=folder / "raw.parquet", source=folder / "source.json"),
    log=SimpleNamespace(problems=folder / "problems.csv"),
    params=SimpleNamespace(
        sheet=0,
        reader="calamine",
        max_rows=1000,
        max_megabytes=10,
        checks={"patient": "warn"},
        needed=[],
        columns={},
        datasets=[],
    ),
)
limited(lambda: read_workbook.main(job))
assert limited(lambda: 7) == 7
assert share(folder / "raw.parquet", 4).processes == 1
assert list(each(abs, [-1, -2], Share(1, 1))) == [1, 2]
"""


@pytest.mark.parametrize("system", ["darwin", "win32"])
def test_scripts_import_and_a_workbook_is_read(system, tmp_path):
    """Fault 15: reading needs no fork, no limit of memory, and no module that Linux alone has."""
    (tmp_path / "cycles.xlsx").write_bytes(xlsx(sheet()))
    command = [sys.executable, "-c", ELSEWHERE + READ, str(ROOT / "scripts"), system, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr[-3000:]
    assert pq.read_table(tmp_path / "raw.parquet").equals(table())
