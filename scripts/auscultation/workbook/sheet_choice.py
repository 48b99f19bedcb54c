"""Which sheet of a workbook is read: the one that is named, or the visible one with the columns."""

import difflib
import itertools
from typing import NamedTuple

from auscultation.data.text import fold
from auscultation.job.errors import InputError
from auscultation.workbook.column_names import Names
from auscultation.workbook.sheets import Book, Sheet, open_sheet

ABOVE = 50  # rows in which the column names are looked for
KEY = "config key `sheet`, of a workbook to score `score_sheet`"


def choose_sheet(book: Book, sheet: str | int | None, names: Names) -> Sheet:
    """Return the sheet to be read, opened.

    Parameters
    ----------
    book
        The workbook.
    sheet
        Its name, or its number from 0; None for the one visible sheet that has the columns.
    names
        The columns to look for, and those that it must have.

    Returns
    -------
    Sheet
        Where none has the columns, the visible one with most of them.

    Raises
    ------
    InputError
        Where there is no such sheet, several have the columns, or all are hidden.
    """
    if sheet is not None:
        return open_sheet(book, _named(book, sheet))
    visible = [n for n in book.names if n not in book.hidden]
    tables = [n for n in visible if n not in book.charts]
    if not tables and visible:
        return open_sheet(book, visible[0])  # which raises that it is a chart
    if not tables:
        raise InputError(
            f"workbook {book.path}: no sheet is visible; name the one to be read ({KEY}). Hidden: "
            f"{', '.join(book.names) or 'none'}"
        )
    if len(tables) == 1:
        opened = open_sheet(book, tables[0])
    else:
        probed = {name: probe(book, name, names) for name in tables}
        whole = [name for name, of in probed.items() if of.columns >= names.needed]
        # a sheet of patients may have the columns, too
        timed = [name for name in whole if probed[name].columns >= {"start", "end"}]
        whole = timed or whole
        if len(whole) > 1:
            raise InputError(
                f"workbook {book.path}: {len(whole)} sheets have the columns: "
                f"{', '.join(map(repr, whole))}; name the one to be read ({KEY})"
            )
        best = max(tables, key=lambda n: (n in whole, len(probed[n].columns)))
        opened = probed[best].sheet or open_sheet(book, best)  # which raises what is wrong with it
    others = [repr(n) + " (hidden)" * (n in book.hidden) for n in book.names if n != opened.name]
    if others:
        opened.notes.append(f"sheet {opened.name!r} was read, not {', '.join(others)}")
    return opened


class Probed(NamedTuple):
    """The columns of a sheet that are looked for, and the sheet, its rows still all to be read.

    Neither where it cannot be read.
    """

    columns: set[str]
    sheet: Sheet | None


def probe(book: Book, name: str, names: Names) -> Probed:
    """Return a sheet, opened, and the columns that its first rows name."""
    try:
        opened = open_sheet(book, name)
        head = list(itertools.islice(opened.rows, ABOVE))
    except InputError:
        return Probed(set(), None)
    at = names.header(head)
    columns = set() if at is None else names.among(head[at])
    return Probed(columns, opened._replace(rows=itertools.chain(head, opened.rows)))


def elsewhere(book: Book, name: str | None, names: Names) -> str:
    """Return a hint at another sheet that has the columns, for a message; empty without one."""
    for other in sorted(book.names[:ABOVE], key=lambda n: n in book.hidden):
        if other in {name, *book.charts}:
            continue
        if probe(book, other, names).columns >= names.needed:
            what = "Hidden sheet" if other in book.hidden else "Sheet"
            return f"\n{what} {other!r} has the columns: set config key `sheet: {other}`"
    return ""


def _named(book: Book, sheet: str | int) -> str:
    """Return the name of a sheet that is there.

    A number is that of a visible sheet, or a name; where it can be both, neither is guessed.
    """
    names, listed = book.names, ", ".join(book.names)
    same = [n for n in names if n == str(sheet)] or [
        n for n in names if fold(n) == fold(str(sheet))
    ]
    if isinstance(sheet, int) and 0 <= sheet < len(names) and same != [names[sheet]]:
        if same:
            raise InputError(
                f"workbook {book.path}: sheet {sheet} may be number {sheet}, {names[sheet]!r}, or the "
                f"one named {same[0]!r}; write its name in quotes (config key `sheet`)"
            )
        if names[sheet] in book.hidden:
            raise InputError(
                f"workbook {book.path}: sheet number {sheet} is hidden; to read it, set config key "
                f"`sheet: {names[sheet]}`"
            )
        return names[sheet]
    if len(same) == 1:
        return same[0]
    if isinstance(sheet, int):
        raise InputError(
            f"workbook {book.path}: there is no sheet number {sheet}; it has {len(names)}, counted "
            f"from 0: {listed} (config key `sheet`)"
        )
    near = difflib.get_close_matches(sheet, names, n=1)
    hint = f"; did you mean {near[0]!r}?" if near else "."
    raise InputError(
        f"workbook {book.path}: there is no sheet {sheet!r}{hint} It has: {listed} "
        "(config key `sheet`)"
    )
