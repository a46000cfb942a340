"""Homes show first what was returned, then what is overdue, then the others by their days."""

import datetime as dt

import pytest

from agreements import consultation_answers
from portal.dashboards import summaries, todos
from portal.dashboards.todos import Todo
from tasks import assignments, cooperations, milestones, pauses, rating_sheets, ratings, reports
from tasks.models import Assignment, Coordination, PeriodReview
from tests.agreements import consulting
from tests.factories import NOW, TODAY, AssignmentFactory
from tests.tasks import cooperating, rating, reporting, scheming

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
DAY = dt.timedelta(days=1)
WHY = "Thiếu số liệu của quý."


def whats(user) -> list[str]:
    page = summaries.home(user, at=NOW, today=TODAY)
    return [row.what for row in page.todos + page.more_todos]


def row(what: str, **columns) -> Todo:
    return Todo(what=what, url="/", button="", **columns)


def test_order_of_a_list():
    given = [
        row("no day"),
        row("waits since", on=TODAY - 4 * DAY, is_since=True, when="Trình ngày"),
        row("waits too long", on=TODAY - 9 * DAY, is_since=True, when="Trình ngày"),
        row("far", on=TODAY + 45 * DAY),
        row("soon", on=TODAY + 2 * DAY),
        row("soon too", on=TODAY + 2 * DAY),
        row("meeting that was", on=TODAY - DAY, when="Hội nghị"),
        row("overdue without a day", state="overdue"),
        row("overdue by its state", on=TODAY - DAY, state="overdue"),
        row("overdue by its day", on=TODAY - 3 * DAY),
        row("returned, far", on=TODAY + 99 * DAY, is_first=True),
        row("returned, near", on=TODAY + DAY, is_first=True),
    ]
    assert [one.what for one in todos.in_order(given, TODAY)] == [
        *("returned, near", "returned, far"),
        *("overdue by its day", "overdue by its state", "overdue without a day"),
        *("waits too long", "meeting that was", "waits since", "soon", "soon too", "no day", "far"),
    ]


def test_a_head_approves_before_she_signs_what_has_time(open_round, head):
    type(open_round).objects.update(closes_on=TODAY + 45 * DAY)
    Assignment.objects.filter(code="1.01").update(status="awaiting_head", due_on=TODAY + 2 * DAY)
    found = whats(head)
    assert found[0] == "Duyệt kết quả nhiệm vụ 1.01"
    assert [one.startswith("Ký") for one in found] == [False, False, True], "after the certificate it needs"


# --- Returned ---------------------------------------------------------------------------------------
@pytest.fixture
def awaiting(assignment, focal_point) -> Assignment:
    """1.01 waits for the head; another duty of the department is overdue."""
    facts = {"code": "1.03", "lead": assignment.lead, "status": "in_progress", "due_on": TODAY - 9 * DAY}
    AssignmentFactory(task=assignment.task, **facts)
    assignments.accept(assignment, by=focal_point, at=NOW)
    assignments.submit_to_head(assignment, by=focal_point, at=NOW, result_text="Đã xong.")
    return assignment


MEND, REDO = "Sửa kết quả thủ trưởng trả lại: nhiệm vụ 1.01", "Làm lại nhiệm vụ 1.01: kết quả chưa đạt"


def test_result_that_the_head_sent_back_comes_first_and_says_so(awaiting, focal_point, head):
    assignments.send_back(awaiting, by=head, at=NOW + DAY, reason=WHY)
    assert whats(focal_point)[0] == MEND
    figures = {"actual": 1, "percent": 40}
    assignments.report_progress(awaiting, by=focal_point, at=NOW + 2 * DAY, **figures)
    Assignment.objects.filter(code="1.01").update(due_on=TODAY + 200 * DAY)
    assert whats(focal_point)[0] == MEND, "until it is sent again"
    assignments.submit_to_head(awaiting, by=focal_point, at=NOW + 3 * DAY, result_text="Đã xong.")
    assert MEND not in whats(focal_point)


def test_result_that_the_command_refused_comes_first_while_it_is_redone(awaiting, focal_point, head, officer):
    assignments.approve(awaiting, by=head, at=NOW)
    assignments.reject(awaiting, by=officer, at=NOW + DAY, reason=WHY)
    assert whats(focal_point)[0] == REDO
    assignments.report_progress(awaiting, by=focal_point, at=NOW + 2 * DAY, actual=1, percent=40)
    assert whats(focal_point)[0] == REDO


