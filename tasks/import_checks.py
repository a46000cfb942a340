"""Read a sheet of assignments as an agency writes it: which column is which, and what each row says.

Headings and names are compared without diacritics and case. Every problem is told with its row and its
column; a sheet with one is not added at all.
"""

import datetime as dt
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from portal.agencies.models import Agency
from portal.lib.text import fold, one_line
from tasks import parties
from tasks.assignment_drafts import Duty
from tasks.citations import Source
from tasks.import_cells import CYCLES, agencies_by_name, day_of, divided, number_of, shortened
from tasks.models import Cycle, PriorityTask, Programme

LONGEST_CODE = 10  # of Assignment.code
HEADING_ROWS = 30
"""The headings stand within the first rows that are not empty: above them are title and place."""


@dataclass(frozen=True)
class Column:
    """One column: its heading in the template, and the words by which others call it, folded."""

    name: str
    heading: str
    words: tuple[str, ...]
    is_needed: bool = True


COLUMNS = (
    Column("code", "Mã", ("ma", "ma nhiem vu", "ma so"), is_needed=False),
    Column("task", "Nhiệm vụ trọng tâm", ("nhiem vu trong tam", "nvtt", "nhom nhiem vu"), is_needed=False),
    Column("solutions", "Giải pháp", ("giai phap", "giai phap chu yeu"), is_needed=False),
    Column(
        "title",
        "Nội dung nhiệm vụ",
        ("noi dung nhiem vu", "noi dung", "ten nhiem vu", "nhiem vu", "nhiem vu duoc giao", "cong viec"),
    ),
    Column("lead", "Cơ quan chủ trì", ("co quan chu tri", "don vi chu tri", "chu tri")),
    Column(
        "coordinating",
        "Cơ quan phối hợp",
        ("co quan phoi hop", "don vi phoi hop", "phoi hop"),
        is_needed=False,
    ),
    Column("cycle", "Chu kỳ", ("chu ky", "dinh ky", "tan suat"), is_needed=False),
    Column("start_on", "Từ ngày", ("tu ngay", "ngay bat dau", "bat dau"), is_needed=False),
    Column(
        "deadline_on",
        "Hạn",
        ("han", "thoi han", "han hoan thanh", "thoi han hoan thanh", "thoi gian hoan thanh", "den ngay"),
    ),
    Column("indicator", "Chỉ tiêu", ("chi tieu", "ten chi tieu", "san pham", "ket qua")),
    Column("unit", "Đơn vị tính", ("don vi tinh", "dvt", "don vi")),
    Column("target", "Số giao", ("so giao", "chi tieu giao", "so luong", "ke hoach", "muc tieu")),
    Column(
        "source_number",
        "Số, ký hiệu văn bản giao",
        ("so ky hieu van ban giao", "so ky hieu van ban", "so ky hieu", "van ban giao", "so van ban"),
        is_needed=False,
    ),
    Column(
        "source_on",
        "Ngày văn bản giao",
        ("ngay van ban giao", "ngay van ban", "ngay ban hanh", "ngay ky"),
        is_needed=False,
    ),
    Column(
        "source_subject",
        "Trích yếu văn bản giao",
        ("trich yeu van ban giao", "trich yeu van ban", "trich yeu"),
        is_needed=False,
    ),
)
_SOURCE = ("source_number", "source_on", "source_subject")
NOT_OF_A_HEADING = re.compile(r"\(.*?\)|[^a-z0-9 ]")
NUMBER = re.compile(r"\d+")
CODE = re.compile(r"\d+\.\d{2,}")  # 1.1 may be what Excel made of 1.10


@dataclass(frozen=True, order=True)
class Problem:
    """What is wrong, and where: `row` as the file counts, 0 for the sheet; `column` by its own heading."""

    row: int
    column: str
    reason: str

    def __str__(self) -> str:
        if not self.row:
            return self.reason
        words = {"row": self.row, "column": self.column, "reason": self.reason}
        return _("Row %(row)s, column %(column)s: %(reason)s") % words


@dataclass(frozen=True)
class Checked:
    """What a sheet says: the duties of its rows, or what is wrong with it."""

    duties: list[Duty]
    problems: list[Problem]
    left_out: list[str] = field(default_factory=list)  # headings that the portal does not know
    sources: list[Source | None] = field(default_factory=list)  # of each duty, None: the programme itself


