"""Addresses that take no mail: how that is heard, what stops then, and how it begins again."""

import hashlib
import io
import smtplib
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection

from portal.audit.models import Event
from portal.notices import bounces, delivery, letters, mails, planning
from portal.notices.models import Mail, Notice, Why
from portal.users.models import User
from tests.portal.notices.conftest import WEEK_BEFORE, refused
from tests.portal.notices.test_delivery import MINUTE, deliver

NOTIFICATION = """From: MAILER-DAEMON@mail.example.vn
To: cong-phoi-hop@example.vn
Subject: Undelivered Mail Returned to Sender
Message-ID: <20260324.1@mail.example.vn>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B"

--B
Content-Type: text/plain; charset=us-ascii

This is the mail system. Your message could not be delivered.

--B
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example.vn
Arrival-Date: Tue, 24 Mar 2026 08:02:00 +0700

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} unknown user

--B
Content-Type: {kind}

From: cong-phoi-hop@example.vn
To: {address}
Subject: Viec
Message-ID: {message_id}

--B--
"""
HEAD = "text/rfc822-headers"


def notification(
    message_id: str,
    *,
    address: str = "sxd.daumoi@example.vn",
    action: str = "failed",
    status: str = "5.1.1",
    kind: str = HEAD,
) -> bytes:
    facts = {"message_id": message_id, "address": address, "action": action, "status": status, "kind": kind}
    return NOTIFICATION.format(**facts).encode()


@pytest.fixture
def sent(notice, mailer, focal_point) -> Mail:
    """The mail of the day with the reminder of 1.01, which the server took."""
    deliver()
    return Mail.objects.get(recipient=focal_point)


def marked(user) -> bool:
    user.refresh_from_db()
    return user.is_unreachable


@pytest.mark.parametrize(
    ("status", "count"),
    [
        ("5.1.1", 1),
        ("5.1.10", 1),
        ("5.2.1", 1),
        ("5.0.0", 0),
        ("5.1.8", 0),
        ("5.2.2", 0),
        ("5.7.1", 0),
        ("5.4.4", 0),
        ("4.1.1", 0),
        ("٥.١.١", 0),
        ("", 0),
    ],
)
def test_full_boxes_rules_and_the_sender_are_no_fault_of_the_address(sent, focal_point, status, count):
    message = notification(letters.message_id(sent), status=status)
    assert bounces.take(message, at=WEEK_BEFORE + 9 * MINUTE) == count
    assert marked(focal_point) == bool(count)


@pytest.mark.parametrize(
    ("code", "said", "status"),
    [
        (550, b"5.1.1 no such user", "5.1.1"),
        (550, b"no such user", ""),
        (550, b"5.1.8 sender's domain not found", ""),
        (550, b"5.7.1 relaying denied", ""),
        (550, b"relaying from 10.5.1.1 denied", ""),
        (550, b"5.1.1.20 is listed", ""),
        (552, b"5.2.2 mailbox full", ""),
        (451, b"4.7.1 greylisted", ""),
        (554, b"rejected", ""),
    ],
)
def test_refusal_at_delivery_is_read(code, said, status):
    error = refused(code, said, address="AN@example.vn")
    assert bounces.of_refusal(error, "an@example.vn") == status
    assert bounces.of_refusal(error, "binh@example.vn") == "", "of somebody else's address"
    assert bounces.of_refusal(smtplib.SMTPDataError(550, b"5.1.1"), "an@example.vn") == ""


def test_address_that_the_server_refuses_for_good_is_given_up_at_once(notice, mailer, focal_point):
    mailer.faults = [refused(550, b"5.1.1 unknown", address=focal_point.email)]
    assert deliver() == delivery.Outcome(failed=1)
    mail = Mail.objects.get()
    assert (mail.mail_state, mail.attempts, mail.why) == ("failed", 1, Why.BOUNCED)
    notice.refresh_from_db()
    assert (notice.mail_state, notice.is_shown) == ("failed", True), "it stands in the portal"
    assert marked(focal_point)
    event = Event.objects.get(verb="address.bounced")
    assert "5.1.1" in event.payload
    assert focal_point.email not in event.payload, "what must be erasable stays out of the trail"


@pytest.mark.parametrize("said", [b"5.7.1 relaying denied", b"relay not permitted"])
def test_relay_that_refuses_everybody_marks_nobody(notice, mailer, focal_point, several, said):
    people = User.objects.filter(pk__in=Notice.objects.values("recipient"))
    for attempt in range(1, delivery.MAX_ATTEMPTS + 1):
        mails.gather(at=WEEK_BEFORE)
        queue = Mail.objects.order_by("send_after", "pk").values_list("recipient__email", flat=True)
        mailer.faults = [refused(550, said, address=address) for address in queue]
        given_up = {"failed": 5} if attempt == delivery.MAX_ATTEMPTS else {"put_back": 5}
        assert deliver(attempt * 61 * MINUTE) == delivery.Outcome(**given_up)
    assert not any(marked(person) for person in people)
    planning.plan(at=later(6))
    assert delivery.deliver(at=later(6)) == delivery.Outcome(sent=5), "once the relay is mended"


