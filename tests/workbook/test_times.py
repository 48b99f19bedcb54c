"""Start and end as times and durations, as spreadsheets and scripts write them."""

import random
import re
from datetime import date, datetime, time, timedelta

import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from auscultation.job.errors import InputError
from auscultation.workbook.times import seconds_of
from binary_workbooks import xls
from workbook_edits import book, check_clean, check_error, edited, read, save
from workbooks import NAMES, archive, csv_text, ods, parts_of, table, xlsx

START = table()["start"].to_pylist()


def formatted(name, number_format, values, epoch=None):
    """Return the workbook with a column as days that look like times."""

    def edit(made):
        if epoch:
            made.epoch = epoch
        for row, value in enumerate(values, 2):
            cell = made.active.cell(row, NAMES.index(name) + 1, value)
            cell.number_format = number_format

    return book(edit)


@pytest.mark.parametrize(
    "number_format", ["mm:ss.000", "[h]:mm:ss.000", "h:mm:ss", "[ss].000", "mm:ss.0;@"]
)
def test_times_of_excel_are_seconds(number_format, tmp_path):
    """Fault 20: start and end formatted as times are seconds, to the microsecond, by both readers."""
    draw = random.Random(20)
    starts = [round(30 * k + draw.random(), 6) for k in range(12)]
    for name in ("start", "end"):
        shift = 0 if name == "start" else 20
        values = [(s + shift) / 86400 for s in starts]
        other = "end" if name == "start" else "start"
        path = save(tmp_path, "xlsx", formatted(name, number_format, values))
        for reader in ("calamine", "openpyxl"):
            got = read(path, reader=reader, checks={"order": "off", "overlap": "off"})
            assert got.table[name].to_pylist() == [round(s + shift, 6) for s in starts]
            assert got.table[other].equals(table()[other])
            assert got.warnings == []


def test_times_beyond_all_calendars(tmp_path):
    """Fault 20: a number too large for the time that its cell shows is one line, no traceback."""
    path = save(tmp_path, "xlsx", formatted("start", "[h]:mm:ss", [1e20] * 12))
    with pytest.raises(InputError, match="beyond all calendars; format its cell as a number"):
        read(path)


def test_times_of_an_old_excel(tmp_path):
    """Fault 20: times of an .xls are seconds, to the microsecond."""
    made = xls(edited(start=lambda v: (v + 1e-6) / 86400), times=(NAMES.index("start"),))
    got = read(save(tmp_path, "xls", made)).table["start"].to_pylist()
    assert got == [round(v + 1e-6, 6) for v in START]


def test_times_of_excel_for_the_macintosh(tmp_path):
    """Fault 20: in a workbook that counts from 1904, times are the same seconds."""
    values = [v / 86400 for v in START]
    check_clean(save(tmp_path, "xlsx", formatted("start", "mm:ss.000", values, CALENDAR_MAC_1904)))


def test_times_of_opendocument(tmp_path):
    """Fault 20: times of an .ods are seconds."""
    parts = parts_of(ods(edited(start=lambda v: f"PT00H00M{v:09.6f}S")))
    content = (
        parts["content.xml"].decode().replace('string"><text:p>PT', 'time" office:time-value="PT')
    )
    content = re.sub(
        r'office:time-value="(PT[^<]*)</text:p>',
        r'office:time-value="\1"><text:p>x</text:p>',
        content,
    )
    check_clean(save(tmp_path, "ods", archive(parts | {"content.xml": content})))


@pytest.mark.parametrize(
    "form",
    [
        "00:00:{:06.3f}",
        "00:{:06.3f}",
        "0:{:.3f}",
        "0 days 00:00:{:09.6f}",
        "PT{:.3f}S",
        "1899-12-30 00:00:{:06.3f}",
        "1900-01-01T00:00:{:06.3f}",
        "12:00:{:06.3f} AM",
    ],
)
def test_times_as_texts(form, tmp_path):
    """Fault 20: texts such as 00:01:02.5 are seconds where start or end is expected."""
    cells = edited(start=lambda v: form.format(v), end=lambda v: form.format(v))
    check_clean(save(tmp_path, "csv", csv_text(cells)))
    check_clean(save(tmp_path, "xlsx", xlsx(cells)))
    check_error(
        save(tmp_path, "csv", csv_text(edited({(4, "Var"): form.format(1)}))),
        "'Var': not a number: N4 '",
    )


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("00:01:02.5", 62.5),
        ("1:02", 62.0),
        ("01:02,5", 62.5),
        ("61:00", 3660.0),
        ("00:61", None),
        ("1:00:00", 3600.0),
        ("1:60:00", None),
        ("-0:01", -1.0),
        ("2017-03-01 00:00:01", None),
        ("1.5", None),
        ("1:2:3:4", None),
        (time(0, 0, 1, 714186), 1.714186),
        (timedelta(days=1, microseconds=1), 86400.000001),
        (datetime(2017, 3, 1), None),
        (date(2017, 3, 1), None),
        (datetime(1900, 1, 1, 0, 0, 1), 86401.0),
        (True, None),
        (1.5, None),
    ],
)
def test_seconds_of(value, seconds):
    assert seconds_of(value) == seconds


@pytest.mark.parametrize(
    "value",
    [time(0, 0, 1), timedelta(seconds=90), datetime(2017, 2, 1, 1, 2, 3, 4), date(2017, 2, 1)],
)
@pytest.mark.parametrize("name", ["Var", "age", "state", "crackles"])
def test_times_for_other_numbers(value, name, tmp_path):
    """Fault 20: a date or time where another number is expected is refused, and shown as it looks."""
    check_error(
        save(tmp_path, "xlsx", xlsx(edited({(4, name): value}))), f"{name!r}: not a number: "
    )
