"""The cells of a spreadsheet's first sheet, as texts: what a person would read in them.

Formulas are not worked out: the value that the program saved with them counts. Of cells that were merged
down a column each row gets the value. Source: ECMA-376 Part 1, 18.3 (worksheets), 18.8.30 (formats).
"""

import datetime as dt
import io
import json
import mmap
import posixpath
import re
import sys
import zipfile
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from defusedxml.ElementTree import iterparse  # type: ignore[import-untyped]

from . import office
from .findings import TABLE_CELL, TABLE_COLUMNS, TABLE_ROWS, TABLE_TEXT, Kind, Reason, Refused

BUILT_IN_DAYS = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
NOT_OF_A_FORMAT = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]|_.|\*.')
OF_A_DAY = re.compile(r"[dmyhs]", re.IGNORECASE)
DECIMALS = re.compile(r"0\.(0+)")
FIRST_DAY, FIRST_DAY_1904 = dt.date(1899, 12, 30), dt.date(1904, 1, 1)
LAST_SERIAL = 2_958_465  # 31/12/9999
REFERENCE = re.compile(r"([A-Z]{1,3})(\d{1,7})")

Rows = dict[int, dict[int, str]]
"""Texts by row, counted from 1, and column, counted from 0."""


class TooLarge(Exception):
    """More rows or words than one sheet may have."""


def main() -> None:
    """Print the rows of the workbook on standard input, or why there are none."""
    try:
        with mmap.mmap(sys.stdin.fileno(), 0, access=mmap.ACCESS_READ) as content:
            told: dict[str, object] = {"rows": read(content)}
    except Refused as refusal:
        told = {"refused": refusal.reason.value}
    except TooLarge:
        told = {"refused": "too_many_rows"}
    except Exception:  # a parser met what it was not made for
        told = {"refused": Reason.DAMAGED.value}
    sys.stdout.buffer.write(json.dumps(told, ensure_ascii=False).encode())


def read(content: mmap.mmap | bytes) -> list[tuple[int, list[str]]]:
    """Return the rows that are not empty, each with its number. Raises what a parser does, besides ours."""
    if office.look(content).kind is not Kind.XLSX:
        raise Refused(Reason.WRONG_EXTENSION)
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        rows = _Sheet(archive).rows()
    if sum(len(text) for row in rows.values() for text in row.values()) > TABLE_TEXT:
        raise TooLarge
    return [
        (number, [row.get(column, "") for column in range(max(row) + 1)])
        for number, row in sorted(rows.items())
        if row
    ]


