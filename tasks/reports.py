"""What happens to a periodic report: written, submitted, approved, accepted or returned.

Every step asks who may, looks again under the row's lock, and leaves one step in the report's history
and one audit event. `version` is the revision that the person saw (version_of()); a page older than the
row is refused with StaleError, an empty version is not compared.
"""

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from portal.audit.events import record
from portal.files.uploads import Upload
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.lib.states import move
from portal.notices.kinds import Kind
from portal.users.models import User
from tasks import (
    access,
    acting,
    paper_access,
    paper_entries,
    report_contents,
    report_figures,
    report_reminders,
)
from tasks.models import PaperEntry, Report, ReportingPeriod, ReportStep, SendingGrant
from tasks.paper_entries import Paper, scanned
from tasks.report_contents import SECTIONS, Draft
from tasks.states import EDITABLE_REPORT, ENTERED_REPORT, REPORT, ProgrammeState, ReportState

_S = ReportState


class IncompleteError(RuleError):
    """The report lacks something; `lacks` are (name of the field, sentence)."""

    def __init__(self, lacks: list[tuple[str, str]], message: str = "") -> None:
        self.lacks = lacks
        super().__init__(message or _("The draft is saved. It lacks something before it can be submitted."))


def version_of(report: Report) -> str:
    """Name the state of the row, to be carried by a form and compared when it comes back."""
    return str(report.revision)


@action
def save(report: Report, *, by: User, at: dt.datetime, draft: Draft, version: str = "") -> None:
    """Keep what was typed so far. Pages do this by themselves every few seconds.

    The audit trail hears of it when somebody begins or takes over, not of every pause in typing.
    """
    _begin(report, access.may_write_report(by, report), version, at)
    if report.state not in EDITABLE_REPORT:
        raise RuleError(_("The report was submitted; take it back to go on writing."))
    if local_day(at) < report.period.data_from:
        raise RuleError(_("This period has not begun yet."))
    takes_over = report.saved_by_id != by.pk
    _write(report, draft, by=by, at=at)
    if takes_over:
        _record("report.drafted", report, by=by, at=at)


def _write(report: Report, draft: Draft, *, by: User, at: dt.datetime) -> None:
    for name in SECTIONS:
        setattr(report, name, draft.sections[name].strip())
    report.rest_is_nothing = draft.rest_is_nothing
    report.saved_by, report.saved_at = by, at
    report.revision += 1
    report.save(update_fields=[*SECTIONS, "rest_is_nothing", "saved_by", "saved_at", "revision"])
    report_contents.write(report, draft)


def submit(report: Report, *, by: User, at: dt.datetime, draft: Draft, version: str = "") -> None:
    """Save what was typed, then submit it: to the head; to the command by the head or by her leave.

    Two actions, so that what is refused for what it lacks is saved all the same. Raises IncompleteError.
    """
    save(report, by=by, at=at, draft=draft, version=version)
    _submit(report, by=by, at=at, version=version_of(report))


@action
def _submit(report: Report, *, by: User, at: dt.datetime, version: str = "") -> None:
    _begin(report, access.may_write_report(by, report), version, at)
    if report.state not in EDITABLE_REPORT:
        raise RuleError(_("The report was submitted already."))
    if lacks := report_contents.missing(report):
        raise IncompleteError(lacks)
    report_contents.settle(report)
    grant = access.sending_grant(by, report.agency_id, local_day(at))
    goes_on_at_once = access.may_approve_report(by, report) or grant is not None
    tell = None if goes_on_at_once else report_reminders.AWAITING_HEAD
    note = report.decision_note  # what the command asked for is still to be answered
    _step(report, _S.AWAITING_HEAD, "report.submitted_to_head", by=by, at=at, tell=tell, decision_note=note)
    if goes_on_at_once:
        _send(report, by=by, at=at, grant=grant)


@action
def approve(report: Report, *, by: User, at: dt.datetime, version: str = "") -> None:
    """Send the report to the command in the agency's name; this day counts."""
    _begin(report, access.may_approve_report(by, report), version, at)
    _send(report, by=by, at=at)


def enter(
    report: Report,
    *,
    by: User,
    at: dt.datetime,
    draft: Draft,
    paper: Paper,
    sent: UploadedFile,
    declared: bool,
    version: str = "",
) -> None:
    """Look at the scan of an agency's report on paper, and enter what it says on the agency's behalf.

    No action: the look takes seconds and holds no transaction. Raises IncompleteError, with nothing saved.
    """
    if not paper_access.may_enter_report(by, report):
        raise PermissionDenied
    with scanned(sent, paper, about=report, by=by, at=at, declared=declared) as scan:
        enter_scanned(report, by=by, at=at, draft=draft, paper=paper, scan=scan, version=version)


