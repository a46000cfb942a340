"""PDF: parsed strictly by qpdf, every object looked at, and the words of the first pages by PDFium."""

import io
import mmap
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import ParseError

import pikepdf
import pypdfium2 as pdfium  # type: ignore[import-untyped]
from defusedxml import DefusedXmlException  # type: ignore[import-untyped]
from defusedxml.ElementTree import fromstring  # type: ignore[import-untyped]

from .findings import Finding, Kind, Reason, Refused

PAGES = 500
NODES = 400_000
"""Values of a file that are looked at; a plain one of 500 pages has a tenth of them."""

DEPTH = 60
READ_PAGES = 10
"""A marking stands on the first page; covers and letters before it are allowed for."""

READ_CHARACTERS = 200_000
XMP_BYTES = 1_000_000

# Source: ISO 32000-2, 12.6.4 (actions), 12.5.6 (annotations), 7.11.4 (embedded files), 12.7.8 (XFA).
BAD_KEYS = {
    "/JS": Reason.SCRIPT,
    "/JavaScript": Reason.SCRIPT,
    "/EmbeddedFiles": Reason.EMBEDDED,
    "/EF": Reason.EMBEDDED,
    "/RichMedia": Reason.EMBEDDED,
    "/XFA": Reason.XFA,
}
BAD_ACTIONS = {
    "/JavaScript": Reason.SCRIPT,
    "/Launch": Reason.SCRIPT,
    "/ImportData": Reason.SCRIPT,
    "/SubmitForm": Reason.SCRIPT,
    "/Rendition": Reason.EMBEDDED,
    "/Movie": Reason.EMBEDDED,
    "/Sound": Reason.EMBEDDED,
    "/RichMediaExecute": Reason.EMBEDDED,
    "/GoToE": Reason.EMBEDDED,
    "/GoToR": Reason.EXTERNAL,
}
BAD_PARTS = {
    "/FileAttachment": Reason.EMBEDDED,
    "/EmbeddedFile": Reason.EMBEDDED,
    "/RichMedia": Reason.EMBEDDED,
    "/Movie": Reason.EMBEDDED,
    "/Sound": Reason.EMBEDDED,
    "/Screen": Reason.EMBEDDED,
    "/3D": Reason.EMBEDDED,
}
WORD_KEYS = ("/Title", "/Subject", "/Keywords", "/Contents", "/Author")


def look(content: mmap.mmap | bytes) -> Finding:
    """Parse a file in full; raises Refused, or what the parsers raise."""
    try:
        pdf = pikepdf.open(io.BytesIO(content), attempt_recovery=False, suppress_warnings=True)
    except pikepdf.PasswordError as error:
        raise Refused(Reason.ENCRYPTED) from error
    with pdf:
        if pdf.is_encrypted:
            raise Refused(Reason.ENCRYPTED)
        count = pdf.Root.Pages.get("/Count", 0)
        if not isinstance(count, int) or not 0 < count <= PAGES:
            raise Refused(
                Reason.TOO_MANY_PAGES if isinstance(count, int) and count > PAGES else Reason.DAMAGED
            )
        _check_opening(pdf)
        words = list(_walk(pdf))
        words += _xmp(pdf)
        pages = len(pdf.pages)
        if not 0 < pages <= PAGES:
            raise Refused(Reason.TOO_MANY_PAGES)
    return Finding(Kind.PDF, pages, (*words, *_page_words(content)))


def _check_opening(pdf: pikepdf.Pdf) -> None:
    """What happens by itself when the file is opened may only be going to a page."""
    opening = pdf.Root.get("/OpenAction")
    if isinstance(opening, pikepdf.Dictionary) and opening.get("/S") != "/GoTo":
        raise Refused(Reason.SCRIPT)


def _walk(pdf: pikepdf.Pdf) -> Iterator[str]:
    """Look at every value of every object, reachable or not; yield titles and notes."""
    left = NODES
    stack: list[tuple[Any, int]] = [(pdf.trailer, 0)]
    objects = iter(pdf.objects)
    while True:
        if not stack:
            following = next(objects, None)
            if following is None:
                return
            stack.append((following, 0))
        value, depth = stack.pop()
        left -= 1
        if left < 0 or depth > DEPTH:
            raise Refused(Reason.TOO_COMPLEX)
        if isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
            yield from _look_at(value)
            children = [value[key] for key in value.keys()]  # noqa: SIM118 - it is no mapping
        elif isinstance(value, pikepdf.Array):
            left -= len(value)
            children = [item for item in value if isinstance(item, pikepdf.Object)]
        else:
            continue
        # Indirect objects come in their own turn.
        stack += [(c, depth + 1) for c in children if isinstance(c, pikepdf.Object) and not c.is_indirect]


def _look_at(value: Any) -> Iterator[str]:
    for key in value.keys():  # noqa: SIM118 - it is no mapping
        if key in BAD_KEYS:
            raise Refused(BAD_KEYS[key])
        if key in WORD_KEYS and isinstance(value[key], pikepdf.String | str):
            yield str(value[key])
    for key, bad in (("/S", BAD_ACTIONS), ("/Subtype", BAD_PARTS), ("/Type", BAD_PARTS)):
        name = value.get(key)
        if isinstance(name, pikepdf.Name) and str(name) in bad:
            raise Refused(bad[str(name)])


def _xmp(pdf: pikepdf.Pdf) -> list[str]:
    """Return the words of the document's XMP metadata; a packet that is no XML has none."""
    packet = pdf.Root.get("/Metadata")
    if not isinstance(packet, pikepdf.Stream):
        return []
    raw = packet.read_bytes()
    if len(raw) > XMP_BYTES:
        raise Refused(Reason.TOO_COMPLEX)
    try:
        root = fromstring(raw.strip(b"\0 \r\n\t"), forbid_dtd=True)
    except DefusedXmlException as error:
        raise Refused(Reason.BOMB) from error
    except ParseError:
        return []
    return [text for element in root.iter() for text in (element.text, *element.attrib.values()) if text]


def _page_words(content: mmap.mmap | bytes) -> Iterator[str]:
    """Yield the text of the first pages: by lines, and each run by itself, as a box in a corner is one."""
    document = pdfium.PdfDocument(bytes(content))
    left = READ_CHARACTERS
    for number in range(min(len(document), READ_PAGES)):
        page = document[number].get_textpage()
        left -= page.count_chars()
        if left < 0:
            return
        yield page.get_text_range()
        for place in range(min(page.count_rects(), 2000)):
            yield page.get_text_bounded(*page.get_rect(place))
