"""Days off and swapped days as one value."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from portal.calendar.models import Holiday, load_calendar
from tests.factories import HolidayFactory

pytestmark = pytest.mark.django_db
D = dt.date


@pytest.fixture(autouse=True)
def _no_seed() -> None:
    Holiday.objects.all().delete()


def test_calendar_in_one_query(django_assert_num_queries):
    HolidayFactory(on=D(2026, 9, 2))
    HolidayFactory(on=D(2026, 8, 22), kind=Holiday.Kind.WORKED)
    with django_assert_num_queries(1):
        calendar = load_calendar()
    assert calendar.holidays == {D(2026, 9, 2)}
    assert calendar.worked == {D(2026, 8, 22)}


def test_calendar_from_a_day_on():
    HolidayFactory(on=D(2025, 9, 2))
    HolidayFactory(on=D(2026, 9, 2))
    assert load_calendar(first=D(2026, 1, 1)).holidays == {D(2026, 9, 2)}


def test_a_day_stands_once():
    HolidayFactory(on=D(2026, 9, 2))
    with pytest.raises(IntegrityError), transaction.atomic():
        HolidayFactory(on=D(2026, 9, 2), kind=Holiday.Kind.WORKED)
