"""WHO may see people and their posts."""

import datetime as dt

from django.db.models import QuerySet

from portal.agencies.models import Agency
from portal.users.models import COMMAND_ROLES, Membership, Role, User


def may_see_people(user: User, agency: Agency) -> bool:
    """Who holds which post: for the agency itself, the command and the administrator."""
    return user.agency_id == agency.pk or user.role in COMMAND_ROLES | {Role.ADMINISTRATOR}


def visible_posts(user: User, agency: Agency, *, day: dt.date) -> QuerySet[Membership]:
    """The posts of an agency on a day, with the people who hold them and may sign in."""
    posts = Membership.objects.valid_on(day).filter(agency=agency, user__is_active=True)
    return posts.select_related("user") if may_see_people(user, agency) else posts.none()
