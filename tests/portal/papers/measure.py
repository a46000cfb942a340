"""Look at a page with a ruler: lines of text, their faces and places, in millimetres."""

import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pdfplumber

MM = 72 / 25.4  # points
COLUMN_GAP = 8 * MM  # a wider gap parts two cells that share a line


@dataclass(frozen=True)
class Line:
    """One line of text in one cell; `base` is its lowest edge."""

    text: str
    left: float
    right: float
    top: float
    base: float
    size: float  # points
    face: str

    @property
    def middle(self) -> float:
        return (self.left + self.right) / 2


def pages(pdf: bytes) -> list[Any]:
    return pdfplumber.open(io.BytesIO(pdf)).pages


def lines(page: Any) -> list[Line]:
    found = page.extract_text_lines(return_chars=True, x_tolerance=2)
    return [_line(page, run) for line in found for run in _runs(line["chars"])]


def line(page: Any, start: str) -> Line:
    """The first line that starts so; fails the test if there is none."""
    return next(one for one in lines(page) if one.text.startswith(start))


def rules(page: Any) -> list[tuple[float, float, float]]:
    """Horizontal strokes from top to bottom: left, right, top."""
    flat = [one for one in page.lines if abs(one["top"] - one["bottom"]) < 1]
    found = [(one["x0"] / MM, one["x1"] / MM, one["top"] / MM) for one in flat]
    return sorted(found, key=lambda one: (round(one[2], 1), one[0]))


def _runs(chars: list[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    inked = [char for char in chars if char["text"].strip()]
    start = 0
    for place in range(1, len(inked) + 1):
        if place == len(inked) or inked[place]["x0"] - inked[place - 1]["x1"] > COLUMN_GAP:
            yield inked[start:place]
            start = place


def _line(page: Any, run: list[dict[str, Any]]) -> Line:
    left, right = run[0]["x0"], run[-1]["x1"]
    top, bottom = min(c["top"] for c in run), max(c["bottom"] for c in run)
    words = page.crop((left - 0.5, top - 1, right + 0.5, bottom + 1), strict=False).extract_text()
    return Line(
        text=unicodedata.normalize("NFC", words),
        left=left / MM,
        right=right / MM,
        top=top / MM,
        base=bottom / MM,
        size=round(run[0]["size"], 1),
        face=run[0]["fontname"].split("+")[-1],
    )
