"""WHO may see people, let them in, and let them in again."""

from django.db.models import QuerySet

from portal.agencies.models import Agency
from portal.users.models import COMMAND_ROLES, HEAD_ROLES, Membership, MembershipQuerySet, Role, User
from portal.users.records import Handover, Invitation, Recovery, RecoveryQuerySet

RECOVERS = frozenset({Role.PROGRAMME_OFFICER, Role.ADMINISTRATOR})
"""Posts that open a recovery and approve each other's."""

SEES_ALL_PEOPLE = COMMAND_ROLES | {Role.ADMINISTRATOR}
KEEPS_PEOPLE = SEES_ALL_PEOPLE | HEAD_ROLES
"""Posts that have the page of people."""


def visible_people(user: User) -> QuerySet[User]:
    """Everybody for the command and the administrator; for others those of their own agency."""
    if user.role in SEES_ALL_PEOPLE:
        return User.objects.all()
    if user.post is None:
        return User.objects.none()
    return User.objects.filter(pk__in=Membership.objects.filter(agency=user.agency_id).values("user"))


def may_see_people(user: User, agency: Agency) -> bool:
    """Who holds which post: for the agency itself, the command and the administrator."""
    return user.agency_id == agency.pk or user.role in SEES_ALL_PEOPLE


def visible_posts(user: User) -> MembershipQuerySet:
    """Posts past, present and to come of the same agencies."""
    posts = Membership.objects.select_related("user", "agency")
    return posts if user.role in SEES_ALL_PEOPLE else posts.filter(agency=user.agency_id)


def visible_invitations(user: User) -> QuerySet[Invitation]:
    invitations = Invitation.objects.select_related("user", "invited_by")
    return invitations.filter(user__in=visible_people(user))


def may_open_people(user: User) -> bool:
    """Open the page of people."""
    return user.role in KEEPS_PEOPLE


def may_add_somebody(user: User) -> bool:
    """Add a person somewhere: may_add() says where and as what."""
    return user.role in {Role.ADMINISTRATOR, Role.AGENCY_HEAD}


def may_add(user: User, role: str, agency_id: int) -> bool:
    """Add a person with a post: the administrator any; a head the focal points of their own agency."""
    if user.role == Role.ADMINISTRATOR:
        return True
    return user.role == Role.AGENCY_HEAD and role == Role.FOCAL_POINT and agency_id == user.agency_id


def may_invite(user: User, person: User, way: str) -> bool:
    """Give a person a way in.

    The administrator gives anybody else one, as often as it takes. Before the person's first time also
    the officer, who has them in front of the screen, and the head of a focal point's own agency.
    """
    if person.pk == user.pk or not person.is_active:
        return False
    if user.role == Role.ADMINISTRATOR:
        return True
    if person.is_activated or person.last_login:  # who comes by the identity provider has no password here
        return False
    if user.role == Role.PROGRAMME_OFFICER:
        return way == Invitation.Way.PRESENT
    if user.role != Role.AGENCY_HEAD:
        return False
    posts = set(person.memberships.values_list("role", "agency_id"))
    return posts == {(Role.FOCAL_POINT, user.agency_id)}


def may_unbind(user: User, person: User) -> bool:
    """Take a person's tie to the identity provider away: the administrator, never their own."""
    return user.role == Role.ADMINISTRATOR and person.pk != user.pk


def may_revoke(user: User, invitation: Invitation) -> bool:
    """Take an invitation back: the administrator, and whoever sent it."""
    return user.role == Role.ADMINISTRATOR or invitation.invited_by_id == user.pk


def may_hand_over(user: User) -> bool:
    return user.role == Role.ADMINISTRATOR


def visible_handovers(user: User) -> QuerySet[Handover]:
    """All, for whoever makes them."""
    return Handover.objects.all() if may_hand_over(user) else Handover.objects.none()


# --- A lost second factor ---------------------------------------------------------------------------
def visible_recoveries(user: User) -> RecoveryQuerySet:
    """All, for those who mend them; the commander sees those of officers and administrators."""
    recoveries = Recovery.objects.select_related("user", "opened_by", "approved_by")
    if user.role in RECOVERS:
        return recoveries
    if user.role == Role.COMMANDER:
        ours = Membership.objects.filter(role__in=RECOVERS)
        return recoveries.filter(user__in=ours.values("user"))
    return recoveries.none()


def may_see_recoveries(user: User) -> bool:
    return user.role in RECOVERS | {Role.COMMANDER}


def may_open_recovery(user: User, person: User) -> bool:
    return user.role in RECOVERS and person.pk != user.pk and person.is_active


def may_approve_recovery(user: User, recovery: Recovery) -> bool:
    """Officer and administrator together, never the same person, never the person themself.

    For one of their own posts another of that post would have to do; the commander may stand in, so
    that a command with a single administrator mends the administrator's factor too.
    """
    opener, person = recovery.opened_by, recovery.user
    if user.pk in {opener.pk, person.pk} or opener.role not in RECOVERS or user.role == opener.role:
        return False
    return user.role in RECOVERS or (user.role == Role.COMMANDER and person.role in RECOVERS)


def may_show_code(user: User, recovery: Recovery) -> bool:
    """Read out the code: one of the two."""
    return user.pk in {recovery.opened_by_id, recovery.approved_by_id}


def may_cancel_recovery(user: User, recovery: Recovery) -> bool:
    return user.role in RECOVERS or may_approve_recovery(user, recovery)
