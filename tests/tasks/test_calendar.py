"""A corrected day off moves the deadlines that fall on it, and says so in the day's history."""

import datetime as dt
import json

import pytest

from portal.audit.models import Event
from portal.calendar.models import Holiday, load_calendar
from tasks import due_days
from tasks.models import Assignment
from tasks.states import AssignmentStatus
from tests.factories import HolidayFactory
from tests.portal.admin_pages import address, last_event, send

LAST_OF_MARCH, FIRST_OF_APRIL = dt.date(2026, 3, 31), dt.date(2026, 4, 1)


def due(assignment: Assignment) -> dt.date | None:
    return Assignment.objects.get(pk=assignment.pk).due_on


@pytest.fixture
def client_of_admin(login, admin):
    return login(admin)


def test_new_day_off_moves_the_deadline_of_open_work(client_of_admin, assignment):
    assert due(assignment) == LAST_OF_MARCH
    send(client_of_admin, address(Holiday, "add"), on="2026-03-31", kind="off", name="Nghỉ bù")
    assert due(assignment) == FIRST_OF_APRIL
    assert Assignment.objects.get(pk=assignment.pk).deadline_on == LAST_OF_MARCH  # as it was signed


def test_moved_and_removed_day_off_gives_it_back(client_of_admin, assignment):
    send(client_of_admin, address(Holiday, "add"), on="2026-03-31", kind="off", name="Nghỉ bù")
    day = Holiday.objects.get(on=LAST_OF_MARCH)
    send(client_of_admin, address(Holiday, "change", day.pk), on="2026-03-30")
    assert due(assignment) == LAST_OF_MARCH
    send(client_of_admin, address(Holiday, "change", day.pk), on="2026-03-31")
    assert due(assignment) == FIRST_OF_APRIL


def test_deleted_day_off_gives_it_back(client_of_admin, assignment, now):
    send(client_of_admin, address(Holiday, "add"), on="2026-03-31", kind="off", name="Nghỉ bù")
    day = Holiday.objects.get(on=LAST_OF_MARCH)
    client_of_admin.post(address(Holiday, "delete", day.pk), {"post": "yes"})
    assert due(assignment) == LAST_OF_MARCH
    assert last_event().verb == "holiday.deleted"


def test_history_names_day_and_deadline(client_of_admin, assignment):
    send(client_of_admin, address(Holiday, "add"), on="2026-03-31", kind="off", name="Nghỉ bù")
    event = last_event()
    assert event.verb == "holiday.added"
    label = f"2026 · 1.01 {assignment.title_vi}"
    assert json.loads(event.payload)["before"][label] == "2026-03-31"
    history = client_of_admin.get(address(Holiday, "history", event.subject_id)).content.decode()
    assert label in history
    assert "01/04/2026" in history


def test_message_counts_them(client_of_admin, assignment):
    answer = client_of_admin.post(
        address(Holiday, "add"), {"on": "2026-03-31", "kind": "off", "name": "Nghỉ bù"}, follow=True
    )
    assert "1 hạn hoàn thành đã dời theo" in answer.content.decode()


@pytest.mark.parametrize("status", [AssignmentStatus.SUBMITTED, AssignmentStatus.CONFIRMED])
def test_finished_work_keeps_its_day(client_of_admin, assignment, status):
    Assignment.objects.filter(pk=assignment.pk).update(status=status, submitted_on=dt.date(2026, 3, 9))
    send(client_of_admin, address(Holiday, "add"), on="2026-03-31", kind="off", name="Nghỉ bù")
    assert due(assignment) == LAST_OF_MARCH


def test_ended_programme_keeps_its_days(client_of_admin, assignment, programme):
    type(programme).objects.update(state="closed")
    send(client_of_admin, address(Holiday, "add"), on="2026-03-31", kind="off", name="Nghỉ bù")
    assert due(assignment) == LAST_OF_MARCH


def test_refused_day_moves_nothing(client_of_admin, assignment):
    HolidayFactory(on=dt.date(2026, 5, 4))
    before = Event.objects.count()
    send(client_of_admin, address(Holiday, "add"), on="2026-05-04", kind="off", name="Nghỉ bù")
    assert (due(assignment), Event.objects.count()) == (LAST_OF_MARCH, before)


def test_few_queries_whatever_moves(assignment, django_assert_num_queries):
    HolidayFactory(on=LAST_OF_MARCH)
    calendar = load_calendar()
    with django_assert_num_queries(2):
        assert [row.after for row in due_days.follow_calendar(calendar)] == [FIRST_OF_APRIL]
