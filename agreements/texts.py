"""Read what the frozen file says, for the signing room: its words, and where they stand on its pages.

Everything comes from the frozen bytes, not from the rows of today: what is shown is what is signed.
"""

import datetime as dt
import json
from dataclasses import dataclass
from functools import lru_cache

from django.utils.translation import gettext as _

from agreements import pades
from agreements.amendment_paper import ATTACHMENT as AMENDMENT
from agreements.amendment_paper import amendment_paper
from agreements.documents import ATTACHMENT
from agreements.models import Document, SignatureField
from agreements.paper import programme_paper, row_text
from portal.files import store
from portal.lib.errors import RuleError
from portal.papers import reading
from portal.papers.coordination import AssignmentRow, CoordinationPaper
from tasks.content import AssignmentContent

LEAD, COORDINATING = "lead", "coordinating"
PADDING = 3.0  # points that a mark reaches beyond the letters
NAME_HEIGHT = 37.0  # points: two lines of an agency's name, and nothing of the row above


@dataclass(frozen=True)
class Line:
    """A row of the annex. `part` is what the reader's agency has in it; `page` is 0 when not found."""

    row: AssignmentRow
    part: str
    page: int


@dataclass(frozen=True)
class Mark:
    """A box on a page: in points as SVG writes them, whatever the language of the page."""

    css: str
    x: str
    y: str
    width: str
    height: str


@dataclass(frozen=True)
class Sheet:
    """A page: its size in points, as SVG writes it, and what is marked on it."""

    number: int
    width: str
    height: str
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class FrozenText:
    """The paper as words and as pages, with what concerns one agency."""

    paper: CoordinationPaper
    groups: tuple[tuple[str, tuple[Line, ...]], ...]
    sheets: tuple[Sheet, ...]

    @property
    def mine(self) -> tuple[Line, ...]:
        """The rows that the agency leads, then those that it coordinates."""
        lines = [line for _title, group in self.groups for line in group if line.part]
        return tuple(sorted(lines, key=lambda line: line.part != LEAD))


def frozen_text(document: Document, field: SignatureField) -> FrozenText:
    """Return the frozen text as the agency of a signature field reads it.

    Raises RuleError when the file cannot be read.
    """
    read = _read(document.frozen_id, document.frozen_at, document.kind)
    parts = {row["code"]: _part(row, field.agency.code) for row in read.duties}
    groups = tuple(
        (
            group.title,
            tuple(Line(row, parts[row.code], _page(read.spots.get(row_text(row)))) for row in group.rows),
        )
        for group in read.paper.groups
    )
    marks = [
        (spot.page, _mark(f"mark-{parts[row.code]}", spot, PADDING))
        for group in read.paper.groups
        for row in group.rows
        if parts[row.code] and (spot := read.spots.get(row_text(row)))
    ]
    place = reading.Spot(field.page, field.x, field.y, field.width, field.height)
    marks.append((field.page, _mark("mark-place", place, 0)))
    sheets = tuple(
        Sheet(number, f"{width:.1f}", f"{height:.1f}", tuple(mark for page, mark in marks if page == number))
        for number, (width, height) in enumerate(read.sizes, 1)
    )
    return FrozenText(read.paper, groups, sheets)


def block_view(field: SignatureField) -> str:
    """Return the SVG viewBox, in points of the page, that shows a signature below its agency's name."""
    left, top = field.x - PADDING, field.y - NAME_HEIGHT
    edges = (left, top, field.width + 2 * PADDING, field.height + NAME_HEIGHT + PADDING)
    return " ".join(f"{edge:.1f}" for edge in edges)


def _part(row: AssignmentContent, agency_code: str) -> str:
    if row["lead"] == agency_code:
        return LEAD
    return COORDINATING if any(part["code"] == agency_code for part in row["coordinating"]) else ""


def _page(spot: reading.Spot | None) -> int:
    return spot.page if spot else 0


def _mark(css: str, spot: reading.Spot, padding: float) -> Mark:
    edges = (
        spot.x - padding,
        spot.y - padding,
        spot.width + 2 * padding,
        spot.height + 2 * padding,
    )
    return Mark(css, *(f"{edge:.1f}" for edge in edges))


@dataclass(frozen=True)
class _Read:
    duties: list[AssignmentContent]
    paper: CoordinationPaper
    spots: dict[str, reading.Spot]
    sizes: tuple[tuple[float, float], ...]


@lru_cache(maxsize=4)
def _read(sha256: str, frozen_at: dt.datetime, kind: str) -> _Read:
    """Read a frozen file once: its bytes never change."""
    is_amendment = kind == Document.Kind.AMENDMENT
    try:
        pdf = store.read(sha256)
        content = json.loads(pades.attachment(pdf, AMENDMENT if is_amendment else ATTACHMENT) or b"")
    except (store.FileDamaged, pades.PadesError, ValueError) as error:
        raise RuleError(
            _("The frozen file cannot be read, so it cannot be signed. Tell the administrator.")
        ) from error
    if is_amendment:
        duties = [change["after"] or change["before"] for change in content["changes"]]
        paper = amendment_paper(content, at=frozen_at)
    else:
        duties, paper = content["assignments"], programme_paper(content, at=frozen_at)
    rows = [row_text(row) for group in paper.groups for row in group.rows]
    return _Read(duties, paper, reading.spots(pdf, rows), reading.page_sizes(pdf))
