"""What the project promises of itself: lint, format, declared imports, the Snakemake report."""

import ast
import re
import subprocess
import sys
import textwrap
import zipfile
from functools import cache

import pytest

from auscultation.config.modules import modules
from auscultation.fits.algorithms import ALGORITHMS
from auscultation.recordings.families.registry import FAMILIES
from harness import ROOT
from rule_texts import FILES, rule_texts

SCRIPTS = ROOT / "scripts"
FROM_NOTHING = ("simulate_workbook", "simulate_recordings", "fetch_workbook")  # rules without input


@pytest.mark.consistency
def test_lint_is_clean(project):
    done = project.snakemake("--lint")
    assert done.returncode == 0, done.stdout
    assert "Congratulations" in done.stdout, done.stdout


@pytest.mark.consistency
def test_snakefiles_are_formatted():
    done = subprocess.run(
        [sys.executable, "-m", "snakefmt", "--check", *FILES],
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@cache
def package_imports(path):
    """Modules of the package that a file imports, and those that these import, by their syntax."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            assert not any(name.name.startswith("auscultation") for name in node.names), path
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("auscultation"):
            assert not node.level and node.module.count(".") >= 2, f"{path}: {node.module}"
            found.add(SCRIPTS.joinpath(*node.module.split(".")).with_suffix(".py"))
    for module in list(found):
        found |= package_imports(module)
    return found


@pytest.mark.consistency
@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*.py")), ids=lambda path: path.stem)
def test_modules_are_those_that_the_syntax_finds(path):
    found = {SCRIPTS / name for name in modules(path.stem) if name.endswith(".py")}
    assert found == package_imports(path)


@pytest.mark.consistency
def test_what_a_module_reads_when_it_is_imported_counts_as_its_code():
    assert "auscultation/fits/algorithms.yaml" in modules("compare")
    # a row added to the registry refits nothing
    assert not any("algorithms" in name for name in modules("fit_knn"))


def rules():
    """Each rule's name and text; those of the algorithms are three, those of the families one."""
    yield from rule_texts()
    for names, file in ((("fit", "refit", "fits"), "fits"), (("family",), "families")):
        text = (ROOT / "rules" / f"{file}.smk").read_text(encoding="utf-8")
        for name, own in zip(names, text.split("    rule:\n")[1:], strict=True):
            own = own.partition("\n\n\nfor ")[0]
            yield name, textwrap.dedent(f"    rule:\n{own}").removeprefix("rule:\n")


@pytest.mark.consistency
@pytest.mark.parametrize(("name", "text"), list(rules()), ids=[name for name, _ in rules()])
def test_rule_runs_the_script_of_its_name_and_depends_on_its_modules(name, text):
    if name in ("fit", "refit", "fits"):
        assert '"../scripts/fit_{params.algorithm}.py"' in text
        assert re.search(r'code=code_of\(f"fit_\{(name|algorithm)\}"\)', text)
        assert {f"fit_{algorithm}" for algorithm in ALGORITHMS} == {
            path.stem for path in SCRIPTS.glob("fit_*.py")
        }
        return
    if name == "family":
        assert '"../scripts/family_{params.family}.py"' in text
        assert 'code=code_of(f"family_{family}")' in text
        assert {f"family_{family}" for family in FAMILIES} == {
            path.stem for path in SCRIPTS.glob("family_*.py")
        }
        return
    to_scripts = "" if name == "report" else "../"  # that rule is in the Snakefile
    assert f'"{to_scripts}scripts/{name}.py"' in text
    assert re.search(rf'code_of\(\s*"{name}"', text)


@pytest.mark.consistency
@pytest.mark.parametrize(("name", "text"), list(rules()), ids=[name for name, _ in rules()])
def test_rule_has_its_directives_in_order(name, text):
    order = ["localrule", "message", "input", "output", "log", "benchmark"]
    order += ["wildcard_constraints", "threads", "resources", "params", "conda", "priority"]
    order = ["name", "default_target", *order, "group", "script"]
    found = re.findall(r"^    (\w+):", text, re.M)
    assert found == [directive for directive in order if directive in found]
    always = {"input", "output", "log", "benchmark", "params", "conda", "script"}
    assert always - set(found) <= ({"input"} if name in FROM_NOTHING else set())


def test_snakemake_report_archive(finished):
    finished.run("--report", "report.zip")
    with zipfile.ZipFile(finished.folder / "report.zip") as archive:
        names = archive.namelist()
        page = archive.read("report/report.html").decode()
    assert any(name.endswith("report.html") for name in names)
    assert any(name.endswith(".svg") for name in names)
    assert any(name.endswith("comparison.csv") for name in names)
    text = (ROOT / "report" / "workflow.rst").read_text(encoding="utf-8")
    question = text.partition(" {%")[0]
    assert question in page
