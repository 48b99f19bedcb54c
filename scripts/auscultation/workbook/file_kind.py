"""What is looked at before a workbook is unpacked: its kind, its size, and that it is whole.

An .xlsx, .xlsm, .xlsb or .ods file is a zip archive. What its directory claims of sizes may be
wrong, so each part is unpacked once in small steps and counted before any library does it.
"""

import gzip
import os
import re
import struct
import zipfile
import zlib
from xml.etree import ElementTree

from auscultation.job.errors import InputError, one_line
from auscultation.workbook.compound_file import BIFF5, BIFF8, MAGIC, NoWorkbook, workbook_stream
from auscultation.workbook.opendocument import content_of
from auscultation.workbook.package import Package
from auscultation.workbook.sources import is_folder

STEP = 1 << 20  # bytes unpacked at once
MEGABYTE = 10**6
TEXT = (".csv", ".tsv", ".txt")
KINDS = ".xlsx, .xlsm, .xlsb, .xls, .ods, .csv, .csv.gz or .parquet"
GZIP = b"\x1f\x8b"
# what zipfile and gzip raise of an archive that is damaged
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError)
# how files begin that are often taken for what can be read
OTHERS = {
    b"BZh": "it is compressed by bzip2; unpack it",
    b"\xfd7zXZ": "it is compressed by xz; unpack it",
    b"\x28\xb5\x2f\xfd": "it is compressed by zstd; unpack it",
    b"7z\xbc\xaf": "it is a 7-Zip archive; unpack it",
}
# spreadsheets that no library here reads, by their first bytes, and XML by a word near them
OLD = {
    b"\x09\x00\x04\x00": "it is of Excel 2",
    b"\x09\x02\x06\x00": "it is of Excel 3",
    b"\x09\x04\x06\x00": "it is of Excel 4",
}
XMLS = {
    b"office:document ": "it is flat OpenDocument",
    b"urn:schemas-microsoft-com:office:spreadsheet": "it is an XML spreadsheet of Excel 2003",
    b"gnumeric": "it is of gnumeric",
}
CONTROL = re.compile(rb"[\x00-\x08\x0e-\x19\x1b-\x1f\x7f]")  # what no text has; 1A ends one of DOS
PAGE = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype|html|head|body|\?xml|!--)", re.IGNORECASE)
# a document type is where entities are declared; no program that writes workbooks does
DOCTYPES = ["<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")]


def damaged(path: str | os.PathLike, why: object) -> InputError:
    """Return the error for a file that cannot be read."""
    return InputError(
        f"workbook {path}: truncated or damaged ({one_line(why)[:200]}); save it again, or get "
        "another copy"
    )


def unreadable(path: str | os.PathLike, why: object) -> InputError:
    """Return the error for a file that may be fine, but that no library here can read."""
    return InputError(
        f"workbook {path}: could not be read by the library ({one_line(why)[:200]}); open it in "
        "Excel or LibreOffice and save it as .xlsx"
    )


def encrypted(path: str | os.PathLike) -> InputError:
    """Return the error for a file with a password."""
    return InputError(
        f"workbook {path}: encrypted (it has a password); save it without one "
        "(in Excel: File, Info, Protect Workbook)"
    )


def not_a_spreadsheet(path: str | os.PathLike, what: object) -> InputError:
    """Return the error for a file that is something else."""
    return InputError(f"workbook {path}: not a spreadsheet ({what}); save it as {KINDS}")


def kind_of(path: str | os.PathLike, limit: float) -> tuple[str, int]:
    """Return the kind of a file, by its content, and its size in bytes when unpacked.

    Parameters
    ----------
    path
        The file.
    limit
        Most bytes that it may have, unpacked.

    Returns
    -------
    kind
        xlsx, xlsb, ods, xls, parquet or csv.
    size
        Of a Parquet file as it is.

    Raises
    ------
    InputError
        Where it is missing, empty, encrypted, truncated, too large, or not a spreadsheet.
    """
    try:
        with open(path, "rb") as file:
            head = file.read(4096)
            size = file.seek(0, os.SEEK_END)
    except FileNotFoundError as error:
        raise InputError(f"workbook {path}: no such file") from error
    except IsADirectoryError as error:
        raise InputError(f"workbook {is_folder(os.fspath(path))}") from error
    except OSError as error:
        raise InputError(f"workbook {path}: cannot be read ({error.strerror})") from error
    if not size:
        raise not_a_spreadsheet(path, "the file is empty")
    if size > limit:
        raise too_large(path, size, limit)
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_archive(path, limit)
    if head.startswith((MAGIC, BIFF5, BIFF8)):
        return _kind_of_compound(path), size
    if head.startswith(b"PAR1"):
        return "parquet", size
    if head.startswith(GZIP):
        return "csv", _size_of_gzip(path, limit)
    _check_text(path, head)
    return "csv", size


