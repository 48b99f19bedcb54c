"""The code is well formed: rules of style, types, imports that go one way, files of a bearable length.

Each message names the command that repairs it or shows the whole list.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from rule_texts import FILES

pytestmark = pytest.mark.consistency

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
CODE = ["scripts", "tests", "benchmarks", "tools"]
MOST_LINES = 300  # of one file
MOST_LINES_OF_RULES = 1608  # of all files in rules/, and the Snakefile

CHECKS = {
    "ruff check": ("ruff check --output-format concise {code}", "ruff check --fix {code}", "."),
    "ruff format": ("ruff format --check {code}", "ruff format {code}", "."),
    "mypy": ("mypy scripts", "mypy scripts", "."),
    "imports": (
        "lint-imports --config ../pyproject.toml",
        "cd scripts && ../.venv/bin/lint-imports --config ../pyproject.toml",
        "scripts",
    ),
}


@pytest.mark.parametrize("check", CHECKS)
def test_code_passes(check):
    command, repair, folder = (text.format(code=" ".join(CODE)) for text in CHECKS[check])
    tool, *arguments = command.split()
    if not (BIN / tool).exists():
        pytest.fail(f"{tool} is not installed: make test")
    done = subprocess.run(
        [BIN / tool, *arguments], cwd=ROOT / folder, capture_output=True, text=True, timeout=600
    )
    repair = repair if "/" in repair else f".venv/bin/{repair}"
    assert done.returncode == 0, f"Run: {repair}\n{done.stdout[-4000:]}{done.stderr[-2000:]}"


def lines(path: Path) -> int:
    """Return the number of lines of a text file."""
    return len(path.read_text(encoding="utf-8").splitlines())


def test_no_file_is_too_long():
    paths = [*(ROOT / "scripts").rglob("*.py"), *FILES]
    long = {str(path.relative_to(ROOT)): lines(path) for path in paths if lines(path) > MOST_LINES}
    assert not long, f"Split by meaning what has more than {MOST_LINES} lines: {long}"


def test_rules_are_few():
    total = sum(map(lines, FILES))
    assert total < MOST_LINES_OF_RULES, f"rules/ and the Snakefile have {total} lines"
