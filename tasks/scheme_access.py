"""WHO reads schemes of several years, keeps them, and reports their milestones."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.users.models import COMMAND_ROLES, Role, User
from tasks import access, year_access
from tasks.models import Assignment, Milestone, Scheme
from tasks.states import EDITABLE_PROGRAMME, ProgrammeState


def may_see(user: User) -> bool:
    """Whether schemes are the user's business at all. No query."""
    return user.post is not None and user.role not in {Role.VIEWER, Role.ADMINISTRATOR}


def visible_schemes(user: User) -> QuerySet[Scheme]:
    """Those in which one's own agency has a part; all of them for the command."""
    rows = Scheme.objects.select_related("lead")
    if not may_see(user):
        return rows.none()
    if user.role in COMMAND_ROLES:
        return rows
    part = Scheme.coordinating.through._default_manager.filter(scheme=OuterRef("pk"), agency=user.agency_id)
    return rows.filter(Q(lead=user.agency_id) | Q(Exists(part)))


def visible_milestones(user: User) -> QuerySet[Milestone]:
    rows = Milestone.objects.filter(scheme__in=visible_schemes(user).select_related(None))
    return rows.select_related("scheme__lead", "reported_by", "settled_by")


def may_keep(user: User) -> bool:
    """Enter and end schemes, plan, tie, confirm and drop milestones: those who run the programmes."""
    return year_access.may_begin_year(user)


def may_report(user: User, milestone: Milestone) -> bool:
    """Say that it is reached: whoever works for the lead, or those who keep the scheme."""
    works = user.agency_id == milestone.scheme.lead_id and user.role in access.WORKS
    return works or may_keep(user)


def carriers(user: User, scheme: Scheme) -> QuerySet[Assignment]:
    """Duties that may carry its milestones: led by an agency of the scheme, of years that are not over."""
    agencies = [scheme.lead_id, *scheme.coordinating.values_list("pk", flat=True)]
    rows = access.visible_assignments(user).filter(
        lead__in=agencies, programme__state__in=EDITABLE_PROGRAMME | {ProgrammeState.IN_FORCE}
    )
    return rows.select_related("programme").order_by("-programme__year", "task__number", "code")


def carrying(user: User, milestone: Milestone) -> QuerySet[Assignment]:
    """Duties that carry a milestone, of any year."""
    rows = access.visible_assignments(user).filter(milestone_duties__milestone=milestone)
    return rows.select_related("programme")
