"""What figures come to. The order in which they are entered never matters, and parts agree with the whole."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tasks import indicators
from tasks.indicators import WHOLE, Entry, Standing
from tasks.models import Aggregation, Direction
from tests.factories import TODAY

D = Decimal
HIGHER, LOWER = Direction.HIGHER, Direction.LOWER
DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2026, 12, 31))
VALUES = st.decimals(0, 99_999, places=2)
PARTS = st.sampled_from([1, 2, 3])
ENTRIES = st.lists(
    st.builds(Entry, PARTS, DAYS, VALUES), max_size=12, unique_by=lambda entry: (entry.part, entry.on)
)


def day(number: int) -> dt.date:
    return dt.date(2026, 3, number)


FIGURES = [Entry(1, day(1), D(4)), Entry(1, day(9), D(8)), Entry(2, day(5), D(3))]


@pytest.mark.parametrize(("aggregation", "found"), [("sum", 15), ("latest", 11), ("average", D("4.5"))])
def test_entries_of_parts_come_to_one_total(aggregation, found):
    assert indicators.total(FIGURES, aggregation) == found


def test_without_entries_there_is_no_total():
    assert indicators.total([], Aggregation.SUM) is None


@given(entries=ENTRIES, aggregation=st.sampled_from(Aggregation), seed=st.randoms(use_true_random=False))
def test_order_does_not_matter(entries, aggregation, seed):
    shuffled = list(entries)
    seed.shuffle(shuffled)
    assert indicators.total(shuffled, aggregation) == indicators.total(entries, aggregation)


@given(entries=ENTRIES.filter(bool), aggregation=st.sampled_from(Aggregation))
def test_parts_come_to_the_whole(entries, aggregation):
    parts = list(indicators.by_part(entries, aggregation).values())
    assert indicators.of_parts(parts, aggregation) == indicators.total(entries, aggregation)


@given(entries=ENTRIES)
def test_a_sum_does_not_depend_on_how_it_is_divided(entries):
    undivided = sum((entry.value for entry in entries), D(0))
    assert (indicators.total(entries, Aggregation.SUM) or 0) == undivided


@given(shares=st.lists(VALUES, min_size=1, max_size=6))
def test_shares_are_put_together_as_figures_are(shares):
    assert not indicators.difference(shares, sum(shares), Aggregation.SUM)
    assert indicators.difference([*shares, D(1)], sum(shares), Aggregation.LATEST) == 1
    assert not indicators.difference([D(90)] * len(shares), D(90), Aggregation.AVERAGE)


@pytest.mark.parametrize(
    ("actual", "target", "baseline", "direction", "percent"),
    [
        (50, 200, None, HIGHER, 25),
        (250, 200, 100, HIGHER, 125),
        (0, 0, None, HIGHER, 100),
        (5, 10, None, LOWER, 100),
        (10, 10, 40, LOWER, 100),
        (25, 10, 40, LOWER, 50),
        (50, 10, 40, LOWER, 0),
        (20, 10, None, LOWER, 50),
        (20, 10, 5, LOWER, 50),
        (1, 0, None, LOWER, 0),
    ],
)
def test_percent_achieved(actual, target, baseline, direction, percent):
    found = indicators.achieved(D(actual), D(target), None if baseline is None else D(baseline), direction)
    assert found == percent


@given(actual=VALUES, target=VALUES, baseline=st.none() | VALUES, direction=st.sampled_from(Direction))
def test_met_and_a_hundred_percent_are_one(actual, target, baseline, direction):
    percent = indicators.achieved(actual, target, baseline, direction)
    assert percent >= 0
    is_met = actual <= target if direction == Direction.LOWER else actual >= target
    assert (percent >= 100) == is_met


@pytest.mark.parametrize(
    ("percent", "elapsed", "standing"),
    [
        (None, 50, Standing.UNKNOWN),
        (D(100), 10, Standing.MET),
        (D(50), 50, Standing.ON_COURSE),
        (D("49.9"), 50, Standing.BEHIND),
    ],
)
def test_standing(percent, elapsed, standing):
    assert indicators.standing(percent, elapsed) == standing


@pytest.mark.parametrize(("on", "percent"), [(1, 0), (15, 50), (29, 100), (31, 100)])
def test_time_that_is_over(on, percent):
    assert indicators.elapsed(day(1), day(29), day(on)) == percent


def test_an_entry_of_the_whole_is_of_no_part():
    assert indicators.by_part([Entry(WHOLE, TODAY, D(3))], Aggregation.SUM) == {WHOLE: 3}
