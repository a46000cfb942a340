"""What happens to an assignment: from accepting it to the confirmed result.

Every step asks who may, looks again under the row's lock, moves the status, tells whoever is next,
and leaves one entry in the log and one audit event. `version` is the state of the row that the person
saw (version_of()); a form that is older than the row is refused with StaleError, an empty one is not
compared.
"""

import datetime as dt
from collections.abc import Collection
from decimal import Decimal
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from portal.audit.events import record
from portal.lib import reasons, walls
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.lib.states import Transitions, move
from portal.notices.kinds import Kind
from portal.users.models import User
from tasks import access, acting, indicators, lapses, paper_access, paper_entries, reminders
from tasks.models import Assignment, PaperEntry, Progress, SendingGrant
from tasks.states import (
    ASSIGNMENT,
    EXTENDABLE_ASSIGNMENT,
    WORKING_ASSIGNMENT,
    AssignmentStatus,
    ProgrammeState,
)

_S = AssignmentStatus
LARGEST = Decimal(10) ** 12
"""What was achieved is kept with twelve digits before the comma."""


def version_of(assignment: Assignment) -> str:
    """Name the state of the row, to be carried by a form and compared when it comes back."""
    return assignment.changed_at.isoformat() if assignment.changed_at else "0"


@action
def accept(
    assignment: Assignment, *, by: User, at: dt.datetime, version: str = "", paper: PaperEntry | None = None
) -> None:
    """Take the assignment on; by `paper` the command notes that its lead did."""
    begin(assignment, paper_access.may_work(by, assignment, paper), version)
    step(assignment, _S.ACCEPTED, "assignment.accepted", by=by, at=at, paper=paper)


@action
def return_to_command(
    assignment: Assignment, *, by: User, at: dt.datetime, reason: str, version: str = ""
) -> None:
    """Hand the assignment back: it is another agency's work."""
    begin(assignment, access.may_work(by, assignment), version)
    step(assignment, _S.RETURNED, "assignment.returned", by=by, at=at, reason=reasons.given(reason))


@action
def assign_again(
    assignment: Assignment, *, by: User, at: dt.datetime, reason: str, version: str = ""
) -> None:
    """Give a returned assignment to its lead again: the signed text names that agency."""
    begin(assignment, access.may_confirm(by, assignment), version)
    step(assignment, _S.ASSIGNED, "assignment.assigned_again", by=by, at=at, reason=reasons.given(reason))


@action
def cancel(assignment: Assignment, *, by: User, at: dt.datetime, reason: str, version: str = "") -> None:
    """Take back an assignment that a conference added, before the lead has accepted it."""
    begin(assignment, access.may_cancel(by, assignment), version)
    told = reasons.given(reason)
    step(
        assignment, _S.CANCELLED, "assignment.cancelled", by=by, at=at, tell=reminders.CANCELLED, reason=told
    )


@action
def report_progress(
    assignment: Assignment,
    *,
    by: User,
    at: dt.datetime,
    actual: Decimal,
    percent: int,
    text: str = "",
    version: str = "",
    paper: PaperEntry | None = None,
) -> None:
    """Note how far the work is: `actual` in the indicator's unit, `percent` from 0 to 100."""
    hold_at_work(assignment, paper_access.may_work(by, assignment, paper), version=version)
    actual = followed(assignment, actual)
    _check_figures(actual, percent)
    figures: dict[str, Any] = {"actual": actual, "progress_percent": percent, "result_text": text.strip()}
    figures["reported_at"] = at
    _report(assignment, by=by, at=at, text=text, paper=paper, **figures)


def hold_at_work(
    assignment: Assignment,
    allowed: bool,
    *,
    version: str = "",
    statuses: Collection[str] = WORKING_ASSIGNMENT,
) -> None:
    """Lock the row for an action of who is allowed, and see to it that the lead is at work on it.

    Raises PermissionDenied, StaleError, or RuleError.
    """
    begin(assignment, allowed, version)
    if assignment.status not in statuses:  # elsewhere in the table in_progress is another step
        raise RuleError(
            _("Progress is reported while you work on it: accept it first, or wait for the decision.")
        )


