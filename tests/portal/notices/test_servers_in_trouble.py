"""A mail server in trouble: away, hanging up in the midst, refusing, putting off."""

import asyncio
import smtplib

import pytest
from aiosmtpd.controller import Controller

from portal.notices import delivery, letters, mails
from portal.notices.models import Mail
from tests.portal.notices.conftest import WEEK_BEFORE, refused
from tests.portal.notices.test_delivery import MINUTE, State, claim, deliver, mail
from tests.servers import free_port

__all__ = ["mail"]


def test_server_that_is_away_costs_no_attempt(mail, mailer):
    mailer.away = True
    queued = mail.send_after
    for minute in range(1, 30):
        assert deliver(minute * MINUTE) == delivery.Outcome(put_back=1)
    mail.refresh_from_db()
    assert (mail.mail_state, mail.attempts) == (State.WAITING, 0)
    assert mail.send_after == queued  # how long it has waited stays visible
    mailer.away = False
    assert deliver(31 * MINUTE) == delivery.Outcome(sent=1)


BREAKS = [
    smtplib.SMTPServerDisconnected("gone"),
    smtplib.SMTPHeloError(554, b"not now"),
    TimeoutError("slow"),
    refused(421, b"4.7.0 closing"),
    smtplib.SMTPDataError(421, b"4.7.0 closing"),
    smtplib.SMTPSenderRefused(452, b"4.3.1 disk full", "cong-phoi-hop@localhost"),
]


@pytest.mark.parametrize("fault", BREAKS, ids=repr)
def test_server_that_goes_away_puts_the_rest_back_and_costs_one_an_attempt(notice, mailer, several, fault):
    mailer.faults = [fault, fault]
    assert deliver() == delivery.Outcome(put_back=5)
    assert sorted(Mail.objects.values_list("attempts", flat=True)) == [0, 0, 0, 0, 1]
    assert deliver(2 * MINUTE) == delivery.Outcome(sent=5)


def test_server_that_is_not_there_again_puts_the_rest_back(notice, mailer, several, monkeypatch):
    monkeypatch.setattr(mailer, "close", lambda server: setattr(mailer, "away", True))
    mailer.faults = [smtplib.SMTPServerDisconnected("gone")]
    assert deliver() == delivery.Outcome(put_back=5)
    assert sorted(Mail.objects.values_list("attempts", flat=True)) == [0, 0, 0, 0, 1]


@pytest.mark.parametrize("fault", BREAKS, ids=repr)
def test_mail_that_ends_each_connection_steps_back_behind_the_others(notice, mailer, several, fault):
    mailer.faults = [fault]
    assert deliver() == delivery.Outcome(sent=4, put_back=1)
    bad = Mail.objects.get(mail_state=State.WAITING)
    assert (bad.attempts, bad.send_after) == (1, WEEK_BEFORE + 2 * MINUTE)
    mailer.faults = [fault]
    assert deliver(2 * MINUTE) == delivery.Outcome(put_back=1)
    bad.refresh_from_db()
    assert (bad.attempts, bad.send_after) == (2, WEEK_BEFORE + 4 * MINUTE), "not every minute"


@pytest.mark.parametrize("way", ["hang up", "stall", "421", "say so late"])
def test_real_server_that_ends_the_connection_for_one_reader_serves_the_others(
    notice, several, settings, way
):
    poison, got = notice.recipient.email, []

    class Relay:
        async def handle_RCPT(self, server, session, envelope, address, options):
            envelope.rcpt_tos.append(address)
            if address == poison and way == "hang up":
                server.transport.abort()
            await asyncio.sleep(1 if address == poison and way == "stall" else 0)
            return "421 4.7.0 closing" if address == poison and way == "421" else "250 OK"

        async def handle_DATA(self, server, session, envelope):
            got.extend(envelope.rcpt_tos)
            await asyncio.sleep(1 if poison in envelope.rcpt_tos else 0)
            return "250 OK"

    controller = Controller(Relay(), hostname="127.0.0.1", port=free_port())
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_TIMEOUT = "127.0.0.1", controller.port, 0.5
    controller.start()
    try:
        outcomes = [deliver(minute * MINUTE) for minute in range(1, 7)]
    finally:
        controller.stop()
    assert sum(outcome.sent for outcome in outcomes) == 4
    assert sorted(set(got) - {poison}) == [f"daumoi{number}@example.vn" for number in range(4)]
    assert got.count(poison) == (3 if way == "say so late" else 0), "in minutes 1, 2 and 4"


def test_refused_mail_is_tried_at_growing_distances_then_given_up(notice, mail, mailer):
    mailer.faults = [refused() for _ in range(delivery.MAX_ATTEMPTS)]
    moment, waits = MINUTE, []
    for _attempt in range(delivery.MAX_ATTEMPTS - 1):
        assert deliver(moment) == delivery.Outcome(put_back=1)
        mail.refresh_from_db()
        waits.append(mail.send_after - WEEK_BEFORE - moment)
        moment += waits[-1]
    assert [wait // MINUTE for wait in waits] == [1, 2, 4, 8, 16, 32, 60]
    assert deliver(moment) == delivery.Outcome(failed=1)
    mail.refresh_from_db()
    notice.refresh_from_db()
    assert (mail.mail_state, mail.why) == (State.FAILED, "SMTPRecipientsRefused 550")
    assert notice.mail_state == State.FAILED


@pytest.mark.parametrize("fault", [refused(451), *BREAKS[1:3]], ids=repr)
def test_mail_that_is_put_off_is_tried_for_three_working_days(notice, mail, mailer, fault):
    states = []
    for hours in range(1, 6 * 24 + 1):
        mailer.faults = [fault]
        deliver(hours * 60 * MINUTE)
        mail.refresh_from_db()
        states.append(mail.mail_state)
    assert mail.attempts > delivery.MAX_ATTEMPTS
    assert set(states[: 5 * 24 + 20]) == {State.WAITING}, "until the end of Friday, and over the weekend"
    assert states[-1] == State.FAILED, "on Monday"


@pytest.mark.parametrize(("fault", "hours"), [(refused(451), 1), (TimeoutError("slow"), 6)])
def test_mail_that_may_have_arrived_is_tried_less_often(notice, mail, mailer, fault, hours):
    Mail.objects.update(attempts=99)
    mailer.faults = [fault]
    assert deliver() == delivery.Outcome(put_back=1)
    mail.refresh_from_db()
    assert mail.send_after == WEEK_BEFORE + MINUTE + hours * 60 * MINUTE


def test_mail_that_cannot_be_made_does_not_stop_the_others(notice, mailer, several, monkeypatch):
    compose = letters.compose

    def fails_for_one(mail, *args, **kwargs):
        if mail.recipient_id == notice.recipient_id:
            raise LookupError
        return compose(mail, *args, **kwargs)

    monkeypatch.setattr(letters, "compose", fails_for_one)
    assert deliver() == delivery.Outcome(sent=4, put_back=1)


def test_run_out_of_time_puts_the_rest_back(mail, mailer):
    ready = list(delivery._look_again(claim(), WEEK_BEFORE))
    assert list(delivery._send_all(ready, at=WEEK_BEFORE, stop_at=0.0)) == []
    assert mails.put_back(claim(WEEK_BEFORE + mails.LEASE)) == 1
    assert deliver() == delivery.Outcome(sent=1)


def test_all_batches_of_a_run_are_sent(notice, mailer, several):
    assert deliver(batch=2) == delivery.Outcome(sent=5)
