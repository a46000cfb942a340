"""What tests of reviews share: the half-year of the small programme, over since a week, and its draft."""

import datetime as dt
from typing import Any

from portal.users.models import User
from tasks import period_reviews
from tasks.models import ApprovedReview, Assignment, PeriodReview, Programme, ReportingPeriod
from tasks.period_review_contents import Section
from tests import factories
from tests.factories import NOW, TODAY

UNTIL = TODAY - dt.timedelta(days=7)
DUE_ON = TODAY + dt.timedelta(days=20)
MINUTE = dt.timedelta(minutes=1)
WRITTEN = {
    Section.STRENGTHS: "Các cơ quan chủ động phối hợp.",
    Section.LESSONS: "Giao việc phải rõ thời hạn.",
    Section.DIRECTION: "Tiếp tục thực hiện Chương trình phối hợp.",
}


def half(programme: Programme, **changes: Any) -> ReportingPeriod:
    """Make a half-year that ended a week ago, the day after 1.02 fell due."""
    facts: dict[str, Any] = {"code": "2026-H1", "kind": ReportingPeriod.Kind.SEMIANNUAL}
    facts |= {"data_to": UNTIL, "due_on": UNTIL, "review_due_on": DUE_ON}
    made = factories.ReportingPeriodFactory(programme=programme, **(facts | changes))
    return period(made.code)


def period(code: str = "2026-H1") -> ReportingPeriod:
    return ReportingPeriod.objects.select_related("programme__host").get(code=code)


def drafted(of: ReportingPeriod, officer: User, *, at: dt.datetime = NOW) -> PeriodReview:
    """A draft in which every section says something."""
    row = period_reviews.draft(of, by=officer, at=at)
    for section, text in WRITTEN.items():
        period_reviews.add(row, by=officer, at=at, section=section, text=text)
    return row


def approved(of: ReportingPeriod, officer: User, commander: User, *, at: dt.datetime = NOW) -> ApprovedReview:
    row = drafted(of, officer, at=at)
    period_reviews.freeze(row, by=officer, at=at)
    return period_reviews.approve(row, by=commander, at=at)


def finish(assignment: Assignment, on: dt.date) -> None:
    """Set the row as finished on a day, directly."""
    Assignment.objects.filter(pk=assignment.pk).update(status="confirmed", submitted_on=on, confirmed_at=NOW)


def newest() -> PeriodReview:
    return PeriodReview.objects.select_related("period__programme__host").get()
