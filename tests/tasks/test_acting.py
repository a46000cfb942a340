"""A deputy who acts for the head inside the agency: recorded and shown with the post, not the name alone."""

import json

import pytest

from portal.agencies.models import deputy_lines
from portal.audit.models import Event
from portal.users.models import Role
from tasks import assignments, rating_sheets, report_paper, reports
from tasks.models import Assignment, Programme
from tests.factories import NOW
from tests.tasks import rating, reporting
from tests.tasks.extending import fresh
from tests.tasks.reporting import of, submit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
KT = "KT. GIÁM ĐỐC\nPHÓ GIÁM ĐỐC"
WORDS = "(KT. GIÁM ĐỐC, PHÓ GIÁM ĐỐC)"


@pytest.fixture
def report(programme: Programme, focal_point):
    reporting.first_quarter(programme)
    return submit(of("SXD"), focal_point)


@pytest.fixture
def waiting(assignment, focal_point) -> Assignment:
    row = fresh(assignment)
    assignments.accept(row, by=focal_point, at=NOW)
    assignments.submit_to_head(row, by=focal_point, at=NOW, result_text="Đã xong.")
    return fresh(row)


def told(verb: str) -> str | None:
    return json.loads(Event.objects.get(verb=verb).payload).get("acted_as")


def test_the_line_of_the_collective_stays_above():
    block = ("TM. BAN THƯỜNG TRỰC", "CHỦ TỊCH")
    assert deputy_lines(block) == ("TM. BAN THƯỜNG TRỰC", "KT. CHỦ TỊCH", "PHÓ CHỦ TỊCH")


def test_a_report_is_approved_by_the_deputy_in_that_post(report, deputy, login):
    reports.approve(report, by=deputy, at=NOW)
    row = of("SXD")
    assert row.steps.first().capacity == KT
    assert told("report.submitted") == "KT. GIÁM ĐỐC, PHÓ GIÁM ĐỐC"
    page = login(deputy).get(row.get_absolute_url()).content.decode()
    assert f"{deputy.get_full_name()} {WORDS}" in page
    made = report_paper.paper_of(row, report_paper.newest_sending(row))
    assert made.capacity == ("KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC")


def test_what_the_deputy_sends_back_says_so_too(report, deputy):
    reports.send_back(report, by=deputy, at=NOW, reason="Thiếu số liệu.")
    assert of("SXD").steps.first().capacity == KT
    assert told("report.sent_back") == "KT. GIÁM ĐỐC, PHÓ GIÁM ĐỐC"


def test_the_head_acts_for_nobody(report, head):
    reports.approve(report, by=head, at=NOW)
    row = of("SXD")
    assert row.steps.first().capacity == ""
    assert told("report.submitted") is None
    made = report_paper.paper_of(row, report_paper.newest_sending(row))
    assert made.capacity == row.agency.block_lines


def test_who_only_writes_acts_for_nobody(programme, deputy):
    """The deputy's own report goes on at once: the first step is a writer's, the second the head's."""
    reporting.first_quarter(programme)
    submit(of("SXD"), deputy)
    assert list(of("SXD").steps.values_list("state", "capacity")) == [
        ("submitted", KT),
        ("awaiting_head", ""),
    ]


def test_a_post_that_ended_since_changes_nothing(report, deputy, login, head):
    reports.approve(report, by=deputy, at=NOW)
    deputy.memberships.update(role=Role.FOCAL_POINT)
    report.agency.signature_block = "CHÁNH VĂN PHÒNG"
    report.agency.save()
    assert WORDS in login(head).get(report.get_absolute_url()).content.decode()


def test_a_result_is_approved_by_the_deputy_in_that_post(waiting, deputy, login):
    assignments.approve(waiting, by=deputy, at=NOW)
    assert fresh(waiting).log.first().capacity == KT
    assert told("assignment.submitted") == "KT. GIÁM ĐỐC, PHÓ GIÁM ĐỐC"
    page = login(deputy).get(waiting.get_absolute_url()).content.decode()
    assert f"{deputy.get_full_name()} {WORDS}" in page


def test_a_result_that_the_deputy_sends_back(waiting, deputy):
    assignments.send_back(waiting, by=deputy, at=NOW, reason="Thiếu minh chứng.")
    assert fresh(waiting).log.first().capacity == KT


def test_a_self_score_is_sent_by_the_deputy_in_that_post(
    programme, officer, focal_point, deputy, head, login
):
    rating.published(programme, officer)
    rating_sheets.send(rating.scored("SXD", focal_point), by=deputy, at=NOW)
    sheet = rating.sheet_of("SXD")
    assert sheet.sent_capacity == KT
    assert told("rating.sent") == "KT. GIÁM ĐỐC, PHÓ GIÁM ĐỐC"
    assert WORDS in login(head).get(sheet.get_absolute_url()).content.decode()
