"""WHO may read the audit trail, and how much of it."""

from portal.audit.verbs import Verb
from portal.users.models import Role, User

READS_TRAIL = frozenset({Role.PROGRAMME_OFFICER, Role.COMMANDER, Role.ADMINISTRATOR})


def may_read_trail(user: User) -> bool:
    """Those who run the programme, and the administrator; nobody reads about other agencies here."""
    return user.role in READS_TRAIL


def may_read_details(user: User, verb: Verb) -> bool:
    """The administrator learns that a step was taken, not how far an agency has come with its work."""
    return may_read_trail(user) and (user.role != Role.ADMINISTRATOR or not verb.is_private)


may_export_trail = may_read_trail