def follow_figures(assignment: Assignment, *, by: User, at: dt.datetime, text: str) -> None:
    """Let what was achieved be the total of the figures; within the action that holds it at work.

    The entry in the lead's log is written past the second wall: a coordinating agency that enters the
    figure of its share moves the lead's total. What the lead wrote about the work stays.
    """
    measure = indicators.measure_of(assignment)
    actual = indicators.total_of(measure)
    if actual is not None and abs(actual) >= LARGEST:
        raise RuleError(_("The total is too large. Check the figures that were entered."))
    percent = indicators.percent_done(assignment, measure, actual)
    figures: dict[str, Any] = {"actual": actual or Decimal(0), "progress_percent": percent, "reported_at": at}
    with walls.everything():
        if access.may_work(by, assignment) and assignment.status in {_S.ACCEPTED, _S.IN_PROGRESS}:
            _report(assignment, by=by, at=at, text=text, **figures)
        else:  # what another agency enters, or what was not accepted, moves no status
            _write(assignment, "assignment.progress_reported", by=by, at=at, text=text, **figures)


def followed(assignment: Assignment, actual: Decimal) -> Decimal:
    """The total of the figures where there are some; else what was typed."""
    total = indicators.total_of(indicators.measure_of(assignment))
    return actual if total is None else total


def _report(
    assignment: Assignment,
    *,
    by: User,
    at: dt.datetime,
    text: str,
    paper: PaperEntry | None = None,
    **figures: Any,
) -> None:
    verb = "assignment.progress_reported"
    if assignment.status == _S.IN_PROGRESS:
        _write(assignment, verb, by=by, at=at, text=text, paper=paper, **figures)
        return
    figures["decision_note"] = assignment.decision_note
    step(assignment, _S.IN_PROGRESS, verb, by=by, at=at, text=text, paper=paper, **figures)


@action
def submit_to_head(
    assignment: Assignment,
    *,
    by: User,
    at: dt.datetime,
    result_text: str,
    actual: Decimal | None = None,
    version: str = "",
) -> None:
    """Report completion: to the agency's head; straight to the command by the head or by her leave.

    `actual` None keeps the last figure. Progress becomes 100 percent.
    """
    begin(assignment, access.may_work(by, assignment), version)
    if not result_text.strip():
        raise RuleError(_("Write what was achieved; the head and the command decide by it."))
    figure = figure_of(assignment, actual)
    grant = access.sending_grant(by, assignment.lead_id, local_day(at))
    goes_on_at_once = access.may_approve(by, assignment) or grant is not None
    step(
        assignment,
        _S.AWAITING_HEAD,
        "assignment.submitted_to_head",
        by=by,
        at=at,
        tell=None if goes_on_at_once else reminders.AWAITING_HEAD,
        text=result_text,
        actual=figure,
        progress_percent=100,
        reported_at=at,
        result_text=result_text.strip(),
    )
    if goes_on_at_once:
        _approve(assignment, by=by, at=at, grant=grant)


def figure_of(assignment: Assignment, actual: Decimal | None) -> Decimal:
    """Return the figure of a result: what was typed, else the last one; never against entered figures."""
    figure = followed(assignment, assignment.actual if actual is None else actual)
    _check_figures(figure, 100)
    return figure


@action
def approve(assignment: Assignment, *, by: User, at: dt.datetime, version: str = "") -> None:
    """Send the result to the command in the agency's name; this day counts against the deadline."""
    begin(assignment, access.may_approve(by, assignment), version)
    _approve(assignment, by=by, at=at)


def _approve(assignment: Assignment, *, by: User, at: dt.datetime, grant: SendingGrant | None = None) -> None:
    step(
        assignment,
        _S.SUBMITTED,
        "assignment.submitted",
        by=by,
        at=at,
        tell=reminders.SUBMITTED,
        grant=grant,
        capacity=acting.capacity(by, assignment.lead),
        submitted_on=local_day(at),
    )


@action
def send_back(assignment: Assignment, *, by: User, at: dt.datetime, reason: str, version: str = "") -> None:
    """Give the result back to the focal point to be mended."""
    begin(assignment, access.may_approve(by, assignment), version)
    if assignment.status != _S.AWAITING_HEAD:  # elsewhere in the table in_progress is another step
        raise RuleError(_("There is no result that waits for the head."))
    step(
        assignment,
        _S.IN_PROGRESS,
        "assignment.sent_back",
        by=by,
        at=at,
        tell=reminders.SENT_BACK,
        reason=reasons.given(reason),
        capacity=acting.capacity(by, assignment.lead),
    )


@action
def confirm(assignment: Assignment, *, by: User, at: dt.datetime, version: str = "") -> None:
    """Accept the result for the command. When it was sent counts, not when this is done."""
    begin(assignment, access.may_confirm(by, assignment), version)
    if not paper_access.may_confirm_result(by, assignment):
        raise RuleError(_("You entered this result from paper. Somebody else confirms it."))
    step(
        assignment,
        _S.CONFIRMED,
        "assignment.confirmed",
        by=by,
        at=at,
        tell=reminders.CONFIRMED,
        confirmed_at=at,
    )