@action
def enter_scanned(
    report: Report,
    *,
    by: User,
    at: dt.datetime,
    draft: Draft,
    paper: Paper,
    scan: Upload,
    version: str = "",
) -> None:
    """Enter a report from paper: the head signed it there, and the day it was received counts."""
    _begin(report, paper_access.may_enter_report(by, report), version, at)
    if report.state not in EDITABLE_REPORT:
        raise RuleError(_("The agency has submitted this report in the portal; it cannot be entered now."))
    _write(report, draft, by=by, at=at)
    if lacks := report_contents.missing(report):
        raise IncompleteError(lacks, _("Nothing was saved yet. The report lacks something."))
    report_contents.settle(report)
    returned = paper_access.newest_return(report)
    not_before = local_day(returned.at) if returned else report.period.data_from
    entry = paper_entries.keep(paper, agency=report.agency, scan=scan, not_before=not_before, by=by, at=at)
    _send(report, by=by, at=at, paper=entry)
    report_reminders.tell(report_reminders.ENTERED, report, by=by, at=at)


def _send(
    report: Report,
    *,
    by: User,
    at: dt.datetime,
    grant: SendingGrant | None = None,
    paper: PaperEntry | None = None,
) -> None:
    """Send it, and let the assignments hear what is news: the first day it was sent is kept.

    `grant` is the head's leave by which a focal point sends it, `paper` what it is entered from.
    """
    last = report.steps.exclude(content=None).first()
    sent_at = paper_entries.received_at(paper) if paper else at
    if report.submitted_at:
        sent_at = max(sent_at, report.submitted_at)  # of a paper the day is known, not the hour
    _step(
        report,
        _S.SUBMITTED,
        "report.entered_from_paper" if paper else "report.submitted",
        by=by,
        at=at,
        tell=report_reminders.SUBMITTED,
        content=report_contents.frozen(report, report.lines.all()),
        grant=grant,
        paper=paper,
        capacity=acting.capacity(by, report.agency),
        submitted_at=sent_at,
        first_submitted_at=report.first_submitted_at or sent_at,
    )
    report_figures.feed(report, earlier=last.content if last else None, by=by, at=at, paper=paper)


@action
def send_back(report: Report, *, by: User, at: dt.datetime, reason: str, version: str = "") -> None:
    """Give the report back to the focal point to be mended: a step inside the agency."""
    _begin(report, access.may_approve_report(by, report), version, at)
    if report.state != _S.AWAITING_HEAD:  # elsewhere in the table returned is another step
        raise RuleError(_("There is no report that waits for the head."))
    tell, why = report_reminders.SENT_BACK, reasons.given(reason)
    acts = acting.capacity(by, report.agency)
    _step(report, _written(report), "report.sent_back", by=by, at=at, tell=tell, reason=why, capacity=acts)


@action
def take_back(report: Report, *, by: User, at: dt.datetime, version: str = "") -> None:
    """Take the report back from the head's desk to go on writing."""
    _begin(report, access.may_write_report(by, report), version, at)
    if report.state != _S.AWAITING_HEAD:
        raise RuleError(_("There is no report that waits for the head."))
    note = report.decision_note
    _step(report, _written(report), "report.taken_back", by=by, at=at, decision_note=note)


@action
def accept(report: Report, *, by: User, at: dt.datetime, version: str = "") -> None:
    """Accept the report for the command."""
    _begin(report, access.may_decide_report(by, report), version, at)
    if not paper_access.may_accept_report(by, report):
        raise RuleError(_("You entered this report from paper. Somebody else accepts it."))
    tell = report_reminders.ACCEPTED
    _step(report, _S.ACCEPTED, "report.accepted", by=by, at=at, tell=tell, accepted_at=at)


@action
def return_to_agency(
    report: Report, *, by: User, at: dt.datetime, reason: str, due_on: dt.date, version: str = ""
) -> None:
    """Return the report to be amended by a new day, saying what is wrong."""
    _begin(report, access.may_decide_report(by, report), version, at)
    if not report.is_sent:  # from the head's desk returned is another step
        raise RuleError(_("Only a report that was sent can be returned."))
    if due_on < local_day(at):
        raise RuleError(_("The new due date lies in the past."))
    columns = _taken_back(report, by) or {"own_due_on": due_on}
    _step(
        report,
        _S.RETURNED,
        "report.returned",
        by=by,
        at=at,
        reason=reasons.given(reason),
        tell=report_reminders.RETURNED,
        tell_due_on=columns.get("own_due_on", report.due_on),
        accepted_at=None,
        **columns,
    )


