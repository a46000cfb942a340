"""What happens to a request for more time: asked by the lead, granted or refused by the commander.

The deadline as signed stays. What is granted stands beside it and moves the binding day; when the text
itself is amended, an open request lapses (tasks.lapses).
"""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from portal.audit.events import record
from portal.calendar.models import load_calendar
from portal.files.uploads import Upload, received
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError
from portal.lib.states import move
from portal.notices import outbox
from portal.users.models import User
from tasks import access, due_days, evidence, extension_reminders, reminders
from tasks.deadlines import asked_when
from tasks.models import Assignment, Cycle, ExtensionRequest
from tasks.states import EXTENDABLE_ASSIGNMENT, EXTENSION, OPEN_ASSIGNMENT, ExtensionState, ProgrammeState


def ask(
    assignment: Assignment,
    *,
    by: User,
    at: dt.datetime,
    new_on: dt.date,
    reason: str,
    sent: UploadedFile | None = None,
    declared: bool = False,
) -> ExtensionRequest:
    """Ask for more time, with a file or without; the file becomes evidence of the assignment.

    No action: a file is looked at for seconds and holds no transaction. What would refuse the request
    anyway is asked first. Raises PermissionDenied, RuleError (FileRefused for the file).
    """
    _check_may_ask(assignment, by)
    _check_day(assignment, new_on, local_day(at))
    if sent is None:
        return request(assignment, by=by, at=at, new_on=new_on, reason=reason)
    if not declared:
        raise RuleError(_("Without the declaration no file is accepted."))
    with received(sent, title=reason, about=assignment, by=by, at=at) as upload:
        return request(assignment, by=by, at=at, new_on=new_on, reason=reason, upload=upload)


@action
def request(
    assignment: Assignment,
    *,
    by: User,
    at: dt.datetime,
    new_on: dt.date,
    reason: str,
    upload: Upload | None = None,
) -> ExtensionRequest:
    """Put the request before the commander; asked late it is taken and marked."""
    _lock(assignment)
    _check_may_ask(assignment, by)
    due_on = _check_day(assignment, new_on, local_day(at))
    if assignment.extension_requests.filter(state=ExtensionState.PENDING).exists():
        raise RuleError(_("A request for this assignment waits for the decision already."))
    title = _("Attached to the request for extension")
    row = ExtensionRequest.objects.create(
        assignment=assignment,
        agency=assignment.lead,
        reason=reasons.given(reason),
        signed_on=assignment.deadline_on,
        old_on=assignment.present_deadline_on,
        due_on=due_on,
        new_on=new_on,
        asked_when=asked_when(
            local_day(at),
            due_on,
            calendar=load_calendar(),
            notice_days=assignment.programme.extension_notice_days,
        ),
        evidence=evidence.add(assignment, by=by, at=at, upload=upload, title=title) if upload else None,
        requested_by=by,
        requested_at=at,
    )
    extension_reminders.tell_who_decides(row, by=by, at=at)
    _record("extension.requested", row, by=by, at=at, asked=row.asked_when, reason=row.reason)
    return row


@action
def withdraw(row: ExtensionRequest, *, by: User, at: dt.datetime) -> None:
    """Take one's own agency's request back before it is decided."""
    if not access.may_withdraw_extension(by, row):
        raise PermissionDenied
    _lock(row.assignment)
    _check_in_force(row.assignment)
    move(row, ExtensionState.WITHDRAWN, EXTENSION, decided_by=by, decided_at=at)
    extension_reminders.settle(row, at=at)
    _record("extension.withdrawn", row, by=by, at=at)


@action
def approve(
    row: ExtensionRequest,
    *,
    by: User,
    at: dt.datetime,
    granted_on: dt.date | None = None,
    note: str = "",
) -> None:
    """Grant the day that was asked for, or another one; reminders of the old day are taken back.

    1. The assignment is locked and looked at again: it may have been amended or confirmed.
    2. The request moves; the adjusted deadline and the binding day are written, the signed one stays.
    3. What was told of the old day is settled; the agency hears of the new one.
    """
    assignment = _begin_decision(row, by)
    day = granted_on or row.new_on
    _check_gains_time(assignment, day)
    _check_within_programme(assignment, day)
    move(
        row,
        ExtensionState.APPROVED,
        EXTENSION,
        granted_on=day,
        decided_by=by,
        decided_at=at,
        decision_note=note.strip(),
    )
    assignment.adjusted_on, assignment.changed_at = day, at
    assignment.extensions_granted += 1
    assignment.save(update_fields=["adjusted_on", "changed_at", "extensions_granted"])
    due_days.refresh(Assignment.objects.filter(pk=assignment.pk), calendar=load_calendar())
    assignment.refresh_from_db(fields=["due_on"])
    outbox.cancel(assignment, kinds=reminders.CALENDAR, at=at)
    extension_reminders.settle(row, at=at)
    extension_reminders.tell(extension_reminders.APPROVED, row, by=by, at=at, due_on=assignment.due_on)
    _record("extension.approved", row, by=by, at=at, granted_on=day, reason=row.decision_note)


