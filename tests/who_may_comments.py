"""How comments are prepared for the who-may matrix."""

from collections.abc import Callable
from types import SimpleNamespace

from portal.users.models import User
from tasks import comments, shells
from tasks.models import Assignment, Clause, Comment, Report
from tests import factories
from tests.factories import NOW
from tests.who_may_rounds import REASON, Ask, in_state


def _assignment(world: SimpleNamespace, state: str) -> Ask:
    in_state(world.programme, "in_force")
    in_state(world.assignment, "in_progress", "status")
    rows = Assignment.objects.select_related("programme__host", "lead")
    return lambda by: _add(rows.get(pk=world.assignment.pk), by)


def _report(world: SimpleNamespace, state: str) -> Ask:
    in_state(world.programme, "in_force")
    factories.ReportingPeriodFactory(programme=world.programme, code="2026-Q1")
    shells.make(world.programme)
    report = Report.objects.get(agency=world.agencies["lead"])
    rows = Report.objects.select_related("period__programme__host", "agency")
    return lambda by: _add(rows.get(pk=report.pk), by)


def _clause(world: SimpleNamespace, state: str) -> Ask:
    in_state(world.programme, "in_force")
    clause = factories.ClauseFactory(programme=world.programme, number=99)
    rows = Clause.objects.select_related("programme__host")
    return lambda by: _add(rows.get(pk=clause.pk), by)


def _add(subject: Assignment | Clause | Report, by: User) -> None:
    comments.add(subject, by=by, at=NOW, text=REASON)


def _written(world: SimpleNamespace) -> Callable[[], Comment]:
    in_state(world.programme, "in_force")
    row = Assignment.objects.select_related("programme__host", "lead").get(pk=world.assignment.pk)
    made = comments.add(row, by=world.people["lead", "focal_point"], at=NOW, text=REASON)
    return lambda: Comment.objects.select_related("assignment__programme").get(pk=made.pk)


def _edit(world: SimpleNamespace, state: str) -> Ask:
    comment = _written(world)
    return lambda by: comments.edit(comment(), by=by, at=NOW, text=f"{REASON} Thêm.")


def _delete(world: SimpleNamespace, state: str) -> Ask:
    comment = _written(world)
    return lambda by: comments.delete(comment(), by=by, at=NOW)


PREPARE: dict[str, Callable[[SimpleNamespace, str], Ask]] = {
    "tasks.comments.add assignment": _assignment,
    "tasks.comments.add report": _report,
    "tasks.comments.add clause": _clause,
    "tasks.comments.edit": _edit,
    "tasks.comments.delete": _delete,
}
