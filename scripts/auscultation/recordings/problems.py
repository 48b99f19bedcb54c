"""What is wrong with a recording, an annotation or a table of patients."""

from typing import NamedTuple


class Problem(NamedTuple):
    """What fails which check: the file, where in it (a line, a cell, a time), and in words what."""

    check: str
    file: str
    where: str
    message: str
