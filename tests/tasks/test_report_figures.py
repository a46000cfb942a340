"""A report's figures become the progress of its assignments: once, as new entries, no older over a newer."""

import datetime as dt
from decimal import Decimal

import pytest

from tasks import assignments, figures, report_contents, reports
from tasks.models import Assignment, Programme, Report
from tasks.report_contents import LineDraft
from tasks.report_forms import ReportForm
from tasks.states import AssignmentStatus
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks import reporting
from tests.tasks.reporting import MINUTE, figure, of, submit

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(days=1)
AGAIN = {"reason": "Số liệu chưa khớp.", "due_on": TODAY + dt.timedelta(days=10)}


@pytest.fixture(autouse=True)
def quarter(programme: Programme) -> None:
    reporting.first_quarter(programme)


@pytest.fixture
def report(quarter) -> Report:
    return of("SXD")


def now(code: str = "1.01") -> Assignment:
    return Assignment.objects.get(code=code)


def said(code: str = "1.01") -> list[tuple[str, str]]:
    """What the log of an assignment says of figures, oldest first."""
    return [(str(entry.actual), entry.text) for entry in now(code).log.order_by("pk") if entry.text]


def test_a_sent_report_is_the_progress_of_what_it_leads(report, head):
    submit(report, head, lines={"1.01": figure("4", "Bốn huyện."), "1.02": LineDraft(text="Đã cử người.")})
    row = now()
    assert (row.status, row.actual, row.result_text) == (AssignmentStatus.IN_PROGRESS, 4, "Bốn huyện.")
    assert row.progress_percent == 40, "of a target of 10"
    assert [entry.status for entry in row.log.order_by("pk")] == ["accepted", "in_progress"]
    assert said("1.02") == [], "another agency leads it"


def test_nothing_moves_before_the_head_sends(report, focal_point, head):
    row = submit(report, focal_point, lines={"1.01": figure("4")})
    assert said() == []
    reports.approve(row, by=head, at=LATER)
    assert said() == [("4.00", "Đã rà soát.")]


def test_nothing_to_report_leaves_the_assignment_alone(report, head):
    submit(report, head, lines={"1.01": LineDraft(nothing=True)})
    assert now().status == AssignmentStatus.ASSIGNED


def test_a_correction_is_a_new_entry(report, head, officer):
    row = submit(report, head, lines={"1.01": figure("8", "Tám huyện.")})
    reports.return_to_agency(row, by=officer, at=NOW + MINUTE, **AGAIN)
    submit(row, head, at=LATER, lines={"1.01": figure("6", "Sáu huyện.")})
    assert said() == [("8.00", "Tám huyện."), ("6.00", "Sáu huyện.")]
    assert (now().actual, now().progress_percent) == (6, 60)


def test_what_was_not_corrected_is_not_said_twice(report, head, officer):
    lines = {"1.01": figure("8", "Tám huyện.")}
    row = submit(report, head, lines=lines)
    reports.return_to_agency(row, by=officer, at=NOW + MINUTE, **AGAIN)
    submit(row, head, at=LATER, lines=lines, plans="Rõ hơn.")
    assert said() == [("8.00", "Tám huyện.")]


def test_sent_again_it_does_not_undo_what_was_reported_since(report, head, officer):
    row = submit(report, head, lines={"1.01": figure("4", "Bốn huyện.")})
    reports.return_to_agency(row, by=officer, at=NOW + MINUTE, **AGAIN)
    assignments.report_progress(
        now(), by=head, at=NOW + 2 * MINUTE, actual=Decimal(9), percent=90, text="Chín."
    )
    submit(row, head, at=LATER, lines={"1.01": figure("5", "Năm huyện.")})
    assert now().actual == 9


def test_a_late_report_does_not_put_an_older_figure_over_a_newer(programme, report, head):
    factories.ReportingPeriodFactory(
        programme=programme,
        code="2026-M4",
        data_from=dt.date(2026, 3, 5),
        data_to=dt.date(2026, 4, 14),
        due_on=dt.date(2026, 4, 16),
    )
    reporting.shells.make(programme)
    submit(of("SXD", "2026-M4"), head, lines={"1.01": figure("7", "Bảy huyện.")})
    submit(report, head, at=LATER, lines={"1.01": figure("4", "Bốn huyện.")})
    assert said() == [("7.00", "Bảy huyện.")]


def test_what_was_handed_in_is_not_moved(report, head):
    Assignment.objects.filter(code="1.01").update(status="submitted", submitted_on=TODAY, actual=10)
    submit(report, head, lines={"1.01": figure("4", "Bốn huyện.")})
    assert (now().status, now().actual) == (AssignmentStatus.SUBMITTED, 10)


def test_the_same_figure_keeps_the_progress_that_the_lead_estimated(report, head):
    row = now()
    assignments.accept(row, by=head, at=NOW)
    assignments.report_progress(row, by=head, at=NOW, actual=Decimal(0), percent=60, text="Đang dự thảo.")
    submit(report, head, lines={"1.01": figure("0", "Đang lấy ý kiến.")})
    assert (now().actual, now().progress_percent, now().result_text) == (0, 60, "Đang lấy ý kiến.")


def test_more_than_the_target_is_all_of_it(report, head):
    submit(report, head, lines={"1.01": figure("25")})
    assert now().progress_percent == 100


def test_a_figure_that_follows_others_is_not_typed_in_a_report(report, focal_point, head):
    row = now()
    assignments.accept(row, by=focal_point, at=NOW)
    figures.enter(row, by=focal_point, at=NOW, on=TODAY, values={None: Decimal(3)})
    (item,) = [item for item in report_contents.items(report) if item.assignment.code == "1.01"]
    assert (item.follows, item.actual) == (True, 3)
    form = ReportForm(report=report, items=report_contents.items(report))
    assert form.fields[f"actual_{row.pk}"].disabled
    submit(report, head, lines={"1.01": figure("3", "Ba huyện.")})
    assert (now().actual, now().result_text) == (3, "Ba huyện.")
