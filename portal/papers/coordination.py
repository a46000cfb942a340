"""The coordination programme as a paper of Decree 30/2020/NĐ-CP: dataclasses in, PDF out.

The PDF claims PDF/A-3a and PDF/UA-1, carries the programme as `programme.json`, and has the same
bytes for the same input, on every machine. Content reaches the typesetter as JSON, never as
markup. Who signs can change after the page is frozen, so the page prints the agency's name only,
above an empty place; each such place is a `Box`.
"""

import datetime as dt
import json
from dataclasses import asdict, dataclass
from typing import Any, Literal

from portal.papers.letters import PaperError, check_letters, printed
from portal.papers.reading import page_heights
from portal.papers.typesetting import PROFILES, dated, moment, typeset

_NAMES = ("agency", "name")

__all__ = [
    "AssignmentGroup",
    "AssignmentRow",
    "Box",
    "CoordinationPaper",
    "Issuer",
    "Item",
    "PaperError",
    "Party",
    "Rendered",
    "Section",
    "render_coordination",
]


@dataclass(frozen=True)
class Issuer:
    """One of the issuing bodies in the page's head; `parent` is the body above it."""

    parent: str | None
    name: str


@dataclass(frozen=True)
class Party:
    """Who signs, in protocol order. `agency` may hold a newline, which forces a break."""

    field_id: str  # fixed width, "001": signature fields are matched by prefix
    code: str
    agency: str
    at: Literal["main", "annex"]


@dataclass(frozen=True)
class Item:
    """Paragraphs, under a numbered title or none."""

    title: str | None
    text: tuple[str, ...]


@dataclass(frozen=True)
class Section:
    """A part of the body ("I. MỤC ĐÍCH, YÊU CẦU")."""

    title: str
    items: tuple[Item, ...]


@dataclass(frozen=True)
class AssignmentRow:
    """A row of annex I, every cell as it is to be read."""

    code: str
    title: str
    lead: str
    coordinating: str
    due: str
    target: str


@dataclass(frozen=True)
class AssignmentGroup:
    """The rows of one priority task."""

    title: str
    rows: tuple[AssignmentRow, ...]


@dataclass(frozen=True)
class CoordinationPaper:
    """Everything that is printed.

    The first party is the lead agency and stands at the right of the first row of signatures.
    Annex I is there if there are groups, annex II if a party signs there.
    """

    profile: str  # "nd30" or "bqp": see typst/nd30.typ
    kind: str  # "Chương trình"
    title: str  # the subject (trích yếu)
    authors: tuple[str, ...]  # document properties, not printed
    keywords: tuple[str, ...]  # document properties, not printed
    frozen_at: dt.datetime  # aware; becomes the document's creation date
    issuers: tuple[Issuer, ...]
    symbol: str  # what follows "Số:    /"
    place: str
    year: int
    dated_on: dt.date | None  # None leaves day and month blank for the records office
    bases: tuple[str, ...]  # without final punctuation
    opening: tuple[str, ...]
    sections: tuple[Section, ...]
    closing: str  # the last paragraph, kept with the signatures
    recipients: tuple[str, ...]  # without the leading hyphen
    parties: tuple[Party, ...]
    annex_note: str  # "(Kèm theo …)"
    groups: tuple[AssignmentGroup, ...]
    demo: bool  # marks every page "TRÌNH DIỄN"
    attachment_name: str = "programme.json"
    annex_word: str = "Phụ lục"  # what its annexes are called


@dataclass(frozen=True)
class Box:
    """The place of one signature, in points from the page's TOP left corner.

    It begins right under the agency's name (capacity goes on top, the person's name at the bottom),
    is at least 40 mm high, and ends level with its neighbour's.
    """

    field_id: str
    page: int  # 1-based, physical
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Rendered:
    """A paper and where it is to be signed."""

    pdf: bytes
    boxes: tuple[Box, ...]  # in protocol order, one for each party
    page_heights: tuple[float, ...]  # points


def render_coordination(paper: CoordinationPaper, attachment: bytes) -> Rendered:
    """Typeset a coordination programme with `attachment` (UTF-8 JSON) inside it.

    Raises:
        PaperError: content that cannot be printed (a letter that the font lacks), or anything
            that the typesetter warns of; the text says what.
        ValueError: content that no caller should send (unknown profile, naive `frozen_at`,
            field ids that repeat or differ in length, attachment that is not UTF-8).
    """
    _check_shape(paper)
    pdf, spots = typeset(
        "CTr.typ",
        inputs={
            "paper": json.dumps(_template_values(paper), ensure_ascii=False),
            "attachment": attachment.decode(),
        },
        label="sigbox",
    )
    boxes = {spot["field_id"]: Box(**spot) for spot in spots}
    return Rendered(
        pdf=pdf,
        boxes=tuple(boxes[party.field_id] for party in paper.parties),
        page_heights=page_heights(pdf),
    )


def _check_shape(paper: CoordinationPaper) -> None:
    if paper.profile not in PROFILES:
        raise ValueError(f"unknown profile {paper.profile!r}")
    if paper.frozen_at.tzinfo is None:
        raise ValueError("frozen_at needs a time zone")
    ids = [party.field_id for party in paper.parties]
    if len(set(ids)) != len(ids) or len({len(field_id) for field_id in ids}) > 1:
        raise ValueError("field ids must be unique and of one length")


def _template_values(paper: CoordinationPaper) -> dict[str, Any]:
    """The paper as the JSON object that typst/CTr.typ reads, every text checked."""
    values = asdict(paper)
    frozen_at, dated_on = values.pop("frozen_at"), values.pop("dated_on")
    return {
        **{key: _checked(key, value) for key, value in values.items()},
        "frozen_at": moment(frozen_at),
        "dated": dated(dated_on, paper.year),
    }


def _checked(key: str, value: Any) -> Any:
    """The same structure, each text as the paper prints it; refuse what it cannot print."""
    if isinstance(value, dict):
        return {name: _checked(name, part) for name, part in value.items()}
    if isinstance(value, tuple):
        return [_checked(key, part) for part in value]
    if not isinstance(value, str):
        return value
    # In an agency's name a newline says where the name breaks; elsewhere it is a space.
    lines = value.splitlines() if key in _NAMES else [value]
    text = "\n".join(filter(None, map(printed, lines)))
    check_letters(text)
    return text
