"""How long a sign-in lasts, where a person is signed in, and its end.

What every request asks stands in the session itself, which it reads anyway. The row beside it is what
its owner sees, written at most once a minute.
"""

import datetime as dt
import enum
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.signals import user_logged_in, user_logged_out
from django.contrib.sessions.backends.base import SessionBase
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.web import current_request
from portal.users.models import Role, SignIn, User

IDLE = dt.timedelta(minutes=30)
LONGEST = dt.timedelta(hours=12)
SEEN_EVERY = dt.timedelta(minutes=1)
_FACTS = "sign_in"


class Over(enum.Enum):
    """Why a sign-in is at its end."""

    IDLE = enum.auto()
    LONG = enum.auto()
    POST_CHANGED = enum.auto()
    CLOSED = enum.auto()


def connect() -> None:
    user_logged_in.connect(begin, dispatch_uid="portal.users.sessions.begin")
    user_logged_out.connect(leave, dispatch_uid="portal.users.sessions.leave")


def begin(request: HttpRequest, user: User, **_facts: Any) -> None:
    """Note a sign-in, once Django has given it a new session key."""
    at, facts = timezone.now(), current_request()
    expired(user, at=at).delete()
    row = SignIn.objects.create(
        user=user,
        session_key=request.session.session_key or "",
        signed_in_at=at,
        last_seen_at=at,
        address=facts.address if facts else "",
        browser=request.headers.get("User-Agent", "")[:300],
    )
    moment = at.timestamp()
    request.session[_FACTS] = {"id": row.pk, "at": moment, "seen": moment, "post": post_mark(user)}


def leave(request: HttpRequest, **_facts: Any) -> None:
    """Forget a sign-in whose owner signs out, before Django empties the session."""
    SignIn.objects.filter(pk=own_id(request.session)).delete()


def own_id(session: SessionBase) -> int:
    """Return the key of the sign-in that a session belongs to, 0 when nobody is signed in."""
    facts = session.get(_FACTS)
    return facts["id"] if facts else 0


def post_mark(user: User) -> str:
    """Return what changes when the person's post does; a post that ended is another mark."""
    return f"{user.post.pk} {user.post.role} {user.post.agency_id}" if user.post else ""


def why_over(session: SessionBase, user: User | AnonymousUser, *, at: dt.datetime) -> Over | None:
    """Return why the session may not go on, None when it may; no query but for the user's post."""
    facts = session.get(_FACTS)
    if facts is None or not user.is_authenticated:
        return Over.CLOSED
    if at.timestamp() - facts["at"] > LONGEST.total_seconds():
        return Over.LONG
    if at.timestamp() - facts["seen"] > IDLE.total_seconds():
        return Over.IDLE
    return Over.POST_CHANGED if facts["post"] != post_mark(user) else None


def see(session: SessionBase, *, at: dt.datetime) -> None:
    """Note that the owner is there; at most once a minute."""
    facts = session[_FACTS]
    if at.timestamp() - facts["seen"] < SEEN_EVERY.total_seconds():
        return
    session[_FACTS] = facts | {"seen": at.timestamp()}
    SignIn.objects.filter(pk=facts["id"]).update(last_seen_at=at)


def follow(session: SessionBase) -> None:
    """Write the session's new key, which a step-up or a new password gave it, beside its sign-in."""
    SignIn.objects.filter(pk=own_id(session)).update(session_key=session.session_key)


def current(user: User, *, at: dt.datetime) -> QuerySet[SignIn]:
    """Return where the person is signed in, the last seen first."""
    return SignIn.objects.filter(user=user, last_seen_at__gte=at - IDLE, signed_in_at__gte=at - LONGEST)


def expired(user: User, *, at: dt.datetime) -> QuerySet[SignIn]:
    return SignIn.objects.filter(user=user).exclude(pk__in=current(user, at=at).values("pk"))


@action
def end(sign_ins: QuerySet[SignIn], *, of: User, by: User, at: dt.datetime) -> int:
    """End sign-ins of a person, now; return how many there were. Their own, or all by an administrator."""
    if by.pk != of.pk and by.role != Role.ADMINISTRATOR:
        raise PermissionDenied
    rows = list(sign_ins.filter(user=of).order_by("pk").select_for_update())
    if rows:
        Session.objects.filter(session_key__in=[row.session_key for row in rows]).delete()
        SignIn.objects.filter(pk__in=[row.pk for row in rows]).delete()
        agency_code = of.post.agency.code if of.post else ""
        record("session.ended", of, by=by, at=at, agency_code=agency_code, payload={"count": len(rows)})
    return len(rows)
