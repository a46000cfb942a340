"""Day arithmetic in Việt Nam's time."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.lib.dates import Calendar, local_day, parse_moment, start_of_day

D = dt.date
SATURDAY, SUNDAY, MONDAY, TUESDAY = (D(2026, 2, 28 + n) if n < 1 else D(2026, 3, n) for n in range(4))
DAYS = st.dates(D(2020, 1, 1), D(2035, 12, 31))


@pytest.mark.parametrize(
    ("calendar", "day", "moved"),
    [
        (Calendar(), MONDAY, MONDAY),
        (Calendar(), SATURDAY, MONDAY),
        (Calendar(), SUNDAY, MONDAY),
        (Calendar(holidays=frozenset({MONDAY})), SATURDAY, TUESDAY),
        (Calendar(worked=frozenset({SATURDAY})), SATURDAY, SATURDAY),
        (Calendar(holidays=frozenset({MONDAY}), worked=frozenset({SUNDAY})), SUNDAY, SUNDAY),
    ],
)
def test_deadline_moves_to_a_working_day(calendar, day, moved):
    """Source: Civil Code 2015, art. 148(5)."""
    assert calendar.next_working_day(day) == moved


@given(DAYS, st.frozensets(DAYS, max_size=20), st.frozensets(DAYS, max_size=20))
def test_next_working_day_is_the_first_that_is_worked(day, holidays, worked):
    calendar = Calendar(holidays, worked)
    moved = calendar.next_working_day(day)
    assert calendar.is_working_day(moved)
    skipped = [day + dt.timedelta(days=n) for n in range((moved - day).days)]
    assert not any(map(calendar.is_working_day, skipped))


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (dt.datetime(2026, 3, 31, 16, 59, 59, tzinfo=dt.UTC), D(2026, 3, 31)),
        (dt.datetime(2026, 3, 31, 17, 0, tzinfo=dt.UTC), D(2026, 4, 1)),
    ],
)
def test_a_day_begins_at_five_in_the_afternoon_utc(moment, day):
    assert local_day(moment) == day


@given(DAYS)
def test_a_day_begins_on_itself(day):
    begin = start_of_day(day)
    assert local_day(begin) == day
    assert local_day(begin - dt.timedelta(microseconds=1)) == day - dt.timedelta(days=1)


def test_a_moment_without_zone_is_local():
    assert parse_moment("2026-03-31T08:00") == dt.datetime(2026, 3, 31, 1, tzinfo=dt.UTC)
    with pytest.raises(ValueError, match="Invalid"):
        parse_moment("hôm nay")