@action
def refuse(row: ExtensionRequest, *, by: User, at: dt.datetime, reason: str) -> None:
    """Leave the deadline as it is, and say why."""
    assignment = _begin_decision(row, by)
    note = reasons.given(reason)
    move(row, ExtensionState.REFUSED, EXTENSION, decided_by=by, decided_at=at, decision_note=note)
    extension_reminders.settle(row, at=at)
    extension_reminders.tell(extension_reminders.REFUSED, row, by=by, at=at, due_on=assignment.due_on)
    _record("extension.refused", row, by=by, at=at, reason=note)


# --- Facts that pages ask too ---------------------------------------------------------------------
def is_askable(assignment: Assignment) -> bool:
    """Return whether the assignment can be given more time at all: single, owed, and in force."""
    runs = assignment.programme.state == ProgrammeState.IN_FORCE
    return runs and assignment.cycle == Cycle.ONCE and assignment.status in OPEN_ASSIGNMENT


def latest_in_time(assignment: Assignment) -> dt.date | None:
    """Return the last day on which a request is in time; None for a recurring assignment."""
    if assignment.due_on is None:
        return None
    return load_calendar().working_days_before(assignment.due_on, assignment.programme.extension_notice_days)


# --- What every step does -------------------------------------------------------------------------
def _lock(assignment: Assignment) -> None:
    rows = Assignment.objects.select_for_update(of=("self",)).select_related("programme__host", "lead")
    assignment.refresh_from_db(from_queryset=rows)


def _check_may_ask(assignment: Assignment, by: User) -> None:
    if not access.may_ask_extension(by, assignment):
        raise PermissionDenied
    _check_in_force(assignment)
    if not is_askable(assignment):
        raise RuleError(
            _("More time is asked for a single assignment whose result is still owed. Nothing was sent.")
        )


def _check_day(assignment: Assignment, new_on: dt.date, today: dt.date) -> dt.date:
    """Return the day that binds now; refuse a new one that gives no time. Raises RuleError."""
    _check_gains_time(assignment, new_on)
    if new_on < today:
        raise RuleError(_("The new deadline lies in the past."))
    _check_within_programme(assignment, new_on)
    return assignment.due_on or load_calendar().next_working_day(assignment.present_deadline_on)


def _check_gains_time(assignment: Assignment, day: dt.date) -> None:
    """A later day off that binds on the same working day as now gives nobody any time."""
    binds_on = load_calendar().next_working_day(day)
    if day <= assignment.present_deadline_on or (assignment.due_on and binds_on <= assignment.due_on):
        raise RuleError(_("The new deadline does not lie after the present one."))


def _check_within_programme(assignment: Assignment, day: dt.date) -> None:
    last = assignment.programme.year_to
    if day.year > last:
        raise RuleError(
            _("The programme ends in %(year)d. Work that goes on after it is carried over.") % {"year": last}
        )


def _begin_decision(row: ExtensionRequest, by: User) -> Assignment:
    """Lock the assignment and look again; return it. Raises PermissionDenied, RuleError."""
    if not access.may_decide_extension(by, row):
        raise PermissionDenied
    assignment = row.assignment
    _lock(assignment)
    _check_in_force(assignment)
    if assignment.status not in EXTENDABLE_ASSIGNMENT:
        raise RuleError(_("The assignment is closed or was handed back; there is nothing to extend."))
    return assignment


def _check_in_force(assignment: Assignment) -> None:
    if assignment.programme.state != ProgrammeState.IN_FORCE:
        raise RuleError(_("The programme is not in force; its assignments do not move."))


def _record(verb: str, row: ExtensionRequest, *, by: User, at: dt.datetime, **more: object) -> None:
    """Tell it as an event of the assignment: its trail is where people look."""
    assignment = row.assignment
    payload = {
        "code": assignment.code,
        "year": assignment.programme.year,
        "old_on": row.old_on,
        "new_on": row.new_on,
        **more,
    }
    record(verb, assignment, by=by, at=at, agency_code=row.agency.code, payload=payload)
