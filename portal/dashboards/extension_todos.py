"""What a home says of requests for extension: to who decides, to who runs the programme, to who asked."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.dashboards.todos import Entry, Todo
from portal.users.models import Role, User
from tasks import access
from tasks.deadlines import timeliness
from tasks.models import ExtensionRequest, Programme
from tasks.states import EXTENDABLE_ASSIGNMENT, ExtensionState, ProgrammeState


def rows(user: User, programme: Programme | None, today: dt.date) -> list[Todo]:
    """Return what waits for a decision, seen from the reader's desk; one query."""
    if programme is None or programme.state != ProgrammeState.IN_FORCE:
        return []
    waiting = access.visible_extensions(user).filter(
        assignment__programme=programme,
        assignment__status__in=EXTENDABLE_ASSIGNMENT,
        state=ExtensionState.PENDING,
    )
    found = list(waiting.order_by("due_on", "pk"))
    if access.decides_extensions(user, programme):
        return [_decide(row, today) for row in found]
    if user.role == Role.PROGRAMME_OFFICER:
        return [_prepare(found, programme)] if found else []
    return [_wait(row) for row in found if row.agency_id == user.agency_id]


def _decide(row: ExtensionRequest, today: dt.date) -> Todo:
    assignment = row.assignment
    return Todo(
        what=_("Decide on the extension of assignment %(code)s, to %(day)s")
        % {"code": assignment.code, "day": f"{row.new_on:%d/%m/%Y}"},
        why=_("%(agency)s: %(reason)s") % {"agency": row.agency.name, "reason": row.reason},
        state=timeliness(assignment.status, assignment.due_on, assignment.submitted_on, today),
        on=assignment.due_on,
        url=row.get_absolute_url(),
        button=_("Read and decide"),
        entry=Entry(
            f"extension-{row.pk}",
            _("Extension to be decided: assignment %(code)s") % {"code": assignment.code},
        ),
    )


def _prepare(found: list[ExtensionRequest], programme: Programme) -> Todo:
    words = ngettext(
        "%(count)s request for extension waits for the commander",
        "%(count)s requests for extension wait for the commander",
        len(found),
    )
    address = f"{reverse('extensions:list')}?year={programme.year}&state={ExtensionState.PENDING}"
    return Todo(what=words % {"count": len(found)}, url=address, button=_("See the register"))


def _wait(row: ExtensionRequest) -> Todo:
    return Todo(
        what=_("Your request for more time for assignment %(code)s waits for the decision")
        % {"code": row.assignment.code},
        why=_("Asked for until %(day)s; the present deadline binds until it is granted.")
        % {"day": f"{row.new_on:%d/%m/%Y}"},
        url=row.get_absolute_url(),
        button=_("Open"),
    )
