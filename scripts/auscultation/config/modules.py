"""Which of the package's modules a script imports, so that an edit of one reruns the script's rule.

Found by a regular expression, as the workflow starts: a hundredth of the time that parsing takes. So
a module is imported as `from auscultation.<package>.<module> import ..`, wherever in its line.
"""

import hashlib
import re
from functools import cache
from pathlib import Path

from auscultation.job.files import sha256_of

SCRIPTS = Path(__file__).resolve().parents[2]
_sha256_of = cache(sha256_of)  # most modules are of several scripts
IMPORT = re.compile(r"^[ \t]*from (auscultation(?:\.\w+)+) import ", re.MULTILINE)


@cache
def imported(path: Path) -> frozenset[Path]:
    """Return the files of the modules that a file imports from the package, itself left out."""
    names = set(IMPORT.findall(path.read_text(encoding="utf-8")))
    return frozenset(SCRIPTS.joinpath(*name.split(".")).with_suffix(".py") for name in names)


def modules(*files: str) -> list[str]:
    """Return the modules that files import, and those that these import, as sorted paths.

    All are below scripts/. Files have no ending: `fit_knn`, or `auscultation/splits/half` for a
    module, which is then among those returned. Raises FileNotFoundError where one is not there.
    """
    start = [SCRIPTS / f"{name}.py" for name in files]
    found, waiting = {path for path in start if path.parent != SCRIPTS}, start
    while waiting:
        new = imported(waiting.pop()) - found
        found |= new
        waiting += new
    data = {path.with_suffix(".yaml") for path in found}  # what a module reads when imported
    found |= {path for path in data if path.exists()}
    return sorted(path.relative_to(SCRIPTS).as_posix() for path in found)


@cache
def code_of(*files: str) -> str:
    """Return the SHA-256 of files, named as for `modules`, and of all that they import.

    It is a parameter of a rule: of an input, Snakemake makes the SHA-256 anew for each output.
    """
    digest = hashlib.sha256()
    for path in sorted({*modules(*files), *(f"{name}.py" for name in files)}):
        digest.update(f"{path}\n{_sha256_of(SCRIPTS / path)}\n".encode())
    return digest.hexdigest()
