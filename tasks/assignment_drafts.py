"""The assignments of a draft: added one by one or many at once, and changed many at once.

Until freezing all of a programme's assignments may be written. In force only those that a conference
added, until their lead has accepted: what was signed is changed by an amendment.
"""

import datetime as dt
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from portal.agencies.models import Agency
from portal.audit import pictures
from portal.audit.events import record
from portal.calendar.models import load_calendar
from portal.lib.actions import action
from portal.lib.errors import RuleError, StaleError
from portal.lib.states import move
from portal.lib.text import fold
from portal.notices import outbox
from portal.users.models import User
from tasks import draft_access, due_days, parties, reminders
from tasks.models import Assignment, Coordination, Cycle, Programme
from tasks.states import ASSIGNMENT, EDITABLE_PROGRAMME, AssignmentStatus, ProgrammeState

UNACCEPTED = frozenset({AssignmentStatus.ASSIGNED, AssignmentStatus.RETURNED})
BATCH = 500


@dataclass(frozen=True)
class Duty:
    """What an assignment is going to say; `code` is empty where the next one of its task is meant."""

    task_id: int
    task_number: int
    title_vi: str
    lead: Agency
    deadline_on: dt.date
    indicator_vi: str
    unit_vi: str
    target: Decimal
    code: str = ""
    cycle: str = Cycle.ONCE
    start_on: dt.date | None = None
    solutions: tuple[int, ...] = ()
    coordinating: tuple[int, ...] = ()
    clause_id: int | None = None


class Mode:
    """What becomes of the agencies that coordinate until now."""

    ADD, REMOVE, REPLACE = "add", "remove", "replace"


@dataclass(frozen=True)
class Wanted:
    """What several assignments shall say from now on; None leaves what each of them says."""

    lead: Agency | None = None
    cycle: str | None = None
    start_on: dt.date | None = None
    deadline_on: dt.date | None = None
    mode: str = ""
    agencies: tuple[Agency, ...] = ()


@dataclass(frozen=True)
class Difference:
    """What changes in one assignment: columns, and the agencies that come and go; or why it cannot."""

    row: Assignment
    columns: dict[str, tuple[Any, Any]]
    comes: tuple[Agency, ...]
    goes: tuple[Coordination, ...]
    problem: str = ""

    @property
    def is_empty(self) -> bool:
        return not (self.columns or self.comes or self.goes or self.problem)


# --- Adding --------------------------------------------------------------------------------------
@action
def add(programme: Programme, *, duty: Duty, by: User, at: dt.datetime) -> Assignment:
    """Add one assignment to a text that may still change."""
    (row,) = insert(hold(programme, by=by), [duty], by=by, at=at)
    return row


def hold(programme: Programme, *, by: User) -> Programme:
    """Lock a programme for who writes its draft. Raises PermissionDenied, or RuleError when frozen."""
    if not draft_access.may_draft(by, programme):
        raise PermissionDenied
    held = Programme.objects.select_for_update(of=("self",)).select_related("host").get(pk=programme.pk)
    if held.state not in EDITABLE_PROGRAMME:
        raise RuleError(_("The text is frozen; assignments are added by an amendment or at a conference."))
    return held


def insert(programme: Programme, duties: Sequence[Duty], *, by: User, at: dt.datetime) -> list[Assignment]:
    """Write new assignments, whatever their number in the same few statements; one event each.

    Only within an action that holds the programme. Raises RuleError for a code that is taken.
    """
    codes = _codes(programme, duties)
    rows = [_row(programme, duty, code, at) for duty, code in zip(duties, codes, strict=True)]
    for row in rows:
        _check(row)
    rows = Assignment.objects.bulk_create(rows, batch_size=BATCH)
    link = Assignment.solutions.through
    pairs = list(zip(rows, duties, strict=True))
    link.objects.bulk_create(
        [link(assignment_id=row.pk, solution_id=pk) for row, duty in pairs for pk in duty.solutions],
        batch_size=BATCH,
    )
    Coordination.objects.bulk_create(
        [
            Coordination(assignment=row, agency_id=pk, order=order)
            for row, duty in pairs
            for order, pk in enumerate(duty.coordinating, 1)
        ],
        batch_size=BATCH,
    )
    _refresh(programme, rows)
    for row, duty in pairs:
        after = {
            **_picture(row),
            "solutions": sorted(duty.solutions),
            "coordinating": list(duty.coordinating),
        }
        _record("assignment.drafted", row, programme, by=by, at=at, before={}, after=after)
    return rows


def _row(programme: Programme, duty: Duty, code: str, at: dt.datetime) -> Assignment:
    row = Assignment(
        programme=programme,
        code=code,
        task_id=duty.task_id,
        clause_id=duty.clause_id,
        title_vi=duty.title_vi,
        lead=duty.lead,
        cycle=duty.cycle,
        start_on=duty.start_on,
        deadline_on=duty.deadline_on,
        indicator_vi=duty.indicator_vi,
        unit_vi=duty.unit_vi,
        target=duty.target,
        changed_at=at,
    )
    row.folded = fold(f"{row.code} {row.title_vi} {row.title_en}")  # as save() does
    return row


