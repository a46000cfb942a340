"""What the calendar of a phone shows beside duties, reports and signatures: each kind that a home shows."""

import datetime as dt

import icalendar
import pytest
from django.test import Client
from django.urls import reverse

from agreements.models import Conference, Consultation
from portal.agencies.models import Agency
from portal.dashboards import summaries
from portal.notices import calendar_links
from portal.users.models import User
from tasks import cooperations, group_plans, urging_letters
from tasks.group_plans import Item
from tasks.models import (
    Assignment,
    Coordination,
    GroupPlanItem,
    Milestone,
    Scheme,
    StandingGroup,
    UrgingLetter,
)
from tests.agreements import conferring, consulting
from tests.factories import NOW, TODAY, ConferenceFactory, standing_group
from tests.tasks import cooperating, extending, rating, reporting, scheming

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
DAY = dt.timedelta(days=1)
SOON = TODAY + 7 * DAY


def events(user: User) -> list[icalendar.Event]:
    answer = Client().get(f"/calendar/{calendar_links.make(user, at=NOW)}.ics")
    return icalendar.Calendar.from_ical(answer.content).walk("VEVENT")


def path_of(event: icalendar.Event) -> str:
    return "/" + event["url"].partition("//")[2].partition("/")[2]


def entries(user: User) -> dict[str, tuple[str, dt.date, str]]:
    """Return one event of each kind, as its key names it: its words, day and path."""
    found = {}
    for event in events(user):
        (alarm,) = event.walk("VALARM")
        assert alarm.decoded("trigger") == -dt.timedelta(hours=17)
        kind = event["uid"].partition("@")[0].rpartition("-")[0]
        found[kind] = (str(event["summary"]), event.decoded("dtstart"), path_of(event))
    return found


@pytest.fixture
def conference(programme, commander, officer) -> Conference:
    return ConferenceFactory(
        programme=programme,
        chair=commander,
        secretary=officer,
        starts_at=NOW + 9 * DAY,
        delegates_until=SOON,
    )


def test_delegates_are_named_by_a_day(conference, focal_point, head, stranger):
    path = reverse("conferences:agency", args=[conference.pk, "SXD"])
    expected = ("Ngày cuối để cử đại biểu", SOON, path)
    assert entries(focal_point)["delegates"] == entries(head)["delegates"] == expected
    assert "delegates" not in entries(stranger)
    conferring.delegate(conference, "SXD", focal_point)
    assert "delegates" not in entries(focal_point)


def test_who_prepares_a_conference_has_its_day(conference, officer, focal_point):
    Conference.objects.update(state="preparing", invited_at=None)
    day = (NOW + 9 * DAY).date()
    assert entries(officer)["conference"] == ("Hội nghị", day, conference.get_absolute_url())
    assert not {"conference", "delegates"} & set(entries(focal_point))


def test_a_draft_is_answered_by_a_day(draft_programme, officer, focal_point, head, stranger):
    asked = consulting.opened(draft_programme, officer)
    expected = ("Ngày cuối để cho ý kiến dự thảo", consulting.CLOSES_ON, asked.get_absolute_url())
    assert entries(focal_point)["consultation"] == entries(head)["consultation"] == expected
    assert "consultation" not in entries(stranger)
    Consultation.objects.update(closes_on=SOON)
    assert entries(head)["consultation"][1] == SOON


def test_agencies_score_themselves_by_a_day(programme, officer, focal_point, head, stranger):
    round_ = rating.published(programme, officer)
    path = rating.sheet_of("SXD").get_absolute_url()
    expected = ("Hạn tự chấm điểm năm 2026", round_.self_due_on, path)
    assert entries(focal_point)["self-score"] == entries(head)["self-score"] == expected
    assert "self-score" not in entries(stranger)
    rating.scored("SXD", head)
    assert "self-score" not in entries(head)


def test_heads_ask_for_re_examination_until_a_day(programme, officer, focal_point, head, stranger):
    rating.published(programme, officer)
    type(rating.round_of()).objects.update(state="review", review_until=SOON)
    words = "Ngày cuối để đề nghị phúc tra điểm"
    assert entries(head)["reexamination"][:2] == (words, SOON)
    assert "reexamination" not in {*entries(focal_point), *entries(stranger)}


def test_cooperation_is_wanted_by_a_day(assignment, front, focal_point, front_head, stranger):
    share = cooperating.again(Coordination.objects.get(assignment=assignment, agency=front))
    row = cooperations.ask(share, by=focal_point, at=NOW, **cooperating.ASKED)
    expected = ("Hạn phối hợp nhiệm vụ 1.01", cooperating.DUE_ON, row.get_absolute_url())
    assert entries(front_head)["cooperation"] == expected
    assert "cooperation" not in {*entries(focal_point), *entries(stranger)}
    cooperations.report(share, by=front_head, at=NOW, text="Đã có ý kiến")
    assert "cooperation" not in entries(front_head)


def test_milestones_stand_in_it_long_before_they_stand_on_the_home(
    programme, department, officer, focal_point, front_head, stranger
):
    row = scheming.plan(scheming.enter(department, by=officer), by=officer)
    expected = ("Hạn mốc của đề án, dự án, quy hoạch", scheming.JUNE, row.get_absolute_url())
    assert entries(focal_point)["milestone"] == expected
    assert "milestone" not in {*entries(front_head), *entries(stranger)}
    Milestone.objects.update(state="dropped", note="Thôi")
    assert "milestone" not in entries(focal_point)


