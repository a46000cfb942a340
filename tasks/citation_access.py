"""WHO may see and name the papers that an assignment cites."""

from django.db.models import QuerySet

from portal.users.models import Role, User
from tasks import access, draft_access
from tasks.models import Assignment, Evidence, ProductDocument
from tasks.states import EvidenceState


def may_cite(user: User, assignment: Assignment) -> bool:
    """Say which document gives the assignment out: those who write the programme."""
    return draft_access.may_draft(user, assignment.programme)


def visible_products(user: User) -> QuerySet[ProductDocument]:
    """As the log: for the lead, those who coordinate, and the command. The source is for every party."""
    if user.role == Role.VIEWER:
        return ProductDocument.objects.none()
    seen = access.assignments_with_progress(user)
    return ProductDocument.objects.filter(assignment__in=seen).select_related("assignment", "named_by")


def may_name(user: User, assignment: Assignment) -> bool:
    """Name a product and take it out again: whoever works for the lead agency."""
    return access.may_work(user, assignment)


def files_of(assignment: Assignment) -> QuerySet[Evidence]:
    """The lead's own files in use: those that it may name with a product."""
    return Evidence.objects.filter(
        assignment=assignment, agency=assignment.lead_id, state=EvidenceState.CURRENT, file__recall=None
    )
