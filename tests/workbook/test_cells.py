"""What cells hold in files of other programs: truth, types of Parquet, grouped digits."""

import random
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import product

import numpy as np
import pyarrow as pa
import pytest

from auscultation.workbook.cells import pack, shown
from auscultation.workbook.number_texts import Form, number_of, style_of
from auscultation.workbook.parse import parse
from binary_workbooks import xls, xlsb
from workbook_edits import check_clean, check_error, edited, parquet, read, save
from workbooks import NAMES, archive, csv_text, ods, parts_of, table, xlsx

TRUTH = {
    "xlsx": lambda: xlsx(edited(crackles=bool, wheezes=bool)),
    "xlsx-texts": lambda: xlsx(
        edited(crackles=lambda v: str(bool(v)), wheezes=lambda v: ["false", "TRUE"][v])
    ),
    "csv": lambda: csv_text(edited(crackles=lambda v: str(bool(v)).upper())),
    "ods": lambda: ods(edited(wheezes=lambda v: str(bool(v)).lower())),
    "xls": lambda: xls(edited(wheezes=lambda v: str(bool(v)).upper())),
    "xlsb": lambda: xlsb(edited(wheezes=lambda v: str(bool(v)).upper())),
    "parquet": lambda: parquet(
        table()
        .set_column(10, "crackles", table()["crackles"].cast(pa.bool_()))
        .set_column(11, "wheezes", table()["wheezes"].cast(pa.bool_()).cast(pa.string()))
    ),
}


@pytest.mark.parametrize("name", TRUTH)
def test_labels_may_be_true_and_false(name, tmp_path):
    """Fault 20: TRUE and FALSE are 1 and 0 where a label is expected, in every format."""
    check_clean(save(tmp_path, name.partition("-")[0], TRUTH[name]()))


def test_labels_may_be_true_and_false_in_ods_cells(tmp_path):
    """Fault 20: truth values of OpenDocument are those of the others."""
    parts = parts_of(ods(edited(crackles=lambda v: f"truth{v}")))
    content = parts["content.xml"].decode()
    for value, word in enumerate(("false", "true")):
        old = f'office:value-type="string"><text:p>truth{value}<'
        new = f'office:value-type="boolean" office:boolean-value="{word}"><text:p>{word}<'
        assert old in content
        content = content.replace(old, new)
    check_clean(save(tmp_path, "ods", archive(parts | {"content.xml": content})))


@pytest.mark.parametrize("name", ["age", "Var", "start"])
def test_truth_is_no_number_elsewhere(name, tmp_path):
    """Fault 20: a truth value for a number is refused as the spreadsheet shows it."""
    check_error(
        save(tmp_path, "xlsx", xlsx(edited({(4, name): True}))), f"{name!r}: not a number", " TRUE"
    )


def column(name, array):
    return parquet(table().set_column(NAMES.index(name), name, array))


def times(name, unit):
    values = [
        round(v * 10**9) // {"s": 10**9, "ms": 10**6, "us": 10**3, "ns": 1}[unit]
        for v in table()[name].to_pylist()
    ]
    return pa.array(values, pa.int64())


START = table()["start"].to_pylist()
PARQUET = {
    "decimal": ("Var", lambda: pa.array([Decimal(repr(v)) for v in table()["Var"].to_pylist()])),
    "decimal256": (
        "end",
        lambda: pa.array(
            [Decimal(repr(v)) for v in table()["end"].to_pylist()], pa.decimal256(50, 20)
        ),
    ),
    "decimal-label": (
        "state",
        lambda: pa.array([Decimal(v) for v in table()["state"].to_pylist()]),
    ),
    "dictionary-of-numbers": ("start", lambda: pa.array(START).dictionary_encode()),
    "dictionary-of-texts": (
        "adq_format",
        lambda: table()["adq_format"].combine_chunks().dictionary_encode(),
    ),
    "dictionary-of-ids": (
        "patient_ID",
        lambda: table()["patient_ID"].combine_chunks().dictionary_encode(),
    ),
    "large-string": ("adq_format", lambda: table()["adq_format"].cast(pa.large_string())),
    "string-view": ("Diagnosis", lambda: table()["Diagnosis"].cast(pa.string_view())),
    "numbers-as-string-view": ("start", lambda: pa.array(map(str, START), pa.string_view())),
    "binary": ("adq_format", lambda: table()["adq_format"].cast(pa.binary())),
    "null": ("height", lambda: pa.nulls(12)),
    "uint8": ("state", lambda: table()["state"].cast(pa.uint8())),
    "half-float": (
        "age",
        lambda: pa.array(np.array([3.5] * 4 + [np.nan] * 4 + [70] * 4, np.float16)),
    ),
    "time": ("start", lambda: times("start", "us").cast(pa.time64("us"))),
    "time32": ("start", lambda: times("start", "ms").cast(pa.int32()).cast(pa.time32("ms"))),
    "timestamp-of-1970": ("start", lambda: times("start", "ns").cast(pa.timestamp("ns", "UTC"))),
    "timestamp-of-1900": (
        "start",
        lambda: pa.array([datetime(1900, 1, 1) + timedelta(seconds=v) for v in START]),
    ),
    **{
        f"duration-{u}": ("start", lambda u=u: times("start", u).cast(pa.duration(u)))
        for u in ("ms", "us", "ns")
    },
}


