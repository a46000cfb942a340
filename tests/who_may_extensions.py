"""How the actions of extensions are prepared for the who-may matrix: the assignment is the lead's."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from portal.users.models import User
from tasks import extensions
from tasks.models import Assignment, ExtensionRequest
from tests.factories import NOW
from tests.who_may_rounds import REASON, Ask, in_state

NEW_ON = dt.date(2026, 7, 30)


def _assignment(world: SimpleNamespace, status: str) -> Assignment:
    in_state(world.programme, "in_force")
    in_state(world.assignment, status, "status")
    return Assignment.objects.select_related("programme__host", "lead").get(pk=world.assignment.pk)


def _request(world: SimpleNamespace, state: str) -> Ask:
    found = _assignment(world, state)
    return lambda by: extensions.request(found, by=by, at=NOW, new_on=NEW_ON, reason=REASON)


def _asked(act: Callable[..., Any], **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        by = world.people["lead", "focal_point"]
        found = extensions.request(
            _assignment(world, "in_progress"), by=by, at=NOW, new_on=NEW_ON, reason=REASON
        )
        if state != "pending":
            granted_on = NEW_ON if state == "approved" else None
            columns = {"decided_at": NOW, "decision_note": REASON, "granted_on": granted_on}
            ExtensionRequest.objects.filter(pk=found.pk).update(state=state, **columns)

        def ask(by: User) -> None:
            act(ExtensionRequest.objects.get(pk=found.pk), by=by, at=NOW, **given)

        return ask

    return prepare


PREPARE = {
    "tasks.extensions.request": _request,
    "tasks.extensions.withdraw": _asked(extensions.withdraw),
    "tasks.extensions.approve": _asked(extensions.approve),
    "tasks.extensions.refuse": _asked(extensions.refuse, reason=REASON),
}
