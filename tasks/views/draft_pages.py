"""What the pages of a draft's assignments show, worked out before the template."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.text import capfirst
from django.utils.translation import gettext as _

from portal.agencies.models import Agency
from portal.lib.templatetags.portal_ui import vn_date
from portal.users.models import User
from tasks import access, assignment_drafts, coverage, draft_access, import_checks
from tasks.assignment_drafts import Difference, Duty
from tasks.citations import Source
from tasks.coverage import Coverage
from tasks.draft_forms import WantedForm
from tasks.import_checks import Problem
from tasks.models import Assignment, AssignmentImport, Cycle, Programme
from tasks.states import EDITABLE_PROGRAMME, ImportState

SHOWN = 100
"""Rows of a sheet that its page shows; it says how many there are."""


def is_open(programme: Programme) -> bool:
    """Whether its text may still change."""
    return programme.state in EDITABLE_PROGRAMME


# --- The board ---------------------------------------------------------------------------------
@dataclass(frozen=True)
class BoardRow:
    """One assignment, and whether it can be ticked."""

    assignment: Assignment
    may_change: bool
    is_ticked: bool


@dataclass(frozen=True)
class BoardPage:
    """Everything that tasks/draft_board.html reads."""

    programme: Programme
    is_open: bool
    coverage: Coverage
    rows: list[BoardRow]
    may_change_any: bool
    form: WantedForm
    refused: WantedForm | None


def board_page(programme: Programme, user: User, *, form: WantedForm | None) -> BoardPage:
    """Put the board together, in a fixed number of queries."""
    shown = access.visible_assignments(user).filter(programme=programme)
    shown = shown.select_related("lead", "task").prefetch_related("solutions", "coordinations__agency")
    assignments = list(shown.order_by("task__number", "code"))
    ticked = set(form.sent["rows"]) if form else set()
    rows = [
        BoardRow(row, assignment_drafts.may_change(programme, row), str(row.pk) in ticked)
        for row in assignments
    ]
    return BoardPage(
        programme=programme,
        is_open=is_open(programme),
        coverage=coverage.of(programme, assignments),
        rows=rows,
        may_change_any=any(row.may_change for row in rows),
        form=form or WantedForm(programme=programme),
        refused=form,
    )


def begun_from(programme: Programme, address: Mapping[str, Any]) -> dict[str, Any]:
    """Return what a new assignment begins with: the task, solution or clause by its number or key."""
    found: dict[str, Any] = {}
    if (number := str(address.get("task", ""))).isdecimal():
        found["task"] = programme.priority_tasks.filter(number=number[:4]).first()
    if (number := str(address.get("solution", ""))).isdecimal():
        found["solutions"] = programme.solutions.filter(number=number[:4])
    if (key := str(address.get("clause", ""))).isdecimal():
        found["clause"] = programme.clauses.filter(pk=key[:9]).first()
    return found


# --- Before many are changed ------------------------------------------------------------------------
@dataclass(frozen=True)
class Line:
    """One value before and after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True)
class Preview:
    """What a change of the ticked assignments would do, and the fields that ask for it again."""

    rows: list[tuple[Difference, list[Line]]]
    problems: list[str]
    changing: int
    unchanged: list[str]
    version: str
    sent: list[tuple[str, str]]


def preview(programme: Programme, form: WantedForm) -> Preview:
    """Work out what would change. `form` is valid."""
    found = assignment_drafts.differences(
        programme, assignment_drafts.chosen(programme, form.keys), form.wanted
    )
    other = [one for one in found if not one.is_empty]
    return Preview(
        rows=[(one, _lines(one)) for one in other],
        problems=[f"{one.row.code}: {one.problem}" for one in other if one.problem],
        changing=len(other),
        unchanged=[one.row.code for one in found if one.is_empty],
        version=assignment_drafts.version_of(found),
        sent=[(name, value) for name, values in form.sent.items() for value in values],
    )


def _lines(one: Difference) -> list[Line]:
    labels = {
        name: str(capfirst(Assignment._meta.get_field(name).verbose_name))  # type: ignore[union-attr]
        for name in one.columns
    }
    lines = [Line(labels[name], _shown(old), _shown(new)) for name, (old, new) in one.columns.items()]
    if one.comes or one.goes:
        gone = {share.pk for share in one.goes}
        shares = list(one.row.coordinations.all())
        staying = [share.agency.name for share in shares if share.pk not in gone]
        after = [*staying, *(agency.name for agency in one.comes)]
        before = [share.agency.name for share in shares]
        lines.append(Line(_("Coordinating agencies"), "; ".join(before) or "–", "; ".join(after) or "–"))
    return lines


def _shown(value: Any) -> str:
    if isinstance(value, Agency):
        return value.name
    if value in Cycle.values:
        return str(capfirst(Cycle(value).label))
    return vn_date(value) or "–"


# --- A sheet ----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class SheetPage:
    """Everything that tasks/draft_sheet.html reads."""

    sheet: AssignmentImport
    programme: Programme
    duties: list[tuple[Duty, Source | None]]  # with the document that gives each out
    count: int
    problems: list[Problem]
    left_out: list[str]
    may_decide: bool


def sheet_page(sheet: AssignmentImport, user: User, *, today: dt.date) -> SheetPage:
    """Put the page of a sheet together; one that was decided on shows what became of it alone."""
    is_waiting = sheet.state == ImportState.WAITING
    checked = import_checks.Checked([], [])
    if is_waiting:
        checked = import_checks.check(sheet.table, sheet.programme, today=today)
    return SheetPage(
        sheet=sheet,
        programme=sheet.programme,
        duties=list(zip(checked.duties, checked.sources, strict=True))[:SHOWN],
        count=len(checked.duties),
        problems=checked.problems,
        left_out=checked.left_out,
        may_decide=is_waiting and is_open(sheet.programme) and draft_access.may_draft(user, sheet.programme),
    )
