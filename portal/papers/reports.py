"""A report, or another named document, of one agency by Decree 30/2020/NĐ-CP: dataclasses in, PDF out.

Nothing is signed on it here: it leaves room for the signer, the seal, and, on a draft, for the number and
the date. A letter that the font lacks is printed as a question mark: nothing of a report is refused.
"""

import datetime as dt
import json
from dataclasses import asdict, dataclass

from portal.papers.coordination import Issuer, Item, Section
from portal.papers.letters import replaced
from portal.papers.typesetting import PROFILES, dated, moment, typeset

__all__ = ["Annex", "Issuer", "Item", "ReportPaper", "Section", "render_report"]


ANNEX_TEXT = 257  # mm, the width of a page on its side


@dataclass(frozen=True)
class Annex:
    """A table on its own pages, which lie on their side. A row of one cell is a heading over all columns.

    `widths` of the columns are millimetres, 257 in all; the columns from `figures_from` on hold figures.
    """

    title: str
    columns: tuple[str, ...]
    widths: tuple[int, ...]
    figures_from: int
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()  # the last row, bold


@dataclass(frozen=True)
class ReportPaper:
    """Everything that is printed.

    `number` None leaves it to the records office, `dated_on` None day and month.
    Source: Decree 30/2020/NĐ-CP, Appendix III, form 1.4.
    """

    profile: str  # "nd30" or "bqp": see typst/nd30.typ
    title: str  # the subject (trích yếu)
    keywords: tuple[str, ...]  # document properties, not printed
    made_at: dt.datetime  # aware; becomes the document's creation date
    issuer: Issuer
    number: str | None
    symbol: str  # what follows "Số:    /"
    place: str
    year: int
    dated_on: dt.date | None
    opening: tuple[str, ...]
    sections: tuple[Section, ...]
    recipients: tuple[str, ...]  # without the leading hyphen
    capacity: tuple[str, ...]  # lines above the signature
    signer: str  # name under it; empty leaves it open
    draft: bool  # says "DỰ THẢO"
    demo: bool  # marks every page "TRÌNH DIỄN"
    annexes: tuple[Annex, ...] = ()
    annex_note: str = ""  # "(Kèm theo …)"
    kind: str = "Báo cáo"


def render_report(paper: ReportPaper) -> bytes:
    """Typeset a report; the same bytes for the same input. Raises PaperError when the typesetter warns."""
    if paper.profile not in PROFILES:
        raise ValueError(f"unknown profile {paper.profile!r}")
    for annex in paper.annexes:
        if sum(annex.widths) != ANNEX_TEXT or _lengths(annex) - {1, len(annex.columns)}:
            raise ValueError("the columns do not fill the page, or a row has other cells than the head")
    values = replaced(asdict(paper) | {"made_at": None, "dated_on": None})
    values["made_at"] = moment(paper.made_at)
    values["dated"] = dated(paper.dated_on, paper.year)
    pdf, _places = typeset("BC.typ", inputs={"paper": json.dumps(values, ensure_ascii=False)}, label="end")
    return pdf


def _lengths(annex: Annex) -> set[int]:
    return {len(row) for row in (*annex.rows, annex.total) if row}
