"""Put a signed amendment into the rows that are tracked: the way back from tasks.content."""

import datetime as dt
import json
from decimal import Decimal
from typing import TypedDict

from django.utils.translation import gettext as _

from portal.agencies.models import Agency
from portal.audit import pictures
from portal.audit.events import canonical, record
from portal.calendar.models import load_calendar
from portal.lib.errors import RuleError
from portal.lib.states import move
from portal.users.models import User
from tasks import due_days, lapses, reminders
from tasks.content import AssignmentContent, assignment_content
from tasks.models import Assignment, Coordination, Programme
from tasks.states import ASSIGNMENT, AssignmentStatus


class ChangeContent(TypedDict):
    """One changed duty. `before` is None for a new one, `after` for one that is withdrawn."""

    code: str
    before: AssignmentContent | None
    after: AssignmentContent | None


def amend(programme: Programme, changes: list[ChangeContent], *, by: User, at: dt.datetime) -> None:
    """Write the changes into the rows. Only within the action that issues the amendment.

    Raises RuleError when a row no longer says what the amendment changes, or can no longer be withdrawn.
    """
    for change in changes:
        before = _picture(programme, change["code"])
        row = _write(programme, change, by=by, at=at)
        payload = pictures.difference(before, _picture(programme, change["code"]))
        record("assignment.amended", row, by=by, at=at, agency_code=row.lead.code, payload=payload)
    rows = programme.assignments.filter(code__in=[change["code"] for change in changes])
    due_days.refresh(rows, calendar=load_calendar())


def _picture(programme: Programme, code: str) -> pictures.Picture:
    """Take the row as the trail tells it; nothing of one that is not there yet."""
    row = programme.assignments.filter(code=code).first()
    names = pictures.editable_names(Assignment) | {"status"}
    return pictures.take(row, names, [pictures.Part(Coordination, "assignment")]) if row else {}


def _write(programme: Programme, change: ChangeContent, *, by: User, at: dt.datetime) -> Assignment:
    before, after = change["before"], change["after"]
    if before is None and after is not None:
        return _add(programme, after)
    row = Assignment.objects.select_for_update(of=("self",)).get(programme=programme, code=change["code"])
    if json.loads(canonical(assignment_content(row))) != before:  # spelled as in the signed file
        raise RuleError(
            _("Assignment %(code)s no longer says what the amendment changes.") % {"code": row.code}
        )
    if after is None:
        move(row, AssignmentStatus.CANCELLED, ASSIGNMENT, field="status", changed_at=at)
        _lapse(row, by=by, at=at)
        reminders.settle(row, at=at)
        return row
    if after["deadline_on"] != before["deadline_on"]:  # an extension of the old deadline ends with it
        row.adjusted_on, row.extensions_granted = None, 0
    if (after["deadline_on"], after["lead"], after["cycle"]) != (
        before["deadline_on"],
        before["lead"],
        before["cycle"],
    ):
        _lapse(row, by=by, at=at)
    _fill(row, after)
    row.changed_at = at
    row.save()
    _fill_parts(row, after)
    if after["lead"] != before["lead"]:
        reminders.follow_lead(row, by=by, at=at)
    elif after["deadline_on"] != before["deadline_on"]:
        reminders.follow_day(row, at=at)
    return row


def _lapse(row: Assignment, *, by: User, at: dt.datetime) -> None:
    """An open request speaks of a deadline, or of a lead, that is no longer there."""
    lapses.lapse(Assignment.objects.filter(pk=row.pk), by=by, at=at)


def _add(programme: Programme, after: AssignmentContent) -> Assignment:
    task = programme.priority_tasks.get(number=after["task"])
    row = Assignment(programme=programme, code=after["code"], task=task)
    _fill(row, after)
    row.save()
    _fill_parts(row, after)
    move(row, AssignmentStatus.ASSIGNED, ASSIGNMENT, field="status")
    return row


def _fill(row: Assignment, after: AssignmentContent) -> None:
    row.title_vi, row.title_en = after["title"], row.title_en if row.title_vi == after["title"] else ""
    row.lead = Agency.objects.get(code=after["lead"])
    row.cycle = after["cycle"]
    row.start_on = dt.date.fromisoformat(after["start_on"]) if after["start_on"] else None
    row.deadline_on = dt.date.fromisoformat(after["deadline_on"])
    row.indicator_vi, row.unit_vi, row.target = after["indicator"], after["unit"], Decimal(after["target"])


def _fill_parts(row: Assignment, after: AssignmentContent) -> None:
    row.solutions.set(row.programme.solutions.filter(number__in=after["solutions"]))
    agencies = {agency.code: agency for agency in Agency.objects.filter(code__in=_codes(after))}
    row.coordinations.exclude(agency__in=agencies.values()).delete()
    for order, part in enumerate(after["coordinating"], 1):
        told = {"deliverable": part["deliverable"], "order": order}
        row.coordinations.update_or_create(agency=agencies[part["code"]], defaults=told)


def _codes(after: AssignmentContent) -> list[str]:
    return [part["code"] for part in after["coordinating"]]
