"""Which commit of the project a folder holds, asked of git; light imports only."""

import logging
import os
import subprocess
from pathlib import Path
from typing import TypedDict

# what a git that started this process (as a hook does) says of its own repository
OTHERS = (
    *("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_COMMON_DIR", "GIT_OBJECT_DIRECTORY"),
    *("GIT_NAMESPACE", "GIT_PREFIX"),
)


class Code(TypedDict):
    """The commit of a folder, and whether files of the project differ from it; None where unknown."""

    commit: str | None
    changed: bool | None


def code(folder: Path, without: tuple[str, ...] = ()) -> Code:
    """Return the commit of the project in a folder, and whether files other than `without` differ.

    Both are None where there is no git, git refuses the folder (another's: `safe.directory`), or
    the commit does not hold the project: one that lies untracked in another repository has none.
    """
    environment = {name: value for name, value in os.environ.items() if name not in OTHERS}
    environment |= {"GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"}  # asking changes nothing

    def git(*command: str) -> str:
        return subprocess.run(
            ["git", "-C", str(folder), *command],
            capture_output=True,
            text=True,
            errors="replace",
            check=True,
            env=environment,
        ).stdout.strip()

    try:
        git("rev-parse", "--verify", "HEAD:./Snakefile")
        commit = git("rev-parse", "HEAD")
        others = (f":!{name}" for name in without)
        changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", *others)
    except OSError as error:
        logging.info("no commit is known: git cannot be started (%s)", error)
    except subprocess.CalledProcessError as error:
        logging.info("no commit is known: %s", " ".join(error.stderr.split()) or error)
    else:
        return {"commit": commit, "changed": bool(changed)}
    return {"commit": None, "changed": None}
