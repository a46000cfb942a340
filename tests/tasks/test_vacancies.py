"""Posts that nobody holds: which, since when, who hears, and that it ends with the next holder."""

import datetime as dt

import pytest

from portal.lib.dates import LOCAL, local_day
from portal.notices import delivery, mailbox, planning
from portal.notices.models import Notice, Why
from portal.users.models import Membership, Role
from tasks import vacancies, vacancy_reminders
from tasks.models import Programme
from tests.factories import NOW, TODAY, person

DAY = dt.timedelta(days=1)
LAST_DAY = TODAY - DAY


@pytest.fixture(autouse=True)
def quiet(programme: Programme, front_head, officer, admin, head, focal_point) -> None:
    """Nothing else falls due, and every party but the Front has both posts held."""
    programme.assignments.update(due_on=None)
    person("ubmttq.daumoi", Role.FOCAL_POINT, front_head.post.agency)


def at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(8, 5), tzinfo=LOCAL)


@pytest.fixture
def letters(settings, tmp_path):
    """The mails that were sent, as a function."""
    settings.MAIL_DIR = tmp_path
    settings.EMAIL_BACKEND = "portal.notices.mailbox.FolderBackend"
    return lambda: mailbox.letters(lambda _addresses: True)


def leave(user, *, last_day: dt.date = LAST_DAY) -> None:
    Membership.objects.filter(user=user).update(valid_to=last_day)


def told() -> list[Notice]:
    return list(Notice.objects.shown().filter(kind="agency.vacant").order_by("recipient__username"))


def test_nobody_hears_while_every_post_is_held():
    planning.plan(at=NOW)
    assert told() == []


def test_administrator_and_officer_hear_on_the_first_day_without_a_head(head, department):
    leave(head)
    planning.plan(at=at(TODAY))
    assert [notice.recipient.username for notice in told()] == ["bchqs.troly", "quantri"]
    assert {notice.text_vi for notice in told()} == {
        "Nhắc việc và báo cáo chưa đến đúng người: Sở Xây dựng chưa có thủ trưởng"
        f" (từ sau ngày {LAST_DAY:%d/%m/%Y})"
    }
    assert told()[0].text_en.startswith("Reminders and reports do not reach")
    assert "Department of Construction has no head" in told()[0].text_en
    assert vacancy_reminders.VACANT.path(department.pk) == "/agencies/SXD/"


def test_one_notice_speaks_of_both_posts(head, focal_point):
    leave(head, last_day=LAST_DAY - 3 * DAY)
    leave(focal_point)
    planning.plan(at=at(TODAY))
    assert {notice.due_on for notice in told()} == {LAST_DAY}, "since the later one"
    assert "chưa có thủ trưởng và cán bộ đầu mối" in told()[0].text_vi


def test_post_that_was_never_held_is_vacant_since_the_programme_came_into_force(programme, focal_point):
    Membership.objects.filter(user=focal_point).delete()
    begun = local_day(programme.in_force_at)
    gap = vacancies.gaps(programme, TODAY).get()
    assert (gap.code, gap.last_held_on, gap.has_head) == ("SXD", begun, True)
    planning.plan(at=at(begun + 7 * DAY))
    assert {notice.rule for notice in told()} == {"+7"}


def test_mail_about_a_post_that_is_held_again_is_not_sent(head, department, admin, letters):
    leave(head)
    planning.plan(at=at(TODAY))
    person("sxd.moi", Role.AGENCY_HEAD, department)
    delivery.deliver(at=at(TODAY))
    assert {notice.skip_reason for notice in told()} == {Why.NOT_DUE}
    assert not [letter for letter in letters() if "/agencies/SXD/" in letter.text]


def test_it_goes_with_the_mail_of_the_day(head, admin, letters):
    leave(head)
    planning.plan(at=at(TODAY))
    delivery.deliver(at=at(TODAY))
    assert sorted(letter.to for letter in letters()) == [("bchqs.troly@example.vn",), (admin.email,)]
    assert "/agencies/SXD/" in letters()[0].text


def test_host_and_agencies_that_ended_are_no_gap(programme, officer, department, head):
    leave(officer)
    leave(head)
    type(department).objects.filter(pk=department.pk).update(valid_to=LAST_DAY)
    assert not vacancies.gaps(programme, TODAY).exists()


def test_without_a_programme_in_force_nobody_is_asked(programme, head):
    leave(head)
    Programme.objects.update(state="closed")
    assert planning.plan(at=at(TODAY)) == 0
