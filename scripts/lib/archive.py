"""What is looked at before a workbook is unpacked: its kind, its size, and that it is whole.

An .xlsx, .xlsm, .xlsb or .ods file is a zip archive. What its directory claims of sizes may be
wrong, so each part is unpacked once in small steps and counted before any library does it.
"""

import os
import struct
import zipfile
import zlib

from lib.biff import workbook_stream
from lib.job import InputError

STEP = 1 << 20  # bytes unpacked at once
MEGABYTE = 10**6
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # .xls, or anything with a password
TEXT = (".csv", ".tsv", ".txt")
KINDS = ".xlsx, .xlsm, .xlsb, .xls, .ods, .csv or .parquet"
# what zipfile raises of an archive that is damaged
BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError)
# a document type is where entities are declared; no program that writes workbooks does
DOCTYPES = ["<!DOCTYPE".encode(code) for code in ("utf-8", "utf-16-le", "utf-16-be")]


def damaged(path: str | os.PathLike, why: object) -> InputError:
    """Make the error for a file that cannot be read."""
    why = " ".join(str(why).split()) or type(why).__name__
    return InputError(
        f"workbook {path}: truncated or damaged ({why[:200]}); save it again, or get another copy"
    )


def encrypted(path: str | os.PathLike) -> InputError:
    """Make the error for a file with a password."""
    return InputError(
        f"workbook {path}: encrypted (it has a password); save it without one "
        "(in Excel: File, Info, Protect Workbook)"
    )


def not_a_spreadsheet(path: str | os.PathLike, what: str) -> InputError:
    """Make the error for a file that is something else."""
    return InputError(f"workbook {path}: not a spreadsheet ({what}); save it as {KINDS}")


def kind_of(path: str | os.PathLike, limit: float) -> tuple[str, int]:
    """Say what a file is, by its content, and its size in bytes when unpacked.

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
            head = file.read(8)
            size = file.seek(0, os.SEEK_END)
    except FileNotFoundError as error:
        raise InputError(f"workbook {path}: no such file") from error
    except OSError as error:
        raise InputError(f"workbook {path}: cannot be read ({error.strerror})") from error
    if not size:
        raise not_a_spreadsheet(path, "the file is empty")
    if size > limit:
        raise too_large(path, size, limit)
    if head.startswith(b"PK\x03\x04"):
        return _kind_of_archive(path, limit)
    if head == OLE:
        with open(path, "rb") as file:
            content = file.read()
        if "EncryptedPackage".encode("utf-16-le") in content:
            raise encrypted(path)
        try:
            workbook_stream(content)
        except (struct.error, ValueError) as error:
            raise damaged(path, error) from error
        return "xls", size
    if head.startswith(b"PAR1"):
        return "parquet", size
    if os.fspath(path).lower().endswith(TEXT):
        return "csv", size
    web = head.lstrip().startswith(b"<")
    raise not_a_spreadsheet(path, "it is a web page or XML" if web else "its content is of no kind")


def too_large(path: str | os.PathLike, size: float, limit: float) -> InputError:
    """Make the error for a file that is more than the config allows."""
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
            if "xl/workbook.bin" in names:
                return "xlsb", size
            if "[Content_Types].xml" in names and any(n.startswith("xl/") for n in names):
                return "xlsx", size
            if "content.xml" in names:
                manifest = "META-INF/manifest.xml"
                if manifest in names and b"encryption-data" in archive.read(manifest):
                    raise encrypted(path)
                return "ods", size
    except BROKEN as error:
        raise damaged(path, error) from error
    except RuntimeError as error:  # what zipfile raises where a part has a password
        raise encrypted(path) from error
    raise not_a_spreadsheet(path, "it is some other archive")


def count(archive: zipfile.ZipFile, limit: float, path: str | os.PathLike) -> int:
    """Unpack every part in small steps, only to count it; give the bytes of all.

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
                    raise damaged(path, f"{info.filename} declares a document type")
                end = chunk[-20:]
        if size != claimed:
            raise damaged(path, f"{info.filename} has {size} bytes, not {claimed}")
    return total
