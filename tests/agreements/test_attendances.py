"""Who comes: delegates, excuses, the list that is ticked, and the code at the door."""

import datetime as dt
import json

import pytest
from django.core.exceptions import PermissionDenied

from agreements import attendances
from agreements.attendances import MOST, Delegate
from agreements.models import Attendance, Conference
from portal.audit.models import Event
from portal.lib.errors import RuleError, StaleError
from tests.agreements.conferring import delegate, of
from tests.factories import NOW

pytestmark = pytest.mark.django_db
SOMEBODY = Delegate("Trần Văn Đại", "Phó Giám đốc", "Mạc Văn Hùng")
TOMORROW = NOW + dt.timedelta(days=1)
YESTERDAY = NOW - dt.timedelta(days=1)


def test_agency_names_its_delegates_until_the_day(conference, focal_point, officer):
    row = attendances.name(of(conference, "SXD"), by=focal_point, at=NOW, delegate=SOMEBODY)
    assert (row.agency.code, row.substitute_for) == ("SXD", "Mạc Văn Hùng")
    event = Event.objects.get(verb="delegate.named")
    assert "Trần Văn Đại" not in event.payload + event.subject_label, "people by reference"
    with pytest.raises(RuleError):
        attendances.name(of(conference, "SXD"), by=focal_point, at=NOW, delegate=SOMEBODY)
    other = Delegate("Lý Thị Sau", "Trưởng phòng")
    with pytest.raises(RuleError):
        attendances.name(of(conference, "SXD"), by=focal_point, at=TOMORROW, delegate=other)
    attendances.name(of(conference, "SXD"), by=officer, at=TOMORROW, delegate=other)


def test_nobody_names_for_another_agency_or_without_end(conference, focal_point, front_head, viewer):
    for user in (front_head, viewer):
        with pytest.raises(PermissionDenied):
            attendances.name(of(conference, "SXD"), by=user, at=NOW, delegate=SOMEBODY)
    for n in range(MOST):
        delegate(conference, "SXD", focal_point, name=f"Người {n}")
    with pytest.raises(RuleError):
        attendances.name(of(conference, "SXD"), by=focal_point, at=NOW, delegate=SOMEBODY)


def test_who_was_withdrawn_meanwhile_is_neither_withdrawn_nor_marked(conference, focal_point):
    row = attendances.name(of(conference, "SXD"), by=focal_point, at=NOW, delegate=SOMEBODY)
    stale = Attendance.objects.get(pk=row.pk)
    attendances.withdraw(row, by=focal_point, at=NOW)
    for act in (attendances.withdraw, attendances.arrive):
        with pytest.raises(StaleError):
            act(stale, by=focal_point, at=NOW)


def test_excuse_and_delegates_exclude_each_other(conference, focal_point):
    attendances.excuse(of(conference, "SXD"), by=focal_point, at=NOW, reason="Đi công tác")
    assert of(conference, "SXD").excuse == "Đi công tác"
    row = attendances.name(of(conference, "SXD"), by=focal_point, at=NOW, delegate=SOMEBODY)
    assert not of(conference, "SXD").excuse
    with pytest.raises(RuleError):
        attendances.excuse(of(conference, "SXD"), by=focal_point, at=NOW, reason="Bận")
    attendances.withdraw(row, by=focal_point, at=NOW)
    assert not Attendance.objects.exists()


def test_list_notes_who_is_there_and_a_correction_tells_the_time(conference, officer, head, focal_point):
    first, second = (delegate(conference, "SXD", head, name=name) for name in ("A", "B"))
    assert attendances.take(conference, by=officer, at=NOW, ticked={first.pk}, seen=set()) == 1
    first.refresh_from_db()
    assert (first.present_at, first.how, first.present_by) == (NOW, "list", officer)
    attendances.arrive(second, by=focal_point, at=NOW)  # by the door, after the page was opened
    assert attendances.take(conference, by=officer, at=NOW, ticked=set(), seen={first.pk}) == 1
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.present_at, second.how) == (None, "door")
    kept = json.loads(Event.objects.get(verb="attendance.corrected").payload)["taken_back"]
    assert kept.keys() == {str(first.pk)}
    with pytest.raises(RuleError):
        attendances.withdraw(second, by=head, at=NOW)


def test_attendance_is_taken_from_the_day_on_and_at_the_door_on_that_day(conference, officer, focal_point):
    row = delegate(conference, "SXD", focal_point)
    with pytest.raises(RuleError):
        attendances.take(conference, by=officer, at=YESTERDAY, ticked={row.pk}, seen=set())
    for at in (YESTERDAY, TOMORROW):
        with pytest.raises(RuleError):
            attendances.arrive(row, by=focal_point, at=at)
    assert attendances.take(conference, by=officer, at=TOMORROW, ticked={row.pk}, seen=set()) == 1
    with pytest.raises(RuleError):
        attendances.arrive(row, by=focal_point, at=NOW)


def test_door_is_for_ones_own_agency_and_the_list_for_who_runs_it(conference, officer, head, front_head):
    row = delegate(conference, "SXD", head)
    for user in (officer, front_head):
        with pytest.raises(PermissionDenied):
            attendances.arrive(row, by=user, at=NOW)
    with pytest.raises(PermissionDenied):
        attendances.take(conference, by=head, at=NOW, ticked={row.pk}, seen=set())


def test_nothing_is_answered_before_the_invitations(conference, focal_point):
    Conference.objects.filter(pk=conference.pk).update(state="preparing")
    with pytest.raises(RuleError):
        attendances.name(of(conference, "SXD"), by=focal_point, at=NOW, delegate=SOMEBODY)
