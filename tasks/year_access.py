"""WHO begins a programme, looks through its text, and says what becomes of unfinished duties."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from portal.users.models import COMMAND_ROLES, Role, User
from tasks import access
from tasks.models import Coordination, Programme, SeenPoint, Solution, YearEndDecision
from tasks.states import EDITABLE_PROGRAMME, OPEN_PROGRAMME


def may_begin_year(user: User) -> bool:
    """Those who run programmes: at the host of the newest one, anywhere while there is none."""
    if user.role not in access.RUNS:
        return False
    newest = Programme.objects.order_by("-year").first()
    return newest is None or newest.host_id == user.agency_id


def sources(user: User) -> QuerySet[Programme]:
    """Programmes whose text may be copied: those that were signed, or are about to be."""
    return access.visible_programmes(user).filter(state__in=OPEN_PROGRAMME).order_by("-year")


def may_look_through(user: User, programme: Programme) -> bool:
    """See and settle the points of a new text: those who run the programme."""
    return access.may_settle(user, programme)


def texts(user: User) -> QuerySet[Programme]:
    """Programmes whose points the user may look through: the text may still change."""
    if user.role not in access.RUNS:
        return Programme.objects.none()
    return Programme.objects.filter(state__in=EDITABLE_PROGRAMME, host=user.agency_id)


def may_decide_unfinished(user: User, programme: Programme) -> bool:
    """Say what becomes of what the year left unfinished: those who close it."""
    return access.may_close(user, programme)


def seen_points(user: User, programme: Programme) -> QuerySet[SeenPoint]:
    if user.role not in COMMAND_ROLES:
        return SeenPoint.objects.none()
    return SeenPoint.objects.filter(programme=programme).select_related("by")


def visible_decisions(user: User) -> QuerySet[YearEndDecision]:
    """On duties whose progress the user sees; of the draft that a duty goes into the command alone knows."""
    rows = YearEndDecision.objects.select_related(
        "assignment__programme", "assignment__lead", "carried_to__programme", "by"
    )
    if user.role in COMMAND_ROLES:
        return rows
    if user.role in {Role.VIEWER, Role.ADMINISTRATOR} or user.post is None:
        return rows.none()
    coordinates = Coordination.objects.filter(assignment=OuterRef("assignment"), agency=user.agency_id)
    seen = rows.filter(Q(assignment__lead=user.agency_id) | Q(Exists(coordinates)))
    return seen.filter(assignment__programme__in=access.visible_programmes(user))


def solutions(user: User) -> QuerySet[Solution]:
    """Solutions of the texts that the user writes."""
    return Solution.objects.filter(programme__in=texts(user)).select_related("programme")
