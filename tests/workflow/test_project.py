"""What the project promises of itself: lint, format, declared imports, the Snakemake report."""

import ast
import re
import subprocess
import sys
import zipfile

import pytest
from harness import ROOT

SCRIPTS = ROOT / "scripts"


def test_lint_is_clean(project):
    done = project.snakemake("--lint")
    assert done.returncode == 0, done.stdout
    assert "Congratulations" in done.stdout, done.stdout


def test_snakefiles_are_formatted():
    files = [str(ROOT / "Snakefile"), *map(str, sorted((ROOT / "rules").glob("*.smk")))]
    done = subprocess.run(
        [sys.executable, "-m", "snakefmt", "--check", *files],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def lib_imports(path):
    """Modules of scripts/lib that a file imports, and those that these import."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("lib."):
            found.add(node.module.removeprefix("lib."))
    for module in list(found):
        found |= lib_imports(SCRIPTS / "lib" / f"{module}.py")
    return found


def rules():
    """Each rule's name and text."""
    for path in sorted((ROOT / "rules").glob("*.smk")):
        text = path.read_text(encoding="utf-8")
        for match in re.finditer(r"^rule (\w+):\n(.*?)(?=^rule |\Z)", text, re.M | re.S):
            yield match[1], match[2]


def listed(text):
    """The modules that the first `lib(...)` of a text names."""
    return set(re.findall(r'"(\w+)"', re.search(r"lib\((.*?)\)", text, re.S)[1]))


@pytest.mark.parametrize(("name", "text"), list(rules()), ids=[name for name, _ in rules()])
def test_rule_declares_the_modules_its_script_imports(name, text):
    script = re.search(r'"\.\./scripts/(\w+)\.py"', text)
    assert script and script[1] == name
    declared = set()
    if "lib=FITTING" in text:
        fitting = (ROOT / "rules" / "common.smk").read_text(encoding="utf-8").split("FITTING = ")[1]
        declared |= listed(fitting)
    if "lib(" in text:
        declared |= listed(text)
    assert declared == lib_imports(SCRIPTS / f"{name}.py")


@pytest.mark.parametrize(("name", "text"), list(rules()), ids=[name for name, _ in rules()])
def test_rule_has_its_directives_in_order(name, text):
    order = ["localrule", "message", "input", "output", "log", "benchmark"]
    order += ["wildcard_constraints", "threads", "resources", "params", "conda", "script"]
    found = re.findall(r"^    (\w+):", text, re.M)
    assert found == [directive for directive in order if directive in found]
    assert {"input", "output", "log", "benchmark", "conda", "script"} <= set(found)


COUNTED = """
import sys
from snakemake.cli import main
from snakemake.scheduling.job_scheduler import JobRateLimiter
asked = []
free = JobRateLimiter.get_free_jobs
JobRateLimiter.get_free_jobs = lambda self: asked.append(1) or free(self)
try:
    main(sys.argv[1:])
finally:
    print("the limit was asked for", len(asked))
"""


@pytest.mark.parametrize(("limit", "kept"), [([], False), (["50/1s"], True)])
def test_only_a_limit_of_the_users_own_slows_the_scheduler(project, limit, kept):
    table = "results/table/raw.parquet"
    options = ["--max-jobs-per-timespan", *limit] if limit else []
    done = project.snakemake(*options, "--", table, program=("-c", COUNTED), timeout=120)
    assert done.returncode == 0, done.stdout
    assert (project.folder / table).exists()
    assert ("the limit was asked for 0\n" not in done.stdout) == kept, done.stdout


def test_snakemake_report_archive(finished):
    finished.run("--report", "report.zip")
    with zipfile.ZipFile(finished.folder / "report.zip") as archive:
        names = archive.namelist()
    assert any(name.endswith("report.html") for name in names)
    assert any(name.endswith(".svg") for name in names)
    assert any(name.endswith("comparison.csv") for name in names)
