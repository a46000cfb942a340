"""WHO may enter from paper what an agency sent, and who then decides it: never the one who entered it."""

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from portal.users.models import COMMAND_ROLES, User
from tasks import access
from tasks.models import Assignment, PaperEntry, Progress, Report, ReportStep
from tasks.states import DONE_ASSIGNMENT, AssignmentStatus, ReportState


def _enters_for(user: User, host_id: int, agency_id: int) -> bool:
    return user.agency_id == host_id != agency_id and user.role in access.NUMBERS


def may_enter_report(user: User, report: Report) -> bool:
    """The host's records office and officer, for others: the host's own people write in the portal."""
    return _enters_for(user, report.period.programme.host_id, report.agency_id)


def may_enter_for_lead(user: User, assignment: Assignment) -> bool:
    """Acceptance and result of an assignment: as a report."""
    return _enters_for(user, assignment.programme.host_id, assignment.lead_id)


def may_work(user: User, assignment: Assignment, paper: PaperEntry | None) -> bool:
    """Who works for the lead; with a paper of the lead's, who enters it."""
    return access.may_work(user, assignment) if paper is None else may_enter_for_lead(user, assignment)


def paper_of_report(report: Report) -> PaperEntry | None:
    """Return the paper from which the report was entered that was last sent; None: sent in the portal."""
    sent = report.steps.exclude(content=None).select_related("paper__entered_by", "paper__file__recall")
    last = sent.defer("content").first()
    return last.paper if last else None


def paper_of_result(assignment: Assignment) -> PaperEntry | None:
    """Return the paper from which the result was entered that the command has; None: sent in the portal."""
    if assignment.status not in DONE_ASSIGNMENT:
        return None
    log = Progress.objects.filter(assignment=assignment).select_related(
        "paper__entered_by", "paper__file__recall"
    )
    for row in log:  # newest first, back to where it was sent: figures of others may have come since
        if row.status not in DONE_ASSIGNMENT:
            break
        if row.paper is not None:
            return row.paper
    return None


def newest_return(report: Report) -> ReportStep | None:
    """Return the return that a paper answers. Who takes back their own entry asks the agency for nothing."""
    sent, found = None, None
    for step in report.steps.select_related("paper").defer("content").order_by("at", "pk"):
        if step.state == ReportState.SUBMITTED:
            sent = step
        elif step.state == ReportState.RETURNED and step.text:
            paper = sent.paper if sent else None
            found = found if paper and paper.entered_by_id == step.by_id else step
    return found


def newest_rejection(assignment: Assignment) -> Progress | None:
    """As newest_return(). Figures of others may stand in the log between."""
    paper, before, found = None, "", None
    for row in assignment.log.select_related("paper").order_by("at", "pk"):
        if row.status not in DONE_ASSIGNMENT | {AssignmentStatus.REJECTED}:
            paper = None
        elif row.status == AssignmentStatus.SUBMITTED:
            paper = row.paper or paper
        elif row.status == AssignmentStatus.REJECTED and before in DONE_ASSIGNMENT:
            found = found if paper and paper.entered_by_id == row.by_id else row
        before = row.status
    return found


def may_accept_report(user: User, report: Report) -> bool:
    """As who decides it, but for the one who entered it: two people stand behind a paper."""
    return access.may_decide_report(user, report) and not _entered(paper_of_report(report), user)


def may_confirm_result(user: User, assignment: Assignment) -> bool:
    """As may_accept_report()."""
    return access.may_confirm(user, assignment) and not _entered(paper_of_result(assignment), user)


def _entered(paper: PaperEntry | None, user: User) -> bool:
    return paper is not None and paper.entered_by_id == user.pk


def visible_scans(user: User) -> QuerySet[PaperEntry]:
    """Entries whose scan the user may open: of one's own agency and its reports; all for the command.

    Who coordinates reads in the log that it came on paper, and does not open the lead's papers.
    """
    rows = PaperEntry.objects.select_related("agency", "entered_by", "file__recall__by")
    if user.role in COMMAND_ROLES:
        return rows
    if not access.may_see_reports(user):
        return rows.none()
    steps = ReportStep.objects.filter(paper=OuterRef("pk"))
    log = Progress.objects.filter(paper=OuterRef("pk"), assignment__lead=user.agency_id)
    return rows.filter(
        Q(agency=user.agency_id)
        | Exists(steps.filter(report__agency=user.agency_id))
        | (Exists(log) & ~Exists(steps))
    )


def may_recall(user: User) -> bool:
    """Those who run the programme; the administrator recalls a file in the administration."""
    return user.role in access.RUNS


def with_paper(reports: QuerySet[Report]) -> QuerySet[Report]:
    """Annotate `paper_sent`: the key of the paper from which each was last entered."""
    sent = ReportStep.objects.filter(report=OuterRef("pk"), content__isnull=False).order_by("-at", "-pk")
    return reports.annotate(paper_sent=Subquery(sent.values("paper")[:1]))
