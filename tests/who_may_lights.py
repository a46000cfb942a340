"""How lights set by hand are prepared for the who-may matrix."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace

from portal.users.models import User
from tasks import light_overrides
from tasks.models import Assignment, LightOverride
from tests.factories import NOW, TODAY
from tests.who_may_rounds import REASON, Ask, in_state

UNTIL_ON = TODAY + dt.timedelta(days=20)


def _of(world: SimpleNamespace) -> Assignment:
    rows = Assignment.objects.select_related("programme__host", "lead")
    found: Assignment = rows.get(pk=world.assignment.pk)
    return found


def _put(world: SimpleNamespace, state: str) -> Ask:
    in_state(world.programme, "in_force")
    in_state(world.assignment, state, "status")

    def ask(by: User) -> None:
        light_overrides.put(_of(world), by=by, at=NOW, colour="red", reason=REASON, until_on=UNTIL_ON)

    return ask


def _lift(world: SimpleNamespace, state: str) -> Ask:
    in_state(world.programme, "in_force")
    in_state(world.assignment, "in_progress", "status")
    made = LightOverride.objects.create(
        assignment=world.assignment,
        colour="red",
        reason=REASON,
        on=TODAY,
        until_on=UNTIL_ON,
        by=world.people["host", "programme_officer"],
        at=NOW,
    )
    rows = LightOverride.objects.select_related("assignment__programme")
    return lambda by: light_overrides.lift(rows.get(pk=made.pk), by=by, at=NOW)


PREPARE: dict[str, Callable[[SimpleNamespace, str], Ask]] = {
    "tasks.light_overrides.put": _put,
    "tasks.light_overrides.lift": _lift,
}