def _check(row: Assignment) -> None:
    """Refuse what the database would: dates out of order, a target below zero, a text that is too long."""
    try:
        row.clean_fields(exclude=("programme", "task", "lead", "clause"))  # keys that were read just now
    except ValidationError as error:
        raise RuleError(f"{row.code}: {' '.join(error.messages)}") from error
    if problem := _dates(row.start_on, row.deadline_on):
        raise RuleError(f"{row.code}: {problem}")


def _dates(start_on: dt.date | None, deadline_on: dt.date) -> str:
    is_wrong = start_on is not None and start_on > deadline_on
    return _("The assignment ends before it begins.") if is_wrong else ""


def _codes(programme: Programme, duties: Iterable[Duty]) -> list[str]:
    """Return the code of each, the next free one of its task where none was given; never one twice."""
    used = set(programme.assignments.values_list("code", flat=True))
    given = [duty.code for duty in duties if duty.code]
    taken = {code for code in given if code in used or given.count(code) > 1}
    if taken:
        raise RuleError(_("These codes are taken: %(codes)s.") % {"codes": ", ".join(sorted(taken))})
    used |= set(given)
    codes = []
    for duty in duties:
        code = duty.code or _next(duty.task_number, used)
        used.add(code)
        codes.append(code)
    return codes


def _next(task: int, used: set[str]) -> str:
    """1.14 follows 1.13."""
    parts = [code.partition(".") for code in used]
    numbers = [int(own) for number, _dot, own in parts if number == str(task) and own.isdecimal()]
    return f"{task}.{max(numbers, default=0) + 1:02}"


# --- Changing many -------------------------------------------------------------------------------
def chosen(programme: Programme, keys: Collection[int]) -> QuerySet[Assignment]:
    """Return the assignments that were ticked, with what differences() asks. Three queries in all."""
    rows = programme.assignments.filter(pk__in=keys).select_related("lead").order_by("task__number", "code")
    return rows.prefetch_related("coordinations__agency")


def differences(programme: Programme, rows: Iterable[Assignment], wanted: Wanted) -> list[Difference]:
    """Say what would change in each assignment, and what forbids it. No query: rows come from chosen()."""
    return [_difference(programme, row, wanted) for row in rows]


def version_of(rows: Iterable[Difference]) -> str:
    """Name what was shown: it differs when anything that would be written over does."""
    return pictures.version(
        {
            str(one.row.pk): [_picture(one.row), *(share.agency_id for share in one.row.coordinations.all())]
            for one in rows
        }
    )


@action
def change(
    programme: Programme,
    *,
    keys: Collection[int],
    wanted: Wanted,
    by: User,
    at: dt.datetime,
    version: str = "",
) -> int:
    """Change all the ticked assignments, or none; return how many are other than before.

    Raises RuleError naming each that cannot be changed, and StaleError when one is no longer as shown.
    """
    if not draft_access.may_draft(by, programme):
        raise PermissionDenied
    programme = Programme.objects.select_for_update(of=("self",)).select_related("host").get(pk=programme.pk)
    list(programme.assignments.filter(pk__in=keys).order_by("pk").select_for_update().values_list("pk"))
    found = differences(programme, chosen(programme, keys), wanted)
    if version and version != version_of(found):
        raise StaleError(_("Someone changed these assignments after you opened the page."))
    if problems := [f"{one.row.code}: {one.problem}" for one in found if one.problem]:
        raise RuleError(_("Nothing was changed. %(problems)s") % {"problems": " ".join(problems)})
    changing = [one for one in found if not one.is_empty]
    if not changing:
        raise RuleError(_("Nothing changes: tick assignments, and fill in what they shall say."))
    if wanted.lead and wanted.lead.pk not in parties.ids(programme):
        raise RuleError(_("The agency in charge is no party to the programme."))
    _write(programme, changing, by=by, at=at)
    return len(changing)


def may_change(programme: Programme, row: Assignment) -> bool:
    """Whether the rules let an assignment be written without an amendment."""
    if programme.state in EDITABLE_PROGRAMME:
        return True
    return programme.state == ProgrammeState.IN_FORCE and row.is_added and row.status in UNACCEPTED


def _difference(programme: Programme, row: Assignment, wanted: Wanted) -> Difference:
    columns = {}
    for name in ("lead", "cycle", "start_on", "deadline_on"):
        new, old = getattr(wanted, name), getattr(row, name)
        if new is not None and new != old:
            columns[name] = (old, new)
    comes, goes = _coordinators(row, wanted)
    lead = wanted.lead or row.lead
    problem = _dates(wanted.start_on or row.start_on, wanted.deadline_on or row.deadline_on)
    staying = {share.agency_id for share in row.coordinations.all()} - {share.agency_id for share in goes}
    if lead.pk in staying | {agency.pk for agency in comes}:
        problem = _("%(agency)s leads this assignment and cannot coordinate it too.") % {"agency": lead.name}
    if not may_change(programme, row):
        problem = _("What was signed is changed by an amendment.")
    return Difference(row, columns, comes, goes, problem)


