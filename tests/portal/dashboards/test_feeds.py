"""The calendar of a phone: whoever has the link sees code, kind and day, as long as the post lasts."""

import datetime as dt

import icalendar
import pytest
from django.test import Client

from portal.audit.models import Event
from portal.lib.errors import RuleError
from portal.notices import calendar_links
from portal.notices.models import CalendarLink
from portal.users.models import Membership
from tasks.models import Assignment
from tests.tasks import reporting

pytestmark = pytest.mark.django_db


def feed(token: str) -> icalendar.Calendar:
    answer = Client().get(f"/calendar/{token}.ics")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/calendar")
    return icalendar.Calendar.from_ical(answer.content)


@pytest.fixture
def token(focal_point, assignment, now) -> str:
    return calendar_links.make(focal_point, at=now)


def test_deadlines_are_all_day_events_with_an_alarm(token, assignment, settings):
    (event,) = feed(token).walk("VEVENT")
    assert event.decoded("dtstart") == assignment.due_on
    assert event["summary"] == "Hạn nhiệm vụ 1.01"
    assert event["url"] == f"{settings.PUBLIC_URL}/assignments/{assignment.pk}/"
    (alarm,) = event.walk("VALARM")
    assert alarm.decoded("trigger") == -dt.timedelta(hours=17)


def test_feed_carries_no_title(token, assignment):
    said = feed(token).to_ical().decode()
    assert "Quy hoạch" not in said
    assert assignment.programme.title_vi not in said


def test_reports_that_are_owed_stand_in_it(token, programme, focal_point, head):
    reporting.first_quarter(programme)
    assert "Hạn báo cáo" in "".join(event["summary"] for event in feed(token).walk("VEVENT"))
    reporting.submit(reporting.of("SXD"), head)
    assert [event["summary"] for event in feed(token).walk("VEVENT")] == ["Hạn nhiệm vụ 1.01"]


def test_signatures_stand_in_it_for_who_signs(open_round, head, focal_point, now):
    for user, expected in ((head, 1), (focal_point, 0)):
        events = feed(calendar_links.make(user, at=now)).walk("VEVENT")
        assert sum(event["summary"] == "Ngày cuối để ký" for event in events) == expected


def test_what_is_done_leaves_the_calendar(token):
    Assignment.objects.update(status="confirmed", submitted_on=dt.date(2026, 3, 1))
    assert feed(token).walk("VEVENT") == []


def test_event_keeps_its_name_when_its_day_moves(token, assignment):
    (before,) = feed(token).walk("VEVENT")
    Assignment.objects.filter(pk=assignment.pk).update(due_on=dt.date(2026, 4, 30))
    (after,) = feed(token).walk("VEVENT")
    assert before["uid"] == after["uid"]
    assert after.decoded("dtstart") == dt.date(2026, 4, 30)


# --- The link -------------------------------------------------------------------------------------
@pytest.mark.parametrize("token", ["x", "0" * 43, "..", "ữ" * 20])
def test_unknown_token_is_404(db, token):
    assert Client().get(f"/calendar/{token}.ics").status_code == 404


def test_link_ends_with_the_post(token, focal_point):
    Membership.objects.filter(user=focal_point).update(valid_to=dt.date(2020, 1, 1))
    assert Client().get(f"/calendar/{token}.ics").status_code == 404


def test_link_of_an_old_post_shows_nothing_of_the_new_one(token, focal_point, outside):
    Membership.objects.filter(user=focal_point).update(valid_to=dt.date(2020, 1, 1))
    Membership.objects.create(
        user=focal_point, agency=outside, role="focal_point", valid_from=dt.date(2020, 1, 2)
    )
    assert Client().get(f"/calendar/{token}.ics").status_code == 404


def test_closed_account_has_no_feed(token, focal_point):
    focal_point.is_active = False
    focal_point.save()
    assert Client().get(f"/calendar/{token}.ics").status_code == 404


def test_new_link_makes_the_old_one_useless(token, focal_point, now):
    feed(calendar_links.make(focal_point, at=now))
    assert Client().get(f"/calendar/{token}.ics").status_code == 404
    assert CalendarLink.objects.count() == 1


def test_token_is_kept_as_a_hash(token):
    assert token not in str(CalendarLink.objects.values().get())


def test_pages_make_show_and_take_back_the_link(login, focal_point, assignment, now):
    client = login(focal_point)
    page = client.post("/notices/calendar-link/")
    assert client.get("/notices/calendar-link/").headers["Location"] == "/notices/preferences/"
    address = page.context["address"]
    assert address in page.content.decode()
    assert page["Cache-Control"] == "no-store"
    feed(address.rpartition("/")[2].removesuffix(".ics"))
    assert address not in client.get("/notices/preferences/").content.decode()
    assert "Thu hồi" in client.get("/notices/preferences/").content.decode()
    client.post("/notices/calendar-link/withdraw/")
    assert not CalendarLink.objects.exists()
    assert list(Event.objects.order_by("-seq").values_list("verb", flat=True)[:2]) == [
        "calendar_link.withdrawn",
        "calendar_link.made",
    ]
    with pytest.raises(RuleError, match="không có đường dẫn lịch"):
        calendar_links.withdraw(focal_point, at=now)
