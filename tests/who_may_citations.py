"""How the actions of cited papers are prepared for the who-may matrix."""

from collections.abc import Callable
from types import SimpleNamespace

from portal.users.models import User
from tasks import citations
from tasks.citations import Source
from tasks.models import Assignment, ProductDocument
from tests.factories import NOW, TODAY
from tests.who_may_rounds import Ask, in_state

SOURCE = Source("15/KH-BCH", TODAY, "Kế hoạch năm", "Mục II")
PAPER = {"number": "27/BC-SXD", "issued_on": TODAY, "subject": "Báo cáo kết quả"}


def _cite(world: SimpleNamespace, state: str) -> Ask:
    in_state(world.programme, state)
    row = Assignment.objects.select_related("programme__host", "lead").get(pk=world.assignment.pk)
    return lambda by: citations.cite(row, by=by, at=NOW, source=SOURCE)


def _working(world: SimpleNamespace, status: str) -> Assignment:
    in_state(world.programme, "in_force")
    in_state(world.assignment, status, "status")
    return Assignment.objects.select_related("programme__host", "lead").get(pk=world.assignment.pk)


def _name(world: SimpleNamespace, status: str) -> Ask:
    row = _working(world, status)

    def ask(by: User) -> None:
        citations.name(row, by=by, at=NOW, **PAPER)

    return ask


def _drop(world: SimpleNamespace, status: str) -> Ask:
    row = _working(world, status)
    by = world.people["lead", "focal_point"]
    product = ProductDocument.objects.create(assignment=row, named_by=by, named_at=NOW, **PAPER)
    return lambda by: citations.drop(product, by=by, at=NOW)


PREPARE: dict[str, Callable[[SimpleNamespace, str], Ask]] = {
    "tasks.citations.cite": _cite,
    "tasks.citations.name": _name,
    "tasks.citations.drop": _drop,
}
