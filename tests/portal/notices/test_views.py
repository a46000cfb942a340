"""/notices/: one's own, newest first; opening one is a POST. The demonstration shows the mails too."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from portal.audit.models import Event
from portal.lib.dates import LOCAL, local_day
from portal.notices import delivery, forecasts, outbox
from portal.notices.models import Mail, MailPreference, Notice
from tasks.models import Assignment
from tests.factories import AssignmentFactory
from tests.portal.notices.conftest import WEEK_BEFORE

LIST = "/notices/"
MAIL = "/notices/mail/"


def make(user, count: int, **fields) -> list[Notice]:
    moment = dt.datetime(2026, 3, 1, 8, 0, tzinfo=LOCAL)
    return Notice.objects.bulk_create(
        Notice(
            **{
                "kind": "assignment.due",
                "subject_type": "tasks.assignment",
                "subject_id": number,
                "recipient": user,
                "rule": "-7",
                "due_on": dt.date(2026, 3, 8),
                "text_vi": f"Nhắc số {number}.",
                "text_en": f"Reminder {number}.",
                "created_at": moment + dt.timedelta(minutes=number),
                "send_after": moment,
                **fields,
            }
        )
        for number in range(1, count + 1)
    )


def test_newest_comes_first(login, focal_point):
    make(focal_point, 3)
    page = login(focal_point).get(LIST).content.decode()
    assert page.index("Nhắc số 3.") < page.index("Nhắc số 2.") < page.index("Nhắc số 1.")


def test_notices_of_others_are_not_shown(login, focal_point, stranger):
    make(focal_point, 1)
    assert "Nhắc số 1." not in login(stranger).get(LIST).content.decode()


def test_replaced_reminders_are_neither_shown_nor_counted(login, focal_point):
    make(focal_point, 1, is_shown=False)
    response = login(focal_point).get(LIST)
    assert "Nhắc số 1." not in response.content.decode()
    assert response.context["unread_notices"] == 0


def test_english_reader_reads_english(login, focal_point):
    make(focal_point, 1)
    client = login(focal_point)
    client.cookies["language"] = "en"
    page = client.get(LIST).content.decode()
    assert "Reminder 1." in page
    assert "Nhắc số 1." not in page


def test_only_unread_on_demand(login, focal_point):
    make(focal_point, 2)
    Notice.objects.filter(subject_id=1).update(read_at=WEEK_BEFORE)
    page = login(focal_point).get(LIST, {"unread": "1"}).content.decode()
    assert "Nhắc số 2." in page
    assert "Nhắc số 1." not in page


def test_list_is_paged_and_keeps_the_filter(login, focal_point):
    make(focal_point, 30)
    client = login(focal_point)
    first = client.get(LIST, {"unread": "1"}).content.decode()
    assert "Nhắc số 30." in first
    assert "Nhắc số 5." not in first
    assert "?unread=1&amp;page=2" in first
    assert "Nhắc số 5." in client.get(LIST, {"unread": "1", "page": "2"}).content.decode()


@pytest.mark.parametrize("query", [{"page": "999"}, {"page": "x"}, {"page": "-1"}, {"unread": "\x00"}])
def test_odd_query_is_no_error(login, focal_point, query):
    make(focal_point, 1)
    assert login(focal_point).get(LIST, query).status_code == 200


@pytest.mark.parametrize("query", [{}, {"unread": "1"}])
def test_empty_list_says_so(login, focal_point, query):
    assert 'class="empty"' in login(focal_point).get(LIST, query).content.decode()


@pytest.mark.parametrize("count", [1, 25, 60])
def test_list_takes_a_fixed_number_of_queries(login, focal_point, count, django_assert_num_queries):
    make(focal_point, count)
    client = login(focal_point)
    client.get(LIST)
    with django_assert_num_queries(6):
        client.get(LIST)


def test_page_asks_to_sign_in(client, db):
    assert client.get(LIST).status_code == 302


# --- Open -----------------------------------------------------------------------------------------
def test_what_a_notice_spoke_of_may_be_gone(login, focal_point):
    notice = make(focal_point, 1, kind="comment.mentioned", subject_type="tasks.comment")[0]
    answer = login(focal_point).post(f"/notices/{notice.pk}/open/")
    assert (answer.status_code, answer.url) == (302, LIST)


def test_opening_marks_read_and_goes_to_the_subject(login, focal_point, assignment):
    (notice,) = make(focal_point, 1, subject_id=assignment.pk)
    response = login(focal_point).post(reverse("notices:open", args=[notice.pk]))
    assert response.url == f"/assignments/{assignment.pk}/"
    notice.refresh_from_db()
    assert notice.read_at is not None


def test_first_reading_counts(login, focal_point, assignment):
    (notice,) = make(focal_point, 1, subject_id=assignment.pk, read_at=WEEK_BEFORE)
    login(focal_point).post(reverse("notices:open", args=[notice.pk]))
    notice.refresh_from_db()
    assert notice.read_at == WEEK_BEFORE


def test_get_changes_nothing(login, focal_point, assignment):
    (notice,) = make(focal_point, 1, subject_id=assignment.pk)
    client = login(focal_point)
    assert client.get(reverse("notices:open", args=[notice.pk])).status_code == 405
    assert client.get(reverse("notices:read_all")).status_code == 405
    client.get(LIST)
    notice.refresh_from_db()
    assert notice.read_at is None


def test_strangers_notice_is_404(login, focal_point, stranger, assignment):
    (notice,) = make(focal_point, 1, subject_id=assignment.pk)
    response = login(stranger).post(reverse("notices:open", args=[notice.pk]))
    assert response.status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_notice_of_a_forgotten_kind_goes_to_the_list(login, focal_point):
    (notice,) = make(focal_point, 1, kind="forgotten.kind")
    assert login(focal_point).post(reverse("notices:open", args=[notice.pk])).url == LIST


def test_mark_all_reads_ones_own_only(login, focal_point, head):
    make(focal_point, 3)
    make(head, 2)
    login(focal_point).post(reverse("notices:read_all"))
    assert not Notice.objects.filter(recipient=focal_point).unread().exists()
    assert Notice.objects.filter(recipient=head).unread().count() == 2


# --- Mails of the demonstration -------------------------------------------------------------------
@pytest.fixture
def mailbox(settings, tmp_path, notice):
    """A demonstration whose folder holds the focal point's mail."""
    settings.DEMO = True
    settings.MAIL_DIR = tmp_path / "mail"
    settings.EMAIL_BACKEND = "portal.notices.mailbox.FolderBackend"
    assert delivery.deliver(at=WEEK_BEFORE).sent == 1
    (path,) = settings.MAIL_DIR.iterdir()
    return path


