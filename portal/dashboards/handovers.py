"""A post passes from one person to the next, with all that hangs on it. docs/decisions/0012 says why here.

It reaches from the person (post, invitation, sign-ins) to the paper (signing key, open rounds), so it
stands above both.
"""

import datetime as dt
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from agreements import boards, pki
from agreements.access import SIGNER_ROLES, documents_without
from agreements.boards import Round
from portal.agencies.models import Agency
from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.dates import local_day, start_of_day
from portal.lib.errors import RuleError
from portal.notices.access import visible_notices
from portal.users import access, invitations
from portal.users.models import Membership, Role, User
from portal.users.records import Handover, Invitation
from tasks import access as tasks_access
from tasks.models import Assignment
from tasks.states import OPEN_ASSIGNMENT, AssignmentStatus, ProgrammeState

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Post:
    """A post of an agency, with who holds it now, if anybody does."""

    agency: Agency
    role: Role
    holder: Membership | None = None

    @property
    def title(self) -> str:
        return self.holder.title if self.holder and self.holder.title else str(self.role.label)


@dataclass(frozen=True)
class Change:
    """What is to happen: who takes the post, from which day, on which document."""

    successor: User  # unsaved: a new person
    starts_on: dt.date
    title: str
    document: str
    document_on: dt.date | None = None

    @property
    def is_new(self) -> bool:
        return self.successor.pk is None


@dataclass(frozen=True)
class Waiting:
    """What the post has to do, and what its holder leaves behind: shown before it passes on."""

    open_assignments: int
    to_approve: int
    rounds: list[Round]
    unread: int
    has_key: bool
    left: Membership | None


def waiting(post: Post, change: Change, *, by: User, at: dt.datetime) -> Waiting:
    led = tasks_access.visible_assignments(by).filter(
        lead=post.agency, programme__state=ProgrammeState.IN_FORCE, status__in=OPEN_ASSIGNMENT
    )
    works = post.role in tasks_access.WORKS
    signs = post.role in SIGNER_ROLES
    old = post.holder.user if post.holder else None
    return Waiting(
        open_assignments=led.count() if works else 0,
        to_approve=_awaiting_head(led) if post.role in tasks_access.APPROVES else 0,
        rounds=boards.rounds(documents_without(by, post.agency.pk)) if signs else [],
        unread=visible_notices(old).unread().count() if old else 0,
        has_key=bool(old and pki.current_credential(old, at=at)),
        left=None if change.is_new else _open_post(change.successor).first(),
    )


def _awaiting_head(led: QuerySet[Assignment]) -> int:
    return led.filter(status=AssignmentStatus.AWAITING_HEAD).count()


def find_post(user: User, *, post: str, agency: str, role: str, today: dt.date) -> Post | None:
    """Return the post that an address names: one that somebody holds, or one that nobody does."""
    if post.isdecimal() and len(post) <= 18:
        held = access.visible_posts(user).valid_on(today).filter(pk=int(post)).first()
        return Post(held.agency, Role(held.role), held) if held else None
    found = tasks_access.visible_agencies(user).filter(code=agency).first()
    if found is None or role not in Role.values:
        return None
    holder = access.visible_posts(user).valid_on(today).filter(agency=found, role=role).first()
    return Post(found, Role(role), holder)


def _open_post(user: User) -> QuerySet[Membership]:
    return Membership.objects.filter(user=user, valid_to=None).select_related("agency")


# --- The hand-over ----------------------------------------------------------------------------------------
@action
def hand_over(post: Post, change: Change, *, by: User, at: dt.datetime) -> invitations.Issued | None:
    """Let the successor take the post on the day.

    1. The predecessor's post, and an open post that the successor holds elsewhere, end the day before.
    2. The successor's begins; a new person is saved without a password and invited.
    3. If the day is today: keys of posts that ended are destroyed.
       On a later day the post's end closes the pages by itself, and the job destroys the keys.

    Returns the invitation of somebody who has never been in, if it goes by mail.
    """
    if not access.may_hand_over(by):
        raise PermissionDenied
    today = local_day(at)
    if change.starts_on < today:
        raise RuleError(_("Choose today or a later day: what was done in the post until now stands."))
    predecessor = _end(post.holder, change.starts_on)
    before = post.holder.valid_to if post.holder else None
    successor, left = change.successor, None
    if change.is_new:
        invitations.save_new(successor, post.agency.code, by=by, at=at)
    else:
        _check_successor(successor, predecessor)
        left = _end(_open_post(successor).first(), change.starts_on)
    taken = _open(post, change, successor)
    made = Handover.objects.create(
        predecessor=predecessor,
        predecessor_to=before,
        successor=taken,
        left=left,
        starts_on=change.starts_on,
        made_by=by,
        made_at=at,
    )
    facts = {
        "agency": post.agency.code,
        "role": post.role,
        "from": change.starts_on,
        "document": change.document,
        "predecessor": predecessor.user_id if predecessor else None,
        "successor": successor.pk,
        "left": left.pk if left else None,
    }
    record("handover.made", made, by=by, at=at, agency_code=post.agency.code, payload=facts)
    if change.starts_on == today:
        # The predecessor's sign-ins end by themselves: see portal.users.sessions.
        pki.destroy_keys_without_post(by=by, at=at)
    if successor.is_activated or not successor.email:
        return None
    way = Invitation.Way.MAIL
    return invitations.invite(successor, way=way, by=by, at=at, starts_at=start_of_day(change.starts_on))


