"""The light of an assignment: the rule, what a page reads of it, and lights set by hand."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from portal.audit.models import Event
from portal.lib.errors import RuleError, StaleError
from portal.notices.models import Notice
from tasks import assignments, light_access, light_overrides, light_reminders, lights
from tasks.lights import Rule, Work, light
from tasks.models import Assignment, LightOverride, Programme
from tests.factories import NOW, TODAY
from tests.tasks.extending import fresh

LATER = TODAY + dt.timedelta(days=20)
REASON = "Chờ vốn trung ương, chưa có hướng giải quyết"


# --- The rule ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("work", "colour", "words"),
    [
        (Work(80, 45, None, LATER), "red", "đã qua 80 % thời gian, công việc mới đạt 45 %"),
        (Work(80, 50, None, LATER), "red", "công việc mới đạt 50 %"),
        (Work(80, 51, None, LATER), "yellow", "công việc mới đạt 51 %"),
        (Work(80, 65, None, LATER), "yellow", "công việc mới đạt 65 %"),
        (Work(80, 66, None, LATER), "green", "đã qua 80 % thời gian, công việc đạt 66 %"),
        (Work(80, 90, Decimal("49.5"), LATER), "red", "chỉ tiêu mới đạt 49,5 %"),
        (Work(80, 45, Decimal("60"), LATER), "red", "công việc mới đạt 45 %"),
        (Work(10, 90, Decimal("60"), LATER, is_average=True), "red", "bình quân mới đạt 60 % chỉ tiêu"),
        (Work(90, 95, None, TODAY + dt.timedelta(days=7)), "yellow", "còn 7 ngày, công việc đạt 95 %"),
        (Work(90, 95, None, TODAY + dt.timedelta(days=8)), "green", "công việc đạt 95 %"),
        (Work(99, 95, None, TODAY), "yellow", "đến hạn hôm nay"),
        (Work(100, 99, None, TODAY - dt.timedelta(days=1)), "red", "quá hạn 1 ngày, công việc đạt 99 %"),
        (Work(100, 100, None, None), "green", "công việc đạt 100 %"),
    ],
)
def test_a_light_says_its_colour_and_why(work, colour, words):
    found = light(work, Rule(), TODAY)
    assert found.colour == colour
    assert words in found.reason.replace("\N{NO-BREAK SPACE}", " ")


def test_other_numbers_make_another_light():
    work = Work(80, 70, None, TODAY + dt.timedelta(days=12))
    assert light(work, Rule(), TODAY).colour == "green"
    assert light(work, Rule(yellow_gap=10), TODAY).colour == "yellow"
    assert light(work, Rule(yellow_gap=5, red_gap=10), TODAY).colour == "red"
    assert light(work, Rule(soon_days=12), TODAY).colour == "yellow"


def test_the_red_gap_is_not_below_the_yellow_one(programme):
    with pytest.raises(IntegrityError), transaction.atomic():
        Programme.objects.update(light_yellow_gap=40)


# --- Of an assignment -----------------------------------------------------------------------------------
def shown(assignment, user, today=TODAY):
    row = lights.with_lights(Assignment.objects.filter(pk=assignment.pk), user, today).get()
    return lights.shown(row, today)


def test_progress_makes_the_light_and_its_freshness(assignment, focal_point):
    assert shown(assignment, focal_point).fresh_days is None
    assignments.accept(assignment, by=focal_point, at=NOW)
    assert shown(assignment, focal_point).fresh_days is None, "to accept is no news of the work"
    assignments.report_progress(assignment, by=focal_point, at=NOW, actual=Decimal(9), percent=90)
    assert (shown(assignment, focal_point).colour, shown(assignment, focal_point).fresh_days) == ("green", 0)
    later = shown(assignment, focal_point, TODAY + dt.timedelta(days=32))
    assert later.is_stale
    assert "32" in later.freshness


def test_what_is_sent_is_green_and_what_is_not_given_out_has_none(assignment, head):
    Assignment.objects.update(status="submitted", submitted_on=dt.date(2026, 4, 3))
    assert "3 ngày" in shown(assignment, head).reason
    assert shown(assignment, head).colour == "green"
    Assignment.objects.update(status="suspended")
    assert shown(assignment, head) is None


# --- Set by hand ----------------------------------------------------------------------------------------
def put(assignment, by, **changes):
    given = {"at": NOW, "colour": "red", "reason": REASON, "until_on": LATER} | changes
    return light_overrides.put(assignment, by=by, **given)


def test_a_light_set_by_hand_stands_beside_the_computed_one_until_its_day(
    assignment, officer, head, focal_point
):
    Assignment.objects.filter(pk=assignment.pk).update(progress_percent=50)
    row = put(assignment, officer)
    seen = shown(assignment, focal_point)
    assert (seen.colour, seen.computed.colour, seen.override) == ("red", "yellow", row)
    assert officer.get_full_name() in seen.reason
    assert REASON in seen.reason
    assert shown(assignment, focal_point, LATER).override == row, "that day included"
    assert shown(assignment, focal_point, LATER + dt.timedelta(days=1)).override is None
    event = Event.objects.get(verb="light.set")
    assert (event.agency_code, '"colour":"red"' in event.payload) == ("SXD", True)
    told = Notice.objects.filter(kind="light.set")
    assert set(told.values_list("recipient", flat=True)) == {head.pk, focal_point.pk}
    still_due = light_reminders.SET.still_due
    assert still_due(list(told), LATER) == {notice.pk for notice in told}
    assert still_due(list(told), LATER + dt.timedelta(days=1)) == set()


def test_lifting_leaves_the_computed_light(assignment, officer, commander, head):
    row = put(assignment, officer)
    light_overrides.lift(row, by=commander, at=NOW)
    assert shown(assignment, officer).override is None
    assert not Notice.objects.filter(kind="light.set", read_at=None).exists()
    with pytest.raises(RuleError):
        light_overrides.lift(row, by=commander, at=NOW)
    assert (row.lifted_by, Event.objects.filter(verb="light.lifted").count()) == (commander, 1)


def test_others_do_not_set_it(assignment, head, focal_point, clerk, admin, viewer):
    for user in (head, focal_point, clerk, admin, viewer):
        with pytest.raises(PermissionDenied):
            put(assignment, user)


@pytest.mark.parametrize(
    "given",
    [
        {"reason": "  "},
        {"until_on": TODAY - dt.timedelta(days=1)},
        {"until_on": TODAY + dt.timedelta(days=93)},
    ],
)
def test_without_reason_or_day_it_is_refused(assignment, officer, given):
    with pytest.raises(RuleError):
        put(assignment, officer, **given)


def test_what_is_done_is_not_set(assignment, officer):
    Assignment.objects.update(status="confirmed", submitted_on=TODAY)
    with pytest.raises(RuleError):
        put(assignment, officer)


def test_another_light_is_not_replaced_unseen(assignment, officer, commander):
    first = put(assignment, officer)
    with pytest.raises(StaleError):
        put(assignment, commander, colour="green")
    second = put(assignment, commander, colour="green", seen=first.pk)
    first.refresh_from_db()
    assert (first.lifted_by, shown(assignment, officer).override) == (commander, second)


def test_a_lapsed_light_gives_way_to_a_new_one(assignment, officer):
    put(assignment, officer, until_on=TODAY)
    assert put(fresh(assignment), officer, at=NOW + dt.timedelta(days=1)).lifted_at is None
    assert LightOverride.objects.filter(lifted_at=None).count() == 1


def test_only_those_who_see_the_log_read_why(assignment, officer, focal_point, front_head, viewer, stranger):
    put(assignment, officer)
    for user in (focal_point, front_head, officer):
        assert light_access.visible_overrides(user).count() == 1
    for user in (viewer, stranger):
        assert not light_access.visible_overrides(user).exists()
