"""The days off that a fresh portal knows."""

import datetime as dt

import pytest

from portal.calendar.models import Holiday, load_calendar

pytestmark = pytest.mark.django_db
D = dt.date


def test_every_seeded_year_has_its_eleven_holidays() -> None:
    for year in range(2022, 2029):
        assert Holiday.objects.filter(on__year=year, kind=Holiday.Kind.OFF).count() >= 11


@pytest.mark.parametrize(
    "day", [D(2023, 1, 22), D(2024, 2, 10), D(2025, 1, 29), D(2026, 2, 17), D(2027, 2, 6)]
)
def test_first_day_of_tet_is_off(day: D) -> None:
    assert Holiday.objects.get(on=day).name.startswith("Tết Nguyên đán")


def test_deadline_on_a_long_holiday_moves_behind_it() -> None:
    assert load_calendar().next_working_day(D(2023, 4, 29)) == D(2023, 5, 4)


def test_swapped_saturday_is_worked() -> None:
    calendar = load_calendar()
    assert calendar.is_working_day(D(2024, 5, 4))
    assert not calendar.is_working_day(D(2024, 4, 29))


def test_computed_years_say_so() -> None:
    names = Holiday.objects.filter(on__year__gte=2027).values_list("name", flat=True)
    assert all(name.endswith("(dự kiến)") for name in names)


def test_announced_years_do_not_say_so() -> None:
    assert not Holiday.objects.filter(on__year__lte=2026, name__contains="dự kiến").exists()


def test_no_working_week_is_lost_to_a_holiday_on_a_weekend() -> None:
    """Art. 111(3): every one of the eleven days falls on, or is made up by, a working day."""
    for year in range(2022, 2029):
        off = Holiday.objects.filter(on__year=year, kind=Holiday.Kind.OFF).values_list("on", flat=True)
        worked = Holiday.objects.filter(on__year=year, kind=Holiday.Kind.WORKED).count()
        assert sum(day.weekday() < 5 for day in off) - worked == 11, year
