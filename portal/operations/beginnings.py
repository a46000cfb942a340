"""The first account of an empty portal; every later one is made in the administration."""

import datetime as dt

from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext as _

from portal.agencies.models import Agency, AgencyKind
from portal.audit import events
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError
from portal.lib.text import one_line
from portal.users.models import Membership, Role, User


@action
def create_administrator(user: User, agency: Agency, *, password: str, at: dt.datetime) -> Membership:
    """Save the host agency and the user, both new, and give the user the post of administrator.

    Whoever may run commands on the server may do this, but only once: raises RuleError when the
    portal has users, ValidationError for a weak password or a bad field.
    """
    if User.objects.exists():
        raise RuleError(_("The portal has users already; an administrator adds others."))
    agency.kind = AgencyKind.ARMED_FORCES
    user.full_clean(exclude=["password", "name_sort_key", "name_folded"])
    for line in (user.full_name, agency.name_vi):
        one_line(line)
    agency.full_clean(exclude=["name_sort_key", "name_folded"])
    agency.save()
    user.save()
    post = Membership(user=user, agency=agency, role=Role.ADMINISTRATOR, valid_from=local_day(at))
    post.save()
    validate_password(password, user)  # asks more of an administrator, so the post comes first
    user.set_password(password)
    user.save(update_fields=["password"])
    events.record("agency.created", agency, by=None, at=at, agency_code=agency.code)
    events.record("user.created", user, by=None, at=at, agency_code=agency.code)
    events.record("membership.created", post, by=None, at=at, agency_code=agency.code)
    return post
