"""The secret link of a person's deadlines: made, replaced, taken back, and found again.

The token is shown once and kept as a hash. Whoever has it sees code, kind, day and link of what the
person is asked for, and nothing else; it opens nothing and changes nothing.
"""

import datetime as dt

from django.utils.translation import gettext as _

from portal.audit.events import record
from portal.lib import walls
from portal.lib.actions import action
from portal.lib.errors import RuleError
from portal.notices.models import CalendarLink
from portal.users import codes
from portal.users.models import Membership, User


def of(user: User) -> CalendarLink | None:
    """Return the link of the person's present post."""
    return CalendarLink.objects.filter(membership=user.post).first() if user.post else None


@action
def make(user: User, *, at: dt.datetime) -> str:
    """Make one's own link, in place of an older one; return its token, which nobody can read again."""
    if user.post is None:
        raise RuleError(_("You hold no post today."))
    token = codes.new_token()
    Membership.objects.select_for_update().get(pk=user.post.pk)  # a second click waits for the first
    CalendarLink.objects.filter(membership=user.post).delete()
    link = CalendarLink.objects.create(
        membership=user.post, user=user, token_sha256=codes.token_sha256(token), made_at=at
    )
    record("calendar_link.made", link, by=user, at=at)
    return token


@action
def withdraw(user: User, *, at: dt.datetime) -> None:
    """Take one's own link back: calendars that have it hear nothing more."""
    link = of(user)
    if link is None:
        raise RuleError(_("There is no calendar link to take back."))
    record("calendar_link.withdrawn", link, by=user, at=at)
    link.delete()


def holder(token: str) -> User | None:
    """Return whose deadlines a token shows: None when it is unknown, or the post or the account has ended."""
    with walls.everything():  # nobody is signed in; the token is asked
        link = (
            CalendarLink.objects.filter(token_sha256=codes.token_sha256(token)).select_related("user").first()
        )
    if link is None or not link.user.is_active:
        return None
    post = link.user.post
    return link.user if post and post.pk == link.membership_id else None
