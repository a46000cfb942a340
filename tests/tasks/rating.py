"""What tests of the rating share: the year 2026 rated in the small programme, step by step."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from portal.users.models import User
from tasks import rating_contents, rating_sheets, ratings
from tasks.models import Programme, RatingPoint, RatingRound, RatingSheet
from tasks.rating_sheets import Given, Verdict
from tasks.ratings import Proposal
from tests.factories import NOW, TODAY

REASON = "Căn cứ kết quả phối hợp trong năm."
REVIEW_UNTIL = TODAY + dt.timedelta(days=3)
AFTER_SELF = NOW + dt.timedelta(days=15)
AFTER_REVIEW = NOW + dt.timedelta(days=4)
D = Decimal


def round_of() -> RatingRound:
    return RatingRound.objects.select_related("programme__host").get()


def sheet_of(agency: str) -> RatingSheet:
    """Return the sheet of an agency, anew from the database."""
    return RatingSheet.objects.select_related("round__programme__host", "agency").get(agency__code=agency)


def point_of(agency: str, order: int) -> RatingPoint:
    point = RatingPoint.objects.select_related("criterion").get(
        sheet__agency__code=agency, criterion__order=order
    )
    point.sheet = sheet_of(agency)
    return point


def published(programme: Programme, officer: User) -> RatingRound:
    """The preset's criteria, published today."""
    ratings.prepare(programme, by=officer, at=NOW)
    ratings.publish(round_of(), by=officer, at=NOW)
    return round_of()


def given(sheet: RatingSheet, *points: Any) -> dict[int, Given]:
    """Points by criterion in their order, each judged one with words."""
    rows = sheet.points.select_related("criterion").order_by("criterion__order")
    return {
        row.criterion_id: Given(None if value is None else D(value), REASON)
        for row, value in zip(rows, points, strict=True)
    }


def scored(agency: str, by: User, points: Any = (50, 20, 15, 9, 5), *, at: dt.datetime = NOW) -> RatingSheet:
    """Write and submit; a head's own goes on to the command at once."""
    sheet = sheet_of(agency)
    rating_sheets.save(sheet, by=by, at=at, given=given(sheet, *points))
    rating_sheets.submit(sheet, by=by, at=at)
    return sheet_of(agency)


def verdicts(sheet: RatingSheet, *points: Any, reason: str = REASON) -> Mapping[int, Verdict]:
    rows = sheet.points.select_related("criterion").order_by("criterion__order")
    return {
        row.criterion_id: Verdict(None if value is None else D(value), reason)
        for row, value in zip(rows, points, strict=True)
    }


def verified(
    agency: str, officer: User, points: Any = (None, None, None, 8, 3), *, at: dt.datetime = NOW
) -> None:
    sheet = sheet_of(agency)
    figures = [row.criterion for row in sheet.points.select_related("criterion")]
    assert len(figures) == len(points)
    rating_sheets.verify(sheet, by=officer, at=at, verdicts=verdicts(sheet, *points))


def told(officer: User, points: Mapping[str, Any], *, at: dt.datetime = AFTER_SELF) -> RatingRound:
    """Verify every agency after the day for self-scores, and tell all."""
    for agency, values in points.items():
        verified(agency, officer, values, at=at)
    ratings.announce(round_of(), by=officer, at=at, review_until=at.date() + dt.timedelta(days=3))
    return round_of()


def proposals(round_: RatingRound) -> dict[int, Proposal]:
    """What the points give; the lowest grade, with a reason, where nothing can be told."""
    lowest = round_.grades.get(place=4)
    return {
        line.sheet.pk: Proposal(line.computed_grade or lowest, "" if line.computed_grade else REASON)
        for line in rating_contents.lines(round_)
    }
