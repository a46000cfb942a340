"""What a home says of letters of urging: to the records office, which numbers them."""

from django.utils.translation import gettext as _

from portal.dashboards.todos import Todo
from portal.users.models import User
from tasks import access
from tasks.states import ProgrammeState, UrgingLetterState


def to_number(user: User) -> list[Todo]:
    """Return the letters that wait for their number, the oldest first; one query."""
    waiting = {"state": UrgingLetterState.DRAFT, "programme__state": ProgrammeState.IN_FORCE}
    rows = access.visible_urging_letters(user).filter(**waiting).order_by("written_at")
    return [
        Todo(
            what=_("Number the letter of urging to %(agency)s") % {"agency": letter.agency.name},
            why=_("It is printed and signed outside the portal; then number and date are noted."),
            url=letter.get_absolute_url(),
            button=_("Open"),
            icon="envelope",
        )
        for letter in rows
    ]
