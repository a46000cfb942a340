"""Send the mails of the outbox: at least once, always under the same Message-ID.

Any number of workers may run side by side, be killed, and come back. Nothing is decided in a
transaction while a mail server is spoken to.
"""

import datetime as dt
import hashlib
import logging
import smtplib
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from email.utils import format_datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import connection, transaction
from django.db.models import F
from django.template.loader import render_to_string
from django.utils import translation

from portal.lib.dates import LOCAL, local_day
from portal.notices import kinds
from portal.notices.models import Notice, Why
from portal.users.models import Membership

log = logging.getLogger(__name__)

BATCH = 50
LEASE = dt.timedelta(minutes=5)
"""Longer than a job may run, so that a lease never ends under a living worker."""
MAX_ATTEMPTS = 8
RETRY_FIRST = dt.timedelta(minutes=1)
RETRY_LONGEST = dt.timedelta(hours=1)
SUBJECT_LENGTH = 180  # characters

State = Notice.MailState


@dataclass(frozen=True)
class Outcome:
    """How many mails a run sent, skipped, put back, or gave up."""

    sent: int = 0
    skipped: int = 0
    put_back: int = 0
    failed: int = 0


class ServerAwayError(Exception):
    """The mail server does not answer: no fault of any mail."""


def deliver(*, at: dt.datetime, seconds: float = 60, batch: int = BATCH) -> Outcome:
    """Send what waits at the moment `at`, for at most about `seconds`.

    1. Claim a batch: a lease with a token that grows with every claim.
    2. Look again: who may no longer be written to, what is no longer due.
    3. Send each mail, and mark it if the lease is still ours.
    4. Put back what was not reached. A server that is away costs no mail an attempt.
    """
    stop_at = time.monotonic() + seconds
    counts: dict[str, int] = defaultdict(int)
    while time.monotonic() < stop_at:
        notices = claim(at=at, batch=batch)
        if not notices:
            break
        to_send = list(_look_again(notices, at))
        counts["skipped"] += len(notices) - len(to_send)
        done = 0
        try:
            for result in _send_all(to_send, at=at, stop_at=stop_at):
                counts[result] += 1
                done += 1
        except ServerAwayError as error:
            log.warning("mail server away, %s mails wait: %s", len(to_send) - done, error)
            break
        finally:
            counts["put_back"] += put_back(to_send[done:])
    return Outcome(**counts)


def claim(*, at: dt.datetime, batch: int = BATCH) -> list[Notice]:
    """Lease the next mails; those of a worker that died become free when its lease ends.

    On PostgreSQL workers skip each other's rows; on SQLite the write lock makes them take turns.
    """
    skip_locked = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        rows = Notice.objects.claimable(at).select_for_update(skip_locked=skip_locked)
        ids = list(rows.order_by("send_after", "pk").values_list("pk", flat=True)[:batch])
        Notice.objects.claimable(at).filter(pk__in=ids).update(
            mail_state=State.SENDING,
            leased_until=at + LEASE,
            lease=F("lease") + 1,
            attempts=F("attempts") + 1,
        )
        return list(
            Notice.objects.filter(pk__in=ids).select_related("recipient").order_by("send_after", "pk")
        )


def _mark(notice: Notice, state: str, **changes: object) -> bool:
    """Write the outcome if the lease is still ours; False when another worker took the mail over."""
    ours = Notice.objects.filter(pk=notice.pk, mail_state=State.SENDING, lease=notice.lease)
    return ours.update(mail_state=state, leased_until=None, **changes) == 1


def put_back(notices: Sequence[Notice]) -> int:
    """Return unsent mails to the queue if they are still ours; the attempt does not count.

    Their time stays what it was, so that the health page sees how long they have waited.
    """
    return sum(_mark(notice, State.WAITING, attempts=F("attempts") - 1) for notice in notices)


# --- Look again ------------------------------------------------------------------------------------
def _look_again(notices: Sequence[Notice], at: dt.datetime) -> Iterator[Notice]:
    """Yield the notices to send; mark the others skipped, with the reason. A query per kind."""
    today = local_day(at)
    holders = set(
        Membership.objects.valid_on(today)
        .filter(user__in={notice.recipient_id for notice in notices})
        .values_list("user_id", flat=True)
    )
    by_kind: dict[str, list[Notice]] = defaultdict(list)
    for notice in notices:
        by_kind[notice.kind].append(notice)
    for code, group in by_kind.items():
        kind = kinds.find(code)
        still_due = kind.still_due(group, today) if kind else set()
        for notice in group:
            why = _why_not(notice, holders, still_due, is_known=kind is not None)
            if why is None:
                yield notice
            else:
                _mark(notice, State.SKIPPED, skip_reason=why)