@pytest.mark.parametrize("kind", [HEAD, "message/rfc822"])
def test_mail_that_comes_back_marks_its_reader_and_stands_among_the_undelivered(sent, focal_point, kind):
    assert bounces.take(notification(letters.message_id(sent), kind=kind), at=WEEK_BEFORE + 9 * MINUTE) == 1
    assert marked(focal_point)
    sent.refresh_from_db()
    assert (sent.mail_state, sent.why) == ("failed", Why.BOUNCED)
    assert bounces.take(notification(letters.message_id(sent), kind=kind), at=WEEK_BEFORE) == 0, "said twice"


@pytest.mark.parametrize(
    "changes",
    [
        {"action": "delayed"},
        {"action": "delivered", "status": "2.1.5"},
        {"status": "5.2.2"},
        {"address": "khac@example.vn"},
        {"message_id": "<made-up@example.vn>"},
    ],
    ids=str,
)
def test_other_notifications_mark_nobody(sent, focal_point, changes):
    message = notification(**({"message_id": letters.message_id(sent)} | changes))
    assert bounces.take(message, at=WEEK_BEFORE + 9 * MINUTE) == 0
    assert not marked(focal_point)


def nested(depth: int) -> bytes:
    heads = (f"Content-Type: multipart/mixed; boundary=B{n}\n\n--B{n}\n" for n in range(depth))
    return "".join(heads).encode()


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"hello",
        b"Content-Type: message/delivery-status\n\n\xff\x00",
        b"\n" * 9,
        notification("<x@localhost>", address="(" * 5000),
        notification("<x@localhost>", address="sxd\0@example.vn"),
        notification("<\xff@localhost>", kind="text/rfc822-headers; charset=none"),
        nested(2000),
        b"Content-Type: message/rfc822\n\n" * 2000,
        b"Subject: " + b"(" * 20_000 + b"\nContent-Type: " + b"(" * 20_000 + b"\n\nx",
    ],
    ids=range(10),
)
def test_anything_else_marks_nobody(sent, focal_point, message, monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(message)))
    out = io.StringIO()
    call_command("take_bounce", stdout=out)
    assert out.getvalue() == "0 addresses marked\n"


def test_mail_that_cannot_be_read_is_told_in_one_line(sent, caplog):
    assert bounces.take(nested(2000), at=WEEK_BEFORE) == 0
    (line,) = caplog.messages
    assert line == "a mail that came back could not be read: RecursionError"


def test_notification_that_names_a_crowd_is_read_to_a_point(sent, django_assert_max_num_queries):
    one = "Final-Recipient: rfc822; {}@example.vn\nAction: failed\nStatus: 5.1.1\n\n"
    crowd = "".join(one.format(number) for number in range(999))
    message = notification("<x@localhost>").replace(b"Final-Recipient", crowd.encode() + b"Final-Recipient")
    with django_assert_max_num_queries(bounces.MOST_NAMED):
        assert bounces.take(message, at=WEEK_BEFORE) == 0


def test_notification_about_another_persons_mail_marks_nobody(sent, stranger, focal_point):
    """Whoever got a mail knows its Message-ID, and no other's."""
    theirs = notification(letters.message_id(sent), address=stranger.email)
    assert bounces.take(theirs, at=WEEK_BEFORE + 9 * MINUTE) == 0
    assert not marked(stranger)


def test_outsider_who_knows_the_code_cannot_guess_a_message_id(sent, focal_point, settings):
    guess = hashlib.sha256(repr((focal_point.pk, sent.day.isoformat())).encode()).hexdigest()[:32]
    assert bounces.take(notification(f"<{guess}@localhost>"), at=WEEK_BEFORE + 9 * MINUTE) == 0
    assert not marked(focal_point)
    known = letters.message_id(sent)
    settings.SECRET_KEY = "another-key-than-the-one-it-was-sent-under"
    assert letters.message_id(sent) != known


def test_command_reads_standard_input(sent, focal_point, monkeypatch):
    message = notification(letters.message_id(sent))
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(message)))
    monkeypatch.setattr(bounces, "KEPT_FOR", bounces.KEPT_FOR * 1000)
    out = io.StringIO()
    call_command("take_bounce", stdout=out)
    assert out.getvalue() == "1 addresses marked\n"
    assert marked(focal_point)


@pytest.fixture
def unreachable(sent, focal_point):
    bounces.note(focal_point, status="5.1.1", at=WEEK_BEFORE, mail=sent)
    focal_point.refresh_from_db()
    return focal_point


def later(days: int):
    return WEEK_BEFORE + days * 24 * 60 * MINUTE