def test_work_that_goes_on_after_a_pause_was_not_returned(awaiting, focal_point, commander, head):
    assignments.send_back(awaiting, by=head, at=NOW, reason=WHY)
    pauses.suspend(awaiting, by=commander, at=NOW + DAY, reason=WHY)
    pauses.resume(awaiting, by=commander, at=NOW + 2 * DAY, reason=WHY)
    assert not {MEND, REDO} & set(whats(focal_point))


def test_duty_that_an_agency_hands_back_comes_first(assignment, officer):
    Assignment.objects.filter(code="1.01").update(status="returned", due_on=TODAY + 90 * DAY)
    assert "1.01" in whats(officer)[0]


def test_returned_reports_say_who_returned_them(assignment, programme, focal_point, head, officer):
    reporting.first_quarter(programme)
    programme.periods.update(due_on=TODAY + 30 * DAY)
    report = reporting.submit(reporting.of("SXD"), focal_point)
    reports.send_back(report, by=head, at=NOW, reason=WHY)
    assert whats(focal_point)[0] == f"Sửa báo cáo thủ trưởng trả lại: {report.period.title}"
    report = reporting.submit(reporting.of("SXD"), head)
    reports.return_to_agency(report, by=officer, at=NOW, reason=WHY, due_on=TODAY + 60 * DAY)
    assert whats(focal_point)[0] == f"Sửa báo cáo bị trả lại: {report.period.title}"


def test_returned_comments_say_so_to_who_mends_them(draft_programme, department, officer, focal_point, head):
    answer = consulting.answer_of(consulting.opened(draft_programme, officer), department)
    consulting.commented(answer, focal_point)
    consultation_answers.send_back(answer, by=head, at=NOW, reason=WHY)
    assert whats(focal_point)[0].startswith("Sửa ý kiến thủ trưởng trả lại: ")
    assert whats(head)[0].startswith("Cho ý kiến dự thảo: ")


def test_returned_self_score_says_so_to_who_mends_it(programme, officer, focal_point, head):
    rating.published(programme, officer)
    rating_sheets.send_back(rating.scored("SXD", focal_point), by=head, at=NOW, reason=WHY)
    assert whats(focal_point)[0] == "Sửa bảng tự chấm điểm năm 2026 thủ trưởng trả lại"
    assert "Tự chấm điểm năm 2026" in whats(head)


def test_returned_grades_come_first(programme, officer, commander):
    rating.published(programme, officer)
    rounds = type(rating.round_of()).objects
    rounds.update(state="proposed", review_until=TODAY - DAY)
    ratings.give_back(rating.round_of(), by=commander, at=NOW, reason=WHY)
    assert whats(officer)[0] == "Sửa đề nghị xếp loại chỉ huy trưởng trả lại"


def test_returned_cooperation_says_so_to_who_mends_it(assignment, front, front_head, focal_point):
    share = cooperating.again(Coordination.objects.get(assignment=assignment, agency=front))
    row = cooperations.ask(share, by=focal_point, at=NOW, **cooperating.ASKED)
    type(row).objects.update(note=WHY)
    assert "Phối hợp thực hiện nhiệm vụ 1.01" in whats(front_head)
    type(front_head.post).objects.filter(user=front_head).update(role="focal_point")
    again = type(front_head).objects.get(pk=front_head.pk)
    assert whats(again)[0] == "Sửa nội dung phối hợp thủ trưởng trả lại: nhiệm vụ 1.01"


def test_returned_milestone_says_so(programme, department, officer, focal_point):
    scheme = scheming.enter(department, by=officer)
    row = scheming.plan(scheme, by=officer, due_on=TODAY + 20 * DAY)
    milestones.report(row, by=focal_point, at=NOW, result="Đã sơ kết", reached_on=TODAY)
    milestones.send_back(scheming.fresh(row), by=officer, at=NOW, reason=WHY)
    assert whats(focal_point)[0] == "Sửa báo cáo đạt mốc bị trả lại: Sơ kết giữa kỳ"


def test_returned_review_says_so(programme, officer):
    reporting.first_quarter(programme)
    programme.periods.update(kind="semiannual", data_to=TODAY - DAY, review_due_on=TODAY + 9 * DAY)
    period = programme.periods.first()
    columns = {"figures": {}, "gathered_at": NOW, "saved_at": NOW, "saved_by": officer}
    PeriodReview.objects.create(period=period, return_reason=WHY, **columns)
    assert whats(officer)[0].startswith("Sửa báo cáo sơ kết")
    assert whats(officer)[0].endswith("chỉ huy trưởng trả lại")
