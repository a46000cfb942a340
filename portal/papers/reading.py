"""Read the portal's own PDF files: their text, and pictures of their pages.

For bytes that the portal made itself. What people upload is parsed in the sandbox of portal.files.
"""

import io
import re
import threading
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pypdfium2 as pdfium  # type: ignore[import-untyped]

# PDFium is not thread-safe, not even across documents.
_lock = threading.Lock()

# What stands in the top margin comes first in a page's content: number, demonstration mark.
_PAGE_HEAD = re.compile(r"^(\d+ )?(TRÌNH DIỄN )?")
# PDFium puts these in place of a hyphen at the end of a line.
_HYPHENS_AT_LINE_END = {0x02: "-", 0xFFFE: "-"}


@dataclass(frozen=True)
class Spot:
    """Where something stands: page (1-based) and box, in points from the page's TOP left corner."""

    page: int
    x: float
    y: float
    width: float
    height: float


def page_sizes(pdf: bytes) -> tuple[tuple[float, float], ...]:
    """Return width and height of each page, in points."""
    with _document(pdf) as document:
        return tuple(document.get_page_size(number) for number in range(len(document)))


def page_heights(pdf: bytes) -> tuple[float, ...]:
    """Return the height of each page, in points."""
    with _document(pdf) as document:
        return tuple(document.get_page_size(number)[1] for number in range(len(document)))


def page_texts(pdf: bytes) -> tuple[str, ...]:
    """Return the text of each page in content order: NFC, each run of white space one space.

    A line break inside a text reads as a space. That is right between words, and wrong after the
    slash or hyphen of a long word: `missing_texts` compares without white space.
    """
    with _document(pdf) as document:
        return tuple(_text(document[number]) for number in range(len(document)))


def missing_texts(pdf: bytes, texts: Iterable[str]) -> tuple[str, ...]:
    """Return those of `texts` that the document does not hold in one piece.

    White space counts for nothing, because a line may break inside a long word; letters, signs
    and their order must be the same. A text may run over a page's end. The cells of a table row
    follow one another, so a whole row can be asked for as its cells joined by spaces: that also
    ties each cell to its neighbours, which asking for cells one by one does not.
    """
    content = _squeezed("".join(_PAGE_HEAD.sub("", text) for text in page_texts(pdf)))
    return tuple(text for text in texts if _squeezed(text) not in content)


def spots(pdf: bytes, texts: Iterable[str]) -> dict[str, Spot]:
    """Return where each text first stands in one piece on one page; what is found nowhere is left out.

    White space counts for nothing. The box holds the whole text, so that of a table row's cells in
    order is the row.
    """
    wanted = {text: _squeezed(text) for text in texts}
    found: dict[str, Spot] = {}
    with _document(pdf) as document:
        for number in range(len(document)):
            page = document[number]
            text = page.get_textpage().get_text_range().translate(_HYPHENS_AT_LINE_END)
            inked = [place for place, letter in enumerate(text) if not letter.isspace()]
            content = "".join(text[place] for place in inked)
            for key in wanted.keys() - found.keys():
                start = content.find(wanted[key])
                if start >= 0 and wanted[key]:
                    first, last = inked[start], inked[start + len(wanted[key]) - 1]
                    found[key] = _spot(page, number + 1, first, last - first + 1)
    return found


def _spot(page: pdfium.PdfPage, number: int, start: int, count: int) -> Spot:
    letters = page.get_textpage()
    boxes = [letters.get_rect(index) for index in range(letters.count_rects(start, count))]
    left, right = min(box[0] for box in boxes), max(box[2] for box in boxes)
    bottom, top = min(box[1] for box in boxes), max(box[3] for box in boxes)
    return Spot(number, left, page.get_height() - top, right - left, top - bottom)


def page_image(pdf: bytes, page: int, *, width: int) -> bytes:
    """Return a picture of page `page` (1-based) as lossless WebP, `width` pixels wide, signatures included.

    A page of text takes a fifth of what it takes as PNG.

    Raises:
        IndexError: the document has no such page.
    """
    with _document(pdf) as document:
        if not 1 <= page <= len(document):
            raise IndexError(f"page {page} of {len(document)}")
        document.init_forms()  # draws the appearances of signature fields
        sheet = document[page - 1]
        picture = sheet.render(scale=width / sheet.get_width()).to_pil()
    target = io.BytesIO()
    picture.convert("RGB").save(target, "WEBP", lossless=True)
    return target.getvalue()


@contextmanager
def _document(pdf: bytes) -> Iterator[pdfium.PdfDocument]:
    with _lock:
        document = pdfium.PdfDocument(pdf)
        try:
            yield document
        finally:
            document.close()


def _text(page: pdfium.PdfPage) -> str:
    text = page.get_textpage().get_text_range().translate(_HYPHENS_AT_LINE_END)
    return " ".join(unicodedata.normalize("NFC", text).split())


def _squeezed(text: str) -> str:
    return "".join(unicodedata.normalize("NFC", text).split())
