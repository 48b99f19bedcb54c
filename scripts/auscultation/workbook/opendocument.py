"""OpenDocument as LibreOffice writes it, which is what readers know."""

import os
import re
import zipfile

from auscultation.workbook.package import to_utf8, zipped

KIND = "application/vnd.oasis.opendocument.spreadsheet"
MANIFEST = (
    '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{KIND}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    "</manifest:manifest>"
)
BETWEEN = re.compile(rb">\s+(?=</?table:)")  # white space between cells, rows and tables


def content_of(archive: zipfile.ZipFile) -> str:
    """Return the name of the part with the sheets, in whatever folder; an empty text without one."""
    names = archive.namelist()
    packed = (n.removesuffix("mimetype") + "content.xml" for n in names if n.endswith("/mimetype"))
    return next((n for n in ("content.xml", *packed) if n in names), "")


def standard_ods(path: str | os.PathLike) -> bytes:
    """Return an .ods written anew: in UTF-8, without white space between cells, with its kind and manifest.

    Raises
    ------
    ValueError
        Where its encoding is unknown.
    """
    with zipfile.ZipFile(path) as archive:
        content = BETWEEN.sub(b">", to_utf8(archive.read(content_of(archive))))
    return zipped({"mimetype": KIND, "content.xml": content, "META-INF/manifest.xml": MANIFEST})
