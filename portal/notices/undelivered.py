"""What the page of undelivered mails shows: what was given up, what waits too long, whom no mail reaches."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Q

from portal.lib import walls
from portal.lib.dates import local_day
from portal.notices import access, bounces, mails
from portal.notices.models import Mail, Why
from portal.users.models import Membership, User


@dataclass(frozen=True)
class Late:
    """Mails that should have left: how many, and since when the one that waited longest."""

    count: int
    since: dt.datetime


@dataclass(frozen=True)
class Row:
    """A mail that was given up, with the post that its recipient holds today."""

    mail: Mail
    post: Membership | None


@dataclass(frozen=True)
class Unreached:
    """Somebody who holds a post and gets no mail, and why."""

    post: Membership
    why: str


def late(*, at: dt.datetime) -> Late | None:
    """Return what should have left by now and has not; None when nothing is late."""
    with walls.everything():  # the hour that a person chose is theirs; a count and a moment are all it says
        moments = mails.due(at=at)
    return Late(len(moments), min(moments)) if moments else None


def rows(given_up: Sequence[Mail], *, today: dt.date) -> list[Row]:
    """Return these mails with their recipients' posts. One query."""
    people = {mail.recipient_id for mail in given_up}
    held = Membership.objects.held_on(today).filter(user__in=people).select_related("agency")
    posts = {post.user_id: post for post in held}
    return [Row(mail, posts.get(mail.recipient_id)) for mail in given_up]


def unreached(reader: User, *, at: dt.datetime) -> list[Unreached]:
    """Return who holds a post today, may sign in, and has no address or one that bounced. One query."""
    if not access.may_send_again(reader):
        return []
    without = Q(user__email="") | Q(user__in=bounces.bouncing())
    held = Membership.objects.held_on(local_day(at)).filter(without, user__is_active=True)
    posts = held.select_related("user", "agency").order_by("agency__protocol_order", "agency", "user")
    return [Unreached(post, _why(post.user)) for post in posts]


def _why(user: User) -> str:
    return str(Why.BOUNCED.label) + f" ({user.bounce_status})" if user.email else str(Why.NO_ADDRESS.label)