@pytest.mark.parametrize("name", PARQUET)
def test_types_of_parquet(name, tmp_path):
    """Fault 20: every type of Parquet that is one value a cell is read as the number or text it is."""
    of, make = PARQUET[name]
    check_clean(save(tmp_path, "parquet", column(of, make())))


def test_nanoseconds_of_parquet(tmp_path):
    """Fault 20: a duration has the seconds that its nanoseconds are."""
    values = pa.array([36_000_001 + 10**10 * k for k in range(12)]).cast(pa.duration("ns"))
    got = read(
        save(tmp_path, "parquet", column("start", values)),
        checks={"order": "off", "overlap": "off"},
    )
    assert got.table["start"].to_pylist() == [(36_000_001 + 10**10 * k) / 10**9 for k in range(12)]


def test_lists_in_parquet(tmp_path):
    """Fault 20: a column of lists is refused by its name, and left out where nothing needs it."""
    lists = pa.array([[1.0, 2.0]] * 12)
    check_error(
        save(tmp_path, "parquet", column("Var", lists)), "column 'Var' holds list<", "not one value"
    )
    got = read(save(tmp_path, "parquet", parquet(table().append_column("wave", lists))))
    assert got.table.equals(table()) and any("'wave' holds list<" in note for note in got.notes)


# how end is written, by what stands between thousands and before decimals
SPACES = [" ", "\u00a0", "\u202f", "\u2009", "'", "\u2019"]


def grouped(value, group, mark):
    whole, _, part = f"{value:,.3f}".partition(".")
    return whole.replace(",", group) + mark + part


@pytest.mark.parametrize(("group", "mark"), [*product(SPACES, ",."), (".", ","), (",", ".")])
def test_grouped_thousands(group, mark, tmp_path):
    """Fault 20: 1 714,186 and 1.714,19 are numbers where the column leaves no doubt."""
    far = {
        (row, name): 1714.186 + 10 * row + (name == "end")
        for row in range(2, 14)
        for name in ("start", "end")
    }
    small = {(2, "Range"): 0.25, (3, "Range"): 1234.5}
    cells = edited(far | small)
    expected = read(save(tmp_path, "xlsx", xlsx(cells))).table
    words = {at: grouped(value, group, mark) for at, value in far.items()}
    for ending, make in (("xlsx", xlsx), ("ods", ods), ("csv", lambda c: csv_text(c, ";"))):
        got = read(save(tmp_path, ending, make(edited(words | small))))
        assert got.table.equals(expected) and got.warnings == []


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["1.714,19", "1.714"], [1714.19, 1714.0]),
        (["1,714.19", "1,714"], [1714.19, 1714.0]),
        (["1.714.186", "1.714"], [1714186.0, 1714.0]),
        (["1 714,186", "1,714"], [1714.186, 1.714]),
        (["1 714", "1,714"], [1714.0, None]),
        (["1.714,19", "1.5", "1.714"], [1714.19, 1.5, None]),
        (["1,714"], [None]),
        (["1.714"], [1.714]),
        (["1.5", "1,714"], [1.5, None]),
        (["1,5", "1,714"], [1.5, 1.714]),
        (["1,5", "1.714"], [1.5, None]),
        (["1 71", "0 123", "1 7145", "1.71.4", "1,2,3"], [None] * 5),
        (
            ["\u200b1.5", "1.5\u200b", "\ufeff-2", "\u22122", "1.\u00ad5"],
            [1.5, 1.5, -2.0, -2.0, 1.5],
        ),
        (["1\u202f714.5", "1\u00a0714\u00a0000"], [1714.5, 1714000.0]),
    ],
)
@pytest.mark.parametrize("mixed", [False, True])
def test_marks_of_a_column(texts, expected, mixed):
    """Fault 20: a point or comma before three digits is read only where the column says what it is."""
    cells = pack(texts) if not mixed else [*texts, 2.5]
    style = style_of(cells)
    form = Form(comma=style.comma, grouped=style.groups())
    got = parse(cells, "number", form)
    assert got.array.to_pylist()[: len(texts)] == expected
    assert [at for _, at, _ in got.odd] == [at for at, v in enumerate(expected) if v is None]


@pytest.mark.parametrize("seed", range(5))
def test_numbers_survive_how_people_write_them(seed):
    """Fault 20: a random number, written in any country's way, is that number or refused."""
    draw = random.Random(seed)
    for _ in range(300):
        value = round(draw.uniform(0, 10 ** draw.randint(0, 9)), draw.randint(0, 4))
        group, mark = draw.choice([*product(SPACES, ",."), (".", ","), (",", ".")])
        text = f"{value:,}".replace(",", "G").replace(".", mark).replace("G", group)
        number, wrong = number_of(text, Form(comma=mark == ","))
        assert number == value or wrong == "ambiguous" and "." in text + mark and value >= 1


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (time(0, 0, 1, 714000), "00:00:01.714"),
        (time(12), "12:00:00"),
        (timedelta(hours=25, seconds=1.5), "25:00:01.5"),
        (datetime(2017, 3, 1, 12, 30), "2017-03-01 12:30:00"),
        (date(2017, 3, 1), "2017-03-01"),
        (True, "TRUE"),
        (150.0, "150"),
        (-1e-9, "-1e-09"),
        (7, "7"),
        ("it's", "'it's'"),
        ("a\u200bb", "'a<zero width space>b'"),
        (Decimal("1.50"), "1.50"),
    ],
)
def test_messages_show_values_as_spreadsheets_do(value, text):
    """Fault 20: no message shows how Python writes a value."""
    assert shown(value) == text
