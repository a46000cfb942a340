"""How the turn of the year is prepared for the who-may matrix."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from portal.users.models import User
from tasks import assignments, beginnings, leftovers, points, proposals, shortcomings
from tasks.leftovers import Decision
from tasks.models import Assignment, Clause, Programme, Proposal, Shortcoming, YearEndDecision
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks.turning import facts
from tests.who_may_rounds import REASON, Ask, in_state


def _begin(world: SimpleNamespace, state: str) -> Ask:
    in_state(world.programme, "in_force")
    return lambda by: beginnings.begin(facts(), by=by, at=NOW, source=Programme.objects.get())


def _point(act: Callable[..., Any], part: str, **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    """Ask about the first point of the text whose key begins so."""

    def prepare(world: SimpleNamespace, state: str) -> Ask:
        basis = factories.LegalBasisFactory(effective_to=dt.date(world.programme.year - 1, 1, 1))
        basis.amended_by.add(factories.LegalBasisFactory())
        factories.ProgrammeBasisFactory(programme=world.programme, basis=basis, order=1)
        Clause.objects.filter(programme=world.programme).update(text="Đề án giai đoạn 2021-2025")
        found = points.open_points(world.programme, today=TODAY)
        key = next(point.key for point in found if part in point.key)
        in_state(world.programme, state)
        return lambda by: act(_fresh(world), by=by, at=NOW, **({"key": key} | given))

    return prepare


def _mark(programme: Programme, *, key: str, **given: Any) -> None:
    beginnings.mark(programme, keys=[key], reason=REASON, **given)


def _fresh(world: SimpleNamespace) -> Programme:
    return Programme.objects.get(pk=world.programme.pk)


def _text(act: Callable[..., Any], **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        in_state(world.programme, state)
        return lambda by: act(_fresh(world), by=by, at=NOW, **given)

    return prepare


def _text_in_force(act: Callable[..., Any]) -> Callable[[SimpleNamespace, str], Ask]:
    return lambda world, state: _text(act)(world, "in_force")


def _decide(world: SimpleNamespace, state: str) -> Ask:
    in_state(world.programme, "in_force")
    in_state(world.assignment, state, "status")
    shown = assignments.version_of(Assignment.objects.get(pk=world.assignment.pk))
    given = {world.assignment.pk: Decision("left_open", reason=REASON, version=shown)}
    return lambda by: leftovers.decide(_fresh(world), by=by, at=NOW, decisions=given)


def _take_back(world: SimpleNamespace, state: str) -> Ask:
    in_state(world.programme, state)
    in_state(world.assignment, "carried_over", "status")
    text = factories.ProgrammeFactory(host=world.agencies["host"], year=world.programme.year + 1)
    task = factories.PriorityTaskFactory(programme=text, number=1)
    copy = factories.AssignmentFactory(task=task, lead=world.agencies["lead"], status="draft")
    made = YearEndDecision.objects.create(
        assignment=Assignment.objects.get(pk=world.assignment.pk),
        choice="carried",
        status_before="assigned",
        carried_to=copy,
        made_duty=True,
        by=world.people["host", "programme_officer"],
        at=NOW,
    )
    rows = YearEndDecision.objects.select_related("assignment__programme__host", "carried_to")

    def ask(by: User) -> None:
        leftovers.take_back(rows.get(pk=made.pk), by=by, at=NOW, reason=REASON)

    return ask


def _shortcoming(world: SimpleNamespace) -> Shortcoming:
    return Shortcoming.objects.create(
        programme=world.programme,
        text=REASON,
        noted_by=world.people["host", "programme_officer"],
        noted_at=NOW,
    )


def _answer(world: SimpleNamespace, state: str) -> Ask:
    made = _shortcoming(world)
    solution = factories.SolutionFactory(programme=world.programme, number=1)
    in_state(world.programme, state)

    def ask(by: User) -> None:
        shortcomings.answer(Shortcoming.objects.get(pk=made.pk), by=by, at=NOW, solution=solution)

    return ask


def _review(world: SimpleNamespace, state: str) -> Ask:
    made = _shortcoming(world)
    in_state(world.programme, state)

    def ask(by: User) -> None:
        row = Shortcoming.objects.get(pk=made.pk)
        given = {"programme": _fresh(world), "verdict": "gone", "words": REASON}
        shortcomings.review(row, by=by, at=NOW, **given)

    return ask


def _proposal(world: SimpleNamespace, state: str) -> Ask:
    in_state(world.programme, "in_force")
    period = factories.ReportingPeriodFactory(programme=world.programme)
    report = factories.ReportFactory(period=period, agency=world.agencies["lead"])
    decided = {"answer": REASON, "decided_by": world.people["host", "commander"], "decided_at": NOW}
    made = Proposal.objects.create(
        report=report,
        agency=report.agency,
        number=1,
        text=REASON,
        state=state,
        **({} if state == "open" else decided),
    )
    rows = Proposal.objects.select_related("report__period__programme__host", "agency")

    def ask(by: User) -> None:
        proposals.decide(rows.get(pk=made.pk), by=by, at=NOW, accepts=True, answer=REASON)

    return ask


PREPARE: dict[str, Callable[[SimpleNamespace, str], Ask]] = {
    "tasks.beginnings.begin": _begin,
    "tasks.beginnings.mark": _point(_mark, "basis:"),
    "tasks.beginnings.drop_basis": _point(beginnings.drop_basis, "basis:"),
    "tasks.beginnings.cite": _point(beginnings.cite, ":by:"),
    "tasks.beginnings.replace_agencies": _text(beginnings.replace_agencies, choices={}),
    "tasks.beginnings.set_days": _text(beginnings.set_days, days={}),
    "tasks.beginnings.rewrite": _point(beginnings.rewrite, "text:", text="Đề án giai đoạn 2026-2030"),
    "tasks.leftovers.decide": _decide,
    "tasks.leftovers.take_back": _take_back,
    "tasks.shortcomings.note": _text(shortcomings.note, columns={"text": REASON}),
    "tasks.shortcomings.answer": _answer,
    "tasks.shortcomings.review": _review,
    "tasks.proposals.gather": _text_in_force(proposals.gather),
    "tasks.proposals.decide": _proposal,
}