def _taken_back(report: Report, by: User) -> dict[str, Any]:
    """Return the days of sending as they were before one's own entry from paper; empty for what others sent.

    Nobody else stood behind that entry: neither its day nor a new due day comes of it.
    """
    paper = paper_access.paper_of_report(report)
    if paper is None or paper.entered_by_id != by.pk:
        return {}
    is_first = report.first_submitted_at == paper_entries.received_at(paper)
    first = None if is_first else report.first_submitted_at
    return {"first_submitted_at": first, "submitted_at": first}


@action
def reopen(
    report: Report, *, by: User, at: dt.datetime, reason: str, until: dt.date, version: str = ""
) -> None:
    """Let one agency into a locked period until a day, that day included. Its due date stays."""
    if not access.may_lock_period(by, report.period):
        raise PermissionDenied
    _lock(report, version)
    if not report.period.is_locked:
        raise RuleError(_("The period is not locked; there is nothing to open."))
    if until < local_day(at):
        raise RuleError(_("The new due date lies in the past."))
    report.open_until, report.open_reason = until, reasons.given(reason)
    report.revision += 1
    report.save(update_fields=["open_until", "open_reason", "revision"])
    report_reminders.tell(report_reminders.REOPENED, report, by=by, at=at, due_on=until)
    _record("report.reopened", report, by=by, at=at, until=until, reason=report.open_reason)


# --- What every step does -------------------------------------------------------------------------
def _begin(report: Report, allowed: bool, version: str, at: dt.datetime) -> None:
    """Lock the row and bring the object up to date; refuse the wrong person, time, or page.

    Raises PermissionDenied, StaleError, or RuleError when the programme or the period takes no more.
    """
    if not allowed:
        raise PermissionDenied
    _lock(report, version)
    if report.period.programme.state != ProgrammeState.IN_FORCE:
        raise RuleError(_("The programme is not in force; its reports do not move."))
    if not report.is_open(local_day(at)):
        raise RuleError(_("The period was locked. Ask the programme officer to open it for your agency."))


def _lock(report: Report, version: str) -> None:
    """The period is read after the lock is held: it may have been locked while this one waited."""
    report.refresh_from_db(from_queryset=Report.objects.select_for_update(of=("self",)))
    report.period = ReportingPeriod.objects.select_related("programme__host").get(pk=report.period_id)
    if version and version != version_of(report):
        raise StaleError(_("Someone changed this report after you opened the page."))


def _written(report: Report) -> ReportState:
    """Where a report goes back to that waited for the head: what was returned once is owed by its own day."""
    return _S.RETURNED if report.own_due_on else _S.DRAFT


def _step(
    report: Report,
    to: ReportState,
    verb: str,
    *,
    by: User,
    at: dt.datetime,
    tell: Kind | None = None,
    tell_due_on: dt.date | None = None,
    reason: str = "",
    content: dict[str, Any] | None = None,
    grant: SendingGrant | None = None,
    paper: PaperEntry | None = None,
    capacity: str = "",
    **changes: Any,
) -> None:
    """Move the state; a reason stands on the page until it is sent again, and in the history for good."""
    columns: dict[str, Any] = {"decision_note": reason, "revision": report.revision + 1, **changes}
    move(report, to, ENTERED_REPORT if paper else REPORT, **columns)
    told = {"grant": grant, "paper": paper, "capacity": capacity}
    ReportStep.objects.create(report=report, at=at, by=by, state=to, text=reason, content=content, **told)
    report_reminders.settle(report, at=at)
    if tell:
        report_reminders.tell(tell, report, by=by, at=at, due_on=tell_due_on)
    facts: dict[str, object] = {"by_grant": local_day(grant.granted_at)} if grant else {}
    facts |= acting.facts(capacity) | (paper_entries.facts(paper) if paper else {})
    _record(verb, report, by=by, at=at, **facts)


def _record(verb: str, report: Report, *, by: User, at: dt.datetime, **more: object) -> None:
    period = report.period
    payload = {"period": period.code, "year": period.programme.year, "state": report.state, **more}
    record(verb, report, by=by, at=at, agency_code=report.agency.code, payload=payload)
