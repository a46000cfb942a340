"""What a report speaks of, what stands in place and beside it, and who has a shell."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import ProgrammingError, transaction
from django.utils import translation

from portal.lib import walls
from portal.users.middleware import reach_of
from tasks import assignments, jobs, report_contents, reports, shells
from tasks.models import Assignment, Programme, Report, Signatory
from tasks.report_contents import items, previous
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks import reporting
from tests.tasks.reporting import draft, figure, of, submit

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def quarter(programme: Programme) -> None:
    reporting.first_quarter(programme)


@pytest.fixture
def report(quarter) -> Report:
    return of("SXD")


@pytest.fixture
def half(programme) -> Report:
    """The department's report of the first half of the year, whose data begin with the quarter's."""
    return _of_period(programme, "2026-H1", dt.date(2025, 12, 15), dt.date(2026, 6, 14))


def _of_period(programme, code: str, first: dt.date, last: dt.date) -> Report:
    factories.ReportingPeriodFactory(
        programme=programme, code=code, data_from=first, data_to=last, due_on=last + dt.timedelta(days=2)
    )
    shells.make(programme)
    return of("SXD", code)


# --- Shells -----------------------------------------------------------------------------------------
def test_every_party_has_a_report_of_every_period(programme):
    assert set(Report.objects.values_list("agency__code", flat=True)) == {"BCHQS", "UBMTTQ", "SXD"}
    assert set(Report.objects.values_list("state", flat=True)) == {"draft"}


def test_making_them_again_makes_nothing(programme):
    assert shells.make(programme) == 0
    assert Report.objects.count() == 3


def test_the_job_gives_who_came_later_theirs(programme):
    agency = factories.AgencyFactory(code="SYT")
    Signatory.objects.create(programme=programme, agency=agency, order=9)
    jobs.make_report_shells()
    assert Report.objects.filter(agency=agency).count() == 1


@pytest.mark.parametrize("state", ["draft", "frozen", "closed"])
def test_only_a_programme_in_force_has_reports(programme, state):
    Report.objects.all().delete()
    Programme.objects.update(state=state)
    assert shells.make_all() == 0


# --- What it speaks of --------------------------------------------------------------------------------
def codes(report: Report) -> list[tuple[str, bool]]:
    return [(item.assignment.code, item.is_led) for item in items(report)]


def test_it_speaks_of_what_the_agency_leads_then_of_what_it_coordinates(report):
    assert codes(report) == [("1.01", True), ("1.02", False)]


@pytest.mark.parametrize("status", ["draft", "returned", "cancelled"])
def test_it_does_not_speak_of_what_is_not_the_agencys(report, status):
    Assignment.objects.filter(code="1.01").update(status=status)
    assert codes(report) == [("1.02", False)]


def test_what_was_done_before_the_period_is_over(report):
    rows = Assignment.objects.filter(code="1.01")
    rows.update(status="confirmed", submitted_on=report.period.data_from)
    assert ("1.01", True) in codes(report)
    rows.update(submitted_on=report.period.data_from - dt.timedelta(days=1))
    assert ("1.01", True) not in codes(report)


def test_a_submitted_report_stays_as_it_was(report, head):
    submit(report, head)
    Assignment.objects.filter(code="1.01").update(status="cancelled")
    assert codes(of("SXD")) == [("1.01", True), ("1.02", False)]


# --- What stands in place, and beside it ----------------------------------------------------------------
def test_the_last_figure_stands_in_place(report, head):
    row = Assignment.objects.get(code="1.01")
    assignments.accept(row, by=head, at=NOW)
    assignments.report_progress(row, by=head, at=NOW, actual=Decimal(3), percent=30, text="Ba huyện.")
    led = items(report)[0]
    assert (led.actual, led.text) == (3, "Ba huyện."), "words of this period, too: nothing is typed twice"


def test_words_of_an_earlier_period_do_not_stand_in_place(report):
    Assignment.objects.filter(code="1.01").update(
        actual=3, result_text="Năm ngoái.", changed_at=NOW - dt.timedelta(days=200)
    )
    assert (items(report)[0].actual, items(report)[0].text) == (3, "")


def test_last_periods_line_stands_beside(report, half, head):
    submit(report, head, lines={"1.01": figure("4", "Bốn huyện.")})
    before = previous(half)
    led = items(half, before)[0]
    assert before == report
    assert (led.before.actual, led.before.text) == (4, "Bốn huyện.")
    assert not led.fell


def test_a_running_total_that_fell_is_pointed_out(report, half, head):
    submit(report, head, lines={"1.01": figure("4")})
    reports.save(half, by=head, at=NOW, draft=draft(half, {"1.01": figure("3")}))
    assert items(half, previous(half))[0].fell


def test_of_two_that_end_together_the_shorter_comes_before_the_longer(programme, half, head):
    second = _of_period(programme, "2026-Q2", dt.date(2026, 3, 5), dt.date(2026, 6, 14))
    submit(second, head)
    assert previous(half).period.code == "2026-Q2"
    submit(half, head)
    assert previous(second) is None


def test_a_report_that_was_not_sent_stands_beside_nothing(report, half, head):
    reports.save(report, by=head, at=NOW, draft=draft(report))
    assert previous(half) is None


def test_an_empty_figure_keeps_the_one_in_place(report, head):
    Assignment.objects.filter(code="1.01").update(actual=3)
    typed = {"1.01": report_contents.LineDraft(None, "Như cũ.")}
    reports.save(report, by=head, at=NOW, draft=draft(report, typed))
    assert items(of("SXD"))[0].actual == 3


# --- How it stands ------------------------------------------------------------------------------------
STANDS = {  # first sent, last sent, new due date, today (days from the due date) → standing
    (None, None, None, 0): "due_soon",
    (None, None, None, -8): "not_due",
    (None, None, None, 1): "overdue",
    (0, 0, None, 5): "completed_on_time",
    (1, 1, None, 5): "completed_late",
    (0, 6, 7, 9): "completed_on_time",
    (0, 8, 7, 9): "completed_late",
    (1, 3, 7, 9): "completed_late",
}


@pytest.mark.parametrize(("days", "standing"), STANDS.items())
def test_how_a_report_stands(days, standing):
    due_on = reporting.DUE_ON

    def day(n):
        return None if n is None else due_on + dt.timedelta(days=n)

    first, last, own, today = days
    period = factories.ReportingPeriodFactory.build(due_on=due_on)
    at = [d and dt.datetime.combine(d, dt.time(9), tzinfo=NOW.tzinfo) for d in (day(first), day(last))]
    state = "draft" if first is None else "submitted"
    row = Report(
        period=period, state=state, first_submitted_at=at[0], submitted_at=at[1], own_due_on=day(own)
    )
    assert row.standing(day(today)) == standing


def test_a_returned_report_is_owed_again(report):
    row = Report(period=report.period, state="returned", first_submitted_at=NOW, submitted_at=NOW)
    row.own_due_on = TODAY + dt.timedelta(days=20)
    assert row.standing(TODAY + dt.timedelta(days=10)) == "not_due", "past the period's own day"
    assert row.standing(TODAY + dt.timedelta(days=21)) == "overdue"


TITLES = {
    ("quarterly", 9): ("quý III/2026", "quarter III/2026"),
    ("monthly", 5): ("tháng 5/2026", "month 5/2026"),
    ("semiannual", 6): ("6 tháng đầu năm 2026", "first six months of 2026"),
    ("nine_month", 9): ("9 tháng năm 2026", "nine months of 2026"),
    ("annual", 12): ("năm 2026", "year 2026"),
}


@pytest.mark.parametrize(("given", "titles"), TITLES.items())
def test_a_period_in_words(given, titles):
    kind, month = given
    period = factories.ReportingPeriodFactory.build(kind=kind, data_to=dt.date(2026, month, 14))
    for language, words in zip(("vi", "en"), titles, strict=True):
        with translation.override(language):
            assert period.title == words


@pytest.mark.postgres
def test_the_second_wall_lets_the_commander_make_shells(programme, commander, focal_point):
    """Bringing into force is a request of the commander's; nobody else makes a report."""
    Report.objects.all().delete()
    with walls.request():
        walls.let_in(reach_of(focal_point))
        with pytest.raises(ProgrammingError), transaction.atomic():
            shells.make(programme)
    with walls.request():
        walls.let_in(reach_of(commander))
        assert shells.make(programme) == 3
    assert Report.objects.count() == 3