@action
def reject(assignment: Assignment, *, by: User, at: dt.datetime, reason: str, version: str = "") -> None:
    """Refuse the result; the assignment is open again and its clock runs on."""
    begin(assignment, access.may_confirm(by, assignment), version)
    step(
        assignment,
        _S.REJECTED,
        "assignment.rejected",
        by=by,
        at=at,
        tell=reminders.REJECTED,
        reason=reasons.given(reason),
        submitted_on=None,
    )


# --- What every step does -------------------------------------------------------------------------
def begin(assignment: Assignment, allowed: bool, version: str) -> None:
    """Lock the row and bring the object up to date; refuse the wrong person, time, or page.

    Raises PermissionDenied, StaleError, or RuleError when the programme is not in force.
    """
    if not allowed:
        raise PermissionDenied
    rows = Assignment.objects.select_for_update(of=("self",)).select_related("programme__host", "lead")
    assignment.refresh_from_db(from_queryset=rows)
    if assignment.programme.state != ProgrammeState.IN_FORCE:
        raise RuleError(_("The programme is not in force; its assignments do not move."))
    if version and version != version_of(assignment):
        raise StaleError(_("Someone changed this assignment after you opened the page."))


def step(
    assignment: Assignment,
    to: AssignmentStatus,
    verb: str,
    *,
    by: User,
    at: dt.datetime,
    tell: Kind | None = None,
    reason: str = "",
    text: str = "",
    grant: SendingGrant | None = None,
    paper: PaperEntry | None = None,
    capacity: str = "",
    facts: dict[str, Any] | None = None,
    table: Transitions = ASSIGNMENT,
    **changes: Any,
) -> None:
    """Move the status; a reason stands on the page until the next step, in the log for good.

    `facts` stand in the event beside those that every step has.
    """
    changes = {"decision_note": reason, "changed_at": at} | changes
    move(assignment, to, table, field="status", **changes)
    reminders.settle(assignment, at=at)
    if to not in EXTENDABLE_ASSIGNMENT:
        lapses.lapse(Assignment.objects.filter(pk=assignment.pk), by=by, at=at)
    if tell:
        reminders.tell(tell, assignment, by=by, at=at)
    told: dict[str, Any] = {"grant": grant, "paper": paper, "capacity": capacity}
    _leave_trace(assignment, verb, by=by, at=at, text=reason or text, **told, **(facts or {}))


def _write(
    assignment: Assignment,
    verb: str,
    *,
    by: User,
    at: dt.datetime,
    text: str,
    paper: PaperEntry | None = None,
    **changes: Any,
) -> None:
    """Change figures within the same status."""
    for name, value in {"changed_at": at, **changes}.items():
        setattr(assignment, name, value)
    assignment.save(update_fields=["changed_at", *changes])
    _leave_trace(assignment, verb, by=by, at=at, text=text, paper=paper)


def _leave_trace(
    assignment: Assignment,
    verb: str,
    *,
    by: User,
    at: dt.datetime,
    text: str,
    grant: SendingGrant | None = None,
    paper: PaperEntry | None = None,
    capacity: str = "",
    **facts: Any,
) -> None:
    note(assignment, by=by, at=at, text=text, grant=grant, paper=paper, capacity=capacity)
    payload = {
        "code": assignment.code,
        "year": assignment.programme.year,
        "status": assignment.status,
        "actual": assignment.actual,
        "percent": assignment.progress_percent,
        **({"by_grant": local_day(grant.granted_at)} if grant else {}),
        **(paper_entries.facts(paper) if paper else {}),
        **acting.facts(capacity),
        **facts,
    }
    record(verb, assignment, by=by, at=at, agency_code=assignment.lead.code, payload=payload)


def note(
    assignment: Assignment,
    *,
    by: User,
    at: dt.datetime,
    text: str,
    grant: SendingGrant | None = None,
    paper: PaperEntry | None = None,
    capacity: str = "",
) -> None:
    """Leave an entry in the log, within an action that has an audit event of its own."""
    Progress.objects.create(
        assignment=assignment,
        at=at,
        by=by,
        status=assignment.status,
        actual=assignment.actual,
        progress_percent=assignment.progress_percent,
        text=text.strip(),
        grant=grant,
        paper=paper,
        capacity=capacity,
    )


def _check_figures(actual: Decimal, percent: int) -> None:
    if actual < 0:
        raise RuleError(_("What was achieved cannot be negative."))
    if not 0 <= percent <= 100:
        raise RuleError(_("Progress is a figure from 0 to 100."))
