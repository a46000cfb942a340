"""Two at once about one unfinished duty, and about one text: one of them is done."""

import pytest

from portal.audit.verification import verify
from tasks import beginnings, leftovers, points
from tasks.leftovers import Decision
from tasks.models import Assignment, Programme, SeenPoint, YearEndDecision
from tests.factories import NOW, TODAY
from tests.tasks.test_extensions_together import tried
from tests.tasks.test_reports_together import at_once
from tests.tasks.turning import begun

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def fresh(programme) -> Programme:
    return Programme.objects.get(pk=programme.pk)


def test_decided_at_once_by_two_a_duty_is_carried_once(programme, officer, commander):
    begun(programme, officer)
    row = programme.assignments.get(code="1.01")
    outcomes: list[str] = []

    def carry(by) -> None:
        given = {row.pk: Decision("carried")}
        leftovers.decide(fresh(programme), by=by, at=NOW, decisions=given)

    at_once(*(lambda by=by: tried(outcomes, lambda: carry(by)) for by in (officer, commander)))
    assert sorted(outcomes) == ["done", "refused"]
    assert YearEndDecision.objects.count() == 1
    assert Assignment.objects.filter(programme__year=2027).count() == 3
    assert verify().ok


def test_a_point_seen_at_once_by_two_is_noted_once(programme, officer, commander):
    text = begun(programme, officer)
    key = points.open_points(fresh(text), today=TODAY)[0].key
    outcomes: list[str] = []

    def see(by) -> None:
        beginnings.mark(fresh(text), by=by, at=NOW, keys=[key], reason="Đã xem")

    at_once(*(lambda by=by: tried(outcomes, lambda: see(by)) for by in (officer, commander)))
    assert sorted(outcomes) == ["done", "refused"]
    assert SeenPoint.objects.count() == 1


def test_a_year_is_begun_once(programme, officer, commander):
    outcomes: list[str] = []
    at_once(*(lambda by=by: tried(outcomes, lambda: begun(programme, by)) for by in (officer, commander)))
    assert sorted(outcomes) == ["done", "refused"]
    assert Programme.objects.filter(year=2027).count() == 1
