"""The lock is whole and names no place to fetch from; the conda environments hold its versions."""

import ast
import itertools
import re
import sys
from pathlib import Path

import pytest
import yaml

from auscultation.config.modules import SCRIPTS, modules
from auscultation.fits.algorithms import ALGORITHMS
from auscultation.recordings.families.registry import FAMILIES
from rule_texts import rule_texts

ROOT = Path(__file__).resolve().parents[2]
LOCKS = [
    "requirements.txt",
    "requirements-cluster.txt",
    "requirements-test.txt",
    "requirements-docs.txt",
    "requirements-bench.txt",
    "tools/uv.txt",
]
ENVIRONMENTS = sorted((ROOT / "envs").glob("*.yaml"))

# by what is imported the packages that have it, or need it themselves
BROUGHT_BY = {
    "markupsafe": ("jinja2",),
    "matplotlib": ("matplotlib-base",),
    "python_calamine": ("python-calamine",),
    "scipy": ("scikit-learn",),
    "sklearn": ("scikit-learn",),
    "soundfile": ("pysoundfile",),
    "tensorflow": ("tensorflow", "tensorflow-cpu"),
    "threadpoolctl": ("threadpoolctl", "scikit-learn"),
    "yaml": ("pyyaml",),
}
# conda-forge's names, where they are not those of the lock
CONDA_NAMES = {"matplotlib-base": "matplotlib", "pysoundfile": "soundfile"}


def read_lock(name: str) -> dict[str, tuple[str, int]]:
    """Version and number of hashes of each package of a lock."""
    text = (ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    pins = {}
    for line in text.splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            found = re.match(r"([A-Za-z0-9._-]+)==([^ ;]+)", line)
            assert found, f"{name} has a line that is no pin: {line}"
            package, version = found.groups()
            assert package not in pins, f"{name} pins {package} twice, so systems would differ"
            pins[package] = (version, len(re.findall(r"--hash=sha256:[0-9a-f]{64}\b", line)))
    return pins


def read_environment(path: Path) -> dict[str, str]:
    """Version of each package of a conda environment, Python left out."""
    pins = {}
    for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"]:
        package, _, version = entry.partition("==")
        if not package.startswith("python="):
            assert version, (
                f"envs/{path.name} leaves the version of {entry} open; write name==version"
            )
            pins[package] = version
    return pins


@pytest.mark.parametrize("name", LOCKS)
def test_every_pin_has_a_hash(name):
    pins = read_lock(name)
    bare = [package for package, (_, hashes) in pins.items() if hashes == 0]
    assert pins, f"{name} pins nothing"
    assert not bare, f"{name}: without a hash, a package could be swapped on its way: {bare}"


@pytest.mark.parametrize("name", LOCKS)
def test_lock_names_no_place_to_fetch_from(name):
    text = (ROOT / name).read_text(encoding="utf-8")
    options = re.sub(r"#.*|--hash=\S+", "", text)
    places = re.findall(r"\S*://\S*", text) + re.findall(r"(?<!\S)--?\w\S*|@ *\S+", options)
    assert not places, f"{name} must install from whatever registry the user has, not from {places}"


def test_requirements_are_locked():
    for lock in LOCKS[:-1]:
        name = lock.removesuffix(".txt")
        lines = (ROOT / f"{name}.in").read_text(encoding="utf-8").splitlines()
        asked = {re.match(r"[\w-]+", line).group() for line in lines if re.match(r"\w", line)}
        missing = asked - set(read_lock(f"{name}.txt"))
        assert not missing, f"{name}.txt is older than {name}.in, run `make lock`: {missing}"


@pytest.mark.parametrize(("name", "further"), [*itertools.combinations(LOCKS[:-1], 2)])
def test_locks_agree(name, further):
    """One environment may hold several, in whatever order they were installed."""
    lock, other = read_lock(name), read_lock(further)
    differing = {
        package: (lock[package][0], other[package][0])
        for package in set(lock) & set(other)
        if lock[package] != other[package]
    }
    assert not differing, f"{further} would change what {name} has installed: {differing}"


def test_a_start_of_snakemake_imports_no_more_than_it_has_to():
    """It imports every executor that is installed, and with that of Slurm pandas."""
    slow = {package for package in read_lock("requirements.txt") if "executor-plugin-" in package}
    assert slow == set()
    assert "snakemake-executor-plugin-slurm" in read_lock("requirements-cluster.txt")


@pytest.mark.parametrize("path", ENVIRONMENTS, ids=lambda path: path.stem)
def test_conda_environment_has_the_locks_versions(path):
    lock = read_lock("requirements.txt")
    packages = read_environment(path)
    unknown = [package for package in packages if CONDA_NAMES.get(package, package) not in lock]
    differing = {
        package: f"{version}, locked {lock[CONDA_NAMES.get(package, package)][0]}"
        for package, version in packages.items()
        if package not in unknown and version != lock[CONDA_NAMES.get(package, package)][0]
    }
    assert not unknown, f"envs/{path.name} has packages that the lock does not have: {unknown}"
    assert not differing, (
        f"envs/{path.name} and requirements.txt would give other results: {differing}"
    )


def test_both_tensorflows_are_one_version():
    lock = read_lock("requirements.txt")
    assert lock["tensorflow"][0] == lock["tensorflow-cpu"][0], "systems would run other TensorFlows"


def test_only_one_environment_carries_tensorflow():
    carriers = [
        path.stem
        for path in ENVIRONMENTS
        if any("tensorflow" in package for package in read_environment(path))
    ]
    assert carriers == ["tensorflow"], (
        f"the others must stay light, but TensorFlow is in {carriers}"
    )


def test_environments_share_one_python():
    pythons = {
        path.stem: yaml.safe_load(path.read_text(encoding="utf-8"))["dependencies"][0]
        for path in ENVIRONMENTS
    }
    assert ENVIRONMENTS, "envs/ is empty"
    assert len(set(pythons.values())) == 1, f"jobs of one run would use several Pythons: {pythons}"


def jobs() -> list[tuple[str, str]]:
    """Each script that a rule names, with the environment of its rule."""
    found = []
    for _, rule in rule_texts():
        script = re.search(r'"(?:\.\./)?scripts/(\w+)\.py"', rule)
        environment = re.search(r'"(?:\.\./)?envs/(\w+)\.yaml"', rule)
        if script and environment:
            found.append((script[1], environment[1]))
    for name in FAMILIES:
        found.append((f"family_{name}", "sound"))
    return found + [(f"fit_{n}", row.environment) for n, row in ALGORITHMS.items()]


@pytest.mark.parametrize(("script", "environment"), jobs(), ids=lambda name: name)
def test_an_environment_has_what_its_jobs_import(script, environment):
    """What a script and the package's modules import when they are imported."""
    packages = {*read_environment(ROOT / "envs" / f"{environment}.yaml")}
    files = [SCRIPTS / f"{script}.py", *(SCRIPTS / name for name in modules(script))]
    for path in files:
        if path.suffix == ".py":
            for library in imported_by(path):
                assert packages & {*BROUGHT_BY.get(library, (library,))}, (path.name, library)


def imported_by(path: Path) -> set[str]:
    """The libraries that a module imports when it is imported."""
    top = ast.parse(path.read_text(encoding="utf-8")).body
    top = [inner for node in top for inner in (node.body if isinstance(node, ast.With) else [node])]
    names = {alias.name for node in top if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in top if isinstance(node, ast.ImportFrom)}
    return {name.split(".")[0] for name in names} - sys.stdlib_module_names - {"auscultation"}
