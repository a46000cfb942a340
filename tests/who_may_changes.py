"""How the actions of changes of agencies are prepared for the who-may matrix: somebody else has proposed."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from portal.agencies.models import Agency
from portal.users.models import User
from tasks import changes
from tasks.models import ChangePlan
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks import changing
from tests.who_may_rounds import Ask

TOMORROW = TODAY + dt.timedelta(days=1)


def _sides() -> tuple[Agency, Agency]:
    """Return an agency that ends, in which nobody works, and its successor."""
    return factories.AgencyFactory(), factories.AgencyFactory(valid_from=TOMORROW)


def _prepare(world: SimpleNamespace, state: str) -> Ask:
    gone, new = _sides()
    facts = changing.facts("rename", [gone], [new], on=TOMORROW)
    return lambda by: changes.prepare(facts, by=by, at=NOW)


def _planned(act: Callable[..., Any], **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        gone, new = _sides()
        officer = world.people["host", "programme_officer"]
        plan = changing.plan("rename", [gone], [new], by=officer, on=TOMORROW)
        proposer, confirmer = factories.UserFactory(), factories.UserFactory()
        proposed = (
            {"proposed_by": proposer, "proposed_at": NOW} if state not in {"draft", "discarded"} else {}
        )
        confirmed = {"confirmed_by": confirmer, "confirmed_at": NOW}
        columns = proposed | (confirmed if state in {"confirmed", "carried_out"} else {})
        columns |= {"carried_out_at": NOW} if state == "carried_out" else {}
        ChangePlan.objects.filter(pk=plan.pk).update(state=state, **columns)

        def ask(by: User) -> None:
            more = {name: value() if callable(value) else value for name, value in given.items()}
            act(ChangePlan.objects.get(pk=plan.pk), by=by, at=NOW, **more)

        return ask

    return prepare


def _facts() -> changes.Facts:
    return changing.facts("rename", _sides()[:1], _sides()[1:], on=TOMORROW)


def _agency() -> Agency:
    return Agency(code="MOI", name_vi="Cơ quan mới", kind="department", signature_block="GIÁM ĐỐC")


PREPARE = {
    "tasks.changes.prepare": _prepare,
    "tasks.changes.describe": _planned(changes.describe, facts=_facts),
    "tasks.changes.add_successor": _planned(changes.add_successor, agency=_agency),
    "tasks.changes.choose": _planned(changes.choose, choices=changes.Choices({}, {})),
    "tasks.changes.propose": _planned(changes.propose),
    "tasks.changes.discard": _planned(changes.discard),
    "tasks.changes.take_back": _planned(changes.take_back),
    "tasks.changes.confirm": _planned(changes.confirm),
}
