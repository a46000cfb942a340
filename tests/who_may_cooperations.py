"""How the actions of cooperation are prepared for the who-may matrix."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from portal.users.models import User
from tasks import cooperations
from tasks.models import Cooperation, Coordination
from tests.factories import NOW, TODAY
from tests.who_may_rounds import REASON, Ask, in_state


def _share(world: SimpleNamespace, status: str) -> Coordination:
    in_state(world.programme, "in_force")
    in_state(world.assignment, status, "status")
    rows = Coordination.objects.select_related("assignment__programme__host", "assignment__lead", "agency")
    found: Coordination = rows.get(assignment=world.assignment)
    return found


def _in_work(act: Callable[..., Any], **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, status: str) -> Ask:
        _share(world, status)

        def ask(by: User) -> None:
            act(_share(world, status), by=by, at=NOW, **given)

        return ask

    return prepare


def _in_state(act: Callable[..., Any], **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        share = _share(world, "in_progress")
        came = TODAY if state in {"delivered", "nothing"} else None
        Cooperation.objects.create(share=share, state=state, submitted_on=came, text="Đã góp ý")

        def ask(by: User) -> None:
            act(_share(world, "in_progress"), by=by, at=NOW, **given)

        return ask

    return prepare


PREPARE: dict[str, Callable[[SimpleNamespace, str], Ask]] = {
    "tasks.cooperations.ask": _in_work(cooperations.ask, due_on=TODAY, request=REASON),
    "tasks.cooperations.report": _in_work(cooperations.report, text=REASON),
    "tasks.cooperations.approve": _in_state(cooperations.approve),
    "tasks.cooperations.send_back": _in_state(cooperations.send_back, reason=REASON),
    "tasks.cooperations.rate": _in_state(cooperations.rate, rating=3),
}
