"""Mail: claimed by one worker, looked at again, sent at least once under one Message-ID."""

import datetime as dt
import re

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext

from portal.audit.models import Event
from portal.lib.errors import RuleError
from portal.notices import delivery, letters, mails, outbox, planning
from portal.notices.models import Mail, Notice, Why
from portal.users.models import Membership, Role, User
from tasks import reminders
from tasks.states import AssignmentStatus
from tests import factories
from tests.portal.notices.conftest import WEEK_BEFORE

MINUTE, DAY = dt.timedelta(minutes=1), dt.timedelta(days=1)
State = Mail.State


def deliver(after: dt.timedelta = MINUTE, **options) -> delivery.Outcome:
    return delivery.deliver(at=WEEK_BEFORE + after, **options)


def test_waiting_mail_is_sent_once(notice, mailer):
    assert deliver() == delivery.Outcome(sent=1)
    assert deliver(2 * MINUTE) == delivery.Outcome()
    notice.refresh_from_db()
    assert (notice.mail_state, notice.sent_at) == (State.SENT, WEEK_BEFORE + MINUTE)
    assert len(mailer.sent) == 1


@pytest.fixture
def mail(notice) -> Mail:
    """The mail of the day that the reminder of 1.01 goes with, made and not yet claimed."""
    mails.gather(at=WEEK_BEFORE)
    return Mail.objects.get()


def claim(at=WEEK_BEFORE) -> list[Mail]:
    return mails.claim(at=at, batch=delivery.BATCH)


def test_mail_says_code_title_deadline_and_link_only(notice, mailer, assignment, settings):
    assignment.actual, assignment.progress_percent = 7, 70
    assignment.result_text = "Đã lập quy hoạch."
    assignment.save()
    deliver()
    mail = mailer.sent[0]
    parts = {part.get_content_type(): part.get_payload(decode=True).decode() for part in mail.get_payload()}
    assert mail["To"] == "sxd.daumoi@example.vn"
    assert list(parts) == ["text/plain", "text/html"]
    for text in parts.values():
        assert "Nhắc việc, hạn 31/03/2026: nhiệm vụ 1.01 Quy hoạch đất quốc phòng" in text
        assert f"{settings.PUBLIC_URL}/assignments/{assignment.pk}/" in text
        assert "Đã lập quy hoạch" not in text
        assert not re.search(r"70\s*%", text)  # the digits alone may be a key's
        assert "TRÌNH DIỄN" not in text


def test_mail_of_the_demonstration_says_so(notice, mailer, settings):
    settings.DEMO = True
    deliver()
    assert mailer.subject().startswith("[TRÌNH DIỄN] ")
    assert mailer.text().startswith("*** TRÌNH DIỄN ***")


def test_title_is_not_escaped_as_html(notice, mailer):
    Notice.objects.update(text_vi='Ký "KT." & <đóng dấu>')
    deliver()
    assert 'Ký "KT." & <đóng dấu>' in mailer.text()
    assert "Ký &quot;KT.&quot; &amp; &lt;đóng dấu&gt;" in mailer.text("text/html")


def test_line_break_in_a_title_does_not_reach_the_head_of_the_mail(notice, mailer):
    Notice.objects.update(text_vi="Một\r\nBcc: x@example.vn")
    assert deliver() == delivery.Outcome(sent=1)
    assert mailer.sent[0]["Bcc"] is None


# --- Look again -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "changes",
    [
        {"status": AssignmentStatus.CONFIRMED, "submitted_on": dt.date(2026, 3, 20)},
        {"status": AssignmentStatus.SUSPENDED},
        {"due_on": dt.date(2026, 4, 30)},
    ],
)
def test_mail_that_is_no_longer_due_is_skipped(notice, mailer, assignment, changes):
    for name, value in changes.items():
        setattr(assignment, name, value)
    assignment.save()
    assert deliver() == delivery.Outcome(skipped=1)
    notice.refresh_from_db()
    assert (notice.mail_state, notice.skip_reason) == (State.SKIPPED, Why.NOT_DUE)
    assert notice.why_not_sent == Why.NOT_DUE.label
    assert Mail.objects.get().mail_state == State.SKIPPED


