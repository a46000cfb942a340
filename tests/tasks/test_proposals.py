"""What agencies propose: taken from their reports once, answered once, and told to them."""

import pytest
from django.core.exceptions import PermissionDenied

from portal.lib.errors import RuleError
from portal.notices.models import Notice
from tasks import proposals
from tasks.models import Proposal, Report
from tests import factories
from tests.factories import NOW

WORDS = "- Tăng kinh phí tập huấn;\n2. Lập tổ công tác liên ngành\n\nKhông."


@pytest.fixture
def report(programme, department) -> Report:
    period = factories.ReportingPeriodFactory(programme=programme)
    return factories.ReportFactory(
        period=period,
        agency=department,
        state="submitted",
        proposals=WORDS,
        submitted_at=NOW,
        first_submitted_at=NOW,
    )


@pytest.fixture
def made(programme, report, officer) -> Proposal:
    proposals.gather(programme, by=officer, at=NOW)
    return fresh()


def fresh() -> Proposal:
    return Proposal.objects.select_related("report__period__programme__host", "agency").earliest("number")


def decide(row, by, accepts=True, answer="Đưa vào kế hoạch", **more):
    proposals.decide(row, by=by, at=NOW, accepts=accepts, answer=answer, **more)


def test_a_line_is_a_proposal(report, programme, officer):
    assert proposals.gather(programme, by=officer, at=NOW) == 2
    texts = list(Proposal.objects.values_list("number", "text"))
    assert texts == [(1, "Tăng kinh phí tập huấn;"), (2, "Lập tổ công tác liên ngành")]


def test_only_what_is_new_is_taken(made, report, programme, officer):
    assert proposals.gather(programme, by=officer, at=NOW) == 0
    Report.objects.filter(pk=report.pk).update(proposals=f"{WORDS}\n- Bổ sung chỉ tiêu")
    assert proposals.gather(programme, by=officer, at=NOW) == 1
    assert Proposal.objects.latest("number").number == 3


def test_what_was_not_sent_is_the_agencys_alone(report, programme, officer):
    Report.objects.filter(pk=report.pk).update(state="draft")
    assert proposals.gather(programme, by=officer, at=NOW) == 0


def test_accepted_it_becomes_a_duty_and_the_agency_is_told(made, programme, officer, head, focal_point):
    duty = programme.assignments.first()
    decide(made, officer, assignment=duty)
    row = fresh()
    assert (row.state, row.assignment, row.decided_by) == ("accepted", duty, officer)
    told = Notice.objects.filter(kind="proposal.decided")
    assert {notice.recipient for notice in told} == {head, focal_point}


def test_refused_with_the_reason(made, programme, officer):
    decide(made, officer, accepts=False, answer="Vượt thẩm quyền", assignment=programme.assignments.first())
    assert (fresh().state, fresh().answer, fresh().assignment) == ("refused", "Vượt thẩm quyền", None)


def test_answered_once_and_with_words(made, officer):
    with pytest.raises(RuleError):
        decide(made, officer, answer=" ")
    second = fresh()
    decide(made, officer)
    with pytest.raises(RuleError):
        decide(second, officer, accepts=False)
    assert fresh().state == "accepted"


@pytest.mark.parametrize("name", ["clerk", "admin", "head", "focal_point", "viewer"])
def test_others_neither_take_nor_answer(made, programme, cast, name):
    with pytest.raises(PermissionDenied):
        proposals.gather(programme, by=getattr(cast, name), at=NOW)
    with pytest.raises(PermissionDenied):
        decide(made, getattr(cast, name))


# --- Pages ------------------------------------------------------------------------------------------
pages = pytest.mark.usefixtures("now")


@pages
def test_officer_takes_and_answers_on_the_page(report, programme, officer, login):
    client = login(officer)
    assert client.post("/proposals/gather/2026/").status_code == 302
    row = fresh()
    assert row.text in client.get("/proposals/?year=2026").text
    sent = {"decision": "refuse", "answer": "Chưa bố trí được"}
    assert client.post(f"/proposals/{row.pk}/decide/", sent).status_code == 302
    assert fresh().state == "refused"
    assert "Chưa bố trí được" in client.get("/proposals/?year=2026").text


@pages
def test_a_duty_of_a_draft_is_the_commands(made, officer, head, login):
    draft = factories.ProgrammeFactory(year=2027, state="draft", host=officer.post.agency)
    duty = factories.AssignmentFactory(
        task=factories.PriorityTaskFactory(programme=draft), code="7.77", lead=draft.host
    )
    decide(made, officer, assignment=duty)
    assert "7.77" in login(officer).get("/proposals/?year=2026").text
    page = login(head).get("/proposals/?year=2026").text
    assert "Đưa vào kế hoạch" in page
    assert "7.77" not in page


@pages
def test_an_agency_reads_its_own(made, head, front_head, login):
    assert made.text in login(head).get("/proposals/").text
    assert made.text not in login(front_head).get("/proposals/").text
    assert login(front_head).post(f"/proposals/{made.pk}/decide/").status_code == 404
    assert login(head).post(f"/proposals/{made.pk}/decide/").status_code == 403


@pages
@pytest.mark.parametrize("name", ["viewer", "admin"])
def test_those_without_reports_have_no_proposals(made, cast, login, name):
    assert login(getattr(cast, name)).get("/proposals/").status_code == 403


@pages
def test_list_takes_a_fixed_number_of_queries(made, report, officer, login, django_assert_num_queries):
    client = login(officer)
    client.get("/proposals/")
    for number in range(10, 30):
        Proposal.objects.create(
            report=report, agency=report.agency, number=number, text=f"Kiến nghị {number}"
        )
    with django_assert_num_queries(9):
        client.get("/proposals/")
