"""End the open requests for extension of assignments that are no longer what they were about.

Only within the action that changes the assignments: it was amended, confirmed, handed back or withdrawn,
or its programme ended.
"""

import datetime as dt

from portal.lib.states import move
from portal.users.models import User
from tasks import extension_reminders
from tasks.models import ExtensionRequest
from tasks.models.assignments import AssignmentQuerySet
from tasks.states import EXTENSION, ExtensionState


def lapse(assignments: AssignmentQuerySet, *, by: User, at: dt.datetime) -> None:
    """Let their open requests lapse and tell whoever asked. No event: that of the change says why."""
    waiting = ExtensionRequest.objects.filter(assignment__in=assignments, state=ExtensionState.PENDING)
    for request in waiting.select_related("assignment__programme", "agency"):
        move(request, ExtensionState.LAPSED, EXTENSION, decided_by=by, decided_at=at)
        extension_reminders.settle(request, at=at)
        extension_reminders.tell(extension_reminders.LAPSED, request, by=by, at=at)
