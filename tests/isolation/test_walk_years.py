"""The turn of the year through real pages with the second wall up; each step looks past the wall."""

import pytest

from tasks.models import Proposal, SeenPoint, Shortcoming, YearEndDecision
from tests import factories
from tests.factories import NOW
from tests.isolation.test_walk import signed_in
from tests.tasks.turning import begun

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("now")]
UNFINISHED, POINTS = "/years/2026/unfinished/", "/years/2027/points/"


def test_officer_turns_the_year(programme, officer, head):
    text = begun(programme, officer)
    web = signed_in(officer)
    row = programme.assignments.get(code="1.01")
    assert web.post(UNFINISHED, {f"choice_{row.pk}": "carried"}).status_code == 302
    decision = YearEndDecision.objects.get()
    assert decision.carried_to == text.assignments.get(code="1.01")
    assert signed_in(head).get(row.get_absolute_url()).context["carried"].decision == decision
    key = web.get(POINTS).context["groups"]["day"][0].key
    assert web.post(f"{POINTS}mark/", {"key": key, "reason": "Đã xem"}).status_code == 302
    assert SeenPoint.objects.get().key == key
    assert web.post(f"/years/decisions/{decision.pk}/take-back/", {"reason": "Đã xong"}).status_code == 302
    assert not YearEndDecision.objects.exists()


def test_ledger_and_proposals(programme, officer, head, department):
    web = signed_in(officer)
    assert web.post("/shortcomings/new/2026/", {"text": "Báo cáo chậm"}).status_code == 302
    row = Shortcoming.objects.get()
    sent = {"programme": programme.pk, "verdict": "gone", "words": "Đã khắc phục"}
    assert web.post(f"/shortcomings/{row.pk}/review/", sent).status_code == 302
    row.refresh_from_db()
    assert row.state == "gone"
    period = factories.ReportingPeriodFactory(programme=programme)
    factories.ReportFactory(
        period=period,
        agency=department,
        state="submitted",
        proposals="- Tăng kinh phí",
        submitted_at=NOW,
        first_submitted_at=NOW,
    )
    assert web.post("/proposals/gather/2026/").status_code == 302
    made = Proposal.objects.get()
    answered = {"decision": "accept", "answer": "Đồng ý"}
    assert web.post(f"/proposals/{made.pk}/decide/", answered).status_code == 302
    made.refresh_from_db()
    assert made.state == "accepted"
    assert "Đồng ý" in signed_in(head).get("/proposals/").text