def test_items_of_a_group_stand_in_it_for_the_member_in_charge(
    programme, department, front, officer, focal_point, front_head, stranger
):
    group = standing_group(programme.host, department, front)
    plan = Item("Tuần tra chung", department, SOON)
    row = group_plans.add(group, by=officer, at=NOW, item=plan)
    expected = ("Hạn nội dung kế hoạch nhóm phối hợp", SOON, row.get_absolute_url())
    assert entries(focal_point)["group-item"] == expected
    assert "group-item" not in {*entries(front_head), *entries(stranger), *entries(officer)}
    GroupPlanItem.objects.update(state="done", done_on=TODAY, result="Xong")
    assert "group-item" not in entries(focal_point)


def test_a_letter_of_urging_is_answered_by_a_day(programme, front, officer, clerk, front_head, focal_point):
    things = urging_letters.overdue(front, programme, TODAY)
    letter = urging_letters.write(
        front,
        programme=programme,
        by=officer,
        at=NOW,
        chosen=[thing.key for thing in things],
        text="Đề nghị khẩn trương.",
        reply_by=SOON,
    )
    assert "urging-letter" not in entries(front_head), "it has no number yet"
    urging_letters.issue(letter, by=clerk, at=NOW, number="215", issued_on=TODAY)
    expected = ("Ngày cuối để phúc đáp công văn đôn đốc", SOON, letter.get_absolute_url())
    assert entries(front_head)["urging-letter"] == expected
    assert "urging-letter" not in {*entries(focal_point), *entries(officer), *entries(clerk)}
    UrgingLetter.objects.update(reply_by=TODAY - DAY)
    assert "urging-letter" not in entries(front_head)


def test_extensions_wait_for_who_decides_them(assignment, focal_point, commander, officer):
    row = extending.asked(extending.fresh(assignment), focal_point)
    expected = ("Chờ quyết định gia hạn: nhiệm vụ 1.01", assignment.due_on, row.get_absolute_url())
    assert entries(commander)["extension"] == expected
    assert "extension" not in {*entries(focal_point), *entries(officer)}


def test_reviews_of_a_period_are_due_for_the_officer(programme, officer, focal_point):
    reporting.first_quarter(programme)
    programme.periods.update(kind="semiannual", data_to=TODAY - DAY, review_due_on=SOON)
    words, day, _path = entries(officer)["review"]
    assert (words.startswith("Hạn báo cáo sơ kết"), day) == (True, SOON)
    assert "review" not in entries(focal_point)


def test_year_is_closed_by_its_last_day(programme, officer, focal_point, monkeypatch):
    assert "year" not in entries(officer)
    monkeypatch.setattr("portal.dashboards.year_todos.EARLY", dt.timedelta(days=365))
    assert entries(officer)["year"][:2] == ("Kết thúc chương trình năm 2026", dt.date(2026, 12, 31))
    assert "year" not in entries(focal_point)


# --- All of them ------------------------------------------------------------------------------------
@pytest.fixture
def everything(conference, assignment, department, officer, head, front_head) -> None:
    """Something of several kinds for the department."""
    rating.published(assignment.programme, officer)
    scheming.enter(department, by=officer)
    standing_group(assignment.programme.host, department)
    more(officer, department, "Mốc bí danh một")


def more(officer: User, department: Agency, title: str) -> None:
    scheming.plan(Scheme.objects.get(), by=officer, title=title, due_on=TODAY + 20 * DAY)
    group_plans.add(StandingGroup.objects.get(), by=officer, at=NOW, item=Item(title, department, SOON))


def test_it_says_no_title(everything, focal_point, conference):
    answer = Client().get(f"/calendar/{calendar_links.make(focal_point, at=NOW)}.ics")
    said = answer.content.decode().replace("\r\n ", "")
    assert said.count("BEGIN:VEVENT") == 5
    for title in ("bí danh", conference.title, scheming.COLUMNS["title_vi"], "Quy hoạch đất"):
        assert title not in said


def test_every_todo_with_a_day_stands_in_it(everything, focal_point, head, officer, commander):
    """What homes learn to show with a day, the calendar shows too."""
    for user in (focal_point, head, officer, commander):
        home = summaries.home(user, at=NOW, today=TODAY)
        dated = [row for row in home.todos + home.more_todos if row.on and not row.is_since]
        assert dated or user in {officer, commander}
        assert {row.url for row in dated} <= {path_of(event) for event in events(user)}


def test_stranger_has_none(everything, stranger, viewer, admin):
    for user in (stranger, viewer, admin):
        assert entries(user) == {}


def test_event_keeps_its_name_when_its_day_moves(conference, focal_point):
    def uid() -> str:
        return next(str(event["uid"]) for event in events(focal_point) if "delegates" in event["uid"])

    before = uid()
    Conference.objects.update(delegates_until=SOON + DAY)
    assert uid() == before


QUERIES = {"focal_point": 16, "head": 17, "officer": 16, "commander": 17, "clerk": 13}


@pytest.mark.parametrize("name", QUERIES)
def test_feed_takes_a_fixed_number_of_queries(
    name, everything, cast, department, assignment, django_assert_num_queries
):
    address = f"/calendar/{calendar_links.make(getattr(cast, name), at=NOW)}.ics"
    with django_assert_num_queries(QUERIES[name]):
        assert Client().get(address).status_code == 200
    more(cast.officer, department, "Mốc bí danh hai")
    ConferenceFactory(
        programme=assignment.programme,
        chair=cast.commander,
        secretary=cast.officer,
        starts_at=NOW + 9 * DAY,
        delegates_until=SOON,
    )
    Assignment.objects.filter(code="1.02").update(lead=department)
    with django_assert_num_queries(QUERIES[name]):
        assert Client().get(address).status_code == 200