def _end(post: Membership | None, starts_on: dt.date) -> Membership | None:
    """End a post the day before another begins."""
    if post is None:
        return None
    post = Membership.objects.select_for_update(of=("self",)).select_related("user", "agency").get(pk=post.pk)
    names = {"person": post.user.get_full_name(), "agency": post.agency.name}
    if Handover.objects.filter(predecessor=post, undone_at=None).exists():
        raise RuleError(_("This post of %(person)s is handed over already; undo that first.") % names)
    if post.valid_from >= starts_on:
        raise RuleError(
            _("%(person)s holds a post at %(agency)s that begins on that day or later. Choose a later day.")
            % names
        )
    if post.valid_to is None or post.valid_to >= starts_on:
        post.valid_to = starts_on - DAY
        post.save(update_fields=["valid_to"])
    return post


def _check_successor(successor: User, predecessor: Membership | None) -> None:
    if not successor.is_active:
        raise RuleError(_("This account is closed. Open it first, under Change name, e-mail or posts."))
    if predecessor and predecessor.user_id == successor.pk:
        raise RuleError(_("This person holds the post already."))


def _open(post: Post, change: Change, successor: User) -> Membership:
    taken = Membership(
        user=successor,
        agency=post.agency,
        role=post.role,
        title=change.title,
        valid_from=change.starts_on,
        document=change.document,
        document_on=change.document_on,
    )
    try:
        taken.full_clean()
    except ValidationError as error:
        raise RuleError(" ".join(error.messages)) from error
    taken.save()
    return taken


# --- Until the day comes ----------------------------------------------------------------------------------
@action
def undo(made: Handover, *, by: User, at: dt.datetime) -> None:
    """Leave the post with the predecessor; only before the day."""
    if not access.may_hand_over(by):
        raise PermissionDenied
    made = Handover.objects.select_for_update().get(pk=made.pk)
    taken = made.successor
    if taken is None or made.starts_on <= local_day(at):
        raise RuleError(_("This hand-over has taken place or was undone. Hand the post over again instead."))
    made.successor, made.undone_at = None, at
    made.save(update_fields=["successor", "undone_at"])
    taken.delete()  # a post that never began
    if made.predecessor:
        Membership.objects.filter(pk=made.predecessor.pk).update(valid_to=made.predecessor_to)
    if made.left:
        Membership.objects.filter(pk=made.left.pk).update(valid_to=None)
    if not taken.user.memberships.exists():
        taken.user.invitations.open().update(revoked_at=at)
    facts = {"role": taken.role, "from": made.starts_on, "successor": taken.user_id}
    record("handover.undone", made, by=by, at=at, agency_code=taken.agency.code, payload=facts)


def coming(user: User, *, today: dt.date) -> QuerySet[Handover]:
    """Return the hand-overs that can still be undone, the next first."""
    rows = access.visible_handovers(user).filter(undone_at=None, starts_on__gt=today)
    rows = rows.select_related("successor__user", "successor__agency", "predecessor__user")
    return rows.order_by("starts_on", "pk")


def held_posts(user: User, words: str, *, today: dt.date) -> list[Membership]:
    """Return the posts held today, by agency, narrowed by words of the agency's or the holder's name."""
    posts = access.visible_posts(user).valid_on(today).filter(user__is_active=True)
    for word in words.split():
        posts = posts.filter(Q(agency__name_folded__contains=word) | Q(user__name_folded__contains=word))
    return list(posts.order_by("agency__protocol_order", "agency__name_sort_key", "role", "pk"))