def test_mail_is_listed_and_read_by_its_addressee(login, focal_point, mailbox):
    client = login(focal_point)
    assert f"/notices/mail/{mailbox.stem}/" in client.get(MAIL).content.decode()
    page = client.get(f"/notices/mail/{mailbox.stem}/").content.decode()
    assert "nhiệm vụ 1.01 Quy hoạch đất quốc phòng" in page
    assert "TRÌNH DIỄN" in page


def test_administrator_reads_all_mails(login, admin, mailbox):
    client = login(admin)
    assert mailbox.stem in client.get(MAIL).content.decode()
    assert client.get(f"/notices/mail/{mailbox.stem}/").status_code == 200


def test_mail_of_another_is_404(login, head, mailbox):
    client = login(head)
    assert mailbox.stem not in client.get(MAIL).content.decode()
    assert client.get(f"/notices/mail/{mailbox.stem}/").status_code == 404


@pytest.mark.parametrize("key", ["..", "0" * 64, "%2e%2e%2fsecrets%2fSECRET_KEY", "x" * 64, "0" * 5000])
def test_key_that_names_no_mail_is_404(login, admin, mailbox, key):
    assert login(admin).get(f"/notices/mail/{key}/").status_code == 404


def test_same_mail_twice_is_one_file(mailbox, notice):
    Notice.objects.filter(pk=notice.pk).update(mail_state=Notice.MailState.WAITING)
    Mail.objects.update(mail_state=Mail.State.WAITING)
    assert delivery.deliver(at=WEEK_BEFORE).sent == 1
    assert list(mailbox.parent.iterdir()) == [mailbox]


