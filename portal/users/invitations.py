"""Let people in: a link and a code, which reach them on two different ways."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.errors import RuleError
from portal.users import access, codes, throttle
from portal.users.models import Membership, User
from portal.users.records import Invitation

LINK_LIFE = dt.timedelta(days=7)
PRESENT_LIFE = dt.timedelta(minutes=30)
Way = Invitation.Way


@dataclass(frozen=True)
class Issued:
    """A fresh invitation with what only its maker ever sees."""

    invitation: Invitation
    token: str
    code: str

    @property
    def url(self) -> str:
        return settings.PUBLIC_URL + reverse("activate", args=[self.token])


@action
def add(person: User, post: Membership, *, way: Way, by: User, at: dt.datetime) -> Issued:
    """Save a person without a password and their first post, both new, and invite them."""
    if not access.may_add(by, post.role, post.agency_id):
        raise PermissionDenied
    code = post.agency.code
    save_new(person, code, by=by, at=at)
    post.user = person
    post.full_clean()
    post.save()
    facts = {"role": post.role, "from": post.valid_from, "document": post.document}
    record("membership.added", post, by=by, at=at, agency_code=code, payload=facts)
    return invite(person, way=way, by=by, at=at)


def save_new(person: User, agency_code: str, *, by: User, at: dt.datetime) -> None:
    """Save a new person, who has no password until they are invited; within an action that asked who may."""
    person.set_unusable_password()
    person.full_clean(exclude=["password", "name_sort_key", "name_folded"])
    person.save()
    record("user.added", person, by=by, at=at, agency_code=agency_code, payload={"username": person.username})


@action
def invite(
    person: User, *, way: Way, by: User, at: dt.datetime, starts_at: dt.datetime | None = None
) -> Issued:
    """Make a link and a code; an earlier invitation of the person stops working.

    Their password, if they have one, and their second factor stay as they are until the link is used,
    the factor also then. `starts_at`: when the post begins, if the link is to live beyond that.
    """
    if not access.may_invite(by, person, way):
        raise PermissionDenied
    if way == Way.MAIL and not person.email:
        raise RuleError(
            _("%(name)s has no e-mail address. Enter one, or activate the account in person.")
            % {"name": person.get_full_name()}
        )
    person = User.objects.select_for_update().get(pk=person.pk)  # two at once: one of them stays open
    person.invitations.open().update(revoked_at=at)
    is_mail = way == Way.MAIL
    token, code = codes.new_token() if is_mail else codes.new_short_token(), codes.new_code()
    invitation = Invitation.objects.create(
        user=person,
        way=way,
        token_sha256=codes.token_sha256(token),
        code_hash=codes.hash_code(code),
        invited_by=by,
        invited_at=at,
        expires_at=max(at, starts_at or at) + (LINK_LIFE if is_mail else PRESENT_LIFE),
    )
    record("invitation.sent", invitation, by=by, at=at, payload={"user": person.pk, "way": way})
    return Issued(invitation, token, code)


@action
def revoke(invitation: Invitation, *, by: User, at: dt.datetime) -> None:
    """Make an open invitation useless."""
    if not access.may_revoke(by, invitation):
        raise PermissionDenied
    if not Invitation.objects.open().filter(pk=invitation.pk).update(revoked_at=at):
        raise RuleError(_("This invitation was used or revoked meanwhile. Nothing was done."))
    record("invitation.revoked", invitation, by=by, at=at, payload={"user": invitation.user_id})


def find(token: str, *, at: dt.datetime) -> Invitation | None:
    """Return the invitation that a link belongs to, None when the link is good for nothing."""
    alive = Invitation.objects.alive(at).filter(user__is_active=True).select_related("user")
    return alive.filter(token_sha256=codes.token_sha256(token)).first()


def check_code(invitation: Invitation, code: str, *, at: dt.datetime) -> bool:
    """Return whether the code is the invitation's. Raises TooManyFailures after a few wrong ones.

    Many within an hour, from wherever, end the invitation: somebody has the link who should not.
    Outside any transaction: a refusal must not take the count back.
    """
    attempt = throttle.Attempt("activation", invitation.user_id, at=at)
    if not codes.is_code(code, invitation.code_hash):
        if attempt.count_everywhere() >= throttle.OF_GUESSABLE:
            _end_guessed(invitation, at=at)
        return False
    attempt.forgive()
    return True


@action
def _end_guessed(invitation: Invitation, *, at: dt.datetime) -> None:
    if Invitation.objects.open().filter(pk=invitation.pk).update(revoked_at=at):
        payload = {"user": invitation.user_id, "why": "guessed"}
        record("invitation.revoked", invitation, by=None, at=at, payload=payload)


@action
def activate(invitation: Invitation, *, password: str, at: dt.datetime) -> User:
    """Spend an invitation whose code was right, and give the account the password. Once.

    An old password stops working and the sessions made with it end.
    """
    spent = Invitation.objects.alive(at).filter(pk=invitation.pk).update(used_at=at)
    user = User.objects.select_for_update().get(pk=invitation.user_id)
    if not spent or not user.is_active:
        raise RuleError(_("This link was used or replaced meanwhile. Ask for a new one."))
    is_first = not user.is_activated
    user.set_password(password)
    user.save(update_fields=["password"])
    record("invitation.used", invitation, by=user, at=at, payload={"user": user.pk, "first": is_first})
    return user
