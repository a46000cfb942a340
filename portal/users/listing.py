"""What the pages of people show."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Prefetch, Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from portal.agencies.models import Agency
from portal.lib.dates import local_day
from portal.lib.text import fold, search_words
from portal.users import access, factors, oidc
from portal.users.models import Membership, Role, User
from portal.users.records import Invitation, Recovery

SOON = dt.timedelta(days=2)
"""An unused invitation that ends within this time stands on the administrator's home."""

SHOWN_RECOVERIES = 30

STATES = ("active", "invited", "expired", "new", "closed")


@dataclass(frozen=True)
class Choice:
    """What the reader asked to see: words in the name, and a state of the account."""

    words: str = ""
    state: str = ""

    @classmethod
    def of(cls, query: QueryDict) -> "Choice":
        state = query.get("state", "")
        return cls(search_words(query.get("q", "")), state if state in STATES else "")

    @property
    def states(self) -> list[tuple[str, str]]:
        return [(state, account_words(state)) for state in STATES]


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    user: User
    post: Membership | None
    invitation: Invitation | None
    state: str

    @property
    def words(self) -> str:
        return account_words(self.state)


def account_words(state: str) -> str:
    return {
        "active": _("activated"),
        "invited": _("invited, not activated yet"),
        "expired": _("invitation expired"),
        "new": _("not invited yet"),
        "closed": pgettext("account", "closed"),
    }[state]


def people(reader: User, chosen: Choice, *, at: dt.datetime) -> list[Row]:
    """Return the people whom the reader sees, by given name, in a fixed number of queries."""
    posts = Membership.objects.select_related("agency").order_by("-valid_from", "-pk")
    sent = Invitation.objects.select_related("invited_by").order_by("-invited_at", "-pk")
    users = access.visible_people(reader).order_by("name_sort_key", "pk")
    users = users.prefetch_related(Prefetch("memberships", posts), Prefetch("invitations", sent))
    for word in fold(chosen.words).split():
        users = users.filter(name_folded__contains=word)
    rows = [_row(user, at) for user in users]
    return [row for row in rows if chosen.state in {"", row.state}]


def _row(user: User, at: dt.datetime) -> Row:
    newest = next(iter(user.invitations.all()), None)
    return Row(user, _post_on(user, local_day(at)), newest, _state(user, newest, at))


def _state(user: User, newest: Invitation | None, at: dt.datetime) -> str:
    if not user.is_active:
        return "closed"
    if user.is_activated:
        return "active"
    if newest is None or newest.revoked_at:
        return "new"
    return "invited" if newest.is_alive(at) else "expired"


def _post_on(user: User, today: dt.date) -> Membership | None:
    """Return the post of today, else the next to come, from the rows in hand, newest first."""
    posts = list(user.memberships.all())
    held = [p for p in posts if p.valid_from <= today and (p.valid_to is None or p.valid_to >= today)]
    coming = [p for p in posts if p.valid_from > today]
    return held[0] if held else coming[-1] if coming else None


def post_to_show(user: User) -> Membership | None:
    """Return the newest post, for a slip: the one that the person is invited for."""
    return user.memberships.select_related("agency").order_by("-valid_from", "-pk").first()


def person_page(user: User, reader: User, *, at: dt.datetime) -> dict[str, Any]:
    """Return everything that users/person.html reads."""
    found = list(access.visible_invitations(reader).filter(user=user)[:20])
    way = Invitation.Way
    return {
        "shown": user,
        "state": _state(user, found[0] if found else None, at),
        "state_words": account_words(_state(user, found[0] if found else None, at)),
        "has_factor": factors.is_enrolled(user),
        "posts": access.visible_posts(reader).filter(user=user).order_by("-valid_from", "-pk"),
        "invitations": [(row, row.is_alive(at), access.may_revoke(reader, row)) for row in found],
        "may_mail": access.may_invite(reader, user, way.MAIL),
        "may_present": access.may_invite(reader, user, way.PRESENT),
        "may_recover": access.may_open_recovery(reader, user),
        "provider": settings.OIDC_NAME if oidc.is_offered() else "",
        "is_bound": oidc.is_offered() and oidc.binding_of(user) is not None,
        "may_unbind": access.may_unbind(reader, user),
        "today": local_day(at),
    }


def roles_to_add(user: User) -> list[Role]:
    """Return the posts that the user may give to a new person."""
    agency_id = user.agency_id or 0
    return [role for role in Role if access.may_add(user, role, agency_id)]


def agencies_to_add_to(user: User) -> QuerySet[Agency]:
    if user.role == Role.ADMINISTRATOR:
        return Agency.objects.all()
    return Agency.objects.filter(pk=user.agency_id or 0)


def to_follow_up(*, at: dt.datetime) -> list[Invitation]:
    """Return invitations of people who never came in, that expired or soon will, the oldest first."""
    rows = Invitation.objects.open().filter(
        Q(way=Invitation.Way.MAIL, expires_at__lte=at + SOON) | Q(expires_at__lte=at),
        user__is_active=True,
        user__password__startswith=UNUSABLE_PASSWORD_PREFIX,
    )
    return list(rows.select_related("user").order_by("expires_at"))


# --- Lost factors -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Mending:
    """A recovery with what its reader may do about it."""

    recovery: Recovery
    stage: Recovery.Stage
    may_approve: bool
    may_show: bool
    may_cancel: bool

    @property
    def is_open(self) -> bool:
        return self.stage in {Recovery.Stage.WAITING, Recovery.Stage.APPROVED, Recovery.Stage.SHOWN}


def people_to_choose(user: User) -> QuerySet[User]:
    """Return the people whom the user sees and who may sign in, by given name."""
    return access.visible_people(user).filter(is_active=True).order_by("name_sort_key", "pk")


def people_to_recover(user: User) -> QuerySet[User]:
    """Return whom the user may open a recovery for."""
    return people_to_choose(user).exclude(pk=user.pk)


def recoveries(reader: User, *, at: dt.datetime) -> list[Mending]:
    """Return the open recoveries and the last closed ones, newest first."""
    return [_mending(row, reader, at) for row in access.visible_recoveries(reader)[:SHOWN_RECOVERIES]]


def recoveries_to_approve(reader: User, *, at: dt.datetime) -> list[Recovery]:
    waiting = access.visible_recoveries(reader).alive(at).filter(approved_at=None)
    return [row for row in waiting.order_by("opened_at") if access.may_approve_recovery(reader, row)]


def _mending(row: Recovery, reader: User, at: dt.datetime) -> Mending:
    stage = row.stage(at)
    is_open = row.used_at is None and row.cancelled_at is None and row.expires_at > at
    return Mending(
        row,
        stage,
        may_approve=stage == Recovery.Stage.WAITING and access.may_approve_recovery(reader, row),
        may_show=stage == Recovery.Stage.APPROVED and access.may_show_code(reader, row),
        may_cancel=is_open and access.may_cancel_recovery(reader, row),
    )
