"""What tests of extensions share: one request of the department, and how it is made."""

import datetime as dt
from typing import Any

from portal.lib.actions import action
from portal.users.models import User
from tasks import amending, extensions
from tasks.amending import ChangeContent
from tasks.models import Assignment, ExtensionRequest, Programme
from tests.factories import NOW

DUE_ON = dt.date(2026, 3, 31)
NEW_ON = dt.date(2026, 4, 20)
REASON = "Chờ ý kiến thẩm định của cơ quan cấp trên"


def fresh(assignment: Assignment) -> Assignment:
    """Return the assignment anew, with what its page has in hand."""
    return Assignment.objects.select_related("programme__host", "lead").get(pk=assignment.pk)


def asked(assignment: Assignment, by: User, *, at: dt.datetime = NOW, **changes: Any) -> ExtensionRequest:
    """Ask for 20 April."""
    return extensions.ask(assignment, by=by, at=at, **({"new_on": NEW_ON, "reason": REASON} | changes))


@action
def amend(programme: Programme, change: ChangeContent, *, by: User) -> None:
    """Write one change as an issued amendment does."""
    amending.amend(programme, [change], by=by, at=NOW)
