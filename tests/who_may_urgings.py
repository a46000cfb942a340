"""How urging is prepared for the who-may matrix: the assignment and the report are the lead's."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from portal.users.models import User
from tasks import shells, urging_letters, urgings
from tasks.models import Assignment, Programme, Report, UrgingLetter
from tests import factories
from tests.factories import NOW, TODAY
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


def _overdue(world: SimpleNamespace, state: str) -> str:
    """Put the assignment into a state, late since yesterday; return its key in a letter."""
    in_state(world.programme, "in_force")
    in_state(world.assignment, state, "status")
    Assignment.objects.filter(pk=world.assignment.pk).update(due_on=TODAY - dt.timedelta(days=1))
    return f"assignment-{world.assignment.pk}"


def _several(world: SimpleNamespace, state: str) -> Ask:
    _overdue(world, "assigned")
    running = Programme.objects.select_related("host").get(pk=world.programme.pk)
    lead = world.agencies["lead"]
    return lambda by: urgings.urge_several([lead], programme=running, by=by, at=NOW, text=REASON)


def _write(world: SimpleNamespace, state: str) -> Ask:
    key = _overdue(world, state)
    running = Programme.objects.select_related("host").get(pk=world.programme.pk)
    said = {"programme": running, "chosen": [key], "text": REASON, "reply_by": TODAY}
    return lambda by: urging_letters.write(world.agencies["lead"], by=by, at=NOW, **said)


def _letter(act: Callable[..., Any], **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        _write(world, "assigned")(world.people["host", "commander"])
        numbered = {"number": "9", "issued_on": TODAY, "issued_by": world.people["host", "records_clerk"]}
        UrgingLetter.objects.update(state=state, **(numbered if state == "issued" else {}))

        def ask(by: User) -> None:
            act(UrgingLetter.objects.select_related("programme", "agency").get(), by=by, at=NOW, **given)

        return ask

    return prepare


CALL = {"person": "Ngô Đức Anh", "text": REASON}
PREPARE = {
    "tasks.urgings.urge assignment": _assignment(urgings.urge, text=REASON),
    "tasks.urgings.urge report": _report(urgings.urge, text=REASON),
    "tasks.urgings.note_call assignment": _assignment(urgings.note_call, **CALL),
    "tasks.urgings.note_call report": _report(urgings.note_call, **CALL),
    "tasks.urgings.urge_several": _several,
    "tasks.urging_letters.write": _write,
    "tasks.urging_letters.issue": _letter(urging_letters.issue, number="215", issued_on=TODAY),
    "tasks.urging_letters.discard": _letter(urging_letters.discard, reason=REASON),
}