def test_mails_exist_in_the_demonstration_only(login, admin, mailbox, settings):
    settings.DEMO = False
    client = login(admin)
    assert client.get(MAIL).status_code == 404
    assert client.get(f"/notices/mail/{mailbox.stem}/").status_code == 404


def test_no_mail_yet_is_no_error(login, admin, settings, tmp_path):
    settings.DEMO, settings.MAIL_DIR = True, tmp_path / "none"
    assert 'class="empty"' in login(admin).get(MAIL).content.decode()


def test_broken_file_does_not_break_the_page(login, admin, mailbox):
    (mailbox.parent / ("a" * 64 + ".eml")).write_bytes(b"\x00\xff\x00 not a mail\n\n\xff")
    client = login(admin)
    assert client.get(MAIL).status_code == 200
    assert client.get(f"/notices/mail/{'a' * 64}/").status_code == 200


# --- In hand, and how mail comes --------------------------------------------------------------------
@pytest.mark.time_machine(WEEK_BEFORE, tick=False)
def test_reader_says_that_it_is_in_hand(login, focal_point, notice):
    client = login(focal_point)
    address = f"/notices/{notice.pk}/take-on/"
    assert address in client.get(LIST).content.decode()
    page = client.post(address, follow=True).content.decode()
    assert "Trước hạn, Cổng chỉ nhắc lại một lần vào ngày 30/03/2026" in page
    assert address not in page
    assert "Đang làm từ" in page
    notice.refresh_from_db()
    assert notice.read_at
    assert Event.objects.latest("seq").verb == "notice.taken_on"


def test_reminder_of_another_is_not_taken_on(login, head, notice):
    assert login(head).post(f"/notices/{notice.pk}/take-on/").status_code == 404
    with pytest.raises(PermissionDenied):
        outbox.take_on(notice, by=head, at=WEEK_BEFORE)


def test_what_was_told_is_not_taken_on(login, focal_point, notice):
    Notice.objects.filter(pk=notice.pk).update(rule="confirmed 01:02:03")
    page = login(focal_point).post(f"/notices/{notice.pk}/take-on/", follow=True).content.decode()
    assert "trước ngày nhắc cuối" in page


@pytest.mark.time_machine(WEEK_BEFORE, tick=False)
def test_what_is_settled_is_not_offered_to_be_taken_on(login, focal_point, notice, assignment):
    client, address = login(focal_point), f"/notices/{notice.pk}/take-on/"
    moved = assignment.due_on + dt.timedelta(days=30)
    Assignment.objects.filter(pk=assignment.pk).update(due_on=moved)
    assert address not in client.get(LIST).content.decode()
    client.post(address)
    notice.refresh_from_db()
    assert notice.taken_on_at is None


def test_taken_on_twice_is_told_once(notice, focal_point):
    for _click in range(2):
        outbox.take_on(notice, by=focal_point, at=WEEK_BEFORE)
    assert Event.objects.filter(verb="notice.taken_on").count() == 1


def test_preferences_are_kept(login, focal_point):
    client = login(focal_point)
    address = "/notices/preferences/"
    page = client.get(address).content.decode()
    assert page.count("checked") == 5  # all that may be switched off
    sent = {"hour": "17", "language": "en", "wanted": ["report", "know"]}
    assert client.post(address, sent).status_code == 302
    row = MailPreference.objects.get(user=focal_point)
    assert (row.hour, row.language, row.unwanted) == (17, "en", ["decide", "duty", "keys"])
    assert client.get(address).content.decode().count("checked") == 2


def test_impossible_hour_is_refused_and_nothing_lost(login, focal_point):
    answer = login(focal_point).post(
        "/notices/preferences/", {"hour": "3", "language": "en", "wanted": ["duty"]}
    )
    assert answer.status_code == 400
    assert not MailPreference.objects.exists()
    assert '<option value="en" selected>' in answer.content.decode()


