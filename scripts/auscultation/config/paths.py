"""Names and paths in the config that become files and folders: which the systems and Snakemake take."""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from auscultation.config.columns import split_settings
from auscultation.config.schema import nearest
from auscultation.workbook.sources import is_folder, origins, url_of

# Names become folders and wildcards.
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]*")
LONGEST = 200  # characters of a name; with an ending, systems take 255
UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Cs"}  # control characters, line breaks, bytes that are no text
JOINERS = "\u200c\u200d"  # which some writings need
PORTS = {f"{port}{n}" for port in ("com", "lpt") for n in range(10)}
DEVICES = {"con", "prn", "aux", "nul"} | PORTS  # names that Windows keeps for itself
ROOT = Path(__file__).resolve().parents[3]
# What the project has beside its Snakefile: no place for results.
OWN = [".git", ".snakemake", ".venv", "benchmarks", "docs", "envs", "profiles"]
OWN += ["report", "rules", "scripts", "tests", "tools"]
KEYWORDS = ("demo", "published")  # as `workbook`


def problems_of_name(name: object, where: str) -> list[str]:
    """Return why the name of a model or split, as YAML has read it, cannot be that of a folder."""
    if isinstance(name, bool) or name is None:
        reason = "YAML reads on, off, yes, no, true, false and null as something else than names"
        return [f"{where}: {reason}; write the name in quotes"]
    if NAME.fullmatch(str(name)):
        return []
    return [f"{where}: a name may hold letters, digits, _ and -, and starts with a letter or digit"]


def problems_of_folders(section: str, names: Iterable[str]) -> list[str]:
    """Return which names, those of a sweep's models too, some system cannot have, or not both of them."""
    problems: list[str] = []
    seen: dict[str, str] = {}
    for name in names:
        other = seen.setdefault(name.casefold(), name)
        where = f"{section}.{name}: "
        if other != name:
            folder = "would be one folder on macOS and Windows; rename one"
            problems.append(f"{where}`{other}` and `{name}` {folder}")
        if name.split(".")[0].casefold() in DEVICES:
            problems.append(f"{where}Windows cannot have a folder of this name; rename it")
        if len(name) > LONGEST:
            length = f"{len(name)} characters are too many for the name of a folder"
            problems.append(f"{where}{length}; at most {LONGEST}")
    return problems


def paths(config: Mapping) -> Iterator[tuple[str, object]]:
    """Yield the files and folders that a config names, each with its key; `demo` and URLs are none."""
    for workbook in origins(config):
        if workbook not in KEYWORDS and not url_of(workbook):
            yield "workbook", workbook
    if config.get("recordings") != "demo":
        yield "recordings", config.get("recordings")
    for path in config["patient_tables"] if isinstance(config["patient_tables"], list) else ():
        yield "patient_tables", path
    yield "results", config.get("results")
    for key in ("score", "against"):
        named = config.get(key)
        if isinstance(named, list):
            yield from ((f"{key}.{n}", path) for n, path in enumerate(named))
        else:
            yield key, named
    for name, path in split_settings(config, "list"):
        yield f"splits.{name}.list", path


def problems_of_paths(config: Mapping) -> list[str]:
    """Return which files and folders of a config are misnamed, or are no place for results."""
    problems = []
    for key, path in paths(config):
        if isinstance(path, str) and path:  # else the schema has spoken
            wrong = _misnamed(path)
            if not wrong:
                wrong = _taken(path) if key == "results" else _made(key, path, config["results"])
            problems += [f"{key}: {wrong}"] if wrong else []
    return problems


def missing_file(key: str, path: str) -> str:
    """Return the line about a file of the config that does not exist, with the nearest that does."""
    if Path(path).is_dir():
        return f"{key}: {is_folder(path)}"
    folder, suffix = Path(path).parent, Path(path).suffix
    beside = [p.name for p in folder.glob(f"*{suffix}")] if folder.is_dir() else []
    near = nearest(Path(path).name, beside) if beside else f"no {suffix} file in {folder}/"
    return f"{key}: no such file: {path} ({near})"


def _made(key: str, path: str, results: object) -> str | None:
    """Return why an input cannot lie where the workflow writes: it would be deleted for what is made there."""
    if key.startswith("against") or not isinstance(results, str):
        return None
    # other workbooks can be scored from there
    folder = Path(results, "scored") if key.startswith("score") else Path(results)
    if not Path(path).resolve().is_relative_to(folder.resolve()):
        return None
    return f"{path} lies in {folder}/, where the workflow writes over files; put it elsewhere"


def _misnamed(path: str) -> str | None:
    if re.search(r"[{}<>]", path):
        return "{ } < > have a meaning for Snakemake; rename the file or folder"
    if any(unicodedata.category(c) in UNSEEN and c not in JOINERS for c in path):
        return f"{path!r} has a line break or another character that is not seen; rename it"
    if path != path.strip():
        return f"{path!r} starts or ends with a space; rename it"
    if re.match(r"~($|[^/]*/)", path) and not Path(path.split("/")[0]).exists():
        return f"~ is not put in full here: {path}; write the whole path"
    return None


def _taken(results: str) -> str | None:
    """Return why a folder cannot be the results'."""
    folder = Path(results).resolve()
    if folder.exists() and not folder.is_dir():
        return f"{results} is a file; name a folder"
    if Path.cwd().is_relative_to(folder) or ROOT.is_relative_to(folder):
        return f"{results} holds more than results; name a folder of their own, as results"
    if any(folder.is_relative_to(ROOT / name) for name in OWN):
        return f"{results} is a folder of the project itself; name another"
    return None


def without_dot(path: object) -> object:
    """Return a path without the ./ in front of it, which Snakemake advises against."""
    bare = re.sub(r"^(\./+)+", "", path) if isinstance(path, str) else path
    return path if bare in ("", *KEYWORDS) else bare
