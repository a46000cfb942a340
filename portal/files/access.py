"""WHO may take a file back."""

from portal.users.models import Role, User

RECALLS = frozenset({Role.PROGRAMME_OFFICER, Role.COMMANDER, Role.ADMINISTRATOR})


def may_recall(user: User) -> bool:
    """Those who run the programme, and the administrator: a secret that got in has to be stopped at once."""
    return user.role in RECALLS
