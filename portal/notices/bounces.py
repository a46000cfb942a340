"""Addresses that bounce: marked, so that nothing more is mailed to them until somebody has mended them.

Two ways lead here: a mail server that refuses the recipient while it is spoken to, and a delivery status
notification (RFC 3464) that comes back later and is handed to `manage.py take_bounce`. What was to be
told stands in the portal all the same.
"""

import datetime as dt
import logging
import re
import smtplib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from email import policy
from email.message import Message
from email.parser import BytesParser
from email.utils import parseaddr

from django.db.models import F, QuerySet

from portal.audit.events import record
from portal.lib.actions import action
from portal.notices import letters
from portal.notices.models import Mail, Notice, Why
from portal.users.models import User

HARD = frozenset({"5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10", "5.2.1"})
"""Enhanced statuses that say that the reader's address is no good, and not a rule, a disk or the sender.

Nobody there, no such domain, badly written, moved away, takes no mail at all (a null MX), closed. A bare code
such as 550, and what is made of one on the way (5.0.0), is believed of nobody: a relay that is badly set up
says it of everybody. Source: RFC 3463, 3.2 and 3.3; RFC 7505, 5.
"""
STATUS = re.compile(r"\s*(\d\.\d{1,3}\.\d{1,3})(?![\d.])", re.ASCII)
"""It stands in front; farther on it may be a piece of somebody's network address. Source: RFC 2034, 4."""
KEPT_FOR = dt.timedelta(days=30)
"""A notification about an older mail is believed no more."""


MOST_NAMED = 20
"""So many recipients of one notification are looked up: each mail of the portal has one."""

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Failure:
    """What a notification says of one recipient."""

    address: str
    status: str


def bouncing() -> QuerySet[User]:
    """People whose present address bounced; a new address is another matter."""
    return User.objects.exclude(bounced_email="").filter(bounced_email__iexact=F("email"))


def of_refusal(error: OSError, address: str) -> str:
    """Return the status with which a server refused an address for good, "" when it did not."""
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return ""
    for refused, (_code, said) in error.recipients.items():
        if refused.casefold() != address.casefold():
            continue
        text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
        found = STATUS.match(text)
        return found[1] if found and found[1] in HARD else ""
    return ""


def read(message: bytes) -> tuple[list[Failure], str]:
    """Return the failures for good that a notification names, and the Message-ID of the mail it speaks of.

    Source: RFC 3464. Anything that is no such notification names none.
    """
    parsed = BytesParser(policy=policy.compat32).parsebytes(message)
    failures = [
        Failure(address, status)
        for part in parsed.walk()
        if part.get_content_type() == "message/delivery-status"
        for address, status in _failed(part)
    ]
    return failures, _original_id(parsed)


def _failed(report: Message) -> Iterator[tuple[str, str]]:
    for fields in report.get_payload():  # one group of fields a recipient, after one of the whole message
        if not isinstance(fields, Message) or str(fields.get("Action", "")).strip().lower() != "failed":
            continue
        recipient = fields.get("Original-Recipient") or fields.get("Final-Recipient") or ""
        status = STATUS.match(str(fields.get("Status", "")))
        address = parseaddr(str(recipient).rpartition(";")[2].strip())[1]
        if address and address.isprintable() and status and status[1] in HARD:
            yield address, status[1]


def _original_id(parsed: Message) -> str:
    """The Message-ID inside the returned mail, whole or its head alone; never that of the notification."""
    for part in parsed.walk():
        if part.get_content_type() == "message/rfc822" and part is not parsed:
            inner = part.get_payload(0) if part.is_multipart() else None
            return str(inner.get("Message-ID", "")).strip() if isinstance(inner, Message) else ""
        if part.get_content_type() == "text/rfc822-headers":
            content = part.get_payload(decode=True)
            head = BytesParser(policy=policy.compat32).parsebytes(
                content if isinstance(content, bytes) else b""
            )
            return str(head.get("Message-ID", "")).strip()
    return ""


def take(message: bytes, *, at: dt.datetime) -> int:
    """Mark whom a notification names; return how many. Only about a mail that this portal sent to them.

    Anybody can write a notification, and nobody's mail shall stop for that: the Message-ID of the mail
    that came back, which only the portal can make, is compared with those of the person's own.
    """
    try:
        failures, message_id = read(message)
    except Exception as error:  # the parser has no end of faults, and the mail server would send it back
        log.warning("a mail that came back could not be read: %s", type(error).__name__)
        return 0
    marked = 0
    for failure in failures[:MOST_NAMED] if message_id else ():
        for user in User.objects.filter(email__iexact=failure.address):
            mail = _sent(user, message_id, at)
            if mail and note(user, status=failure.status, at=at, mail=mail):
                marked += 1
    return marked


def _sent(user: User, message_id: str, at: dt.datetime) -> Mail | None:
    rows = Mail.objects.filter(recipient=user, sent_at__gte=at - KEPT_FOR).select_related("first")
    return next((mail for mail in rows if letters.message_id(mail) == message_id), None)


@action
def note(user: User, *, status: str, at: dt.datetime, mail: Mail | None = None) -> bool:
    """Mark the person's present address; False when it was marked already. Follows from what a server said.

    The mail that came back counts as given up: it stands among the undelivered, from where it is sent again.
    """
    rows = User.objects.filter(pk=user.pk, email=user.email).exclude(bounced_email__iexact=user.email)
    if not user.email or not rows.update(bounced_email=user.email, bounce_status=status, bounced_at=at):
        return False
    if mail:
        given_up = Mail.objects.filter(pk=mail.pk, mail_state=Mail.State.SENT)
        if given_up.update(mail_state=Mail.State.FAILED, why=Why.BOUNCED):
            told = Notice.objects.filter(mail=mail, mail_state=Notice.MailState.SENT)
            told.update(mail_state=Notice.MailState.FAILED)
    record("address.bounced", user, by=None, at=at, payload={"smtp_status": status})
    return True


def lift(people: Collection[int]) -> None:
    """Trust the addresses of these people again; inside the action that sends anew."""
    User.objects.filter(pk__in=people).update(bounced_email="", bounce_status="", bounced_at=None)
