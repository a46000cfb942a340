"""How interim and annual reviews are prepared for the who-may matrix."""

import datetime as dt
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from tasks import paragraphs, period_reviews
from tasks.models import ApprovedReview, PeriodReview, ReportingPeriod
from tasks.period_review_contents import WRITTEN, Section
from tests import factories
from tests.factories import NOW, TODAY
from tests.who_may_rounds import REASON, Ask, in_state


def _reviewed(world: SimpleNamespace, state: str) -> ReportingPeriod:
    """A half-year whose review is in a state."""
    in_state(world.programme, "in_force")
    over = TODAY - dt.timedelta(days=1)
    made = factories.ReportingPeriodFactory(
        programme=world.programme, code="2026-H1", kind="semiannual", data_to=over, due_on=over
    )
    period = ReportingPeriod.objects.select_related("programme__host").get(pk=made.pk)
    officer, commander = world.people["host", "programme_officer"], world.people["host", "commander"]
    if state != "none":
        row = period_reviews.draft(period, by=officer, at=NOW)
        for section in WRITTEN:
            period_reviews.add(row, by=officer, at=NOW, section=section, text=REASON)
        if state != "draft":
            period_reviews.freeze(row, by=officer, at=NOW)
        if state in {"approved", "numbered"}:
            approved = period_reviews.approve(row, by=commander, at=NOW)
            if state == "numbered":
                period_reviews.give_number(approved, by=officer, at=NOW, number="1", issued_on=TODAY)
    return period


def _draft(world: SimpleNamespace, state: str) -> Ask:
    period = _reviewed(world, state)
    return lambda by: period_reviews.draft(ReportingPeriod.objects.get(pk=period.pk), by=by, at=NOW)


def _review(act: Callable[..., Any], **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        period = _reviewed(world, state)
        return lambda by: act(PeriodReview.objects.get(period=period), by=by, at=NOW, **given)

    return prepare


def _number(world: SimpleNamespace, state: str) -> Ask:
    _reviewed(world, state)
    return lambda by: period_reviews.give_number(
        ApprovedReview.objects.get(), by=by, at=NOW, number="12", issued_on=TODAY
    )


_SECTION = Section.LESSONS
PREPARE: dict[str, Callable[[SimpleNamespace, str], Ask]] = {
    "tasks.period_reviews.draft": _draft,
    "tasks.period_reviews.save": _review(period_reviews.save, section=_SECTION, typed=paragraphs.Typed()),
    "tasks.period_reviews.add": _review(period_reviews.add, section=_SECTION, text=REASON),
    "tasks.period_reviews.address": _review(period_reviews.address, recipients=REASON),
    "tasks.period_reviews.refresh": _review(period_reviews.refresh),
    "tasks.period_reviews.freeze": _review(period_reviews.freeze),
    "tasks.period_reviews.give_back": _review(period_reviews.give_back, reason=REASON),
    "tasks.period_reviews.approve": _review(period_reviews.approve),
    "tasks.period_reviews.give_number": _number,
}