def check(table: list[tuple[int, list[str]]], programme: Programme, *, today: dt.date) -> Checked:
    """Hold a sheet against its programme. A fixed number of queries, whatever the number of rows."""
    found = _headings(table)
    if found is None:
        text = _("No row of headings was found. Take the template, or name the columns as it does.")
        return Checked([], [Problem(0, "", text)])
    place, columns, left_out = found
    headings = table[place][1]
    missing = [one.heading for one in COLUMNS if one.is_needed and one.name not in columns]
    if not {"task", "code"} & columns.keys():  # 2.05 belongs to priority task 2
        missing.insert(0, COLUMNS[1].heading)
    if missing:
        text = _("These columns are missing: %(columns)s.") % {"columns": ", ".join(missing)}
        return Checked([], [Problem(0, "", text)])
    reader = _Reader(programme, columns, headings, today)
    rows = [(number, cells) for number, cells in table[place + 1 :] if _says_something(cells, columns)]
    if not rows:
        return Checked([], [Problem(0, "", _("There is no row below the headings."))], left_out)
    read = [reader.read(number, cells) for number, cells in rows]
    reader.check_codes()
    whole = [one for one in read if one]
    duties, sources = [duty for duty, _source in whole], [source for _duty, source in whole]
    return Checked(duties, sorted(reader.problems), left_out, sources)


def _headings(table: list[tuple[int, list[str]]]) -> tuple[int, dict[str, int], list[str]] | None:
    """Return which row holds the headings, which column is which, and the headings that mean nothing here.

    Of rows that name equally many columns the last: a heading may be merged over two rows.
    """
    best: tuple[int, dict[str, int]] | None = None
    for place, (_number, cells) in enumerate(table[:HEADING_ROWS]):
        columns = _columns(cells)
        if len(columns) >= max(len(best[1]) if best else 0, 3):
            best = place, columns
    if best is None:
        return None
    known = set(best[1].values())
    cells = table[best[0]][1]
    return *best, [text for column, text in enumerate(cells) if text and column not in known]


def _columns(cells: list[str]) -> dict[str, int]:
    columns: dict[str, int] = {}
    for place, text in enumerate(cells):
        said = " ".join(NOT_OF_A_HEADING.sub(" ", fold(text)).split())
        for one in COLUMNS:
            if said in one.words and one.name not in columns:
                columns[one.name] = place
                break
    return columns


def _says_something(cells: list[str], columns: Mapping[str, int]) -> bool:
    """A row with a number in front and nothing else, or a heading between groups, is no assignment."""
    own = [columns[name] for name in ("title", "lead", "deadline_on")]
    return any(place < len(cells) and cells[place] for place in own)


