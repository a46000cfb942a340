"""Planted leaks of the rating: the crawler sees another agency's sheet, and a grade too early."""

import pytest

from tasks import rating_access
from tasks.models import RatingSheet
from tests.isolation.crawler import Crawler


def leaks_of(world, *people: str, only: tuple[str, ...]) -> str:
    return "\n".join(Crawler(world, people=people, only=only).crawl().leaks)


@pytest.mark.sqlite  # PostgreSQL hides the sheet all the same: its second wall stands
def test_a_sheet_of_another_agency_would_be_seen(world, monkeypatch):
    everything = RatingSheet.objects.select_related("round__programme__host", "agency", "grade")
    monkeypatch.setattr(rating_access, "visible_sheets", lambda user: everything)
    found = leaks_of(world, "syt_head", only=("ratings:sheet",))
    assert "shows rating tuchamsxd" in found


def test_a_grade_that_is_not_approved_would_be_seen(world, monkeypatch):
    monkeypatch.setattr(rating_access, "shows_grade", lambda user, sheet: True)
    assert "shows rating lydoxeploai" in leaks_of(world, "sxd_head", only=("ratings:sheet",))
