"""What every page says about its reader."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from portal.users import access
from portal.users.models import Role


@dataclass(frozen=True)
class Person:
    name: str
    title: str
    agency_name: str
    agency_code: str
    role: str
    is_administrator: bool
    keeps_people: bool
    mends_factors: bool


def person(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the reader, the demonstration mark and the local time."""
    user = getattr(request, "user", None)
    reader = None
    if user is not None and user.is_authenticated and user.post:
        post = user.post
        reader = Person(
            name=user.get_full_name(),
            title=post.title or post.get_role_display(),
            agency_name=post.agency.name,
            agency_code=post.agency.code,
            role=post.role,
            is_administrator=post.role == Role.ADMINISTRATOR,
            keeps_people=access.may_open_people(user),
            mends_factors=access.may_see_recoveries(user),
        )
    return {
        "person": reader,
        "demo": settings.DEMO,
        "demo_password": settings.DEMO_PASSWORD,
        "province": settings.PROVINCE,
        "host_name": settings.HOST_NAME,
        "oidc_name": settings.OIDC_NAME if settings.OIDC_ISSUER else "",
        "local_now": timezone.localtime(),
    }