def test_reminder_that_comes_too_late_gives_way_to_the_overdue_notice(notice, mailer):
    planning.plan(at=WEEK_BEFORE + dt.timedelta(days=8))
    assert deliver(dt.timedelta(days=8)) == delivery.Outcome(sent=2)
    notice.refresh_from_db()
    assert notice.skip_reason == Why.NOT_DUE
    assert "Nhắc việc" not in mailer.text()


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda user: User.objects.filter(pk=user.pk).update(email=""), Why.NO_ADDRESS),
        (lambda user: User.objects.filter(pk=user.pk).update(is_active=False), Why.NO_POST),
        (
            lambda user: Membership.objects.filter(user=user).update(valid_to=dt.date(2026, 3, 23)),
            Why.NO_POST,
        ),
    ],
)
def test_person_who_cannot_be_written_to_is_skipped(notice, mailer, focal_point, change, why):
    change(focal_point)
    assert deliver() == delivery.Outcome(skipped=1)
    notice.refresh_from_db()
    assert notice.skip_reason == why
    assert Notice.objects.shown().contains(notice)


@pytest.mark.parametrize(
    ("agency", "role", "sent"),
    [
        ("outside", Role.FOCAL_POINT, False),
        ("department", Role.RECORDS_CLERK, False),
        ("department", Role.FOCAL_POINT, True),
    ],
)
def test_who_got_another_post_is_not_written_to_about_the_former(
    request, notice, mailer, focal_point, agency, role, sent
):
    yesterday = dt.date(2026, 3, 24)
    Membership.objects.filter(user=focal_point).update(valid_to=yesterday)
    Membership.objects.create(
        user=focal_point, agency=request.getfixturevalue(agency), role=role, valid_from=yesterday + DAY
    )
    assert deliver(DAY) == (delivery.Outcome(sent=1) if sent else delivery.Outcome(skipped=1))
    notice.refresh_from_db()
    assert notice.skip_reason == ("" if sent else Why.MOVED)


def test_kind_that_no_app_knows_any_more_is_skipped(notice, mailer):
    Notice.objects.update(kind="forgotten.kind")
    assert deliver() == delivery.Outcome()
    notice.refresh_from_db()
    assert notice.skip_reason == Why.UNKNOWN_KIND


def test_look_again_takes_as_many_queries_for_many_as_for_one(
    notice, mailer, assignment, django_assert_max_num_queries
):
    for _number in range(19):
        factories.AssignmentFactory(task=assignment.task, lead=assignment.lead, due_on=assignment.due_on)
    planning.plan(at=WEEK_BEFORE)
    mails.gather(at=WEEK_BEFORE)
    claimed = claim()
    with django_assert_max_num_queries(4):
        (ready,) = delivery._look_again(claimed, WEEK_BEFORE)
    assert len(ready.notices) == 20


# --- Leases ---------------------------------------------------------------------------------------
def test_claimed_mail_is_not_claimed_again_while_its_lease_runs(mail):
    assert claim() == [mail]
    assert claim(WEEK_BEFORE + mails.LEASE - MINUTE) == []


def test_mail_of_a_dead_worker_is_claimed_when_its_lease_ends(mail):
    (first,) = claim()
    (second,) = claim(WEEK_BEFORE + mails.LEASE)
    assert second.lease == first.lease + 1


def test_worker_that_lost_its_lease_changes_nothing(mail, notice):
    (slow,) = claim()
    (quick,) = claim(WEEK_BEFORE + mails.LEASE)
    assert not mails.close(slow, State.FAILED, [notice])
    assert mails.close(quick, State.SENT, [notice])
    assert not mails.close(slow, State.FAILED, [notice])
    notice.refresh_from_db()
    assert notice.mail_state == State.SENT


