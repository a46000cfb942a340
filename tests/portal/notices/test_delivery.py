"""Mail: claimed by one worker, looked at again, sent at least once under one Message-ID."""

import datetime as dt
import smtplib

import pytest

from portal.notices import delivery, outbox, planning
from portal.notices.models import Notice, Why
from portal.users.models import Membership, User
from tasks import reminders
from tasks.states import AssignmentStatus
from tests import factories
from tests.portal.notices.conftest import WEEK_BEFORE, refused

MINUTE = dt.timedelta(minutes=1)
State = Notice.MailState


def deliver(after: dt.timedelta = MINUTE, **options) -> delivery.Outcome:
    return delivery.deliver(at=WEEK_BEFORE + after, **options)


def test_waiting_mail_is_sent_once(notice, mailer):
    assert deliver() == delivery.Outcome(sent=1)
    assert deliver(2 * MINUTE) == delivery.Outcome()
    notice.refresh_from_db()
    assert (notice.mail_state, notice.sent_at) == (State.SENT, WEEK_BEFORE + MINUTE)
    assert len(mailer.sent) == 1


def test_mail_says_code_title_deadline_and_link_only(notice, mailer, assignment, settings):
    assignment.actual, assignment.progress_percent = 7, 70
    assignment.result_text = "Đã lập quy hoạch."
    assignment.save()
    deliver()
    mail = mailer.sent[0]
    text = mail.get_payload(decode=True).decode()
    assert mail["To"] == "sxd.daumoi@example.vn"
    assert str(mail["Content-Type"]).startswith("text/plain")
    assert "Nhắc việc, hạn 31/03/2026: nhiệm vụ 1.01 Quy hoạch đất quốc phòng" in text
    assert "Reminder, due 31/03/2026: assignment 1.01" in text
    assert f"{settings.PUBLIC_URL}/assignments/{assignment.pk}/" in text
    assert "Đã lập quy hoạch" not in text
    assert "70" not in text
    assert "TRÌNH DIỄN" not in text


def test_mail_of_the_demonstration_says_so(notice, mailer, settings):
    settings.DEMO = True
    message = delivery.compose(notice, at=WEEK_BEFORE)
    assert message.subject.startswith("[TRÌNH DIỄN] ")
    assert message.body.startswith("*** TRÌNH DIỄN ***")


def test_title_is_not_escaped_as_html(notice, mailer):
    Notice.objects.update(text_vi='Ký "KT." & <đóng dấu>')
    deliver()
    assert 'Ký "KT." & <đóng dấu>' in mailer.sent[0].get_payload(decode=True).decode()


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


def test_reminder_that_comes_too_late_gives_way_to_the_overdue_notice(notice, mailer):
    assert deliver(dt.timedelta(days=8)) == delivery.Outcome(skipped=1)
    planning.plan(at=WEEK_BEFORE + dt.timedelta(days=8))
    assert deliver(dt.timedelta(days=8)) == delivery.Outcome(sent=2)


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


def test_kind_that_no_app_knows_any_more_is_skipped(notice, mailer):
    Notice.objects.update(kind="forgotten.kind")
    assert deliver() == delivery.Outcome(skipped=1)


def test_look_again_takes_as_many_queries_for_many_as_for_one(
    notice, mailer, assignment, django_assert_max_num_queries
):
    for _number in range(19):
        factories.AssignmentFactory(task=assignment.task, lead=assignment.lead, due_on=assignment.due_on)
    planning.plan(at=WEEK_BEFORE)
    claimed = delivery.claim(at=WEEK_BEFORE)
    with django_assert_max_num_queries(2):
        assert len(list(delivery._look_again(claimed, WEEK_BEFORE))) == 20


# --- Leases ---------------------------------------------------------------------------------------
def test_claimed_mail_is_not_claimed_again_while_its_lease_runs(notice):
    assert delivery.claim(at=WEEK_BEFORE) == [notice]
    assert delivery.claim(at=WEEK_BEFORE + delivery.LEASE - MINUTE) == []


def test_mail_of_a_dead_worker_is_claimed_when_its_lease_ends(notice):
    (first,) = delivery.claim(at=WEEK_BEFORE)
    (second,) = delivery.claim(at=WEEK_BEFORE + delivery.LEASE)
    assert second.lease == first.lease + 1


