"""A report whose body is a wide table, as a paper of Decree 30/2020/NĐ-CP: dataclasses in, PDF out.

The page lies on its side, as the Decree allows where a table is no annex of its own (Appendix I, I.1).
Nothing is signed on it here, and number, day and month are left to the records office. A letter that the
font lacks is printed as a question mark: nothing of a report is refused.
"""

import datetime as dt
import json
from dataclasses import asdict, dataclass

from portal.papers.coordination import Issuer
from portal.papers.letters import replaced
from portal.papers.typesetting import PROFILES, dated, moment, typeset

LANDSCAPE_TEXT = 257  # mm


@dataclass(frozen=True)
class TablePaper:
    """Everything that is printed. `widths` of the columns are millimetres, 257 in all."""

    profile: str  # "nd30" or "bqp": see typst/nd30.typ
    kind: str
    title: str  # the subject (trích yếu)
    keywords: tuple[str, ...]  # document properties, not printed
    made_at: dt.datetime  # aware; becomes the document's creation date
    issuer: Issuer
    symbol: str  # what follows "Số:    /"
    place: str
    year: int
    opening: tuple[str, ...]
    columns: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    none: str  # stands in the table when it has no row
    closing: tuple[str, ...]  # at least one paragraph
    recipients: tuple[str, ...]  # without the leading hyphen
    capacity: tuple[str, ...]  # lines above the signature
    draft: bool  # says "DỰ THẢO"
    demo: bool  # marks every page "TRÌNH DIỄN"
    centred: tuple[int, ...] = ()  # columns of figures, counted from 0


def render_table_paper(paper: TablePaper) -> bytes:
    """Typeset it; the same bytes for the same input. Raises PaperError when the typesetter warns."""
    if paper.profile not in PROFILES:
        raise ValueError(f"unknown profile {paper.profile!r}")
    if sum(paper.widths) != LANDSCAPE_TEXT or {len(row) for row in paper.rows} - {len(paper.columns)}:
        raise ValueError("the columns do not fill the page, or a row has other cells than the head")
    values = replaced(asdict(paper) | {"made_at": None})
    values["made_at"] = moment(paper.made_at)
    values["dated"] = dated(None, paper.year)
    pdf, _places = typeset("wide.typ", inputs={"paper": json.dumps(values, ensure_ascii=False)}, label="end")
    return pdf
