"""Text files as R, DOS, servers and broken programs leave them: read, or refused in a line."""

import gzip

import pytest

from auscultation.job.errors import InputError
from auscultation.workbook.column_names import Names
from auscultation.workbook.csv_file import open_csv
from workbook_edits import in_words, read, save
from workbooks import NAMES, csv_text, rows, sheet, table, xlsx

QUOTED = [[f'"{v}"' if isinstance(v, str) else v for v in row] for row in sheet()]
WITH_NA = [["NA" if v is None else v for v in row] for row in QUOTED]


def of_r(separator, cells=None, names=range(1, 13)):
    """Write a table as R's write.table does: rows have names, which have none."""
    head, *below = cells or WITH_NA
    below = [[f'"{name}"', *row] for name, row in zip(names, below, strict=True)]
    return csv_text([head, *below], separator)


# name: ending, content
READ = {
    "write.table": ("txt", lambda: of_r(" ")),
    "write.table-with-tabs": ("tsv", lambda: of_r("\t")),
    "write.table-with-commas": ("csv", lambda: of_r(",")),
    "write.table-of-some-rows": ("txt", lambda: of_r(" ", names=range(99, 111))),
    "write.table-with-names-of-rows": ("txt", lambda: of_r(" ", names="abcdefghijkl")),
    "write.table-without-quotes": (
        "txt",
        lambda: of_r("\t", [["NA" if v is None else v for v in r] for r in sheet()]).replace(
            '"', ""
        ),
    ),
    "write.table-with-spaces-without-quotes": (
        "txt",
        lambda: of_r(" ", [["NA" if v is None else v for v in r] for r in sheet()]).replace(
            '"', ""
        ),
    ),
    "write.table-without-row-names": ("txt", lambda: csv_text(WITH_NA, " ")),
    "spaces-to-line-up": (
        "txt",
        lambda: csv_text(WITH_NA, "   ").replace("\n", "  \n"),
    ),
    "ctrl-z": ("csv", lambda: in_words().replace("\n", "\r\n") + "\x1a"),
    "ctrl-z-behind-the-last-cell": ("csv", lambda: in_words()[:-1] + "\x1a"),
    "ctrl-z-to-the-end-of-a-block": ("csv", lambda: in_words() + "\x1a" * 77),
    "ctrl-z-and-zeros": ("csv", lambda: in_words() + "\x1a" + "\0" * 20),
    "ctrl-z-and-a-line": ("csv", lambda: in_words() + "\x1a\r\n"),
    "gzip": ("csv.gz", lambda: gzip.compress(in_words().encode())),
    "gzip-of-tabs": ("tsv.gz", lambda: gzip.compress(in_words("\t").encode("utf-16"))),
    "gzip-of-text": ("txt.gz", lambda: gzip.compress(of_r(" ").encode())),
    "gzip-in-two-parts": (
        "csv.gz",
        lambda: gzip.compress(in_words()[:400].encode()) + gzip.compress(in_words()[400:].encode()),
    ),
    "gzip-named-csv": ("csv", lambda: gzip.compress(in_words().encode())),
    "csv-named-csv.gz": ("csv.gz", in_words),
    "no-ending": ("", in_words),
    "named-xlsx": ("xlsx", in_words),
    "named-php-with-semicolons": ("php", lambda: in_words(";", comma=True)),
    "named-dat-in-utf-16": ("dat", lambda: in_words("\t").encode("utf-16")),
    "named-dat-in-utf-16-without-mark": ("dat", lambda: in_words("\t").encode("utf-16-be")),
    "named-dat-in-latin-1": ("dat", lambda: in_words(";").encode("latin-1")),
}


@pytest.mark.parametrize("name", READ)
def test_read_as_the_clean_one(name, tmp_path):
    """Fault 20: texts of R, of DOS, packed, or with any name, are read as what they are."""
    ending, make = READ[name]
    assert read(save(tmp_path, ending, make())).table.select(NAMES).equals(table())


def test_what_row_names_are_is_said(tmp_path):
    """Fault 20: a cell more than names is said to be R's, and left out."""
    notes = read(save(tmp_path, "txt", of_r(" "))).notes
    assert notes[0].endswith("separated by space")
    assert notes[1].startswith("each row begins with a cell more than there are names")
    assert notes[2] == "columns without a name were left out: A"


def test_a_cell_of_any_length(tmp_path):
    """Fault 20: a cell of more than 131,072 characters is a cell."""
    head, *below = sheet()
    long = "long " * 60_000
    path = save(tmp_path, "csv", csv_text([[*head, "notes"], *([*r, long] for r in below)]))
    got = read(path).table
    assert got.select(NAMES).equals(table())
    assert got["notes"].to_pylist() == [long.strip()] * 12
    # where a number belongs, the message stays short
    path = save(tmp_path, "csv", in_words().replace("0.00015", "x" * 200_000))
    with pytest.raises(InputError, match="column 'Var': not a number") as caught:
        read(path)
    assert len(str(caught.value)) < 1000


def line(number, old, new):
    lines = in_words().splitlines(keepends=True)
    assert old in lines[number - 1]
    lines[number - 1] = lines[number - 1].replace(old, new, 1)
    return "".join(lines)


