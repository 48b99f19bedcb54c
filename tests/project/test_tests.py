"""The tests themselves: modules stand alone, no wait is without end, no skip in silence."""

import ast
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve()
TESTS = HERE.parents[1]
MODULES = sorted(TESTS.rglob("*.py"))
RUNNING = ("run", "check_output", "check_call", "call")


def lines(path, pattern):
    """Where a pattern is in a module, as `module:line`."""
    text = path.read_text(encoding="utf-8")
    found = re.finditer(pattern, text, re.MULTILINE)
    return [f"{path.name}:{text.count(chr(10), 0, match.end()) + 1}" for match in found]


def test_no_module_imports_tests():
    """Fault 16: what modules of tests share is in modules of its own, and in conftest.py."""
    # a script in a text imports, too
    assert [at for path in MODULES for at in lines(path, r"^ *(from|import) test_")] == []


def test_other_peoples_data_are_reached_by_the_fixtures():
    """Fault 16: what lies in ../shared is named in one place, which says why a test skips."""
    pattern = r"ROOT\.parent|shared/data|/ ['\"]shared['\"]|real_workbook\.parent"
    others = [path for path in MODULES if path not in (TESTS / "conftest.py", HERE)]
    assert [at for path in others for at in lines(path, pattern)] == []


def waits(path):
    """Where a module starts a process, or waits for one, without a limit of time."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        starts = getattr(node.func.value, "id", "") == "subprocess" and node.func.attr in RUNNING
        ends = node.func.attr in ("wait", "communicate") and not node.args
        if (starts or ends) and "timeout" not in [keyword.arg for keyword in node.keywords]:
            yield f"{path.name}:{node.lineno}"


def test_no_process_is_waited_for_without_a_limit():
    """Fault 16: a process that never ends fails its test; it does not stop the others."""
    assert [at for path in MODULES for at in waits(path)] == []


def test_without_other_peoples_data_the_reason_is_said(tmp_path):
    """Fault 16: who does not have the files sees which test was skipped for which one."""
    (tmp_path / "project" / "tests").mkdir(parents=True)
    shutil.copy(TESTS / "conftest.py", tmp_path / "project" / "tests")
    text = "def test_one(real_workbook): pass\ndef test_two(icbhi_list): pass\n"
    (tmp_path / "project" / "tests" / "test_it.py").write_text(text)
    command = [sys.executable, "-m", "pytest", "-q", "-ra", "-p", "no:cacheprovider", "tests"]
    done = subprocess.run(
        command, cwd=tmp_path / "project", capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0 and "2 skipped" in done.stdout, done.stdout
    for name in ("auscultation_features.xlsx", "ICBHI_challenge_train_test.txt"):
        assert f"is not at ../shared/data/{name}" in done.stdout