def test_death_between_sending_and_marking_repeats_the_same_mail(notice, mailer, assignment, monkeypatch):
    def die(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(mails, "mark", die)
        with pytest.raises(KeyboardInterrupt):
            deliver()
    factories.AssignmentFactory(task=assignment.task, lead=assignment.lead, due_on=assignment.due_on)
    planning.plan(at=WEEK_BEFORE)  # what came meanwhile waits for a mail of its own
    assert deliver(2 * mails.LEASE) == delivery.Outcome(sent=1)
    first, second = mailer.sent
    assert first["Message-ID"] == second["Message-ID"]
    assert [part.get_payload() for part in first.get_payload()] == [
        part.get_payload() for part in second.get_payload()
    ]


def test_message_id_follows_from_the_key(mail):
    assert letters.message_id(mail) == letters.message_id(Mail.objects.get(pk=mail.pk))
    mail.day += dt.timedelta(days=1)
    assert letters.message_id(mail) != letters.message_id(Mail.objects.get(pk=mail.pk))
    assert letters.message_id(mail).endswith("@localhost>")


# --- Taken back -----------------------------------------------------------------------------------
def test_cancelled_notice_is_neither_mailed_nor_unread(notice, mailer, assignment):
    outbox.cancel(assignment, kinds=reminders.KINDS, at=WEEK_BEFORE)
    assert deliver() == delivery.Outcome()
    notice.refresh_from_db()
    assert (notice.mail_state, notice.read_at) == (State.SKIPPED, WEEK_BEFORE)


def test_cancelling_leaves_other_subjects_alone(notice, mailer, assignment):
    other = factories.AssignmentFactory(task=assignment.task, lead=assignment.lead, due_on=assignment.due_on)
    outbox.cancel(other, kinds=reminders.KINDS, at=WEEK_BEFORE)
    assert deliver() == delivery.Outcome(sent=1)


# --- Sent again -----------------------------------------------------------------------------------
def test_administrator_sends_again_what_was_given_up(notice, mail, mailer, admin):
    Mail.objects.update(mail_state=State.FAILED, why="SMTPRecipientsRefused 550", attempts=8)
    Notice.objects.update(mail=mail, mail_state=Notice.MailState.FAILED)
    mails.send_again(mail, by=admin, at=WEEK_BEFORE)
    assert deliver() == delivery.Outcome(sent=1)
    with pytest.raises(RuleError, match="đã được đưa vào hàng chờ"):
        mails.send_again(mail, by=admin, at=WEEK_BEFORE)


def test_nobody_else_sends_again(mail, officer):
    with pytest.raises(PermissionDenied):
        mails.send_again(mail, by=officer, at=WEEK_BEFORE)


def test_all_that_was_given_up_is_sent_again_each_with_its_event(notice, mailer, several, admin, focal_point):
    deliver()
    mailer.sent.clear()
    Mail.objects.update(mail_state=State.FAILED, why="SMTPRecipientsRefused 550", attempts=8)
    Notice.objects.exclude(mail=None).update(mail_state=Notice.MailState.FAILED)
    User.objects.filter(pk=focal_point.pk).update(bounced_email=focal_point.email)
    assert mails.send_all_again(by=admin, at=WEEK_BEFORE) == 5
    assert {*Mail.objects.values_list("mail_state", "attempts", "why")} == {("waiting", 0, "")}
    said = Event.objects.filter(verb="mail.sent_again").values_list("subject_id", flat=True)
    assert {*said} == {str(pk) for pk in Mail.objects.values_list("pk", flat=True)}
    assert not User.objects.exclude(bounced_email="").exists()
    assert deliver() == delivery.Outcome(sent=5)
    with pytest.raises(RuleError, match="Không còn thư nào"):
        mails.send_all_again(by=admin, at=WEEK_BEFORE)


def test_all_is_sent_again_in_the_same_few_queries(notice, several, admin):
    mails.gather(at=WEEK_BEFORE)
    assert (Mail.objects.count(), admin.role) == (5, Role.ADMINISTRATOR)  # the post is read once
    counts = []
    for keep in (1, 5):
        first = Mail.objects.order_by("pk").values_list("pk", flat=True)[:keep]
        Mail.objects.filter(pk__in=list(first)).update(mail_state=State.FAILED)
        with CaptureQueriesContext(connection) as queries:
            assert mails.send_all_again(by=admin, at=WEEK_BEFORE) == keep
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_nobody_else_sends_all_again(mail, officer):
    with pytest.raises(PermissionDenied):
        mails.send_all_again(by=officer, at=WEEK_BEFORE)


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("SMTPRecipientsRefused 452", "máy chủ thư tạm từ chối (452)"),
        ("SMTPDataError 550", "máy chủ thư từ chối (550)"),
        ("LookupError", "LookupError"),
        ("SMTPException", "SMTPException"),
        (Why.BOUNCED, "địa chỉ thư của người nhận không nhận được thư"),
    ],
)
def test_answer_of_a_mail_server_is_said_in_words(why, words):
    assert (Mail(why=why).why_not_sent, Notice(skip_reason=why).why_not_sent) == (words, words)
