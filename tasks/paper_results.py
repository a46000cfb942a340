"""Acceptance and result of an assignment that its lead sent on paper, entered by the command."""

import datetime as dt
from decimal import Decimal

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from portal.files.uploads import Upload
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError
from portal.users.models import User
from tasks import assignments, paper_access, paper_entries, reminders
from tasks.models import Assignment, PaperEntry
from tasks.paper_entries import Paper, scanned
from tasks.states import ENTERED_RESULT, WORKING_ASSIGNMENT, AssignmentStatus

_S = AssignmentStatus


def enter(
    assignment: Assignment,
    *,
    by: User,
    at: dt.datetime,
    paper: Paper,
    sent: UploadedFile,
    declared: bool,
    is_result: bool,
    result_text: str = "",
    actual: Decimal | None = None,
    version: str = "",
) -> None:
    """Look at the scan, and enter the result, or that the lead takes the assignment on.

    No action: the look takes seconds and holds no transaction.
    """
    if not paper_access.may_enter_for_lead(by, assignment):
        raise PermissionDenied
    with scanned(sent, paper, about=assignment, by=by, at=at, declared=declared) as scan:
        if is_result:
            enter_result(
                assignment,
                by=by,
                at=at,
                paper=paper,
                scan=scan,
                result_text=result_text,
                actual=actual,
                version=version,
            )
        else:
            enter_acceptance(assignment, by=by, at=at, paper=paper, scan=scan, version=version)


@action
def enter_acceptance(
    assignment: Assignment, *, by: User, at: dt.datetime, paper: Paper, scan: Upload, version: str = ""
) -> None:
    """Enter that the lead takes the assignment on."""
    _begin(assignment, by, version)
    if assignment.status != _S.ASSIGNED:
        raise RuleError(_("The assignment does not wait to be accepted."))
    entry = _keep(assignment, paper, scan, by=by, at=at)
    assignments.accept(assignment, by=by, at=at, paper=entry)
    reminders.tell(reminders.ENTERED, assignment, by=by, at=at)


@action
def enter_result(
    assignment: Assignment,
    *,
    by: User,
    at: dt.datetime,
    paper: Paper,
    scan: Upload,
    result_text: str,
    actual: Decimal | None = None,
    version: str = "",
) -> None:
    """Enter a result: the head signed it on paper, and the day that was received counts.

    Who sends a result has taken the assignment on. `actual` None keeps the last figure.
    """
    _begin(assignment, by, version)
    if assignment.status not in WORKING_ASSIGNMENT | {_S.ASSIGNED}:
        raise RuleError(_("The lead does not owe a result now, or has submitted one in the portal."))
    if not result_text.strip():
        raise RuleError(_("Write what was achieved; the head and the command decide by it."))
    entry = _keep(assignment, paper, scan, by=by, at=at)
    if assignment.status == _S.ASSIGNED:
        assignments.accept(assignment, by=by, at=at, paper=entry)
    assignments.step(
        assignment,
        _S.SUBMITTED,
        "assignment.entered_from_paper",
        by=by,
        at=at,
        tell=reminders.SUBMITTED,
        text=result_text,
        paper=entry,
        table=ENTERED_RESULT,
        actual=assignments.figure_of(assignment, actual),
        progress_percent=100,
        reported_at=at,
        result_text=result_text.strip(),
        submitted_on=entry.received_on,
    )
    reminders.tell(reminders.ENTERED, assignment, by=by, at=at)


def _begin(assignment: Assignment, by: User, version: str) -> None:
    assignments.begin(assignment, paper_access.may_enter_for_lead(by, assignment), version)


def _keep(assignment: Assignment, paper: Paper, scan: Upload, *, by: User, at: dt.datetime) -> PaperEntry:
    """A result that was rejected is owed anew from that day on."""
    since = paper_access.newest_rejection(assignment)
    in_force_at = assignment.programme.in_force_at
    not_before = local_day(since.at if since else in_force_at or at)
    return paper_entries.keep(paper, agency=assignment.lead, scan=scan, not_before=not_before, by=by, at=at)
