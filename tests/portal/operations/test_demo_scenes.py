"""What a visitor of the demonstration finds, on whatever day it is loaded. No database, no clock."""

import datetime as dt
import functools
import importlib
import itertools
from collections import Counter
from typing import Any

import pytest

from portal.lib.dates import Calendar
from portal.operations.demo import building, history, rounds, scenes
from tasks.deadlines import Timeliness, timeliness
from tasks.loading import reading
from tasks.loading.shifting import shift
from tasks.states import ASSIGNMENT, AssignmentStatus

days_off = importlib.import_module("portal.calendar.migrations.0002_days_off")

FIRST, LAST = dt.date(2026, 2, 1), dt.date(2028, 1, 31)
DAYS = [FIRST + dt.timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
NAMED = [dt.date(2027, 1, 1), dt.date(2026, 3, 1), dt.date(2026, 9, 20), dt.date(2026, 12, 31)]
SOURCE = reading.read(building.FILE).content
S = AssignmentStatus


def seeded() -> Calendar:
    rows = list(days_off.days())
    return Calendar(
        frozenset(day for day, kind, _name in rows if kind == "off"),
        frozenset(day for day, kind, _name in rows if kind == "worked"),
    )


CALENDAR = seeded()


@functools.cache
def content_of(year: int) -> dict[str, Any]:
    return shift(SOURCE, year)


@functools.cache
def stage(today: dt.date) -> dict[str, scenes.Scene]:
    return scenes.this_year(content_of(building.demonstration_year(today)), today, CALENDAR)


def standing(scene: scenes.Scene, today: dt.date) -> Timeliness:
    due_on = scene.due_on(CALENDAR) if scene.is_single else None
    return timeliness(scene.status, due_on, scene.submitted_on, today)


def counted(today: dt.date) -> Counter[Timeliness]:
    return Counter(standing(scene, today) for scene in stage(today).values())


# --- The year ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("today", "year"),
    [
        (dt.date(2027, 1, 1), 2026),
        (dt.date(2027, 1, 31), 2026),
        (dt.date(2027, 2, 1), 2027),
        (dt.date(2026, 12, 31), 2026),
    ],
)
def test_demonstration_year_is_that_of_31_days_ago(today: dt.date, year: int) -> None:
    assert building.demonstration_year(today) == year


# --- How things stand ------------------------------------------------------------------------------
@pytest.mark.parametrize("today", NAMED)
def test_most_past_deadlines_were_met(today: dt.date) -> None:
    past = [
        standing(scene, today)
        for scene in stage(today).values()
        if scene.is_single and scene.due_on(CALENDAR) < today
    ]
    assert past.count(Timeliness.COMPLETED_ON_TIME) >= 0.7 * len(past)


@pytest.mark.parametrize("today", [dt.date(2027, 1, 1), dt.date(2026, 9, 20), dt.date(2026, 12, 31)])
def test_a_few_were_met_late(today: dt.date) -> None:
    assert 2 <= counted(today)[Timeliness.COMPLETED_LATE] <= 8


def test_a_few_are_overdue_on_every_day() -> None:
    assert {counted(day)[Timeliness.OVERDUE] for day in DAYS} <= {1, 2, 3, 4}


def test_something_is_due_within_a_week_on_every_day_but_before_tet() -> None:
    without = [day for day in DAYS if not counted(day)[Timeliness.DUE_SOON]]
    assert all(CALENDAR.next_working_day(day) - day >= dt.timedelta(days=7) for day in without), without


def test_home_affairs_has_one_to_accept_on_every_day() -> None:
    assert all(stage(day)[scenes.TO_ACCEPT].status == S.ASSIGNED for day in DAYS)


def test_home_affairs_has_one_to_approve_on_every_day() -> None:
    assert all(stage(day)[scenes.TO_APPROVE].status == S.AWAITING_HEAD for day in DAYS)


def test_what_home_affairs_has_to_do_is_not_overdue() -> None:
    for day in DAYS:
        for code in (scenes.TO_ACCEPT, scenes.TO_APPROVE):
            assert standing(stage(day)[code], day) in {Timeliness.NOT_DUE, Timeliness.DUE_SOON}, (day, code)


def test_the_officer_has_a_result_of_another_agency_to_confirm_on_every_day() -> None:
    for day in DAYS:
        sent = [scene for scene in stage(day).values() if scene.status == S.SUBMITTED]
        assert any(scene.lead != "BCHQS" for scene in sent), day


def test_the_same_day_gives_the_same_scenes() -> None:
    assert stage.__wrapped__(NAMED[0]) == stage(NAMED[0])


# --- What the database would refuse -----------------------------------------------------------------
def test_no_assignment_ends_before_it_begins() -> None:
    for day in DAYS:
        for scene in stage(day).values():
            assert scene.begins_on is None or scene.begins_on <= scene.deadline_on, (day, scene.code)


def test_whoever_sent_a_result_has_a_day_of_it_that_is_past() -> None:
    for day in DAYS:
        for scene in stage(day).values():
            if scene.status in {S.SUBMITTED, S.CONFIRMED}:
                assert scene.submitted_on is not None
                assert scene.submitted_on < day


def test_figures_lie_between_nothing_and_the_target() -> None:
    for day in NAMED:
        for scene in stage(day).values():
            assert 0 <= scene.percent <= 100
            assert 0 <= scene.actual <= scene.target


# --- The log ------------------------------------------------------------------------------------------
def test_every_path_follows_the_table() -> None:
    for path in history.PATHS.values():
        steps = (S.ASSIGNED, *path)
        assert all(after in ASSIGNMENT[before] for before, after in itertools.pairwise(steps))


def test_the_log_is_in_order_and_ends_before_now() -> None:
    for day in DAYS:
        until = rounds.moment(day, 7)
        begun = rounds.moment(dt.date(building.demonstration_year(day), 1, 11), 16)
        for scene in stage(day).values():
            moments = [at for _status, at in history._steps(scene, begun, until)]
            assert moments == sorted(moments), (day, scene.code)
            assert all(begun <= at <= until for at in moments), (day, scene.code)


# --- Last year ------------------------------------------------------------------------------------------
def test_last_year_is_done_but_for_what_was_carried_over() -> None:
    found = scenes.last_year(content_of(2025))
    left = {code for code, scene in found.items() if scene.status != S.CONFIRMED}
    assert left == set(scenes.CARRIED_OVER)


def test_last_year_has_results_on_time_and_late() -> None:
    found = scenes.last_year(content_of(2025)).values()
    shares = Counter(standing(scene, dt.date(2026, 9, 20)) for scene in found)
    assert shares[Timeliness.COMPLETED_ON_TIME] > 30
    assert 1 <= shares[Timeliness.COMPLETED_LATE] <= 10
    assert shares[Timeliness.OVERDUE] == len(scenes.CARRIED_OVER)
