"""WHO may see and set lights by hand. What is computed is progress: access.progress_rule()."""

from django.db.models import Q

from portal.users.models import COMMAND_ROLES, Role, User
from tasks import access
from tasks.models import Assignment, LightOverride
from tasks.models.lights import LightOverrideQuerySet


def visible_overrides(user: User) -> LightOverrideQuerySet:
    """Those of the lead and of who coordinates; all of them for the command; viewers get the computed one."""
    rows = LightOverride.objects.all()
    if user.role in COMMAND_ROLES:
        return rows
    if user.role in {Role.VIEWER, Role.ADMINISTRATOR} or user.post is None:
        return rows.none()
    leads = Q(assignment__lead=user.agency_id)
    coordinates = Assignment.objects.filter(coordinations__agency=user.agency_id)
    return rows.filter(leads | Q(assignment__in=coordinates))


def may_set_light(user: User, assignment: Assignment) -> bool:
    """Those who run the programme: its officer and its commander."""
    return access.may_settle(user, assignment.programme)
