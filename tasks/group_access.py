"""WHO may see and do what with standing groups.

A group is for its members while they are members, for the command, and for viewers; another agency does not
learn that it is there. The administrator keeps the records of groups and members, and reads no plans.
"""

import datetime as dt

from django.db.models import Q, QuerySet

from portal.users.models import COMMAND_ROLES, Role, User
from tasks import access
from tasks.models import GroupMember, GroupPlanItem, StandingGroup


def members_on(today: dt.date) -> QuerySet[GroupMember]:
    """Memberships that hold on a day."""
    rows = GroupMember.objects.filter(valid_from__lte=today)
    return rows.filter(Q(valid_to=None) | Q(valid_to__gte=today))


def visible_groups(user: User, today: dt.date) -> QuerySet[StandingGroup]:
    """All of them for the command and viewers; for the others those of which their agency is a member."""
    rows = StandingGroup.objects.select_related("host", "basis")
    if user.post is None or user.role == Role.ADMINISTRATOR:
        return rows.none()
    if user.role in COMMAND_ROLES | {Role.VIEWER}:
        return rows
    return rows.filter(pk__in=members_on(today).filter(agency=user.agency_id).values("group"))


def visible_items(user: User, today: dt.date) -> QuerySet[GroupPlanItem]:
    """The plans of the groups that the user sees."""
    rows = GroupPlanItem.objects.filter(group__in=visible_groups(user, today).order_by())
    return rows.select_related("group__host", "lead")


def may_found(user: User) -> bool:
    """Enter a group that a text of law founds: those who run programmes."""
    return user.role in access.RUNS


def may_run(user: User, group: StandingGroup) -> bool:
    """Members, plan and meetings: those who run programmes, where their agency is in the chair."""
    return user.role in access.RUNS and user.agency_id == group.host_id


def may_report(user: User, item: GroupPlanItem) -> bool:
    """Say how an item goes: whoever works for the member in charge; who runs the group for any."""
    return may_run(user, item.group) or (user.agency_id == item.lead_id and user.role in access.WORKS)
