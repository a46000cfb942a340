"""How the actions of conferences are prepared for the who-may matrix."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from agreements import attendances, briefings, conclusions, conferences, discussions, minutes
from agreements.attendances import Delegate
from agreements.conclusions import Concluded
from agreements.conferences import Item, Plan
from agreements.discussions import Said
from agreements.models import Attendance, Conclusion, Conference, Contribution, InvitedAgency
from portal.users.models import User
from tasks.models import Programme
from tests import factories
from tests.factories import NOW, TODAY
from tests.who_may_rounds import REASON, Ask, in_state

LATER = NOW + dt.timedelta(hours=4)
Prepare = Callable[[SimpleNamespace, str], Ask]


def _plan(world: SimpleNamespace) -> Plan:
    return Plan(
        kind="annual",
        title="Hội nghị",
        starts_at=NOW + dt.timedelta(days=9),
        place="Hội trường",
        chair=world.people["host", "commander"],
        secretary=world.people["host", "programme_officer"],
        delegates_until=TODAY,
        agenda=(Item("Khai mạc"),),
        agencies=(world.agencies["lead"],),
    )


def held(world: SimpleNamespace, state: str) -> Conference:
    """The conference of this morning, in a state, with a delegate, a contribution and a conclusion."""
    in_state(world.programme, "in_force")
    chair, secretary = world.people["host", "commander"], world.people["host", "records_clerk"]
    row = factories.ConferenceFactory(
        programme=world.programme, chair=chair, secretary=secretary, ended_at=NOW
    )
    lead, task = world.agencies["lead"], world.assignment.task
    factories.DelegateFactory(conference=row, agency=lead, named_by=secretary)
    Contribution.objects.create(conference=row, agency=lead, text=REASON, by=secretary, at=NOW)
    facts = {"text": REASON, "owner": lead, "task": task, "due_on": TODAY}
    Conclusion.objects.create(conference=row, order=1, **facts)
    if state in {"frozen", "signed"}:
        content = {"content": {}, "content_sha256": "0" * 64, "frozen_at": NOW}
        signed = {"chair_signed_at": NOW, "secretary_signed_at": NOW} if state == "signed" else {}
        Conference.objects.filter(pk=row.pk).update(state=state, **content, **signed)
    elif state == "cancelled":
        told = {"called_off_at": NOW, "called_off_because": REASON}
        Conference.objects.filter(pk=row.pk).update(state=state, **told)
    else:
        Conference.objects.filter(pk=row.pk).update(state=state)
    return row


def _rows() -> Any:
    return Conference.objects.select_related("programme__host", "chair", "secretary")


def _prepare(world: SimpleNamespace, state: str) -> Ask:
    in_state(world.programme, state)
    plan = _plan(world)
    return lambda by: conferences.prepare(
        Programme.objects.get(pk=world.programme.pk), by=by, at=NOW, plan=plan
    )


def _plan_it(world: SimpleNamespace, state: str) -> Ask:
    pk = held(world, state).pk
    group = factories.standing_group(world.agencies["host"], world.agencies["lead"])
    Conference.objects.filter(pk=pk).update(group=group)
    rows = Conclusion.objects.select_related("conference__programme__host", "conference__group__host")
    return lambda by: conclusions.put_in_plan(rows.get(conference=pk), by=by, at=NOW)


def _brief(world: SimpleNamespace, state: str) -> Ask:
    pk = held(world, state).pk
    Conference.objects.filter(pk=pk).update(kind="briefing")
    return lambda by: briefings.hold(_rows().get(pk=pk), by=by, at=NOW)


def _change(world: SimpleNamespace, state: str) -> Ask:
    pk, plan = held(world, state).pk, _plan(world)
    every = [world.agencies[name] for name in ("host", "lead", "coordinating", "party")]
    plan = Plan(**vars(plan) | {"agencies": (*every, world.front)})
    return lambda by: conferences.change(_rows().get(pk=pk), by=by, at=NOW, plan=plan)


def _invite(world: SimpleNamespace, state: str) -> Ask:
    row = held(world, state)
    Conference.objects.filter(pk=row.pk).update(starts_at=LATER)
    return lambda by: conferences.invite(_rows().get(pk=row.pk), by=by, at=NOW)


def _conference(act: Callable[..., Any], **given: Any) -> Prepare:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        pk = held(world, state).pk
        return lambda by: act(_rows().get(pk=pk), by=by, at=LATER, **given)

    return prepare


def _invited(act: Callable[..., Any], *, named: bool = True, **given: Any) -> Prepare:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        row = held(world, state)
        if not named:
            row.attendances.all().delete()
        rows = InvitedAgency.objects.select_related("conference__programme__host", "agency")
        return lambda by: act(rows.get(conference=row, agency=world.agencies["lead"]), by=by, at=NOW, **given)

    return prepare


def _part(model: Any, act: Callable[..., Any]) -> Prepare:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        row = held(world, state)
        rows = model.objects.select_related("conference__programme__host")
        return lambda by: act(rows.get(conference=row), by=by, at=NOW)

    return prepare


def _sign(conference: Conference, *, by: User, at: dt.datetime) -> None:
    minutes.sign(conference, by=by, at=at, shown_sha256="0" * 64)


PREPARE: dict[str, Prepare] = {
    "agreements.conferences.prepare": _prepare,
    "agreements.conferences.change": _change,
    "agreements.conferences.invite": _invite,
    "agreements.conferences.call_off": _conference(conferences.call_off, reason=REASON),
    "agreements.attendances.name": _invited(attendances.name, delegate=Delegate("A", "B")),
    "agreements.attendances.withdraw": _part(Attendance, attendances.withdraw),
    "agreements.attendances.excuse": _invited(attendances.excuse, named=False, reason=REASON),
    "agreements.attendances.take": _conference(attendances.take, ticked=set(), seen=set()),
    "agreements.briefings.hold": _brief,
    "agreements.attendances.arrive": _part(Attendance, attendances.arrive),
    "agreements.discussions.contribute": _invited(discussions.contribute, said=Said("point", REASON)),
    "agreements.discussions.take_back": _part(Contribution, discussions.take_back),
    "agreements.discussions.agree": _invited(discussions.agree, assent="full"),
    "agreements.conclusions.conclude": _conference(conclusions.conclude, concluded=Concluded(REASON)),
    "agreements.conclusions.drop": _part(Conclusion, conclusions.drop),
    "agreements.conclusions.assign": _part(Conclusion, conclusions.assign),
    "agreements.conclusions.put_in_plan": _plan_it,
    "agreements.minutes.write": _conference(minutes.write, texts={}, ended_at=NOW),
    "agreements.minutes.freeze": _conference(minutes.freeze),
    "agreements.minutes.reopen": _conference(minutes.reopen, reason=REASON),
    "agreements.minutes.sign": _conference(_sign),
}
