"""Sheets for the records: facts and tables as a PDF in the portal's style; nothing on them is signed."""

import datetime as dt
import json
from dataclasses import asdict, dataclass

from portal.papers.letters import replaced
from portal.papers.typesetting import moment, typeset


@dataclass(frozen=True)
class Table:
    """A table under a heading. `widths` are shares of the line; `none` stands there when it has no row."""

    title: str
    columns: tuple[str, ...]
    widths: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    none: str


@dataclass(frozen=True)
class Sheet:
    """Everything that is printed. `warning` stands in a frame on top."""

    author: str
    title: str
    subject: str
    made_at: dt.datetime  # aware
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Table, ...]
    notes: tuple[str, ...]
    demo: bool
    warning: str = ""
    landscape: bool = False


def render_sheet(sheet: Sheet) -> bytes:
    """Typeset a sheet. A letter that the font lacks is printed as a question mark: nothing is refused."""
    values = replaced(asdict(sheet) | {"made_at": None})
    values["made_at"] = moment(sheet.made_at)
    pdf, _places = typeset("sheet.typ", inputs={"sheet": json.dumps(values, ensure_ascii=False)}, label="end")
    return pdf
