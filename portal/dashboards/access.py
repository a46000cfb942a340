"""WHO may read the audit trail, and how much of it."""

from django.db.models import QuerySet

from agreements.models import Certificate
from portal.audit.models import Event, Verification
from portal.audit.verbs import Verb
from portal.users.models import Role, User

READS_TRAIL = frozenset({Role.PROGRAMME_OFFICER, Role.COMMANDER, Role.ADMINISTRATOR})


def may_read_trail(user: User) -> bool:
    """Those who run the programme, and the administrator; nobody reads about other agencies here."""
    return user.role in READS_TRAIL


def visible_events(user: User) -> QuerySet[Event]:
    """The whole trail or nothing of it; what an event tells is narrowed by may_read_details()."""
    return Event.objects.all() if may_read_trail(user) else Event.objects.none()


def certificates_in_trail(user: User) -> QuerySet[Certificate]:
    """Every certificate, to search by: the trail names them all to whoever reads it."""
    return Certificate.objects.all() if may_read_trail(user) else Certificate.objects.none()


def visible_verifications(user: User) -> QuerySet[Verification]:
    """How the checks of the chain came out, the newest first."""
    return Verification.objects.all() if may_read_trail(user) else Verification.objects.none()


def may_read_details(user: User, verb: Verb) -> bool:
    """The administrator learns that a step was taken, not how far an agency has come with its work."""
    return may_read_trail(user) and (user.role != Role.ADMINISTRATOR or not verb.is_private)


may_export_trail = may_read_trail
