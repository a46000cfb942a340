"""Send the mails of the outbox: at least once, always under the same Message-ID.

Any number of workers may run side by side, be killed, and come back. Nothing is decided in a
transaction while a mail server is spoken to.
"""

import datetime as dt
import logging
import smtplib
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend

from portal.calendar.models import load_calendar
from portal.lib.dates import local_day
from portal.notices import bounces, kinds, letters, mails
from portal.notices.holders import Holders
from portal.notices.models import Mail, MailPreference, Notice, Why

log = logging.getLogger(__name__)

BATCH = 50
MAX_ATTEMPTS = 8
"""As often a mail is tried that the server refuses."""
PATIENCE = 3  # working days
"""So long it is tried when the server puts it off, or goes away in its midst: that is nobody's answer."""
RETRY_FIRST = dt.timedelta(minutes=1)
RETRY_LONGEST = dt.timedelta(hours=1)
RETRY_LONGEST_UNSURE = dt.timedelta(hours=6)
"""Of a mail that was cut off: it may have arrived, so that each attempt may be one more copy."""
CLOSING = 421
"""SMTP code after which the server hangs up. Source: RFC 5321, 3.8 and 4.2.3."""

State = Mail.State


@dataclass(frozen=True)
class Outcome:
    """How many mails a run sent, skipped, put back, or gave up."""

    sent: int = 0
    skipped: int = 0
    put_back: int = 0
    failed: int = 0


class ServerAwayError(Exception):
    """The mail server does not answer: no fault of any mail."""


class BrokenOffError(Exception):
    """The conversation about one mail ended in the middle: its fault, or that of the server."""

    def __init__(self, fault: OSError) -> None:
        super().__init__(_said(fault))
        self.fault = fault


@dataclass(frozen=True)
class Ready:
    """A mail with those of its notices that are still due."""

    mail: Mail
    notices: tuple[Notice, ...]
    preference: MailPreference


def deliver(
    *, at: dt.datetime, seconds: float = 60, batch: int = BATCH, server: BaseEmailBackend | None = None
) -> Outcome:
    """Send what waits at the moment `at`, for at most about `seconds`, over `server` if it is given.

    1. Make the mails whose time has come.
    2. Claim a batch: a lease with a token that grows with every claim.
    3. Look again: who may no longer be written to, what is no longer due.
    4. Send each mail, and mark it if the lease is still ours.
    5. Put back what was not reached. A server that is away costs no mail an attempt, but for the one in
       whose midst it went: nobody can tell whether that mail drove it away.
    """
    stop_at = time.monotonic() + seconds
    counts: dict[str, int] = defaultdict(int)
    mails.gather(at=at)
    while time.monotonic() < stop_at:
        claimed = mails.claim(at=at, batch=batch)
        if not claimed:
            break
        to_send = list(_look_again(claimed, at))
        counts["skipped"] += len(claimed) - len(to_send)
        done = 0
        try:
            for result in _send_all(to_send, server, at=at, stop_at=stop_at):
                counts[result] += 1
                done += 1
        except ServerAwayError as error:
            log.warning("mail server away, %s mails wait: %s", len(to_send) - done, error)
            break
        finally:
            counts["put_back"] += mails.put_back([ready.mail for ready in to_send[done:]])
    return Outcome(**counts)


# --- Look again ------------------------------------------------------------------------------------
def _look_again(claimed: Sequence[Mail], at: dt.datetime) -> Iterator[Ready]:
    """Yield the mails to send; mark notices and mails that are not, with the reason. A query per kind."""
    today = local_day(at)
    people = {mail.recipient_id for mail in claimed}
    holders = Holders.of(people, today)
    wanted = mails.preferences_of(people)
    waiting = _waiting(claimed)
    due = kinds.still_due([notice for group in waiting.values() for notice in group], today)
    for mail in claimed:
        preference = wanted[mail.recipient_id]
        nobody = _nobody(mail, holders)
        off = set(kinds.optional_codes(preference.unwanted))
        reasons = {notice: nobody or _why_not(notice, holders, due, off) for notice in waiting[mail.pk]}
        _skip(mail, {notice: why for notice, why in reasons.items() if why})
        notices = tuple(notice for notice, why in reasons.items() if not why)
        if _asks(notices):
            yield Ready(mail, notices, preference)
        else:
            why = nobody or next((why for why in reasons.values() if why), Why.NOT_DUE)
            if mails.close(mail, State.SKIPPED, (), why=why):
                mails.let_go(notices)


def _waiting(claimed: Sequence[Mail]) -> dict[int, list[Notice]]:
    """Return the notices of each mail that neither left nor were taken back, in the order of their days."""
    rows = Notice.objects.filter(mail__in=claimed, mail_state=Notice.MailState.WAITING)
    found: dict[int, list[Notice]] = {mail.pk: [] for mail in claimed}
    for notice in rows.select_related("recipient").order_by("due_on", "pk"):
        found[notice.mail_id or 0].append(notice)
    return found


def _nobody(mail: Mail, holders: Holders) -> Why | None:
    if not mail.recipient.is_active or not holders.holds_any(mail.recipient_id):
        return Why.NO_POST
    if mail.recipient.is_unreachable:
        return Why.BOUNCED
    return None if mail.recipient.email else Why.NO_ADDRESS


def _why_not(notice: Notice, holders: Holders, due: set[int], off: set[str]) -> Why | None:
    if kinds.find(notice.kind) is None:
        return Why.UNKNOWN_KIND
    if not holders.holds_still(notice):
        return Why.MOVED
    if notice.pk not in due:
        return Why.NOT_DUE
    return Why.SWITCHED_OFF if notice.kind in off else None


