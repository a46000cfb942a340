"""Documents that a lead names as its products stand in the report of the period in which they were issued."""

import datetime as dt

import pytest
from django.urls import reverse

from portal.papers.reports import render_report
from tasks import citations, consolidations, report_paper
from tasks.models import Assignment, ProductDocument, Programme, ReportingPeriod
from tests.factories import NOW
from tests.tasks import reporting
from tests.tasks.extending import fresh
from tests.tasks.reporting import figure, of, submit

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
WITHIN = {"number": "27/BC-SXD", "issued_on": dt.date(2026, 2, 3), "subject": "Rà soát quy hoạch"}
BEFORE = {"number": "99/BC-SXD", "issued_on": dt.date(2025, 12, 14), "subject": "Của kỳ trước"}
PRINTED = "Văn bản kết quả: 27/BC-SXD ngày 03/02/2026 (Rà soát quy hoạch)."


@pytest.fixture
def named(programme: Programme, assignment: Assignment, focal_point) -> ProductDocument:
    """One of the quarter and one of before it."""
    reporting.first_quarter(programme)
    Assignment.objects.filter(pk=assignment.pk).update(status="in_progress")
    citations.name(fresh(assignment), by=focal_point, at=NOW, **BEFORE)
    return citations.name(fresh(assignment), by=focal_point, at=NOW, **WITHIN)


def printed(report) -> str:
    made = report_paper.paper_of(report, report_paper.newest_sending(report))
    assert render_report(made).startswith(b"%PDF")
    return "\n".join(text for section in made.sections for item in section.items for text in item.text)


def test_the_writer_and_the_reader_see_them_beside_the_assignment(named, head, officer, login):
    url = reverse("reports:detail", args=[of("SXD").pk])
    form = login(head).get(url).content.decode()
    assert "27/BC-SXD, 03/02/2026 (Rà soát quy hoạch)" in form
    assert "99/BC-SXD" not in form
    submit(of("SXD"), head)
    assert "27/BC-SXD, 03/02/2026 (Rà soát quy hoạch)" in login(officer).get(url).content.decode()


def test_the_print_says_what_was_named_when_it_was_sent(named, head, focal_point):
    report = submit(of("SXD"), head)
    assert PRINTED in printed(report)
    assert "99/BC-SXD" not in printed(report)
    citations.drop(named, by=focal_point, at=NOW)
    assert PRINTED in printed(of("SXD"))


def test_so_does_its_page_whatever_is_named_later(named, head, officer, focal_point, assignment, login):
    submit(of("SXD"), head)
    citations.drop(named, by=focal_point, at=NOW)
    later = WITHIN | {"number": "31/BC-SXD"}
    citations.name(fresh(assignment), by=focal_point, at=NOW, **later)
    page = login(officer).get(reverse("reports:detail", args=[of("SXD").pk])).content.decode()
    assert "27/BC-SXD, 03/02/2026 (Rà soát quy hoạch)" in page
    assert "31/BC-SXD" not in page


def test_a_sending_of_before_says_nothing_of_them(named, head):
    report = submit(of("SXD"), head)
    step = report_paper.newest_sending(report)
    for line in step.content["lines"]:
        del line["products"]
    step.save()
    assert PRINTED not in printed(report)


def test_only_the_lead_names_them(named, front_head):
    """The Front coordinates there: its own report prints none."""
    assert "27/BC-SXD" not in printed(submit(of("UBMTTQ"), front_head))


def test_the_consolidated_report_names_them_beside_the_figure(named, head, officer):
    submit(of("SXD"), head, lines={"1.01": figure("4")})
    period = ReportingPeriod.objects.select_related("programme__host").get(code="2026-Q1")
    draft = consolidations.draft(period, by=officer, at=NOW)
    (duty,) = draft.paragraphs.filter(kind="duty", text__contains=PRINTED)
    assert duty.text.startswith("1.01")
    assert not draft.paragraphs.filter(text__contains="99/BC-SXD").exists()
