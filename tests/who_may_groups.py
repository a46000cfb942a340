"""How the actions of standing groups are prepared for the who-may matrix."""

from collections.abc import Callable
from types import SimpleNamespace

from tasks import group_plans, groups
from tasks.group_plans import Item
from tasks.models import GroupMember, GroupPlanItem, StandingGroup
from tests import factories
from tests.factories import NOW, TODAY
from tests.who_may_rounds import REASON, Ask


def _group(world: SimpleNamespace, state: str) -> StandingGroup:
    facts = {"ended_on": TODAY} if state == "ended" else {}
    agencies = world.agencies
    return factories.standing_group(agencies["host"], agencies["lead"], **facts)


def _item(world: SimpleNamespace, state: str) -> GroupPlanItem:
    facts = {"done": {"done_on": TODAY}, "dropped": {"drop_reason": REASON}}.get(state, {})
    return GroupPlanItem.objects.create(
        group=_group(world, "running"), year=TODAY.year, order=1, title=REASON, lead=world.agencies["lead"],
        due_on=TODAY, state=state, result=REASON, **facts,
    )  # fmt: skip


def _found(world: SimpleNamespace, state: str) -> Ask:
    facts = groups.Facts("Nhóm", factories.LegalBasisFactory(), TODAY, members=[world.agencies["lead"]])
    return lambda by: groups.found(world.agencies["host"], by=by, at=NOW, facts=facts)


def _admit(world: SimpleNamespace, state: str) -> Ask:
    group = _group(world, state)
    return lambda by: groups.admit(group, by=by, at=NOW, agency=world.front, since_on=TODAY)


def _release(world: SimpleNamespace, state: str) -> Ask:
    pk = _group(world, state).members.get(agency=world.agencies["lead"]).pk
    rows = GroupMember.objects.select_related("group__host", "agency")
    return lambda by: groups.release(rows.get(pk=pk), by=by, at=NOW, until_on=TODAY)


def _end(world: SimpleNamespace, state: str) -> Ask:
    group = _group(world, state)
    return lambda by: groups.end(group, by=by, at=NOW)


def _new(world: SimpleNamespace) -> Item:
    return Item("Việc khác", world.agencies["lead"], TODAY)


def _add(world: SimpleNamespace, state: str) -> Ask:
    group = _group(world, state)
    return lambda by: group_plans.add(group, by=by, at=NOW, item=_new(world))


def _change(world: SimpleNamespace, state: str) -> Ask:
    row = _item(world, state)
    return lambda by: group_plans.change(row, by=by, at=NOW, item=_new(world))


def _report(world: SimpleNamespace, state: str) -> Ask:
    row = _item(world, state)
    return lambda by: group_plans.report(row, by=by, at=NOW, is_done=False, result=REASON)


def _drop(world: SimpleNamespace, state: str) -> Ask:
    row = _item(world, state)
    return lambda by: group_plans.drop(row, by=by, at=NOW, reason=REASON)


PREPARE: dict[str, Callable[[SimpleNamespace, str], Ask]] = {
    "tasks.groups.found": _found,
    "tasks.groups.admit": _admit,
    "tasks.groups.release": _release,
    "tasks.groups.end": _end,
    "tasks.group_plans.add": _add,
    "tasks.group_plans.change": _change,
    "tasks.group_plans.report": _report,
    "tasks.group_plans.drop": _drop,
}
