"""What pages show of a paper from which the command entered a report or a result."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.lib.templatetags.portal_ui import vn_date
from portal.users.models import User
from tasks import access, paper_access
from tasks.models import Assignment, PaperEntry, Report
from tasks.states import EDITABLE_REPORT, WORKING_ASSIGNMENT, AssignmentStatus, ProgrammeState


@dataclass(frozen=True)
class PaperPanel:
    """`paper` from which what stands here was entered; None: it was sent in the portal, or not at all."""

    paper: PaperEntry | None
    may_open: bool
    may_recall: bool
    is_mine: bool  # the reader entered it: somebody else decides
    may_enter: bool


def report_panel(user: User, report: Report, *, is_open: bool) -> PaperPanel:
    """One query for a report that was sent; `is_open`: its period takes reports."""
    runs = report.period.programme.state == ProgrammeState.IN_FORCE and is_open
    owed = report.state in EDITABLE_REPORT
    return _panel(
        user,
        paper_access.paper_of_report(report) if report.is_sent else None,
        may_open=True,  # who sees the report
        may_enter=runs and owed and paper_access.may_enter_report(user, report),
    )


def lead_panel(user: User, assignment: Assignment, *, shows_log: bool) -> PaperPanel:
    """One query for a result that was sent."""
    runs = assignment.programme.state == ProgrammeState.IN_FORCE
    owed = assignment.status in WORKING_ASSIGNMENT | {AssignmentStatus.ASSIGNED}
    return _panel(
        user,
        paper_access.paper_of_result(assignment) if shows_log else None,
        may_open=access.may_see_every_figure(user) or user.agency_id == assignment.lead_id,
        may_enter=runs and owed and paper_access.may_enter_for_lead(user, assignment),
    )


def _panel(user: User, paper: PaperEntry | None, *, may_open: bool, may_enter: bool) -> PaperPanel:
    is_there = paper is not None and paper.recalled is None
    return PaperPanel(
        paper=paper,
        may_open=may_open and is_there,
        may_recall=is_there and paper_access.may_recall(user),
        is_mine=paper is not None and paper.entered_by_id == user.pk,
        may_enter=may_enter,
    )


def from_paper(paper: PaperEntry | None, words: str) -> str:
    """Add to a step of the history from which paper it was entered."""
    if paper is None:
        return words
    return _("%(words)s, entered from paper number %(number)s of %(day)s, signed by %(signer)s") % {
        "words": words,
        "number": paper.number,
        "day": vn_date(paper.issued_on),
        "signer": f"{paper.signer_name}, {paper.signer_title}",
    }