def _check_text(path: str | os.PathLike, head: bytes) -> None:
    """Raise InputError where a file begins with something else than a text."""
    named = os.fspath(path).lower().endswith(TEXT)
    old = [what for start, what in OLD.items() if head.startswith(start)]
    if PAGE.match(head) or (head.lstrip().startswith(b"<") and not named):
        old = [what for word, what in XMLS.items() if word in head]
        if not old:
            raise not_a_spreadsheet(path, "it is a web page or XML")
    if old:
        raise unreadable(path, old[0])
    # what is named a text may be one that was damaged
    if not named and not _is_text(head):
        what = (what for start, what in OTHERS.items() if head.startswith(start))
        raise not_a_spreadsheet(path, next(what, "its content is of no known kind"))


def utf16_of(head: bytes) -> str:
    """Return the kind of UTF-16 by where the first bytes have zeros; an empty text if it is none."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) <= len(head) // 8 or 8 * min(even, odd) > max(even, odd):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _is_text(head: bytes) -> bool:
    encoding = utf16_of(head)
    return encoding == "utf-16" or not CONTROL.search(
        head.replace(b"\0", b"") if encoding else head
    )


def _size_of_gzip(path: str | os.PathLike, limit: float) -> int:
    """Return the size of a packed text, unpacked in small steps."""
    total = 0
    try:
        with gzip.open(path) as stream:
            while chunk := stream.read(STEP):
                if not total:
                    if not _is_text(chunk[:4096]):
                        raise not_a_spreadsheet(path, "it does not hold a text; unpack it")
                    _check_text(path, chunk[:4096])
                total += len(chunk)
                if total > limit:
                    raise too_large(path, total, limit)
    except BROKEN as error:
        raise damaged(path, error) from error
    if not total:
        raise not_a_spreadsheet(path, "the file is empty")
    return total


def _kind_of_compound(path: str | os.PathLike) -> str:
    with open(path, "rb") as file:
        content = file.read()
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise encrypted(path)
    try:
        workbook_stream(content)
    except NoWorkbook as error:
        raise not_a_spreadsheet(path, error) from error
    except (struct.error, ValueError) as error:
        raise damaged(path, error) from error
    return "xls"


def too_large(path: str | os.PathLike, size: float, limit: float) -> InputError:
    """Return the error for a file that is more than the config allows."""
    return InputError(
        f"workbook {path}: {size / MEGABYTE:,.0f} MB or more when unpacked, over the limit of "
        f"{limit / MEGABYTE:,.0f} MB (config key `max_megabytes`)"
    )


def _kind_of_archive(path: str | os.PathLike, limit: float) -> tuple[str, int]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            claimed = sum(info.file_size for info in archive.infolist())
            if claimed > limit:
                raise too_large(path, claimed, limit)
            size = count(archive, limit, path)
            if kind := Package(archive).kind():
                return kind, size
            if content_of(archive):
                manifest = "META-INF/manifest.xml"
                if manifest in names and b"encryption-data" in archive.read(manifest):
                    raise encrypted(path)
                about = archive.read("mimetype")[:100] if "mimetype" in names else b"spreadsheet"
                if b"spreadsheet" in about:
                    return "ods", size
                raise not_a_spreadsheet(path, "it is another kind of OpenDocument")
    except (*BROKEN, ElementTree.ParseError) as error:
        raise damaged(path, error) from error
    except (NotImplementedError, ValueError) as error:  # another way of packing, or of encoding
        raise unreadable(path, error) from error
    except RuntimeError as error:  # what zipfile raises where a part has a password
        raise encrypted(path) from error
    raise not_a_spreadsheet(path, "it is some other archive")


def count(archive: zipfile.ZipFile, limit: float, path: str | os.PathLike) -> int:
    """Return the bytes of all parts, each unpacked in small steps.

    Raises
    ------
    InputError
        Where there is more than the limit, more or less than the directory claims, or a document
        type.
    zipfile.BadZipFile
        Where the check sum is wrong.
    """
    total = 0
    for info in archive.infolist():
        claimed, size, end = info.file_size, 0, b""
        info.file_size = int(limit) + STEP  # else zipfile stops at what is claimed
        with archive.open(info) as part:
            info.file_size = claimed
            xml = info.filename.endswith((".xml", ".rels"))
            while chunk := part.read(STEP):
                size += len(chunk)
                total += len(chunk)
                if total > limit:
                    raise too_large(path, total, limit)
                marks = DOCTYPES[: (3 if b"\0" in chunk[:4] else 1) if xml else 0]
                if any(mark in end + chunk for mark in marks):
                    raise unreadable(path, f"{info.filename} declares a document type")
                end = chunk[-20:]
        if size != claimed:
            raise damaged(path, f"{info.filename} has {size} bytes, not {claimed}")
    return total
