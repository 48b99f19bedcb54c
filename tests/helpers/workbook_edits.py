"""The clean workbook, changed in the ways that people and programs change one."""

import io
import re
import struct
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from openpyxl import load_workbook
from openpyxl.chart import BarChart, Reference

from auscultation.job.errors import InputError
from auscultation.workbook.read import read_workbook
from clean import clean
from workbooks import NAMES, archive, csv_text, parts_of, rows, sheet, table, xlsx

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = yaml.safe_load((ROOT / "config.yaml").read_text(encoding="utf-8"))["checks"]
OF_WORKBOOKS = ("range", "order", "duplicate", "overlap", "patient", "category", "id", "error_cell")
LEVELS = {check: SHIPPED[check] for check in OF_WORKBOOKS}
SHEET = "xl/worksheets/sheet1.xml"
# what the notebook's models need
NEEDED = [n for n in NAMES if n not in ("Diagnosis", "age", "sex", "IMC", "weight", "height")]


def read(path, sheet=None, checks=(), needed=NEEDED, **options):
    return read_workbook(path, sheet, checks=LEVELS | dict(checks), needed=needed, **options)


def edited(changes=(), **columns):
    """Change cells by row of the sheet and column, and whole columns by a function."""
    cells = sheet()
    for name, change in columns.items():
        at = NAMES.index(name.replace("__", " "))
        for row in cells[1:]:
            row[at] = change(row[at])
    for (row, name), value in dict(changes).items():
        cells[row - 1][NAMES.index(name)] = value
    return cells


def with_column(name, values, place=0):
    """Add a column to the sheet."""
    return [[*r[:place], v, *r[place:]] for r, v in zip(sheet(), [name, *values], strict=True)]


def inside(part=SHEET, cells=None, **replaced):
    """Change the text of a part of an .xlsx; keywords are old=..., new=..."""
    parts = parts_of(xlsx(cells or sheet()))
    assert replaced["old"] in parts[part]
    parts[part] = parts[part].replace(replaced["old"], replaced["new"])
    return archive(parts)


def book(edit):
    """Return the bytes of the clean workbook after an edit by openpyxl."""
    made = load_workbook(io.BytesIO(xlsx(sheet())))
    edit(made)
    file = io.BytesIO()
    made.save(file)
    return file.getvalue()


def text(value):
    return None if value is None else str(value)


def parquet(made=None, **options):
    file = io.BytesIO()
    pq.write_table(made if made is not None else table(), file, **options)
    return file.getvalue()


def pandas_parquet():
    frame = table().to_pandas()
    frame["sex"] = frame["sex"].astype("category")
    frame = frame.astype({"state": "int8", "crackles": "float32"}).set_index(
        "patient_ID", drop=False
    )
    return parquet(pa.Table.from_pandas(frame.rename_axis("index")))


def shared_strings():
    """Texts in a part of their own, as Excel and Google Sheets save them."""
    parts = parts_of(xlsx(sheet()))
    said = []

    def shared(match):
        said.append(match[1])
        return b' t="s"><v>%d</v></c>' % (len(said) - 1)

    pattern = rb' t="inlineStr"><is><t[^>]*>(.*?)</t></is></c>'
    parts[SHEET] = re.sub(pattern, shared, parts[SHEET])
    assert len(said) > 18
    space = b'<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
    listed = b"".join(b"<si><t>%s</t></si>" % one for one in said)
    parts["xl/sharedStrings.xml"] = space + listed + b"</sst>"
    kind = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    of = b'<Override PartName="/xl/sharedStrings.xml" ContentType="%s"/></Types>' % kind
    parts["[Content_Types].xml"] = parts["[Content_Types].xml"].replace(b"</Types>", of)
    relation = (
        b'<Relationship Id="rId77" Target="sharedStrings.xml" Type="http://schemas.openxmlformats'
        b'.org/officeDocument/2006/relationships/sharedStrings"/></Relationships>'
    )
    rels = "xl/_rels/workbook.xml.rels"
    parts[rels] = parts[rels].replace(b"</Relationships>", relation)
    return archive(parts)