def _why_not(notice: Notice, holders: set[int], still_due: set[int], *, is_known: bool) -> Why | None:
    if not is_known:
        return Why.UNKNOWN_KIND
    if notice.pk not in still_due:
        return Why.NOT_DUE
    if not notice.recipient.is_active or notice.recipient_id not in holders:
        return Why.NO_POST
    return None if notice.recipient.email else Why.NO_ADDRESS


# --- Send ------------------------------------------------------------------------------------------
def _send_all(notices: Sequence[Notice], *, at: dt.datetime, stop_at: float) -> Iterator[str]:
    """Send over one connection, yield what became of each; stop when the time is over."""
    if not notices:
        return
    server = _connect()
    try:
        for notice in notices:
            if time.monotonic() >= stop_at:
                return
            yield _send(notice, server, at=at)
    finally:
        server.close()


def _connect() -> BaseEmailBackend:
    server: BaseEmailBackend = get_connection()
    try:
        server.open()
    except OSError as error:  # every SMTPException is one, a refused sign-in included
        raise ServerAwayError(_said(error)) from error
    return server


def _send(notice: Notice, server: BaseEmailBackend, *, at: dt.datetime) -> str:
    try:
        server.send_messages([compose(notice, at=at)])
    except smtplib.SMTPServerDisconnected as error:
        raise ServerAwayError(_said(error)) from error
    except smtplib.SMTPException as error:
        return _refused(notice, _said(error), at=at)
    except OSError as error:
        raise ServerAwayError(_said(error)) from error
    except Exception as error:  # one mail that cannot be written must not stop those behind it
        log.exception("notice %s: its mail could not be made", notice.pk)
        return _refused(notice, type(error).__name__, at=at)
    if not _mark(notice, State.SENT, sent_at=at):
        log.warning("notice %s: sent after its lease had ended, so perhaps twice", notice.pk)
    return "sent"


def _refused(notice: Notice, said: str, *, at: dt.datetime) -> str:
    """The server took the connection but not this mail: try later, at growing distances, then give up."""
    if notice.attempts >= MAX_ATTEMPTS:
        log.error("notice %s: given up after %s attempts: %s", notice.pk, notice.attempts, said)
        _mark(notice, State.FAILED, skip_reason=said)
        return "failed"
    wait = min(RETRY_FIRST * 2 ** (notice.attempts - 1), RETRY_LONGEST)
    _mark(notice, State.WAITING, skip_reason=said, send_after=at + wait)
    return "put_back"


def _said(error: OSError) -> str:
    """Return the kind and code of a fault, never its text: that may hold an address."""
    code = getattr(error, "smtp_code", None) or getattr(error, "errno", None)
    recipients = getattr(error, "recipients", None)
    if recipients:
        code = next(iter(recipients.values()))[0]
    return f"{type(error).__name__} {code or ''}".strip()


def compose(notice: Notice, *, at: dt.datetime) -> EmailMessage:
    """Make the mail: code, title, deadline and a link, in Vietnamese with the English line below."""
    kind = kinds.find(notice.kind)
    context = {
        "notice": notice,
        "name": notice.recipient.get_full_name(),
        "url": settings.PUBLIC_URL + kind.path(notice.subject_id) if kind else settings.PUBLIC_URL,
        "demo": settings.DEMO,
    }
    with translation.override("vi"):
        body = render_to_string("notices/email/notice.txt", context)
    mark = "[TRÌNH DIỄN] " if settings.DEMO else ""
    return EmailMessage(
        subject=(mark + " ".join(notice.text_vi.split()))[:SUBJECT_LENGTH],
        body=body,
        to=[notice.recipient.email],
        headers={
            "Message-ID": message_id(notice),
            "Date": format_datetime(at.astimezone(LOCAL)),
            "Auto-Submitted": "auto-generated",
        },
    )


def message_id(notice: Notice) -> str:
    """Return the Message-ID that the notice's key gives it: every attempt has the same one."""
    key = (
        notice.subject_type,
        notice.subject_id,
        notice.recipient_id,
        notice.rule,
        notice.due_on.isoformat(),
    )
    digest = hashlib.sha256(repr(key).encode()).hexdigest()[:32]
    return f"<{digest}@{urlsplit(settings.PUBLIC_URL).hostname}>"
