"""How the actions of indicators are prepared for the who-may matrix: the target of the lead is divided."""

from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from portal.users.models import User
from tasks import figures, quotas
from tasks.models import Assignment, Figure, Indicator, Quota
from tasks.quotas import Definition, Holder
from tests import factories
from tests.factories import NOW, TODAY
from tests.who_may_rounds import REASON, Ask, in_state


def _divided(world: SimpleNamespace, state: str, distribution: str, share: str = "locality") -> Quota:
    """The whole target as one share, and the assignment in a state."""
    in_state(world.programme, "in_force")
    in_state(world.assignment, state, "status")
    indicator = Indicator.objects.create(
        assignment=world.assignment,
        state=distribution,
        settled_at=NOW,
        settled_by=world.people["lead", "agency_head"],
    )
    holder: dict[str, Any] = {"agency": world.agencies["coordinating"]}
    if share == "locality":
        holder = {"locality": factories.LocalityFactory()}
    return Quota.objects.create(indicator=indicator, share=world.assignment.target, **holder)


def _row(world: SimpleNamespace) -> Assignment:
    return Assignment.objects.get(pk=world.assignment.pk)


def _act(act: Callable[..., Any], distribution: str, **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        _divided(world, state, distribution)
        return lambda by: act(_row(world), by=by, at=NOW, **given)

    return prepare


def _distribute(world: SimpleNamespace, state: str) -> Ask:
    quota = _divided(world, state, "draft")
    shares = {Holder(locality_id=quota.locality_id): Decimal(4)}
    return lambda by: quotas.distribute(_row(world), by=by, at=NOW, shares=shares)


def _enter(share: str) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        values = {_divided(world, state, "settled", share).pk: Decimal(1)}
        return lambda by: figures.enter(_row(world), by=by, at=NOW, on=TODAY, values=values)

    return prepare


def _correct(share: str) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        quota = _divided(world, state, "settled", share)
        head = world.people["lead", "agency_head"]
        figure = Figure.objects.create(
            indicator=quota.indicator, quota=quota, on=TODAY, value=1, at=NOW, by=head
        )

        def ask(by: User) -> None:
            row = Figure.objects.get(pk=figure.pk)
            figures.correct(row, by=by, at=NOW, value=Decimal(2), reason=REASON)

        return ask

    return prepare


DEFINITION = Definition(baseline=None, direction="lower", aggregation="sum", cycle="monthly")
PREPARE = {
    "tasks.quotas.define": _act(quotas.define, "draft", definition=DEFINITION),
    "tasks.quotas.distribute": _distribute,
    "tasks.quotas.settle": _act(quotas.settle, "draft"),
    "tasks.quotas.reopen": _act(quotas.reopen, "settled", reason=REASON),
    "tasks.figures.enter locality": _enter("locality"),
    "tasks.figures.enter coordinating": _enter("coordinating"),
    "tasks.figures.correct locality": _correct("locality"),
    "tasks.figures.correct coordinating": _correct("coordinating"),
}