FAR = "".join(f"{line}\n" * 40_000 for line in in_words().splitlines()[1:2])

# name: ending, content, words of the message
REFUSED = {
    "unclosed-quote": ("csv", lambda: line(5, ",URTI", ',"URTI'), ["line 5: a quote that opens"]),
    "unclosed-quote-among-quoted": (
        "csv",
        lambda: csv_text(QUOTED).replace('"COPD"', '"COPD', 1),
        ["line 6: a quote that opens"],
    ),
    "unclosed-quote-in-a-large-file": (
        "csv",
        lambda: in_words() + FAR.replace("URTI", '"URTI', 1),
        ["line 14: a quote that opens"],
    ),
    "text-behind-a-quote": (
        "csv",
        lambda: line(3, "URTI", '"UR"TI'),
        ["line 3: a quote that opens"],
    ),
    "quotes-that-swallow-lines": (
        "csv",
        lambda: line(3, "URTI", '"URTI').replace("COPD", 'COPD"', 1),
        ["lines 3 to 6: a cell in quotes holds whole rows"],
    ),
    "cell-more-in-one-row": ("csv", lambda: line(4, "URTI", "URTI,"), ["line 4: 19 cells, but 18"]),
    "cell-more-in-all-rows": (
        "csv",
        lambda: in_words().replace("\n", ",\n").replace("Av,\n", "Av\n", 1),
        ["line 2: 19 cells, but 18 column names"],
    ),
    "decimal-comma-in-one-column": (
        "csv",
        lambda: csv_text([[*r[:8], f"{r[8]}".replace(".", ","), *r[9:]] for r in sheet()]),
        ["line 2: 19 cells, but 18 column names"],
    ),
    "row-name-twice": (
        "txt",
        lambda: of_r(" ") + 40 * "\n" + of_r(" ").splitlines()[3],
        ["line 54: 19 cells, but 18 column names"],
    ),
    "row-name-lost": (
        "txt",
        lambda: of_r(" ") + 40 * "\n" + of_r(" ").splitlines()[3].removeprefix('"3" '),
        ["line 54: 18 cells, but 18 column names"],
    ),
    "zero-bytes-far-below": ("csv", lambda: in_words() + 60 * "\n" + "\0\0", ["zero bytes"]),
    "gzip-cut": (
        "csv.gz",
        lambda: gzip.compress(in_words().encode())[:-9],
        ["truncated or damaged"],
    ),
    "gzip-damaged": (
        "csv.gz",
        lambda: gzip.compress(in_words().encode())[:-8] + bytes(8),
        ["truncated or damaged"],
    ),
    "gzip-of-an-archive": (
        "xlsx.gz",
        lambda: gzip.compress(xlsx(sheet())),
        ["not a spreadsheet (it does not hold a text; unpack it)"],
    ),
    "gzip-of-nothing": ("csv.gz", lambda: gzip.compress(b""), ["the file is empty"]),
    "gzip-of-a-page": ("csv.gz", lambda: gzip.compress(b"<html>"), ["it is a web page or XML"]),
    "gzip-of-another-text": (
        "gz",
        lambda: gzip.compress(b"no,table\n1,2\n"),
        ["it is a text without the names of the columns"],
    ),
    "gzip-bomb": (
        "csv.gz",
        lambda: gzip.compress(in_words().encode() + b"," * 5_000_000),
        ["over the limit of 2 MB (config key `max_megabytes`)"],
    ),
    "text-of-no-table": ("md", lambda: "# Notes\n\nstart here", ["a text without the names"]),
    "page-of-a-server": ("csv", lambda: "<!DOCTYPE html><html>Log in", ["it is a web page or XML"]),
    "zstd": ("csv.zst", lambda: b"\x28\xb5\x2f\xfd" + bytes(99), ["compressed by zstd; unpack"]),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_in_a_line(name, tmp_path):
    """Fault 20: no text ends in a traceback; what is wrong is said in a line, with its line."""
    ending, make, said = REFUSED[name]
    with pytest.raises(InputError) as caught:
        read(save(tmp_path, ending, make()), max_megabytes=2 if "bomb" in name else 2000)
    message = str(caught.value)
    for words in said:
        assert words in message
    assert len(message.splitlines()) == 1 and len(message) < 400


def test_the_mark_of_an_end_inside_a_cell_is_kept(tmp_path):
    """Fault 20: Ctrl-Z in the middle is what some programs make of a letter they do not know."""
    cells = [["notes", *NAMES], *(["Zo\x1a", *row] for row in rows())]
    got = read(save(tmp_path, "csv", csv_text(cells))).table
    assert got.select(NAMES).equals(table()) and got["notes"].to_pylist() == ["Zo\x1a"] * 12


def test_rows_come_one_after_another(tmp_path):
    """Fault 20: a text is not held as a whole, packed or not."""
    path = save(tmp_path, "csv.gz", gzip.compress(in_words().encode()))
    opened = open_csv(path, Names.of())
    assert next(opened.rows) == NAMES
    assert len(list(opened.rows)) == 12
