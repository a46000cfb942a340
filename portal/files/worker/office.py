"""DOCX and XLSX: a zip archive that holds what such a file needs, and nothing that runs or leads outside."""

import io
import mmap
import re
import zipfile
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]

from .findings import Finding, Kind, Reason, Refused

MEMBERS = 3000
TOTAL = 120 * 1024 * 1024
"""Bytes of all members unpacked."""

RATIO = 150
RATIO_FROM = 1024 * 1024
"""A member that unpacks to more than this may not be packed more than RATIO to one."""

MAIN_PARTS = {
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": Kind.DOCX,
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": Kind.XLSX,
}
FOLDERS = {Kind.DOCX: "word/", Kind.XLSX: "xl/"}
BAD_PARTS = (
    (re.compile(r"vba|macrosheet|\.bas$|/customui", re.IGNORECASE), Reason.MACRO),
    (re.compile(r"activex|/embeddings/|oleobject|/afchunk", re.IGNORECASE), Reason.EMBEDDED),
    (re.compile(r"externallink|/connections\.xml$|/querytables/", re.IGNORECASE), Reason.EXTERNAL),
)
BAD_TYPES = (
    (re.compile(r"macro|vba", re.IGNORECASE), Reason.MACRO),
    (re.compile(r"activex|oleobject|package$", re.IGNORECASE), Reason.EMBEDDED),
    (re.compile(r"externallink|connections\+xml|querytable", re.IGNORECASE), Reason.EXTERNAL),
)
LINK = re.compile(r"(https?|mailto):", re.IGNORECASE)
TEXT_PARTS = re.compile(
    r"word/(document|header\d*|footer\d*|comments|footnotes|endnotes)\.xml"
    r"|xl/(sharedStrings|workbook|comments\d*)\.xml|xl/(worksheets/sheet|drawings/drawing)\d+\.xml"
    r"|docProps/(core|custom|app)\.xml"
)
LOCAL_HEADER = b"PK\x03\x04"
READ_CHARACTERS = 2_000_000


def look(content: mmap.mmap | bytes) -> Finding:
    """Unpack and parse every member; raises Refused, or what zipfile raises."""
    if not content[:4] == LOCAL_HEADER:
        raise Refused(Reason.DAMAGED)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        _check_frame(archive)
        kind = _kind(archive)
        words: list[str] = []
        for member in archive.infolist():
            words += _member(archive, member, kind)
    return Finding(kind, texts=tuple(words))


def _check_frame(archive: zipfile.ZipFile) -> None:
    """Look at the directory before anything is unpacked."""
    members = archive.infolist()
    names = [member.filename for member in members]
    if len(members) > MEMBERS:
        raise Refused(Reason.BOMB)
    if len({name.casefold() for name in names}) != len(names) or archive.comment:
        raise Refused(Reason.TWO_KINDS)
    if min((member.header_offset for member in members), default=1) != 0:
        raise Refused(Reason.TWO_KINDS)
    if any(_is_slippery(name) for name in names):
        raise Refused(Reason.DAMAGED)
    if any(member.flag_bits & 0x1 for member in members):
        raise Refused(Reason.ENCRYPTED)
    if sum(member.file_size for member in members) > TOTAL:
        raise Refused(Reason.BOMB)
    for member in members:
        if member.file_size > RATIO_FROM and member.file_size > RATIO * max(member.compress_size, 1):
            raise Refused(Reason.BOMB)
    for name in names:
        for pattern, reason in BAD_PARTS:
            if pattern.search(f"/{name}"):
                raise Refused(reason)


def _is_slippery(name: str) -> bool:
    """Whether a member's name leads out of the folder it would be unpacked in."""
    parts = name.replace("\\", "/").split("/")
    return "\\" in name or name.startswith("/") or ".." in parts or ":" in name or not name.isprintable()


def _kind(archive: zipfile.ZipFile) -> Kind:
    """Return what the content types say the file is; the main part must lie where they say."""
    if "[Content_Types].xml" not in archive.namelist():
        raise Refused(Reason.UNKNOWN_KIND)
    kinds = set()
    for element in _ended(archive, "[Content_Types].xml"):
        declared = element.get("ContentType", "")
        for pattern, reason in BAD_TYPES:
            if pattern.search(declared):
                raise Refused(reason)
        kind = MAIN_PARTS.get(declared)
        if kind and element.get("PartName", "").lstrip("/") in archive.namelist():
            kinds.add(kind)
    if len(kinds) != 1:
        raise Refused(Reason.UNKNOWN_KIND)
    (kind,) = kinds
    if not any(name.startswith(FOLDERS[kind]) for name in archive.namelist()):
        raise Refused(Reason.UNKNOWN_KIND)
    return kind


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, kind: Kind) -> list[str]:
    """Unpack one member, so that its checksum is compared; parse it when it is XML."""
    name = member.filename
    if name.endswith(".rels"):
        for element in _ended(archive, name):
            _check_relation(element)
        return []
    if name.endswith((".xml", ".vml")):
        lines = _Lines()
        reads = TEXT_PARTS.fullmatch(name)
        for event, element in _elements(archive, name):
            if reads:
                lines.take(event, element)
        return lines.found()
    with archive.open(member) as file:
        while file.read(1024 * 1024):
            pass
    return []


def _elements(archive: zipfile.ZipFile, name: str) -> Iterator[tuple[str, Any]]:
    """Yield ("start" or "end", element) through a member, forgetting what has ended."""
    try:
        with archive.open(name) as file:
            for event, element in iterparse(file, ("start", "end"), forbid_dtd=True):
                yield event, element
                if event == "end":
                    element.clear()
    except DefusedXmlException as error:
        raise Refused(Reason.BOMB) from error
    except ParseError as error:
        raise Refused(Reason.DAMAGED) from error


def _ended(archive: zipfile.ZipFile, name: str) -> Iterator[Any]:
    return (element for event, element in _elements(archive, name) if event == "end")


def _check_relation(element: Any) -> None:
    """Outside lead only links that a person clicks, and those to the web or a mailbox."""
    if element.get("TargetMode") != "External":
        return
    is_link = element.get("Type", "").endswith("/hyperlink")
    if not (is_link and LINK.match(element.get("Target", ""))):
        raise Refused(Reason.EXTERNAL)


BREAKS = ("}p", "}br", "}tab", "}cr", "}si", "}is", "}c", "}comment", "}txbxContent")
"""Where a line begins and ends: paragraphs and boxes; in a spreadsheet cells and shared strings."""

PROPERTIES = ("-properties}", "purl.org/dc/", "docPropsVTypes}")
"""Namespaces of a file's metadata, where each value is a line."""


class _Lines:
    """The words of a part, one paragraph, box or cell a line."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self.left = READ_CHARACTERS

    def take(self, event: str, element: Any) -> None:
        """Note an element that begins or has ended."""
        tag = element.tag
        if event == "end" and element.text and self.left > 0:
            self.left -= len(element.text)
            self.parts.append(element.text)
        if tag.endswith(BREAKS) or any(name in tag for name in PROPERTIES):
            self.parts.append("\n")
        if event == "start" and tag.endswith("}sheet") and element.get("name"):
            self.parts.append(f"\n{element.get('name')}\n")

    def found(self) -> list[str]:
        return ["".join(self.parts)] if self.parts else []