def external_link():
    parts = parts_of(xlsx(sheet()))
    parts["xl/externalLinks/externalLink1.xml"] = (
        b'<externalLink xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"/>'
    )
    parts[SHEET] = parts[SHEET].replace(
        b'<c r="C2" t="n"><v>', b'<c r="C2"><f>[1]Sheet1!$A$1</f><v>'
    )
    return archive(parts)


def stored_formula(value=b"0.00015"):
    old = b'<c r="N2" t="n"><v>0.00015</v></c>'
    return inside(old=old, new=b'<c r="N2"><f>1.5/10000</f><v>' + value + b"</v></c>")


def save(folder, ending, content):
    path = folder / f"cycles.{ending}"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def in_words(separator=",", **options):
    return csv_text(sheet(), separator, **options)


def cut(content, share=0.6):
    return content[: int(len(content) * share)]


def lying(sheet_part):
    """Return an .xlsx whose directory claims that its sheet has 100 bytes when unpacked."""
    content = archive(parts_of(xlsx(sheet())) | {SHEET: sheet_part})
    real = struct.pack("<I", len(sheet_part))
    assert content.count(real) == 2
    return content.replace(real, struct.pack("<I", 100))


def doctype(declared, used=b"&a;"):
    parts = parts_of(xlsx(sheet()))
    parts[SHEET] = b"<!DOCTYPE x [%s]>" % declared + parts[SHEET].replace(b"0.00015", used)
    return archive(parts)


def encrypted_zip():
    """An archive whose parts need a password: the flag of each part is set."""
    content = bytearray(xlsx(sheet()))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = content.find(mark)
        while at >= 0:
            content[at + offset] |= 1
            at = content.find(mark, at + 1)
    return bytes(content)


def renamed(**names):
    return [[names.get(n.replace(" ", "_"), n) for n in NAMES], *rows()]


def without(*names):
    kept = [at for at, name in enumerate(NAMES) if name not in names]
    return [[row[at] for at in kept] for row in sheet()]


def charts():
    def edit(made):
        chart = BarChart()
        chart.add_data(Reference(made.active, 1, 1))
        made.create_chartsheet("Chart", 0).add_chart(chart)

    return book(edit)


def strings(name, **of_row):
    """A Parquet file with a column as text, some of it changed."""
    values = list(map(str, table()[name].to_pylist()))
    values[of_row["row"]] = of_row["value"]
    return parquet(table().set_column(NAMES.index(name), name, pa.array(values)))


def check_refused(case, folder):
    """Hold that a file is refused by every reader, by an error that says all that it should."""
    ending, make, said, *options = case
    path = save(folder, ending, make()) if ending else folder / "none.xlsx"
    options = dict(*options)
    readers = ["calamine"] + ["openpyxl"] * (
        ending == "xlsx" and not said[0].startswith("encrypted")
    )
    for reader in readers:
        with pytest.raises(InputError) as caught:
            clean(
                read(path, **{"reader": reader} | options).table,
                ["IMC", "weight", "height"],
                "impute",
            )
        message = str(caught.value)
        for words in said:
            assert words in message, message
        assert len(message.splitlines()[0]) < 400


def check_clean(path, notes=()):
    """Hold that a file is read as the clean workbook is, by every reader."""
    for reader in ["calamine"] + ["openpyxl"] * (path.suffix == ".xlsx"):
        got = read(path, reader=reader)
        assert got.table.select(NAMES).equals(table())
        assert got.warnings == []
        for words in notes:
            assert any(words in note for note in got.notes), got.notes
    return got


def check_error(path, *said):
    """Hold that a file is refused by every reader, in words that a user knows."""
    for reader in ["calamine"] + ["openpyxl"] * (path.suffix == ".xlsx"):
        with pytest.raises(InputError) as caught:
            read(path, reader=reader)
        message = str(caught.value)
        assert all(words in message for words in said), message
        assert "datetime" not in message and "Decimal" not in message
    return message
