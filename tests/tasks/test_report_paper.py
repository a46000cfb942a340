"""A periodic report as a paper: what it said when it was last sent, for whoever sees the report."""

import datetime as dt

import pytest
from django.urls import reverse

from portal.papers.reading import page_texts
from tasks import report_paper, reports
from tasks.models import Assignment, Programme, Report
from tasks.report_contents import LineDraft
from tests.factories import NOW, TODAY
from tests.tasks import reporting
from tests.tasks.reporting import MINUTE, draft, figure, of, submit

pytestmark = pytest.mark.django_db
LINES = {"1.01": figure("4", "Đã rà soát 4 huyện.\nChờ 2 huyện."), "1.02": LineDraft(nothing=True)}


@pytest.fixture(autouse=True)
def quarter(programme: Programme, now) -> None:
    reporting.first_quarter(programme)


@pytest.fixture
def sent(head) -> Report:
    return submit(of("SXD"), head, lines=LINES)


def address(report: Report) -> str:
    return reverse("reports:paper", args=[report.pk])


def read(client, report: Report) -> str:
    response = client.get(address(report))
    assert response["Content-Type"] == "application/pdf"
    return " ".join(" ".join(page_texts(response.content)).split())


def test_it_says_what_was_sent(sent, login, focal_point):
    paper = read(login(focal_point), sent)
    for words in (
        "SỞ XÂY DỰNG",
        "/BC-SXD",
        "I. TÌNH HÌNH CHUNG Tình hình ổn định.",
        "1.01. Quy hoạch đất quốc phòng: Số văn bản ban hành 4/10 văn bản, đạt 40%.",
        "Đã rà soát 4 huyện. Chờ 2 huyện.",
        "1.02. Tuyên truyền trong Nhân dân (phối hợp với Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh Thanh Hóa):",
        "V. KIẾN NGHỊ, ĐỀ XUẤT Không có nội dung./.",
        "GIÁM ĐỐC",
    ):
        assert words in paper


def test_who_does_not_see_the_report_does_not_see_its_paper(sent, login, cast):
    for name, status in (("officer", 200), ("deputy", 200), ("front_head", 404), ("viewer", 404)):
        assert login(getattr(cast, name)).get(address(sent)).status_code == status


def test_what_was_never_sent_has_no_paper(login, focal_point):
    client = login(focal_point)
    assert client.get(address(of("SXD"))).status_code == 404
    assert address(of("SXD")) not in client.get(of("SXD").get_absolute_url()).content.decode()


def test_the_page_leads_to_it(sent, login, officer):
    assert address(sent) in login(officer).get(sent.get_absolute_url()).content.decode()


def test_while_it_is_amended_the_paper_keeps_what_was_sent(sent, login, officer, head):
    due_on = TODAY + dt.timedelta(days=3)
    reports.return_to_agency(sent, by=officer, at=NOW, reason="Bổ sung.", due_on=due_on)
    typed = draft(of("SXD"), {"1.01": figure("6", "Đang sửa.")})
    reports.save(of("SXD"), by=head, at=NOW + MINUTE, draft=typed)
    assert "Đang sửa." not in read(login(head), sent)


def test_the_same_sending_is_the_same_bytes(sent, login, head, typeset_anew):
    client = login(head)
    assert client.get(address(sent)).content == client.get(address(sent)).content


def test_a_paper_takes_a_fixed_number_of_queries(sent, django_assert_num_queries):
    report = Report.objects.select_related("period__programme__host", "agency").get(pk=sent.pk)
    Assignment.objects.update(title_vi="Tên mới")
    with django_assert_num_queries(2):
        report_paper.paper_of(report, report_paper.newest_sending(report))