class _Sheet:
    """The first sheet that is shown, and what its cells refer to."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self.archive = archive
        self.first_day = FIRST_DAY
        self.path = self._path()
        self.strings = list(self._strings())
        self.decimals: dict[int, int] = {}
        self.days = self._styles()

    def rows(self) -> Rows:
        rows: Rows = {}
        merged = []
        for element in self._ended(self.path, "row", "mergeCell"):
            if _name(element) == "mergeCell":
                merged.append(element.get("ref", ""))
                continue
            number = int(element.get("r") or max(rows, default=0) + 1)
            if cells := dict(self._cells(element)):
                rows[number] = cells
            if len(rows) > TABLE_ROWS:
                raise TooLarge
            element.clear()
        for reference in merged:
            _fill_down(rows, reference)
        return rows

    def _cells(self, row: Any) -> Iterator[tuple[int, str]]:
        for place, cell in enumerate(child for child in row if _name(child) == "c"):
            found = REFERENCE.fullmatch(cell.get("r", ""))
            column = _column(found[1]) if found else place
            text = self._text(cell).strip()
            if text and column < TABLE_COLUMNS:
                yield column, text[:TABLE_CELL]

    def _text(self, cell: Any) -> str:
        kind = cell.get("t", "n")
        if kind == "inlineStr":
            return _words(cell)
        value = next((child.text or "" for child in cell if _name(child) == "v"), "").strip()
        if not value or kind in {"e", "str"}:
            return value
        if kind == "s":
            return self.strings[int(value)]
        if kind == "d":
            return value[:10]
        return value if kind == "b" else self._number(value, int(cell.get("s", 0)))

    def _number(self, value: str, style: int) -> str:
        number = float(value)
        if style in self.days and 1 <= number <= LAST_SERIAL:
            return (self.first_day + dt.timedelta(days=int(number))).isoformat()
        if style in self.decimals:
            return f"{number:.{self.decimals[style]}f}"
        text = f"{Decimal(f'{number:.15g}'):f}"  # 12.1 rather than 12.100000000000001
        return text.rstrip("0").rstrip(".") if "." in text else text

    def _path(self) -> str:
        targets = {
            element.get("Id", ""): element.get("Target", "")
            for element in self._ended("xl/_rels/workbook.xml.rels", "Relationship")
        }
        paths = []
        for element in self._ended("xl/workbook.xml", "sheet", "workbookPr"):
            if _name(element) == "workbookPr":
                is_1904 = element.get("date1904", "0") in {"1", "true"}
                self.first_day = FIRST_DAY_1904 if is_1904 else FIRST_DAY
            elif element.get("state", "visible") == "visible":
                key = next((value for name, value in element.attrib.items() if name.endswith("}id")), "")
                paths.append(targets.get(key, ""))
        target = next(path for path in paths if path)
        return target.lstrip("/") if target.startswith("/") else posixpath.normpath(f"xl/{target}")

    def _strings(self) -> Iterator[str]:
        if "xl/sharedStrings.xml" in self.archive.namelist():
            for element in self._ended("xl/sharedStrings.xml", "si"):
                yield _words(element)

    def _styles(self) -> frozenset[int]:
        """Return the styles that show a day, and note those with fixed decimals: 1.10, not 1.1."""
        if "xl/styles.xml" not in self.archive.namelist():
            return frozenset()
        ours: set[int] = set()
        fixed = {2: 2}
        styles: list[int] = []
        for element in self._ended("xl/styles.xml", "numFmt", "cellXfs"):
            if _name(element) == "numFmt":
                shown = NOT_OF_A_FORMAT.sub("", element.get("formatCode", ""))
                if OF_A_DAY.search(shown):
                    ours.add(int(element.get("numFmtId", 0)))
                elif found := DECIMALS.fullmatch(shown):
                    fixed[int(element.get("numFmtId", 0))] = len(found[1])
            else:
                styles = [int(child.get("numFmtId", 0)) for child in element if _name(child) == "xf"]
        self.decimals = {place: fixed[one] for place, one in enumerate(styles) if one in fixed}
        return frozenset(place for place, one in enumerate(styles) if one in BUILT_IN_DAYS | ours)

    def _ended(self, path: str, *names: str) -> Iterator[Any]:
        """Yield the elements of these names, each with all that is in it."""
        with self.archive.open(path) as file:
            for _event, element in iterparse(file, ("end",), forbid_dtd=True):
                if _name(element) in names:
                    yield element


def _name(element: Any) -> str:
    return str(element.tag).rpartition("}")[2]


def _words(element: Any) -> str:
    """Join the runs of a text; how it is pronounced (rPh) is none of it."""
    spoken = {child for part in element.iter() if _name(part) == "rPh" for child in part.iter()}
    return "".join(t.text or "" for t in element.iter() if _name(t) == "t" and t not in spoken)


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _fill_down(rows: Rows, reference: str) -> None:
    first, _colon, last = reference.partition(":")
    start, end = REFERENCE.fullmatch(first), REFERENCE.fullmatch(last)
    if not (start and end):
        return
    column, top = _column(start[1]), int(start[2])
    text = rows.get(top, {}).get(column)
    for number in range(top + 1, int(end[2]) + 1) if text else ():
        if number in rows:  # a row that holds nothing else is none
            rows[number].setdefault(column, text or "")