def test_worker_that_lost_its_lease_changes_nothing(notice):
    (slow,) = delivery.claim(at=WEEK_BEFORE)
    (quick,) = delivery.claim(at=WEEK_BEFORE + delivery.LEASE)
    assert not delivery._mark(slow, State.FAILED)
    assert delivery._mark(quick, State.SENT)
    assert not delivery._mark(slow, State.FAILED)


def test_death_between_sending_and_marking_repeats_the_same_mail(notice, mailer, monkeypatch):
    def die(*args, **kwargs):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(delivery, "_mark", die)
        with pytest.raises(KeyboardInterrupt):
            deliver()
    assert deliver(2 * delivery.LEASE) == delivery.Outcome(sent=1)
    first, second = (mail["Message-ID"] for mail in mailer.sent)
    assert first == second


def test_message_id_follows_from_the_key(notice):
    assert delivery.message_id(notice) == delivery.message_id(Notice.objects.get(pk=notice.pk))
    notice.rule = "-3"
    assert delivery.message_id(notice) != delivery.message_id(Notice.objects.get(pk=notice.pk))
    assert delivery.message_id(notice).endswith("@localhost>")


# --- A server in trouble --------------------------------------------------------------------------
def test_server_that_is_away_costs_no_attempt(notice, mailer):
    mailer.away = True
    for minute in range(1, 30):
        assert deliver(minute * MINUTE) == delivery.Outcome(put_back=1)
    notice.refresh_from_db()
    assert (notice.mail_state, notice.attempts) == (State.WAITING, 0)
    assert notice.send_after == WEEK_BEFORE  # how long it has waited stays visible
    mailer.away = False
    assert deliver(31 * MINUTE) == delivery.Outcome(sent=1)


@pytest.mark.parametrize("fault", [smtplib.SMTPServerDisconnected("gone"), TimeoutError("slow")])
def test_server_that_goes_away_puts_the_rest_back(notice, mailer, assignment, fault):
    for _number in range(4):
        factories.AssignmentFactory(task=assignment.task, lead=assignment.lead, due_on=assignment.due_on)
    planning.plan(at=WEEK_BEFORE)
    mailer.faults = [fault]
    assert deliver() == delivery.Outcome(put_back=5)
    assert deliver(2 * MINUTE) == delivery.Outcome(sent=5)


def test_refused_mail_is_tried_at_growing_distances_then_given_up(notice, mailer):
    mailer.faults = [refused() for _ in range(delivery.MAX_ATTEMPTS)]
    moment, waits = MINUTE, []
    for _attempt in range(delivery.MAX_ATTEMPTS - 1):
        assert deliver(moment) == delivery.Outcome(put_back=1)
        notice.refresh_from_db()
        waits.append(notice.send_after - WEEK_BEFORE - moment)
        moment += waits[-1]
    assert [wait // MINUTE for wait in waits] == [1, 2, 4, 8, 16, 32, 60]
    assert deliver(moment) == delivery.Outcome(failed=1)
    notice.refresh_from_db()
    assert (notice.mail_state, notice.skip_reason) == (State.FAILED, "SMTPRecipientsRefused 550")


def test_mail_that_cannot_be_made_does_not_stop_the_others(notice, mailer, assignment, monkeypatch):
    factories.AssignmentFactory(task=assignment.task, lead=assignment.lead, due_on=assignment.due_on)
    planning.plan(at=WEEK_BEFORE)
    compose = delivery.compose

    def fails_for_one(asked, *, at):
        if asked.pk == notice.pk:
            raise LookupError
        return compose(asked, at=at)

    monkeypatch.setattr(delivery, "compose", fails_for_one)
    assert deliver() == delivery.Outcome(sent=1, put_back=1)


def test_run_out_of_time_puts_the_rest_back(notice, mailer):
    claimed = delivery.claim(at=WEEK_BEFORE)
    assert list(delivery._send_all(claimed, at=WEEK_BEFORE, stop_at=0.0)) == []
    assert delivery.put_back(claimed) == 1
    assert deliver() == delivery.Outcome(sent=1)


def test_all_batches_of_a_run_are_sent(notice, mailer, assignment):
    for _number in range(6):
        factories.AssignmentFactory(task=assignment.task, lead=assignment.lead, due_on=assignment.due_on)
    planning.plan(at=WEEK_BEFORE)
    assert deliver(batch=3) == delivery.Outcome(sent=7)


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
