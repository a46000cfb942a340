"""WHO may see, prepare and confirm changes of agencies."""

from django.db.models import QuerySet

from portal.users.models import Role, User
from tasks.access import SEES_DRAFTS
from tasks.models import ChangePlan
from tasks.states import PlanState

PREPARES = frozenset({Role.PROGRAMME_OFFICER, Role.ADMINISTRATOR})
CONFIRMS = PREPARES | {Role.COMMANDER}


def visible_plans(user: User) -> QuerySet[ChangePlan]:
    """All for the command and the administrator; for whoever holds a post those that were carried out."""
    rows = ChangePlan.objects.select_related("prepared_by", "proposed_by", "confirmed_by")
    if user.role in SEES_DRAFTS:
        return rows
    return rows.none() if user.post is None else rows.filter(state=PlanState.CARRIED_OUT)


def may_see_plans(user: User) -> bool:
    """Whether what is only planned, and who goes where, is the user's business."""
    return user.role in SEES_DRAFTS


def may_prepare_changes(user: User) -> bool:
    """Write a draft, choose who takes over, propose and discard: the officer and the administrator."""
    return user.role in PREPARES


def may_confirm_changes(user: User) -> bool:
    """Whether the post confirms at all; may_confirm_change() asks who proposed."""
    return user.role in CONFIRMS


def may_confirm_change(user: User, plan: ChangePlan) -> bool:
    """Commander, officer or administrator, but never who proposed it."""
    return user.role in CONFIRMS and user.pk != plan.proposed_by_id