def test_mails_pause_while_the_address_is_no_good(unreachable, mailer):
    planning.plan(at=later(6))
    assert delivery.deliver(at=later(6)) == delivery.Outcome()
    assert Notice.objects.shown().filter(recipient=unreachable, rule="-1").exists(), "shown all the same"
    assert mails.oldest_due(at=later(6)) is None, "nothing is late: it waits for somebody to mend the address"


def test_new_address_gets_what_is_still_due_in_one_mail(unreachable, mailer):
    planning.plan(at=later(4))
    planning.plan(at=later(6))
    unreachable.email = "moi@example.vn"
    unreachable.save()
    assert delivery.deliver(at=later(6)) == delivery.Outcome(sent=1)
    assert mailer.sent[-1]["To"] == "moi@example.vn"


def test_sending_again_trusts_the_address_again(unreachable, sent, mailer, admin):
    mails.send_again(sent, by=admin, at=later(1))
    assert not marked(unreachable)
    assert delivery.deliver(at=later(1)) == delivery.Outcome(sent=1)


def test_mail_that_waits_when_the_address_turns_out_bad_is_not_sent(notice, mailer, focal_point):
    mails.gather(at=WEEK_BEFORE)
    bounces.note(focal_point, status="5.1.1", at=WEEK_BEFORE)
    assert deliver() == delivery.Outcome(skipped=1)
    assert Mail.objects.get().why == Why.BOUNCED


def test_administrator_reads_it_on_both_pages(unreachable, login, admin):
    client = login(admin)
    client.cookies["language"] = "en"
    assert "5.1.1" in client.get("/notices/undelivered/").content.decode()
    page = client.get(f"/people/{unreachable.pk}/").content.decode()
    assert "has taken no mail since 24/03/2026 (5.1.1)" in page


def test_mail_that_came_back_takes_along_only_what_was_in_it(notice, mailer, focal_point):
    deliver()
    Notice.objects.filter(pk=notice.pk).update(mail_state=Notice.MailState.SKIPPED)
    bounces.note(focal_point, status="5.1.1", at=WEEK_BEFORE + 2 * MINUTE, mail=Mail.objects.get())
    notice.refresh_from_db()
    assert notice.mail_state == Notice.MailState.SKIPPED


# --- Rehearsals -----------------------------------------------------------------------------------
def test_dry_run_prints_what_would_leave_and_keeps_nothing(notice, mailer, focal_point):
    before = (Notice.objects.count(), Mail.objects.count(), Event.objects.count())
    out = io.StringIO()
    call_command("deliver_notices", at=WEEK_BEFORE + MINUTE, dry_run=True, stdout=out)
    said = out.getvalue()
    assert "--- sxd.daumoi@example.vn: Nhắc việc, hạn 31/03/2026" in said
    assert said.endswith("1 sent, 0 skipped, 0 put back, 0 given up\n")
    assert mailer.sent == []
    assert (Notice.objects.count(), Mail.objects.count(), Event.objects.count()) == before
    assert deliver() == delivery.Outcome(sent=1), "it is still to be sent"


def test_dry_run_prints_once_nothing_is_locked_any_more(notice):
    """A reader who stands still, as in a pager, holds no writer up."""
    inside = connection.in_atomic_block, len(connection.savepoint_ids)

    class Reader(io.StringIO):
        def write(self, text: str) -> int:
            assert (connection.in_atomic_block, len(connection.savepoint_ids)) == inside
            return super().write(text)

    call_command("deliver_notices", at=WEEK_BEFORE + MINUTE, dry_run=True, stdout=(out := Reader()))
    assert "1.01" in out.getvalue()


@pytest.mark.parametrize(("hours", "says"), [(0, False), (19, True)])
def test_dry_run_at_night_says_when_mails_of_the_day_leave(notice, hours, says):
    out = io.StringIO()
    call_command("deliver_notices", at=WEEK_BEFORE + hours * 60 * MINUTE, dry_run=True, stdout=out)
    said = "Mails of the day leave between 6 and 20 o'clock of a working day"
    assert (said in out.getvalue()) is says


def test_every_mail_goes_to_the_one_address_and_says_whom_it_was_for(notice, mailer, settings, focal_point):
    settings.MAIL_ALL_TO = "van-hanh@example.vn"
    settings.REDIRECTED_BACKEND, settings.EMAIL_BACKEND = (
        settings.EMAIL_BACKEND,
        "portal.lib.redirected_mail.Backend",
    )
    assert deliver() == delivery.Outcome(sent=1)
    (mail,) = mailer.sent
    assert (mail["To"], mail["X-Original-To"]) == ("van-hanh@example.vn", focal_point.email)
    assert mail["Message-ID"] == letters.message_id(Mail.objects.get())
    assert mailer.subject().startswith(f"[{focal_point.email}] ")
    assert mail["Cc"] is None
