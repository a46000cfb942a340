"""Urgent notices to telephones that were confirmed: at least once, under one key, or not at all.

The mail goes all the same; this is a nudge beside it. What is older than a day nudges nobody.
"""

import datetime as dt
import hashlib
import logging
import time
from collections.abc import Collection

from django.db.models import F, Q, QuerySet

from portal.lib.dates import LOCAL, local_day
from portal.notices import gateways, kinds, mails, phones
from portal.notices.gateways import Gateway
from portal.notices.holders import Holders
from portal.notices.models import MailPreference, Notice

log = logging.getLogger(__name__)

FRESH = dt.timedelta(days=1)
LEASE = dt.timedelta(minutes=5)
LEASE_LONGEST = dt.timedelta(hours=1)
BATCH = 20

State = Notice.PhoneState


def deliver(*, at: dt.datetime, seconds: float = 30) -> int:
    """Send what waits; return how many. Safe to repeat, side by side, and after a crash.

    By night nothing beeps: it waits for the first hour of mails.

    1. Claim one notice, first those never tried: its lease ends by itself.
    2. Look again: still due, not read, its reader still holds a post and has a confirmed number.
    3. Send and mark. A number for which the gateway fails has its turn again in a later run. When a second
       one fails right after it, the gateway is away, and the run ends; leases hold the next tries back.
    """
    gateway = gateways.current()
    if gateway is None or not mails.FIRST_HOUR <= at.astimezone(LOCAL).hour < mails.LAST_HOUR:
        return 0
    stop_at, sent = time.monotonic() + seconds, 0
    failed: set[str] = set()
    failed_just_now = False
    for _step in range(BATCH):
        rows = _waiting(at, without=failed).select_related("recipient")
        notice = rows.order_by(F("phone_leased_until").asc(nulls_first=True), "created_at", "pk").first()
        if notice is None or time.monotonic() >= stop_at:
            break
        wanted = MailPreference.objects.filter(user=notice.recipient_id).first()
        if wanted is None or not _claim(notice, at):
            continue
        try:
            sent += _send(notice, wanted, gateway, at)
            failed_just_now = False
        except gateways.GatewayAwayError as error:
            log.warning("notice %s: the gateway to telephones did not answer: %s", notice.pk, error)
            if failed_just_now:
                break
            failed.add(wanted.phone)
            failed_just_now = True
    return sent


def _waiting(at: dt.datetime, *, without: Collection[str] = ()) -> QuerySet[Notice]:
    """Return what may be sent now, but not to the numbers in `without`."""
    confirmed = MailPreference.objects.filter(phone_confirmed_at__isnull=False)
    people = confirmed.exclude(phone__in=without).values("user")
    rows = Notice.objects.shown().filter(kind__in=kinds.urgent_codes(), recipient__in=people)
    free = Q(phone_leased_until=None) | Q(phone_leased_until__lte=at)
    return rows.filter(free, phone_state=State.NONE, created_at__gt=at - FRESH, read_at=None)


def _claim(notice: Notice, at: dt.datetime) -> bool:
    """Lease a notice, for as long again as it is old: what fails is tried less and less often."""
    lease = min(max(LEASE, at - notice.created_at), LEASE_LONGEST)
    rows = _waiting(at).filter(pk=notice.pk)
    return rows.update(phone_leased_until=at + lease) == 1


def _send(notice: Notice, wanted: MailPreference, gateway: Gateway, at: dt.datetime) -> int:
    if not _is_due(notice, wanted, at):
        _mark(notice, State.SKIPPED)
        return 0
    try:
        phones.send(gateway, wanted.phone, key=_key(notice), code=f"TB-{notice.pk}")
    except gateways.GatewayRefusedError as error:
        log.error("notice %s: the gateway refused its message: %s", notice.pk, error)
        _mark(notice, State.FAILED)
        return 0
    return _mark(notice, State.SENT)


def _is_due(notice: Notice, wanted: MailPreference, at: dt.datetime) -> bool:
    """What was told before the number was confirmed does not follow it there."""
    today, kind = local_day(at), kinds.find(notice.kind)
    if kind is None or wanted.phone_confirmed_at is None or notice.created_at < wanted.phone_confirmed_at:
        return False
    holds = Holders.of([notice.recipient_id], today).holds_still(notice)
    return notice.recipient.is_active and holds and notice.pk in kind.still_due([notice], today)


def _mark(notice: Notice, state: str) -> int:
    return Notice.objects.filter(pk=notice.pk, phone_state=State.NONE).update(phone_state=state)


def _key(notice: Notice) -> str:
    facts = (notice.subject_type, notice.subject_id, notice.recipient_id, notice.rule, notice.due_on)
    return hashlib.sha256(repr(facts).encode()).hexdigest()[:32]
