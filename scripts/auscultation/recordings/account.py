"""What became of the recordings of a folder: those left out, each with a reason, and the warnings by check."""

from collections.abc import Iterable, Sequence

from auscultation.recordings.folder import recording_of
from auscultation.recordings.problems import Problem, describe

# of a recording that has cycles in the table all the same
DOUBTS = (
    *("slow", "lossy", "channels", "clipped", "silent", "end", "fine"),
    *("overlap", "duplicate", "category", "patient"),
)
UNHEARD = "none of its cycles could be heard"


def reasons(files: Sequence[str], problems: Iterable[Problem]) -> dict[str, str]:
    """Return why recordings are left out, by file: the first problem of each, and how many more.

    Of a recording with several problems those count that cost it its cycles. A problem may name the
    recording's annotations in place of its sound.
    """
    by_name: dict[str, list[Problem]] = {}
    for problem in problems:
        by_name.setdefault(recording_of(problem.file), []).append(problem)
    texts = {}
    for file in files:
        own = by_name.get(recording_of(file), [])
        own = [problem for problem in own if problem.check not in DOUBTS] or own
        where = f"{own[0].where}: " if own and own[0].where else ""
        more = f" (and {len(own) - 1} more)" if len(own) > 1 else ""
        texts[file] = f"{where}{own[0].message}{more}" if own else UNHEARD
    return texts


def by_check(problems: Iterable[Problem]) -> dict[str, dict[str, int | str]]:
    """Return by check of how many files there are problems, how many, and the first as one line.

    Checks are in order of first appearance.
    """
    checks: dict[str, list[Problem]] = {}
    for problem in problems:
        checks.setdefault(problem.check, []).append(problem)
    return {
        check: {
            "files": len({problem.file for problem in own}),
            "problems": len(own),
            "first": describe(own[0]),
        }
        for check, own in checks.items()
    }
