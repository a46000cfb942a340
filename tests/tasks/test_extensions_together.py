"""Several at once about one assignment: one request, one decision, one urging."""

import pytest

from portal.audit.verification import verify
from portal.lib.errors import RuleError
from portal.notices.models import Notice
from tasks import extensions, urgings
from tasks.models import ExtensionRequest, Urging
from tests.factories import NOW
from tests.tasks.extending import asked, fresh
from tests.tasks.test_reports_together import at_once

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


def tried(outcomes: list[str], work) -> None:
    try:
        work()
        outcomes.append("done")
    except RuleError:
        outcomes.append("refused")


def test_asked_twice_at_once_one_request_waits(assignment, focal_point, head):
    outcomes: list[str] = []
    people = (focal_point, head)
    at_once(*(lambda by=by: tried(outcomes, lambda: asked(fresh(assignment), by)) for by in people))
    assert sorted(outcomes) == ["done", "refused"]
    assert ExtensionRequest.objects.count() == 1
    assert verify().ok


def test_decided_at_once_both_ways_one_decision_stands(assignment, focal_point, commander):
    made = asked(fresh(assignment), focal_point)
    outcomes: list[str] = []

    def again() -> ExtensionRequest:
        return ExtensionRequest.objects.select_related("assignment__programme").get(pk=made.pk)

    at_once(
        lambda: tried(outcomes, lambda: extensions.approve(again(), by=commander, at=NOW)),
        lambda: tried(outcomes, lambda: extensions.refuse(again(), by=commander, at=NOW, reason="Chưa đủ")),
    )
    assert sorted(outcomes) == ["done", "refused"]
    made.refresh_from_db()
    assert fresh(assignment).extensions_granted == (1 if made.state == "approved" else 0)


def test_urged_at_once_by_two_the_agency_hears_once(programme, front_head, officer, commander):
    late = programme.assignments.get(code="1.02")
    outcomes: list[str] = []

    def urge(by) -> None:
        urgings.urge(fresh(late), by=by, at=NOW, text="Đề nghị khẩn trương")

    at_once(*(lambda by=by: tried(outcomes, lambda: urge(by)) for by in (officer, commander)))
    assert sorted(outcomes) == ["done", "refused"]
    assert Urging.objects.count() == Notice.objects.filter(kind="assignment.urged").count() == 1
