"""Papers of a meeting by Decree 30/2020/NĐ-CP: the invitation (giấy mời) and the minutes (biên bản).

Dataclasses in, PDF out. A letter that the font lacks is printed as a question mark: nothing is refused.
"""

import datetime as dt
import json
from dataclasses import asdict, dataclass
from typing import Any

from portal.papers.coordination import Issuer
from portal.papers.letters import replaced
from portal.papers.typesetting import PROFILES, dated, moment, typeset

__all__ = [
    "InvitationPaper",
    "Issuer",
    "MinutesPaper",
    "MinutesSection",
    "render_invitation",
    "render_minutes",
]


@dataclass(frozen=True)
class InvitationPaper:
    """Everything that is printed. Number and, with `dated_on` None, the day are left to the records office.

    Source: Decree 30/2020/NĐ-CP, Appendix III, form 1.7.
    """

    profile: str  # "nd30" or "bqp": see typst/nd30.typ
    title: str  # the subject (trích yếu)
    made_at: dt.datetime  # aware; becomes the document's creation date
    issuer: Issuer
    symbol: str  # what follows "Số:    /"
    place: str
    year: int
    dated_on: dt.date | None
    invited: str  # whom it is for
    opening: str
    facts: tuple[tuple[str, str], ...]  # label and value: chair, time, place
    agenda: tuple[str, ...]
    closing: tuple[str, ...]
    recipients: tuple[str, ...]  # without the leading hyphen
    capacity: tuple[str, ...]  # lines above the signature
    signer: str
    demo: bool


@dataclass(frozen=True)
class MinutesSection:
    """A section; without a title it is the opening or the end."""

    title: str
    lines: tuple[str, ...]


@dataclass(frozen=True)
class MinutesPaper:
    """Everything that is printed. `confirmed` stands in the place of a signature, empty leaves it open.

    Source: Decree 30/2020/NĐ-CP, Appendix III, form 1.9.
    """

    profile: str
    title: str
    made_at: dt.datetime
    issuer: Issuer
    symbol: str
    year: int
    sections: tuple[MinutesSection, ...]
    recipients: tuple[str, ...]
    secretary: str
    secretary_confirmed: tuple[str, ...]
    chair: str
    chair_confirmed: tuple[str, ...]
    draft: bool  # says "DỰ THẢO"
    demo: bool


def render_invitation(paper: InvitationPaper) -> bytes:
    """Typeset an invitation; the same bytes for the same input."""
    return _render("GM.typ", paper, dated=dated(paper.dated_on, paper.year))


def render_minutes(paper: MinutesPaper) -> bytes:
    """Typeset minutes; the same bytes for the same input."""
    return _render("BB.typ", paper)


def _render(source: str, paper: InvitationPaper | MinutesPaper, **more: Any) -> bytes:
    if paper.profile not in PROFILES:
        raise ValueError(f"unknown profile {paper.profile!r}")
    values = replaced(asdict(paper) | {"made_at": None, "dated_on": None})
    values["made_at"] = moment(paper.made_at)
    inputs = {"paper": json.dumps(values | more, ensure_ascii=False)}
    pdf, _places = typeset(source, inputs=inputs, label="end")
    return pdf