def _asks(notices: Sequence[Notice]) -> bool:
    """Whether a mail is worth its reader's time: an urgent notice, or something to do."""
    informing = set(kinds.informing_codes()) - set(kinds.urgent_codes())
    return any(notice.kind not in informing for notice in notices)


def _skip(mail: Mail, reasons: dict[Notice, Why]) -> None:
    for notice, why in reasons.items():
        rows = Notice.objects.filter(pk=notice.pk, mail=mail, mail_state=Notice.MailState.WAITING)
        rows.update(mail_state=Notice.MailState.SKIPPED, skip_reason=why)


# --- Send ------------------------------------------------------------------------------------------
def _send_all(
    mails_ready: Sequence[Ready], given: BaseEmailBackend | None = None, *, at: dt.datetime, stop_at: float
) -> Iterator[str]:
    """Send over one connection, yield what became of each; stop when the time is over.

    A mail that ends the connection pays for it and steps back, so that it never stands before all others
    for ever; those behind it go over a new one. When the next ends so too, it is the server that is away.
    """
    if not mails_ready:
        return
    server = _connect(given or get_connection())
    broke_off = False
    try:
        for ready in mails_ready:
            if time.monotonic() >= stop_at:
                return
            try:
                result = _send(ready, server, at=at)
            except BrokenOffError as error:
                if broke_off:
                    raise ServerAwayError(str(error)) from error
                broke_off = True
                yield _refused(ready, error.fault, at=at)
                _disconnect(server)
                _connect(server)
            else:
                broke_off = False
                yield result
    finally:
        _disconnect(server)


def _connect(server: BaseEmailBackend) -> BaseEmailBackend:
    try:
        server.open()
    except OSError as error:  # every SMTPException is one, a refused sign-in included
        raise ServerAwayError(_said(error)) from error
    return server


def _disconnect(server: BaseEmailBackend) -> None:
    with suppress(OSError):  # it may be gone already
        server.close()


def _send(ready: Ready, server: BaseEmailBackend, *, at: dt.datetime) -> str:
    mail = ready.mail
    try:
        server.send_messages([letters.compose(mail, ready.notices, ready.preference, at=at)])
    except OSError as error:  # every SMTPException is one
        if _breaks_off(error):
            log.warning("mail %s: the connection broke off: %s", mail.pk, _said(error))
            raise BrokenOffError(error) from error
        if status := bounces.of_refusal(error, mail.recipient.email):
            return _bounced(ready, status, at=at)
        return _refused(ready, error, at=at)
    except Exception as error:  # one mail that cannot be written must not stop those behind it
        log.exception("mail %s could not be made", mail.pk)
        return _refused(ready, error, at=at)
    if not mails.close(mail, State.SENT, ready.notices, sent_at=at, why=""):
        log.warning("mail %s: sent after its lease had ended, so perhaps twice", mail.pk)
    return "sent"


def _breaks_off(error: Exception) -> bool:
    """Whether nothing more is taken over this connection: cut, stalled, not begun, put off whole, ended."""
    code = _code(error)
    puts_off_all = isinstance(error, smtplib.SMTPSenderRefused) and _is_temporary(code)  # a full disk
    is_over = isinstance(error, smtplib.SMTPHeloError) or code == CLOSING
    return _is_cut_off(error) or puts_off_all or is_over


def _is_cut_off(error: Exception) -> bool:
    """Whether no answer came, so that nobody knows what became of the mail."""
    is_answer = isinstance(error, smtplib.SMTPException)
    is_gone = isinstance(error, smtplib.SMTPServerDisconnected)
    return isinstance(error, OSError) and (is_gone or not is_answer)


def _is_temporary(code: int | None) -> bool:
    return code is not None and 400 <= code < 500


def _bounced(ready: Ready, status: str, *, at: dt.datetime) -> str:
    """The server refuses the address for good: to try again would not help, and looks like spam."""
    log.warning("mail %s: the address takes no mail: %s", ready.mail.pk, status)
    mails.close(ready.mail, State.FAILED, ready.notices, why=Why.BOUNCED)
    bounces.note(ready.mail.recipient, status=status, at=at)
    return "failed"


def _refused(ready: Ready, fault: Exception, *, at: dt.datetime) -> str:
    """The server did not take this mail: try later, at growing distances, then give up."""
    mail, said = ready.mail, _said(fault)
    puts_off = _breaks_off(fault) or _is_temporary(_code(fault))
    if mail.attempts >= MAX_ATTEMPTS and not (puts_off and _has_time(ready, at)):
        log.error("mail %s: given up after %s attempts: %s", mail.pk, mail.attempts, said)
        mails.close(mail, State.FAILED, ready.notices, why=said)
        return "failed"
    longest = RETRY_LONGEST_UNSURE if _is_cut_off(fault) else RETRY_LONGEST
    wait = min(RETRY_FIRST * 2 ** min(mail.attempts - 1, 16), longest)  # 16: a timedelta has an end
    mails.mark(mail, State.WAITING, why=said, send_after=at + wait)
    return "put_back"


def _has_time(ready: Ready, at: dt.datetime) -> bool:
    """Whether the last day has not passed on which a mail is tried that is put off."""
    due_on = local_day(mails.due_since(ready.mail, ready.preference))
    return local_day(at) <= load_calendar(first=due_on).working_days_after(due_on, PATIENCE)


def _code(error: Exception) -> int | None:
    """Return the SMTP code, or else the system's number of a fault."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next((code for code, _said in error.recipients.values()), None)
    return getattr(error, "smtp_code", None) or getattr(error, "errno", None)


def _said(error: Exception) -> str:
    """Return the kind and code of a fault, never its text: that may hold an address."""
    return f"{type(error).__name__} {_code(error) or ''}".strip()
