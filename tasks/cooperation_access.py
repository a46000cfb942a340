"""WHO may see and do what with cooperation: the agency that coordinates, the lead, and the command."""

from django.db.models import Q, QuerySet

from portal.users.models import COMMAND_ROLES, Role, User
from tasks import access
from tasks.models import Cooperation, Coordination


def visible_shares(user: User) -> QuerySet[Coordination]:
    """The shares whose cooperation the reader may see, whether or not there is any yet."""
    rows = Coordination.objects.filter(assignment__in=access.visible_assignments(user))
    rows = rows.select_related("agency", "assignment__programme__host", "assignment__lead")
    if user.role in COMMAND_ROLES:
        return rows
    if user.role in {Role.VIEWER, Role.ADMINISTRATOR} or user.post is None:
        return rows.none()
    return rows.filter(Q(agency=user.agency_id) | Q(assignment__lead=user.agency_id))


def visible_cooperations(user: User) -> QuerySet[Cooperation]:
    rows = Cooperation.objects.filter(share__in=visible_shares(user))
    return rows.select_related(
        "share__agency", "share__assignment__programme__host", "share__assignment__lead"
    )


def sees_share(user: User, share: Coordination) -> bool:
    """Ask visible_shares() of one share of an assignment that is seen, without a query."""
    if user.role in COMMAND_ROLES:
        return True
    is_part = user.agency_id in {share.agency_id, share.assignment.lead_id}
    return is_part and user.role not in {Role.VIEWER, Role.ADMINISTRATOR}


def shows_report(user: User, row: Cooperation) -> bool:
    """What the agency wrote, and why its head sent it back: others than the command once it is delivered."""
    return user.role in COMMAND_ROLES or user.agency_id == row.share.agency_id or row.is_delivered


def may_ask(user: User, share: Coordination) -> bool:
    """Say what is wanted and by when, and ask for it again: who works for the lead; the officer."""
    return access.may_work(user, share.assignment) or access.may_confirm(user, share.assignment)


def may_report(user: User, share: Coordination) -> bool:
    """Whoever works for the agency that coordinates."""
    return user.agency_id == share.agency_id and user.role in access.WORKS


def may_approve(user: User, share: Coordination) -> bool:
    """Head or deputy of the agency that coordinates."""
    return user.agency_id == share.agency_id and user.role in access.APPROVES


def may_rate(user: User, share: Coordination) -> bool:
    """Whoever works for the lead: it alone knows what the cooperation was worth."""
    return access.may_work(user, share.assignment)
