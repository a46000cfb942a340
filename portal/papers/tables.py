"""A plain table as a file: CSV, and a workbook. What stands in a cell is text, never a formula."""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
LONGEST_CELL = 32_767  # characters; Excel's own limit

_FORMULA = re.compile(r"^[\s]*[=+\-@\t\r]")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

Cell = str | int | Decimal


def to_csv(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[bytes]:
    """Yield the lines of a CSV file that Excel opens as UTF-8.

    A text that a spreadsheet would run as a formula gets an apostrophe before it, as OWASP advises.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    buffer.write("\ufeff")
    for row in _with_head(headings, rows):
        writer.writerow([_tamed(cell) for cell in row])
        yield buffer.getvalue().encode()
        buffer.seek(0)
        buffer.truncate()


def to_xlsx(
    title: str, headings: Sequence[str], rows: Iterable[Sequence[Cell]], *, widths: Sequence[int]
) -> bytes:
    """Return a workbook of one sheet: head row in bold and fixed, texts as texts, widths in characters."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31])
    sheet.freeze_panes = "A2"
    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(place)].width = width
    for number, row in enumerate(_with_head(headings, rows)):
        sheet.append([_cell(sheet, value, is_head=number == 0) for value in row])
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def _with_head(headings: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Iterator[Sequence[Cell]]:
    yield headings
    yield from rows


def _tamed(cell: Cell) -> Cell:
    return f"'{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


def _cell(sheet: Any, value: Cell, *, is_head: bool) -> WriteOnlyCell:
    text = _NOT_IN_XML.sub("\ufffd", value)[:LONGEST_CELL] if isinstance(value, str) else value
    cell = WriteOnlyCell(sheet, text)
    if isinstance(text, str):
        cell.data_type = "s"  # openpyxl takes a text that begins with “=” for a formula
        cell.quotePrefix = True
        cell.alignment = Alignment(wrap_text=True, vertical="top")
    if is_head:
        cell.font = Font(bold=True)
    return cell
