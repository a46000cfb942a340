"""An official letter (công văn) as a paper of Decree 30/2020/NĐ-CP: dataclasses in, PDF out.

Nothing is signed on it here: it leaves room for the signer, the seal, the number and the date.
"""

import datetime as dt
import json
from dataclasses import asdict, dataclass

from portal.papers.coordination import Issuer
from portal.papers.letters import replaced
from portal.papers.typesetting import PROFILES, dated, moment, typeset

__all__ = ["Issuer", "LetterTable", "OfficialLetter", "render_letter"]


@dataclass(frozen=True)
class LetterTable:
    """A table within the letter: headings, widths as parts of the line, rows of texts."""

    columns: tuple[str, ...]
    widths: tuple[float, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class OfficialLetter:
    """Everything that is printed.

    `number` None leaves it to the records office, `dated_on` None day and month.
    Source: Decree 30/2020/NĐ-CP, Appendix III, form 1.5.
    """

    profile: str  # "nd30" or "bqp": see typst/nd30.typ
    subject: str  # what follows "V/v"
    keywords: tuple[str, ...]  # document properties, not printed
    made_at: dt.datetime  # aware; becomes the document's creation date
    issuer: Issuer
    number: str | None
    symbol: str  # what follows "Số:    /"
    place: str
    year: int
    dated_on: dt.date | None
    addressee: str  # what follows "Kính gửi:"
    opening: tuple[str, ...]
    table: LetterTable
    closing: tuple[str, ...]
    recipients: tuple[str, ...]  # without the leading hyphen
    capacity: tuple[str, ...]  # lines above the signature
    demo: bool  # marks every page "TRÌNH DIỄN"


def render_letter(paper: OfficialLetter) -> bytes:
    """Typeset a letter; the same bytes for the same input. Raises PaperError when the typesetter warns."""
    if paper.profile not in PROFILES:
        raise ValueError(f"unknown profile {paper.profile!r}")
    values = replaced(asdict(paper) | {"made_at": None, "dated_on": None})
    values["made_at"] = moment(paper.made_at)
    values["table"]["widths"] = paper.table.widths
    values["dated"] = dated(paper.dated_on, paper.year)
    pdf, _places = typeset("CV.typ", inputs={"paper": json.dumps(values, ensure_ascii=False)}, label="end")
    return pdf
