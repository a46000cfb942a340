"""How urging is prepared for the who-may matrix: the assignment and the report are the lead's."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from portal.users.models import User
from tasks import shells, urgings
from tasks.models import Assignment, Report
from tests import factories
from tests.factories import NOW
from tests.who_may_rounds import REASON, Ask, in_state


def _assignment(act: Callable[..., Any], **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        in_state(world.programme, "in_force")
        in_state(world.assignment, state, "status")

        def ask(by: User) -> None:
            rows = Assignment.objects.select_related("programme__host", "lead")
            act(rows.get(pk=world.assignment.pk), by=by, at=NOW, **given)

        return ask

    return prepare


def _report(act: Callable[..., Any], **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        in_state(world.programme, "in_force")
        factories.ReportingPeriodFactory(programme=world.programme, code="2026-Q1")
        shells.make(world.programme)
        report = Report.objects.get(agency=world.agencies["lead"])
        sent = {"first_submitted_at": NOW, "submitted_at": NOW, "accepted_at": NOW}
        Report.objects.filter(pk=report.pk).update(**sent)
        in_state(report, state)

        def ask(by: User) -> None:
            rows = Report.objects.select_related("period__programme__host", "agency")
            act(rows.get(pk=report.pk), by=by, at=NOW, **given)

        return ask

    return prepare


CALL = {"person": "Ngô Đức Anh", "text": REASON}
PREPARE = {
    "tasks.urgings.urge assignment": _assignment(urgings.urge, text=REASON),
    "tasks.urgings.urge report": _report(urgings.urge, text=REASON),
    "tasks.urgings.note_call assignment": _assignment(urgings.note_call, **CALL),
    "tasks.urgings.note_call report": _report(urgings.note_call, **CALL),
}