def _coordinators(row: Assignment, wanted: Wanted) -> tuple[tuple[Agency, ...], tuple[Coordination, ...]]:
    """Return the agencies that come, and the shares that go."""
    shares = list(row.coordinations.all())
    there, named = {share.agency_id for share in shares}, {agency.pk for agency in wanted.agencies}
    comes = tuple(agency for agency in wanted.agencies if agency.pk not in there)
    if wanted.mode == Mode.ADD:
        return comes, ()
    if wanted.mode == Mode.REMOVE:
        return (), tuple(share for share in shares if share.agency_id in named)
    if wanted.mode == Mode.REPLACE:
        return comes, tuple(share for share in shares if share.agency_id not in named)
    return (), ()


def _write(programme: Programme, found: list[Difference], *, by: User, at: dt.datetime) -> None:
    """1. Columns, 2. shares that go and come, 3. binding days, 4. events, and in force who is told."""
    shown = {one.row.pk: _shares(one.row.coordinations.all()) for one in found}
    for one in found:
        for name, (_old, new) in one.columns.items():
            setattr(one.row, name, new)
        one.row.changed_at = at
    names = ("lead", "cycle", "start_on", "deadline_on", "changed_at")
    Assignment.objects.bulk_update([one.row for one in found], names, batch_size=BATCH)
    Coordination.objects.filter(pk__in=[share.pk for one in found for share in one.goes]).delete()
    Coordination.objects.bulk_create(list(_new_shares(found)), batch_size=BATCH)
    rows = [one.row for one in found]
    _refresh(programme, rows)
    now: dict[int, list[Coordination]] = {row.pk: [] for row in rows}
    for share in Coordination.objects.filter(assignment__in=rows).select_related("agency"):
        now[share.assignment_id].append(share)
    for one in found:
        before = {name: _plain(old) for name, (old, _new) in one.columns.items()} | shown[one.row.pk]
        after = {name: _plain(new) for name, (_old, new) in one.columns.items()} | _shares(now[one.row.pk])
        changed = pictures.difference(before, after)
        _record("assignment.redrafted", one.row, programme, by=by, at=at, **changed)
        if programme.state == ProgrammeState.IN_FORCE:
            _tell(one, by=by, at=at)


def _new_shares(found: Iterable[Difference]) -> Iterator[Coordination]:
    for one in found:
        last = max((share.order for share in one.row.coordinations.all()), default=0)
        for order, agency in enumerate(one.comes, last + 1):
            yield Coordination(assignment=one.row, agency=agency, order=order)


def _tell(one: Difference, *, by: User, at: dt.datetime) -> None:
    """Tell the lead of what runs already as of a new one; what was told of the old day is taken back."""
    row = one.row
    if row.status == AssignmentStatus.RETURNED and "lead" in one.columns:
        move(row, AssignmentStatus.ASSIGNED, ASSIGNMENT, field="status", decision_note="")
    if {"lead", "deadline_on"} & one.columns.keys():
        outbox.cancel(row, kinds=(*reminders.KINDS, reminders.ADDED), at=at)
        row.refresh_from_db(fields=["due_on"])
        reminders.tell(reminders.ADDED, row, by=by, at=at)


# --- What both do ------------------------------------------------------------------------------------
def _refresh(programme: Programme, rows: Iterable[Assignment]) -> None:
    written = Assignment.objects.filter(pk__in=[row.pk for row in rows], programme=programme)
    due_days.refresh(written, calendar=load_calendar())


def _picture(row: Assignment) -> pictures.Picture:
    """The columns of the text, as the trail keeps them."""
    names = ("code", "title_vi", "cycle", "indicator_vi", "unit_vi")
    keys = {"task": row.task_id, "clause": row.clause_id, "lead": row.lead_id}
    days = {"start_on": _plain(row.start_on), "deadline_on": _plain(row.deadline_on)}
    return {name: getattr(row, name) for name in names} | keys | days | {"target": str(row.target)}


def _shares(rows: Iterable[Coordination]) -> pictures.Picture:
    return {"coordinating": sorted(share.agency_id for share in rows)}


def _plain(value: Any) -> Any:
    if isinstance(value, Agency):
        return value.pk
    return value.isoformat() if isinstance(value, dt.date) else value


def _record(
    verb: str,
    row: Assignment,
    programme: Programme,
    *,
    by: User,
    at: dt.datetime,
    before: pictures.Picture,
    after: pictures.Picture,
) -> None:
    payload = {"year": programme.year, "before": before, "after": after}
    record(verb, row, by=by, at=at, agency_code=row.lead.code, payload=payload)
