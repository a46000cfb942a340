"""Figures of a review: as of the period's last day, beside the year before, and what was corrected since."""

import datetime as dt
from decimal import Decimal

import pytest

from portal.lib.dates import start_of_day
from tasks import figures, period_review_contents, review_figures
from tasks.models import Assignment, Figure, Programme, Progress, ReportingPeriod
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks import measuring, reviewing
from tests.tasks.reviewing import UNTIL

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def period(programme: Programme) -> ReportingPeriod:
    return reviewing.half(programme)


def read(period: ReportingPeriod) -> dict:
    return period_review_contents.gather(period).figures


def task(period: ReportingPeriod, number: int) -> dict:
    return next(row for row in read(period)["tasks"] if row["number"] == number)


def target(period: ReportingPeriod, code: str) -> dict:
    return next(row for row in read(period)["targets"] if row["code"] == code)


def test_duties_are_told_as_they_stood_on_the_last_day(period):
    assert task(period, 1)["now"] == {
        "total": 2, "on_time": 0, "late": 0, "open": 1, "overdue": 1, "recurring": 0,
    }  # fmt: skip
    assert read(period)["total"]["now"]["recurring"] == 1


@pytest.mark.parametrize(
    ("sent_on", "counted"), [(UNTIL - DAY, "on_time"), (UNTIL, "late"), (UNTIL + DAY, "overdue")]
)
def test_a_result_that_was_sent_later_was_not_there_yet(period, programme, sent_on, counted):
    """1.02 was due on the day before the last one."""
    reviewing.finish(programme.assignments.get(code="1.02"), sent_on)
    assert task(period, 1)["now"][counted] == 1


def test_what_was_cancelled_is_not_counted(period, programme):
    programme.assignments.filter(code="1.01").update(status="cancelled")
    assert task(period, 1)["now"]["total"] == 1
    assert [row["code"] for row in read(period)["targets"]] == ["1.02", "2.01"]


def test_a_figure_is_that_of_the_log_on_the_last_day(period, assignment, focal_point):
    for days, actual in ((-2, 3), (2, 9)):
        at = start_of_day(UNTIL) + days * DAY
        Progress.objects.create(
            assignment=assignment,
            at=at,
            by=focal_point,
            status="in_progress",
            actual=actual,
            progress_percent=9,
        )
    assert (target(period, "1.01")["done"], target(period, "1.01")["percent"]) == ("3.00", "30.0")


def test_before_anything_was_reported_there_is_no_figure(period):
    assert (target(period, "1.01")["done"], target(period, "1.01")["percent"]) == (None, None)


def test_of_entries_those_for_days_up_to_the_last_one_count(period, assignment, focal_point):
    measuring.at_work(assignment)
    for on, value in ((UNTIL, "4"), (UNTIL + DAY, "2")):
        figures.enter(assignment, by=focal_point, at=NOW, on=on, values={None: Decimal(value)})
    assert Decimal(target(period, "1.01")["done"]) == 4


def test_a_correction_made_later_changes_the_figure_and_is_told(period, assignment, focal_point):
    measuring.at_work(assignment)
    figures.enter(assignment, by=focal_point, at=NOW, on=UNTIL, values={None: Decimal(4)})
    frozen = read(period)
    assert review_figures.changes(frozen, read(period)) == []
    figure = Figure.objects.get()
    figures.correct(figure, by=focal_point, at=NOW, value=Decimal(5), reason="Cộng nhầm")
    (change,) = review_figures.changes(frozen, read(period))
    assert (change.kind, change.id) == ("target", assignment.pk)
    assert (change.was.split("/")[0], change.now.split("/")[0]) == ("4.00", "5.00")


def test_a_result_that_is_recorded_for_an_earlier_day_changes_three_counts(period, programme):
    frozen = read(period)
    reviewing.finish(programme.assignments.get(code="1.02"), UNTIL - DAY)
    kinds = [change.kind for change in review_figures.changes(frozen, read(period))]
    assert kinds == ["tasks", "agencies"]


def test_what_happens_after_the_last_day_is_no_change(period, programme):
    frozen = read(period)
    reviewing.finish(programme.assignments.get(code="1.02"), TODAY)
    assert review_figures.changes(frozen, read(period)) == []


# --- The year before ---------------------------------------------------------------------------------
@pytest.fixture
def last_year(programme, department) -> ReportingPeriod:
    """1.01 of 2025 was done on time: 8 of 10."""
    earlier = factories.ProgrammeFactory(year=2025, year_to=2025, host=programme.host, state="closed")
    row = factories.AssignmentFactory(
        task=factories.PriorityTaskFactory(programme=earlier, number=1),
        code="1.01",
        lead=department,
        deadline_on=dt.date(2025, 2, 20),
        due_on=dt.date(2025, 2, 20),
        status="confirmed",
        submitted_on=dt.date(2025, 2, 19),
        confirmed_at=NOW,
    )
    at = dt.datetime(2025, 2, 19, 9, tzinfo=dt.UTC)
    Progress.objects.create(
        assignment=row,
        at=at,
        by=factories.UserFactory(),
        status="submitted",
        actual=8,
        progress_percent=80,
    )
    return factories.ReportingPeriodFactory(
        programme=earlier,
        code="2025-H1",
        kind="semiannual",
        data_from=dt.date(2024, 12, 15),
        data_to=dt.date(2025, 3, 3),
        due_on=dt.date(2025, 3, 5),
    )


def test_the_year_before_is_read_where_it_has_no_approved_review(period, last_year):
    assert read(period)["before"] == {"year": 2025, "until": "2025-03-03", "is_frozen": False}
    assert task(period, 1)["before"]["on_time"] == 1
    assert Decimal(target(period, "1.01")["before"]) == 8
    department = next(row for row in read(period)["agencies"] if row["code"] == "SXD")
    assert department["before"]["on_time"] == 1
    assert review_figures.rate(department["before"]) == 100


def test_of_an_approved_review_the_frozen_figures_count(period, last_year, officer, commander):
    earlier = reviewing.period("2025-H1")
    reviewing.approved(earlier, officer, commander)
    Assignment.objects.filter(programme=earlier.programme).update(status="cancelled")
    assert read(period)["before"]["is_frozen"]
    assert task(period, 1)["before"]["on_time"] == 1
    assert Decimal(target(period, "1.01")["before"]) == 8


def test_without_a_year_before_nothing_stands_beside(period):
    assert read(period)["before"] is None
    assert task(period, 1)["before"] is None
    assert review_figures.rate(None) is None


def test_figures_are_read_in_a_fixed_number_of_queries(period, last_year, django_assert_num_queries):
    with django_assert_num_queries(11):
        period_review_contents.gather(period)