class _Reader:
    """Reads row after row against what the programme has, and keeps what is wrong."""

    def __init__(
        self, programme: Programme, columns: Mapping[str, int], headings: list[str], today: dt.date
    ) -> None:
        self.columns, self.headings, self.today = columns, headings, today
        self.problems: list[Problem] = []
        self.tasks = {row.number: row for row in programme.priority_tasks.all()}
        self.solutions = dict(programme.solutions.values_list("number", "pk"))
        self.taken = set(programme.assignments.values_list("code", flat=True))
        self.parties = parties.ids(programme)
        self.agencies = agencies_by_name(self.parties)
        self.codes: list[tuple[int, str]] = []
        self.row, self.cells = 0, [""]

    def read(self, row: int, cells: list[str]) -> tuple[Duty, Source | None] | None:
        """Return what a row says, with its source document; None when something of it is wrong."""
        self.row, self.cells = row, cells
        before = len(self.problems)
        task, lead = self._task(), self._lead()
        says: dict[str, Any] = {
            "code": self._code(task),
            "title_vi": self._line("title", 500),
            "indicator_vi": self._line("indicator", 200),
            "unit_vi": self._line("unit", 40),
            "target": self._target(),
            "cycle": self._cycle(),
            "start_on": self._day("start_on"),
            "deadline_on": self._day("deadline_on"),
            "solutions": self._solutions(),
            "coordinating": self._coordinating(lead),
        }
        source = self._source()
        start_on, deadline_on = says["start_on"], says["deadline_on"]
        if start_on and deadline_on and start_on > deadline_on:
            self._wrong("start_on", _("The assignment ends before it begins."))
        if task is None or lead is None or len(self.problems) > before:
            return None
        return Duty(task_id=task.pk, task_number=task.number, lead=lead, **says), source

    def check_codes(self) -> None:
        counted = Counter(code for _row, code in self.codes)
        for row, code in self.codes:
            if code in self.taken:
                self._wrong("code", _("The programme has an assignment %(code)s.") % {"code": code}, row)
            elif counted[code] > 1:
                self._wrong("code", _("“%(code)s” stands in the sheet twice.") % {"code": code}, row)

    # --- One cell ---------------------------------------------------------------------------------
    def _cell(self, name: str) -> str:
        place = self.columns.get(name, len(self.cells))
        return self.cells[place] if place < len(self.cells) else ""

    def _wrong(self, name: str, reason: str, row: int = 0) -> None:
        heading = next(one.heading for one in COLUMNS if one.name == name)
        if name in self.columns:
            heading = " ".join(self.headings[self.columns[name]].split())
        self.problems.append(Problem(row or self.row, heading, reason))

    def _empty(self, name: str) -> None:
        self._wrong(name, _("the cell is empty."))

    def _line(self, name: str, longest: int) -> str:
        text = " ".join(self._cell(name).split())
        if not text:
            self._empty(name)
        elif len(text) > longest:
            self._wrong(name, _("more than %(count)s characters.") % {"count": longest})
        else:
            try:
                one_line(text)
            except ValidationError as error:
                self._wrong(name, error.messages[0])
        return text

    def _code(self, task: PriorityTask | None) -> str:
        code = "".join(self._cell("code").split())
        if code and not (CODE.fullmatch(code) and len(code) <= LONGEST_CODE):
            self._wrong("code", _("“%(value)s” is no code such as 2.05.") % {"value": code})
        elif code and task and code.partition(".")[0] != str(task.number):
            text = _("“%(code)s” is no code of priority task %(number)s.")
            self._wrong("code", text % {"code": code, "number": task.number})
        elif code:
            self.codes.append((self.row, code))
        return code

    def _task(self) -> PriorityTask | None:
        """The number alone, a text that begins with it, its title; else what the code begins with."""
        text = self._cell("task") or self._cell("code")
        if not text:
            self._empty("task")
            return None
        begins = NUMBER.match(text)
        found = self.tasks.get(int(begins[0])) if begins and len(begins[0]) < 5 else None
        if found is None and not begins:
            said = fold(text)
            found = next((row for row in self.tasks.values() if fold(row.title_vi) == said), None)
        if found is None:
            self._wrong("task", _("There is no priority task “%(value)s”.") % {"value": shortened(text)})
        return found

    def _solutions(self) -> tuple[int, ...]:
        found = []
        for piece in re.split(r"[;,\s]+", self._cell("solutions")):
            if piece and piece.isdecimal() and int(piece) in self.solutions:
                found.append(self.solutions[int(piece)])
            elif piece:
                self._wrong("solutions", _("There is no solution “%(value)s”.") % {"value": shortened(piece)})
                break
        return tuple(dict.fromkeys(found))

    def _lead(self) -> Agency | None:
        text = self._cell("lead")
        if not text:
            self._empty("lead")
            return None
        agency = self._agency("lead", text)
        return agency if agency and self._is_party("lead", agency) else None

    def _is_party(self, column: str, agency: Agency) -> bool:
        """Whether it signs: others do not even see the programme."""
        if agency.pk not in self.parties:
            self._wrong(column, _("%(agency)s is no party to the programme.") % {"agency": agency.name})
        return agency.pk in self.parties

    def _coordinating(self, lead: Agency | None) -> tuple[int, ...]:
        found = []
        for name in divided(self._cell("coordinating"), self.agencies):
            agency = self._agency("coordinating", name)
            if agency is None or not self._is_party("coordinating", agency):
                return ()
            if agency == lead:
                text = _("%(agency)s leads this assignment and cannot coordinate it too.")
                self._wrong("coordinating", text % {"agency": agency.name})
                return ()
            found.append(agency.pk)
        return tuple(dict.fromkeys(found))

    def _agency(self, column: str, text: str) -> Agency | None:
        found = self.agencies.get(fold(text), [])
        if len(found) == 1:
            return found[0]
        reason = (
            _("More than one agency is called “%(value)s”; write its code.")
            if found
            else _("There is no agency “%(value)s”.")
        )
        self._wrong(column, reason % {"value": shortened(text)})
        return None

    def _cycle(self) -> str:
        text = self._cell("cycle")
        found = CYCLES.get(fold(text))
        if found is None:
            self._wrong("cycle", _("“%(value)s” is no cycle.") % {"value": shortened(text)})
        return found or Cycle.ONCE

    def _day(self, name: str) -> dt.date | None:
        text = self._cell(name)
        if not text:
            if name == "deadline_on":
                self._empty(name)
            return None
        if day := day_of(text):
            return day
        self._wrong(name, _("“%(value)s” is no day such as 31/12/2026.") % {"value": shortened(text)})
        return None

    def _source(self) -> Source | None:
        """A document is cited with number, day and subject, or not at all."""
        if not any(self._cell(name) for name in _SOURCE):
            return None
        issued_on = self._day("source_on")
        if not self._cell("source_on"):
            self._empty("source_on")
        if issued_on and issued_on > self.today:
            self._wrong("source_on", _("The document is dated in the future."))
        number, subject = self._line("source_number", 60), self._line("source_subject", 300)
        return Source(number, issued_on, subject) if issued_on else None

    def _target(self) -> Decimal:
        text = self._cell("target")
        if not text:
            self._empty("target")
            return Decimal(0)
        number = number_of(text)
        if number is None:
            self._wrong("target", _("“%(value)s” is no number.") % {"value": shortened(text)})
        elif not 0 <= number < Decimal(10) ** 12 or number != round(number, 2):
            self._wrong("target", _("The number is below zero, too large, or has too many decimals."))
        return number or Decimal(0)
