"""How the actions of a draft's assignments are prepared for the who-may matrix."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from types import SimpleNamespace

from portal.users.models import User
from tasks import assignment_drafts, assignment_imports
from tasks.assignment_drafts import Duty, Wanted
from tasks.models import AssignmentImport, Programme
from tests.factories import NOW
from tests.tasks.drafting import HEADINGS, row
from tests.who_may_rounds import Ask, in_state

DUE_ON = dt.date(2026, 11, 30)


def _programme(world: SimpleNamespace, state: str = "draft") -> Programme:
    in_state(world.programme, state)
    return Programme.objects.select_related("host").get(pk=world.programme.pk)


def _table() -> list[tuple[int, list[str]]]:
    said = row(lead="LEAD", coordinating="", solutions="", start_on="", deadline_on="30/11/2026")
    return [(1, HEADINGS), (2, [str(cell) for cell in said])]


def _put(programme: Programme, by: User) -> AssignmentImport:
    return assignment_imports.put(
        programme, by=by, at=NOW, table=_table(), file_name="Bảng.xlsx", file_sha256="0" * 64
    )


def _waiting(world: SimpleNamespace, state: str = "waiting") -> AssignmentImport:
    by = world.people["host", "commander"]
    sheet = _put(_programme(world), by)
    if state != "waiting":
        AssignmentImport.objects.update(state=state, decided_by=by, decided_at=NOW)
    return AssignmentImport.objects.select_related("programme__host").get(pk=sheet.pk)


def _add(world: SimpleNamespace, state: str) -> Ask:
    task = world.assignment.task
    duty = Duty(
        task_id=task.pk,
        task_number=task.number,
        title_vi="Nhiệm vụ mới",
        lead=world.agencies["lead"],
        deadline_on=DUE_ON,
        indicator_vi="Văn bản",
        unit_vi="văn bản",
        target=Decimal(1),
    )
    found = _programme(world, state)
    return lambda by: assignment_drafts.add(found, duty=duty, by=by, at=NOW)


def _change(world: SimpleNamespace, state: str) -> Ask:
    found, keys = _programme(world, state), [world.assignment.pk]
    wanted = Wanted(deadline_on=DUE_ON)
    return lambda by: assignment_drafts.change(found, keys=keys, wanted=wanted, by=by, at=NOW)


def _send(world: SimpleNamespace, state: str) -> Ask:
    found = _programme(world, state)
    return lambda by: _put(found, by)


def _load(world: SimpleNamespace, state: str) -> Ask:
    sheet = _waiting(world)
    sheet.programme = _programme(world, state)
    return lambda by: assignment_imports.load(sheet, by=by, at=NOW)


def _discard(world: SimpleNamespace, state: str) -> Ask:
    sheet = _waiting(world, state)
    return lambda by: assignment_imports.discard(sheet, by=by, at=NOW)


PREPARE: dict[str, Callable[[SimpleNamespace, str], Ask]] = {
    "tasks.assignment_drafts.add": _add,
    "tasks.assignment_drafts.change": _change,
    "tasks.assignment_imports.put": _send,
    "tasks.assignment_imports.load": _load,
    "tasks.assignment_imports.discard": _discard,
}