# --- Those who run it -------------------------------------------------------------------------------
def test_officer_sees_what_is_coming_and_why(login, officer, assignment, focal_point, head, now):
    assignment.programme.assignments.exclude(pk=assignment.pk).update(due_on=None)
    assignment.__class__.objects.filter(pk=assignment.pk).update(due_on=local_day(now) + dt.timedelta(days=5))
    page = login(officer).get("/notices/coming/").content.decode()
    assert "nhiệm vụ 1.01 Quy hoạch đất quốc phòng" in page
    assert "trước hạn 3 ngày" in page
    assert "đến hạn trong ngày" in page
    assert focal_point.get_full_name() in page
    assert not Notice.objects.exists()


def test_administrator_sees_that_something_comes_not_what(login, admin, assignment, focal_point, now):
    assignment.__class__.objects.update(due_on=local_day(now) + dt.timedelta(days=5))
    page = login(admin).get("/notices/coming/").content.decode()
    assert focal_point.get_full_name() in page
    assert "Quy hoạch đất quốc phòng" not in page


@pytest.mark.parametrize(
    ("day", "hour", "mailed"),
    [(24, 6, (24, 7)), (25, 9, (25, 9)), (25, 21, (26, 7))],
)
def test_what_waits_for_its_mail_is_coming_first(officer, notice, day, hour, mailed):
    """What stands in the portal and is not mailed yet; what is late goes with the next run of the day."""
    now = dt.datetime(2026, 3, day, hour, tzinfo=LOCAL)
    first = forecasts.rows(officer, at=now)[0]
    assert (first.text, first.why, first.agency) == (notice.text, "trước hạn 7 ngày", "SXD")
    assert first.mailed_at == dt.datetime(2026, 3, *mailed, tzinfo=LOCAL)


def test_of_one_thing_a_mail_has_the_newest_reminder_alone(officer, assignment, focal_point, now):
    """Due on Sunday: what is reached on Saturday and on Sunday goes with the mail of Monday."""
    Assignment.objects.update(due_on=None)
    Assignment.objects.filter(pk=assignment.pk).update(due_on=dt.date(2026, 3, 15))
    whys = [
        (row.mailed_at.day, row.why) for row in forecasts.rows(officer, at=now) if row.group == "Nhiệm vụ"
    ]
    days = [(12, "trước hạn 3 ngày"), (16, "đến hạn trong ngày"), (16, "quá hạn 1 ngày")]
    assert whys == [*days, (23, "quá hạn 7 ngày")]


def test_what_waits_for_a_person_is_not_called_overdue(officer, assignment, now):
    sent = {"status": "submitted", "submitted_on": local_day(now)}
    Assignment.objects.filter(pk=assignment.pk).update(**sent)
    whys = {row.why for row in forecasts.rows(officer, at=now) if "vẫn chờ xác nhận" in row.text}
    assert "đã chờ 5 ngày" in whys


def test_nothing_to_come_says_so(login, officer):
    Assignment.objects.all().delete()
    assert "Không có gì cần nhắc" in login(officer).get("/notices/coming/").content.decode()


def test_forecast_takes_as_many_queries_for_many_as_for_one(
    officer, assignment, focal_point, django_assert_num_queries, now
):
    for number in range(20):
        AssignmentFactory(
            task=assignment.task, lead=assignment.lead, due_on=local_day(now) + dt.timedelta(days=number)
        )
    with django_assert_num_queries(QUERIES):
        forecasts.rows(officer, at=now)


QUERIES = 29


def test_rehearsal_says_where_all_mail_goes(login, officer, programme, settings):
    client = login(officer)
    assert "Mọi thư đang gửi về" not in client.get("/notices/coming/").content.decode()
    settings.MAIL_ALL_TO = "van-hanh@example.vn"
    assert "Mọi thư đang gửi về van-hanh@example.vn" in client.get("/notices/coming/").content.decode()
