"""The officer is reminded of a review around the day that its period has for it."""

import datetime as dt

import pytest

from portal.notices import planning
from portal.notices.models import Notice
from tasks import period_review_reminders as review_reminders
from tasks import period_reviews, periods
from tasks.models import PeriodReview, ReportingPeriod
from tests.factories import NOW
from tests.tasks import reviewing
from tests.tasks.reviewing import DUE_ON

pytestmark = pytest.mark.django_db


@pytest.fixture
def period(programme) -> ReportingPeriod:
    return reviewing.half(programme)


def plan(on: dt.date) -> list[tuple[str, str]]:
    """Plan as on a day; return what is new."""
    before = set(Notice.objects.values_list("pk", flat=True))
    planning.plan(at=dt.datetime.combine(on, NOW.timetz()))
    new = Notice.objects.filter(kind__startswith="review.").exclude(pk__in=before)
    return sorted(new.values_list("kind", "recipient__username"))


@pytest.mark.parametrize(
    ("days", "kind"), [(-14, "review.due"), (-3, "review.due"), (1, "review.overdue"), (7, "review.overdue")]
)
def test_the_officer_is_reminded_around_the_day(period, cast, days, kind):
    assert (kind, cast.officer.username) in plan(DUE_ON + dt.timedelta(days=days))


def test_nobody_else_is_and_not_too_early(period, cast):
    assert plan(DUE_ON - dt.timedelta(days=15)) == []
    assert {name for _kind, name in plan(DUE_ON - dt.timedelta(days=14))} == {cast.officer.username}


def test_the_notice_says_which_review_and_by_when(period, officer):
    plan(DUE_ON - dt.timedelta(days=3))
    notice = Notice.objects.filter(kind="review.due").latest("pk")
    assert "sơ kết 6 tháng" in notice.text_vi
    assert "30/03/2026" in notice.text_vi
    assert review_reminders.DUE.path(notice.subject_id) == f"/reviews/{period.pk}/"


@pytest.mark.parametrize("changes", [{"review_due_on": None}, {"kind": "quarterly"}])
def test_what_has_no_day_or_is_not_reviewed_is_not_asked_for(programme, officer, changes):
    reviewing.half(programme, **changes)
    assert plan(DUE_ON - dt.timedelta(days=3)) == []


def test_a_review_that_is_before_the_commander_is_not_asked_for(period, officer, commander):
    row = reviewing.drafted(period, officer)
    assert plan(DUE_ON - dt.timedelta(days=14))
    period_reviews.freeze(row, by=officer, at=NOW + dt.timedelta(days=7))
    assert plan(DUE_ON + dt.timedelta(days=1)) == []
    assert not Notice.objects.filter(kind="review.due", read_at=None, recipient=officer).exists()
    period_reviews.give_back(PeriodReview.objects.get(), by=commander, at=NOW, reason="Sửa.")
    assert plan(DUE_ON + dt.timedelta(days=1))


def test_the_preset_offers_the_days():
    calendar = periods.load_calendar()
    days = {row.code: row.review_due_on for row in periods.preset(2026, calendar=calendar)}
    assert (days["2026-H1"], days["2026-Y"]) == (dt.date(2026, 7, 10), dt.date(2026, 12, 31))
    assert {days[code] for code in ("2026-Q1", "2026-9M")} == {None}
