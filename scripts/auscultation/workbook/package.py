"""The parts of an .xlsx or .xlsb, found as the package's own relationships say.

Readers look for the parts where Excel puts them. A package of another form (other folders,
backslashes, XML in UTF-16) is written anew in the usual one, in memory.
"""

import io
import os
import posixpath
import re
import zipfile
from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import unquote
from xml.etree import ElementTree

from auscultation.workbook.biff import xlsb_sheets

# A workbook as it lies on disk, or as it was written anew in memory.
Source = str | os.PathLike | bytes

OFFICE = "http://schemas.openxmlformats.org"
MAIN = "application/vnd.openxmlformats-officedocument.spreadsheetml."
TYPES = "[content_types].xml"  # without case, at the root of each package
SHEETS = ("worksheet", "chartsheet", "dialogsheet", "xlMacrosheet")
# by kind of relation: where Excel puts the part, without the ending
USUAL = {"sharedStrings": "xl/sharedStrings", "styles": "xl/styles"}
# what Python and expat read as it stands in the declaration; no shifts, nothing of 4 bytes
ENCODINGS = re.compile(r"utf-?8|us-ascii|utf-?16(-?[lb]e)?|iso-8859-\d+|latin-?1|windows-125\d")
DECLARED = re.compile(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([\w.-]+)["']""")
# ISO's own names of what Excel names as OFFICE does
STRICT = {
    b"http://purl.oclc.org/ooxml/spreadsheetml/main": f"{OFFICE}/spreadsheetml/2006/main".encode(),
    b"http://purl.oclc.org/ooxml/officeDocument/relationships": (
        f"{OFFICE}/officeDocument/2006/relationships".encode()
    ),
}


class Relation(NamedTuple):
    """A relation of a part: its id, the last word of its type, the part that it leads to."""

    id: str
    kind: str
    part: str


def opened(source: Source) -> str | os.PathLike | io.BytesIO:
    """Return what libraries take for a file."""
    return io.BytesIO(source) if isinstance(source, bytes) else source


def encoding_of(head: bytes) -> str:
    """Return the encoding of XML by its first bytes."""
    if head.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")) or head[:4].count(0) == 3:
        return "utf-32"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in head[:4]:
        return "utf-16-le" if head[1:2] == b"\0" else "utf-16-be"
    declared = DECLARED.match(head.removeprefix(b"\xef\xbb\xbf"))
    return declared[1].decode().lower() if declared else "utf-8"


def is_plain(head: bytes) -> bool:
    """Return whether XML is in UTF-8, by its first bytes."""
    return encoding_of(head) in ("utf-8", "utf8", "us-ascii")


def to_utf8(xml: bytes) -> bytes:
    """Return XML in UTF-8.

    Raises
    ------
    ValueError
        Where its encoding is unknown, or it declares a document type.
    """
    encoding = encoding_of(xml[:200])
    if not ENCODINGS.fullmatch(encoding):
        raise ValueError(f"XML in the encoding {encoding}")
    if not is_plain(xml[:200]):
        text = xml.decode(encoding).lstrip("\ufeff")
        xml = re.sub(r"^\s*<\?xml.*?\?>", "", text, count=1, flags=re.DOTALL).encode()
    if b"<!DOCTYPE" in xml:
        raise ValueError("XML with a document type")
    return xml


class Package:
    """The parts of a package, whatever their names; `book` is that of the workbook, if any."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        names = {_key(name): name for name in archive.namelist()}
        # who unpacks one, and packs the folder again, has all of it in that folder
        types = min((n for n in names if n.endswith(TYPES)), key=len, default="")
        self.root = types.removesuffix(TYPES)
        self.names = {n.removeprefix(self.root): at for n, at in names.items()}
        books = [r.part for r in self.relations("") if r.kind == "officeDocument"]
        books += [self.names.get(f"xl/workbook.{ending}", "") for ending in ("xml", "bin")]
        self.book = next((part for part in books if part), "")

    def kind(self) -> str:
        """Return the kind of the package: xlsx, xlsb, or an empty text if it is neither."""
        if not self.book:
            return ""
        head = self._head(self.book)
        if head.startswith(b"\x83\x01"):  # BrtBeginBook
            return "xlsb"
        encoding = encoding_of(head)
        text = head.decode(encoding if ENCODINGS.fullmatch(encoding) else "utf-8", "replace")
        return "xlsx" if re.search(r"<([\w.-]+:)?workbook[\s>]", text) else ""

    def relations(self, part: str) -> list[Relation]:
        """Return the relations of a part, or of the package; those to parts that are there."""
        folder, name = posixpath.split(part.replace("\\", "/"))
        rels = self.find(posixpath.join(folder, "_rels", f"{name}.rels"))
        if not rels:
            return []
        relations = []
        for element in ElementTree.fromstring(to_utf8(self.archive.read(rels))):
            target = self.find(element.get("Target", ""), folder)
            if target and element.get("TargetMode") != "External":
                kind = element.get("Type", "").rpartition("/")[2]
                relations.append(Relation(element.get("Id", ""), kind, target))
        return relations

    def find(self, target: str, folder: str = "") -> str:
        """Return the name in the archive of a relation's target; an empty text where it is not."""
        key = _key(posixpath.join("/", folder, unquote(target.replace("\\", "/"))))
        return self.names.get(key.removeprefix(self.root), "")

    def sheet(self, name: str) -> str:
        """Return the part of a sheet by the sheet's name; an empty text where it is not there."""
        book = self.archive.read(self.book) if self.book else b""
        ids: dict[str, str] = {}
        if self.kind() == "xlsb":
            ids = xlsb_sheets(book)
        elif book:
            for element in ElementTree.fromstring(to_utf8(book)).iter():
                if element.tag.rpartition("}")[2] == "sheet":
                    key = next((v for k, v in element.items() if k.endswith("}id")), "")
                    ids[element.get("name", "")] = key
        return next((r.part for r in self.relations(self.book) if r.id == ids.get(name)), "")

    def is_usual(self, kind: str, strict: bool) -> bool:
        """Return whether readers find everything, and can read it.

        `strict` says whether they know ISO's names of what is in there.
        """
        ending = "bin" if kind == "xlsb" else "xml"
        rels = f"xl/_rels/workbook.{ending}.rels"
        parts = ["[Content_Types].xml", "_rels/.rels", rels]
        if self.book != f"xl/workbook.{ending}" or not {*parts} <= {*self.archive.namelist()}:
            return False
        if not all(is_plain(self._head(part)) for part in parts):
            return False
        targets = [e.get("Target", "") for e in ElementTree.fromstring(self.archive.read(rels))]
        literal = [posixpath.normpath(posixpath.join("/xl", t)).lstrip("/") for t in targets]
        read = [r for r in self.relations(self.book) if r.kind in (*SHEETS, *USUAL)]
        for relation in read:
            at = f"{USUAL[relation.kind]}.{ending}" if relation.kind in USUAL else relation.part
            if relation.part != at or at not in literal or not at.endswith(ending):
                return False
        if kind == "xlsb":
            return True
        heads = [self._head(part) for part in (self.book, *(r.part for r in read))]
        known = strict or not any(name in heads[0] for name in STRICT)
        return known and all(map(is_plain, heads))

    def _head(self, part: str) -> bytes:
        with self.archive.open(part) as stream:
            return stream.read(4096)

    def usual(self, kind: str) -> bytes:
        """Return the package written anew as Excel would: the sheets, their texts and styles.

        Raises
        ------
        ValueError
            Where a part's encoding is unknown.
        """
        binary = kind == "xlsb"
        ending = "bin" if binary else "xml"
        parts: dict[str, bytes | str] = {}
        types = relations = ""
        for number, relation in enumerate(self.relations(self.book), 1):
            if relation.kind in SHEETS:
                name = f"xl/{relation.kind.lower()}s/sheet{number}.{ending}"
            elif relation.kind in USUAL:
                name = f"{USUAL[relation.kind]}.{ending}"
            else:
                continue
            parts[name] = self._content(relation.part, binary)
            types += _override(name, f"{MAIN}{relation.kind}+xml")
            relations += _relation(relation.id, relation.kind, f"/{name}")
        book = f"xl/workbook.{ending}"
        parts[book] = self._content(self.book, binary)
        types += _override(book, f"{MAIN}sheet.main+xml")
        parts |= {
            "[Content_Types].xml": f'<Types xmlns="{OFFICE}/package/2006/content-types"><Default '
            'Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships'
            f'+xml"/>{types}</Types>',
            "_rels/.rels": _relations(_relation("rId1", "officeDocument", book)),
            f"xl/_rels/workbook.{ending}.rels": _relations(relations),
        }
        return zipped(parts)

    def _content(self, part: str, binary: bool) -> bytes:
        content = self.archive.read(part)
        if binary:
            return content
        content = to_utf8(content)
        for ours, theirs in STRICT.items():
            content = content.replace(ours, theirs)
        return content


def standard_package(path: str | os.PathLike, kind: str, strict: bool = True) -> Source:
    """Return a workbook in the form that readers know: the file itself, if it has it.

    Parameters
    ----------
    path
        The file.
    kind
        xlsx or xlsb.
    strict
        Whether the reader knows ISO's names, too.

    Raises
    ------
    ValueError
        Where a part's encoding is unknown.
    """
    with zipfile.ZipFile(path) as archive:
        package = Package(archive)
        return path if package.is_usual(kind, strict) else package.usual(kind)


def zipped(parts: Mapping[str, bytes | str]) -> bytes:
    """Return an archive of some parts, not compressed."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


def _key(name: str) -> str:
    """Return a part's name as packages compare them: without case, from the root."""
    return posixpath.normpath(posixpath.join("/", name.replace("\\", "/"))).lstrip("/").lower()


def _override(name: str, kind: str) -> str:
    return f'<Override PartName="/{name}" ContentType="{kind}"/>'


def _relation(key: str, kind: str, target: str) -> str:
    where = f"{OFFICE}/officeDocument/2006/relationships/{kind}"
    return f'<Relationship Id="{key}" Type="{where}" Target="{target}"/>'


def _relations(inside: str) -> str:
    return f'<Relationships xmlns="{OFFICE}/package/2006/relationships">{inside}</Relationships>'
