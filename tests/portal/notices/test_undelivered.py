"""/notices/undelivered/: what was given up, what is late, whom no mail reaches; and sending it again."""

import datetime as dt
from collections.abc import Iterator

import pytest
import time_machine

from portal.audit.models import Event
from portal.notices import delivery, undelivered
from portal.notices.models import Mail
from portal.users.models import Membership, Role, User
from tests import factories
from tests.portal.notices.conftest import WEEK_BEFORE

PAGE = "/notices/undelivered/"
HOUR = dt.timedelta(hours=1)
LATER = WEEK_BEFORE + 2 * HOUR


@pytest.fixture
def later() -> Iterator[None]:
    """Hold the clock two hours after the mail of the day was due."""
    with time_machine.travel(LATER, tick=False):
        yield


def given_up(*people: User, why: str = "SMTPRecipientsRefused 452") -> list[Mail]:
    return Mail.objects.bulk_create(
        Mail(recipient=user, day=LATER.date(), mail_state="failed", why=why, send_after=LATER)
        for user in people
    )


@pytest.fixture
def read(login, admin, later):
    client = login(admin)

    def get() -> str:
        return client.get(PAGE).content.decode()

    return get


# --- What is late ----------------------------------------------------------------------------------
def test_server_that_is_away_is_seen_though_nothing_was_given_up(notice, several, mailer, read):
    mailer.away = True
    assert delivery.deliver(at=LATER) == delivery.Outcome(put_back=5)
    said = read()
    assert "5 thư đến giờ chưa gửi, lâu nhất từ 07:00 ngày 24/03/2026" in said
    assert "Kiểm tra máy chủ thư và tiến trình gửi." in said
    assert "Không có thư bị từ chối hay trả về" in said


def test_sender_that_does_not_run_is_seen_the_same(notice, several, read):
    assert not Mail.objects.exists()
    assert "5 thư đến giờ chưa gửi, lâu nhất từ 07:00 ngày 24/03/2026" in read()


def test_nothing_late_says_nothing(programme, read):
    assert "đến giờ chưa gửi" not in read()


# --- What was given up ---------------------------------------------------------------------------------
def test_each_row_says_whose_it_is_and_why_in_words(focal_point, read):
    given_up(focal_point)
    said = read()
    assert f'<a href="/people/{focal_point.pk}/">{focal_point}</a>' in said
    assert focal_point.post.agency.name_vi in said
    assert "máy chủ thư tạm từ chối (452)" in said
    assert "SMTPRecipientsRefused" not in said


def test_person_who_left_stands_there_without_a_post(focal_point, read):
    given_up(focal_point)
    Membership.objects.filter(user=focal_point).update(valid_to=dt.date(2026, 1, 1))
    assert "hiện không giữ chức vụ" in read()


def test_administrator_sends_again_what_was_given_up(login, admin, focal_point, later):
    (mail,) = given_up(focal_point)
    said = login(admin).post(f"{PAGE}{mail.pk}/send-again/", follow=True).content.decode()
    assert "1 thư đã vào hàng chờ gửi lại." in said
    assert "Thư trong ngày gửi từ 6 giờ đến 20 giờ của ngày làm việc." in said
    assert Event.objects.latest("seq").verb == "mail.sent_again"


def test_administrator_sends_all_again(login, admin, focal_point, head, later):
    given_up(focal_point, head)
    client = login(admin)
    assert "2 thư sẽ được gửi lại" in client.get(PAGE).content.decode()
    said = client.post(f"{PAGE}send-again/", follow=True).content.decode()
    assert "2 thư đã vào hàng chờ gửi lại." in said
    assert "Không có thư bị từ chối hay trả về" in said
    assert "Gửi lại tất cả" not in said


def test_one_mail_has_the_one_button(focal_point, read):
    given_up(focal_point)
    assert "Gửi lại tất cả" not in read()


def test_rehearsal_says_where_all_mail_goes(programme, read, settings):
    settings.MAIL_ALL_TO = "van-hanh@example.vn"
    assert "Mọi thư đang gửi về van-hanh@example.vn" in read()


# --- Whom no mail reaches ------------------------------------------------------------------------------
def reasons(reader: User) -> dict[str, str]:
    return {row.post.user.username: row.why for row in undelivered.unreached(reader, at=LATER)}


def test_people_without_an_address_and_those_whose_bounced_are_named(admin, focal_point, head, deputy, read):
    assert "Không nhận được thư" not in read()
    User.objects.filter(pk=focal_point.pk).update(email="")
    User.objects.filter(pk=head.pk).update(bounced_email=head.email.upper(), bounce_status="5.1.1")
    User.objects.filter(pk=deputy.pk).update(bounced_email="cu@example.vn", bounce_status="5.1.1")
    assert reasons(admin) == {
        focal_point.username: "người nhận chưa có địa chỉ thư điện tử",
        head.username: "địa chỉ thư của người nhận không nhận được thư (5.1.1)",
    }
    said = read()
    assert "Không nhận được thư" in said
    assert f'<a href="/people/{focal_point.pk}/">{focal_point}</a>' in said
    assert "Người nhận chưa có địa chỉ thư điện tử" in said


@pytest.mark.parametrize("gone", ["closed", "left", "comes"])
def test_who_gets_no_mail_anyhow_is_not_named(admin, focal_point, gone):
    User.objects.filter(pk=focal_point.pk).update(email="", is_active=gone != "closed")
    posts = Membership.objects.filter(user=focal_point)
    if gone == "left":
        posts.update(valid_to=LATER.date() - dt.timedelta(days=1))
    if gone == "comes":
        posts.update(valid_from=LATER.date() + dt.timedelta(days=1))
    assert reasons(admin) == {}


def test_nobody_else_is_told_who_gets_no_mail(officer, focal_point):
    User.objects.filter(pk=focal_point.pk).update(email="")
    assert reasons(officer) == {}


def test_page_takes_as_many_queries_for_many_as_for_one(login, admin, later, django_assert_num_queries):
    client = login(admin)
    client.get(PAGE)
    for count in (1, 8):
        people = [
            factories.person(f"p{count}{number}", Role.VIEWER, factories.AgencyFactory(), email="")
            for number in range(count)
        ]
        given_up(*people)
        with django_assert_num_queries(QUERIES):
            client.get(PAGE)


QUERIES = 11
