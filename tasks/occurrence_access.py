"""WHO may see what was reported on a recurring assignment, period by period: who sees those reports."""

from django.db.models import QuerySet

from portal.users.models import COMMAND_ROLES, User
from tasks import access
from tasks.models import Assignment, Report, ReportLine


def may_see_occurrences(user: User, assignment: Assignment) -> bool:
    """The lead and the command; who coordinates reads the log, not the lead's reports. No query."""
    is_theirs = user.role in COMMAND_ROLES or user.agency_id == assignment.lead_id
    return is_theirs and access.may_see_reports(user)


def visible_lines(user: User, assignment: Assignment) -> QuerySet[ReportLine]:
    """What lead agencies said of it, the former ones' too where the reader sees their reports."""
    seen = access.visible_reports(user).filter(period__programme=assignment.programme_id)
    rows = ReportLine.objects.filter(report__in=seen, assignment=assignment, is_led=True)
    return rows.select_related("report__period")


def own_reports(user: User, assignment: Assignment) -> QuerySet[Report]:
    """The reports of the agency that leads it now."""
    return access.visible_reports(user).filter(
        period__programme=assignment.programme_id, agency=assignment.lead_id
    )
