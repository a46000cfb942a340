"""Which notices go into which mail, and when: one mail a day to a person, and the urgent ones at once.

The mail of the day is made at the hour that its reader chose, on a working day of the calendar. After
days of darkness one mail holds what is still due. A day has no mail when nothing asks for anything.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.db.models import F, Min, OuterRef, Q, QuerySet, Subquery
from django.utils.translation import gettext as _

from portal.audit.events import record
from portal.calendar.models import load_calendar
from portal.lib import walls
from portal.lib.actions import action
from portal.lib.dates import LOCAL, Calendar, local_day, start_of_day
from portal.lib.errors import RuleError
from portal.notices import access, bounces, kinds
from portal.notices.models import Mail, MailPreference, Notice, Why
from portal.users.models import User

FIRST_HOUR, LAST_HOUR = 6, 20
"""From the last hour on the mail of a day waits for the next working day."""
LEASE = dt.timedelta(minutes=5)
"""Longer than a job may run, so that a lease never ends under a living worker."""
KEPT_FOR = dt.timedelta(days=14)
"""What only informs goes with a mail of these days, or is shown in the portal alone."""

State = Mail.State


# --- Make ------------------------------------------------------------------------------------------
def gather(*, at: dt.datetime) -> None:
    """Make the mails whose time has come. Safe to repeat, and side by side.

    1. What only informs and found no mail to go with is left to the portal; a kind of an older release, too.
    2. One for each urgent notice.
    3. One for each person whose hour of a working day has come, who has none that still waits, and of
       whom something is asked.
    """
    _leave_to_the_portal(at)
    _gather_urgent(at)
    _gather_days(at)


def _gather_urgent(at: dt.datetime) -> None:
    new = [
        Mail(recipient_id=notice.recipient_id, day=local_day(at), first=notice, send_after=notice.send_after)
        for notice in _urgent_without_mail(at)
    ]
    Mail.objects.bulk_create(new, ignore_conflicts=True)


def _urgent_without_mail(at: dt.datetime) -> QuerySet[Notice]:
    rows = Notice.objects.loose().filter(kind__in=kinds.urgent_codes(), send_after__lte=at)
    known = Mail.objects.filter(first__in=rows).values("first")
    return rows.exclude(recipient__in=bounces.bouncing()).exclude(pk__in=known)


def _gather_days(at: dt.datetime) -> None:
    day = local_day(at)
    if not is_mail_time(at):
        return
    asked = _asked(loose_days())
    wanted = preferences_of(asked)
    new = [
        Mail(recipient_id=person, day=day, send_after=moment)
        for person in asked.keys() - served_on(asked, day)
        if (moment := hour_of(day, wanted[person])) <= at and asked[person].since(wanted[person]) <= moment
    ]
    Mail.objects.bulk_create(new, ignore_conflicts=True)


def is_mail_time(at: dt.datetime) -> bool:
    """Whether mails of a day may leave at this moment: by daylight of a working day."""
    day, hour = local_day(at), at.astimezone(LOCAL).hour
    return FIRST_HOUR <= hour < LAST_HOUR and load_calendar(first=day).is_working_day(day)


def next_mail_time(after: dt.datetime, calendar: Calendar) -> dt.datetime:
    """Return the first moment from `after` on at which mails of a day may leave."""
    local = after.astimezone(LOCAL)
    day = local.date() if local.hour < LAST_HOUR else local.date() + dt.timedelta(days=1)
    opens = dt.datetime.combine(calendar.next_working_day(day), dt.time(FIRST_HOUR), tzinfo=LOCAL)
    return max(after, opens)


def served_on(people: Iterable[int], day: dt.date) -> set[int]:
    """Return those who had a mail of a day today, or whose last one has not left yet."""
    rows = Mail.objects.filter(first=None, recipient__in=people)
    unsent = Q(mail_state__in=[State.WAITING, State.SENDING])
    found = rows.filter(unsent | Q(day=day) | Q(sent_at__gte=start_of_day(day)))
    return set(found.values_list("recipient_id", flat=True))


def _leave_to_the_portal(at: dt.datetime) -> None:
    old = Notice.objects.loose().filter(kind__in=kinds.informing_codes(), created_at__lt=at - KEPT_FOR)
    old.update(mail_state=Notice.MailState.SKIPPED, skip_reason=Why.ONLY_SHOWN)
    for preference in MailPreference.objects.exclude(unwanted=[]):
        off = Notice.objects.loose().filter(recipient=preference.user_id, created_at__lt=at - KEPT_FOR)
        off = off.filter(kind__in=kinds.optional_codes(preference.unwanted))
        off.update(mail_state=Notice.MailState.SKIPPED, skip_reason=Why.SWITCHED_OFF)
    unknown = Notice.objects.loose().exclude(kind__in=kinds.codes())
    unknown.update(mail_state=Notice.MailState.SKIPPED, skip_reason=Why.UNKNOWN_KIND)


def hour_of(day: dt.date, preference: MailPreference) -> dt.datetime:
    """Return the local moment of the person's mail of a day."""
    return dt.datetime.combine(day, dt.time(preference.hour), tzinfo=LOCAL)


def next_mail(after: dt.datetime, preference: MailPreference, calendar: Calendar) -> dt.datetime:
    """Return the first moment of a mail of the day at or after a moment."""
    day = local_day(after)
    if hour_of(day, preference) < after:
        day += dt.timedelta(days=1)
    return hour_of(calendar.next_working_day(day), preference)


# --- Who is asked for something --------------------------------------------------------------------
@dataclass
class Asked:
    """Of one person: since when notices of each kind wait for a mail."""

    kinds: dict[str, dt.datetime]

    def since(self, preference: MailPreference) -> dt.datetime:
        """Since when something waits that the person wants by mail; the end of time when nothing does."""
        off = set(kinds.optional_codes(preference.unwanted))
        return min((moment for kind, moment in self.kinds.items() if kind not in off), default=NEVER)


NEVER = dt.datetime.max.replace(tzinfo=dt.UTC)


def loose_days() -> QuerySet[Notice]:
    """Notices for the mail of a day that ask for something; those wait whose reader's address bounced."""
    apart = [*kinds.urgent_codes(), *kinds.informing_codes()]
    return Notice.objects.loose().exclude(kind__in=apart).exclude(recipient__in=bounces.bouncing())


def _asked(rows: QuerySet[Notice]) -> dict[int, Asked]:
    found: dict[int, Asked] = defaultdict(lambda: Asked({}))
    grouped = rows.order_by().values_list("recipient_id", "kind").annotate(since=Min("send_after"))
    for person, kind, since in grouped:
        found[person].kinds[kind] = since
    return dict(found)


def preferences_of(people: Iterable[int]) -> Mapping[int, MailPreference]:
    """Return what each of these people wants, defaults included. One query."""
    known = {row.user_id: row for row in MailPreference.objects.filter(user__in=people)}
    return {person: known.get(person) or MailPreference(user_id=person) for person in people}


def due_since(mail: Mail, preference: MailPreference) -> dt.datetime:
    """Return since when a mail should have left: send_after moves on with each attempt, this does not."""
    return mail.first.send_after if mail.first else hour_of(mail.day, preference)


def due(*, at: dt.datetime) -> list[dt.datetime]:
    """Return since when each mail waits that should have left by now; those not made yet, too.

    One that was refused and waits for its next attempt is late, too.
    """
    unsent = list(_unsent(at))
    asked = _asked(loose_days())
    moments = [notice.send_after for notice in _urgent_without_mail(at)]
    wanted = preferences_of({*asked, *(mail.recipient_id for mail in unsent)})
    calendar = load_calendar() if unsent or asked else Calendar()
    for mail in unsent:
        if mail.attempts:
            moments.append(due_since(mail, wanted[mail.recipient_id]))
        else:
            moments.append(mail.send_after if mail.first else next_mail_time(mail.send_after, calendar))
    if asked:
        busy = served_on(asked, local_day(at))
        moments += [
            next_mail(row.since(wanted[person]), wanted[person], calendar)
            for person, row in asked.items()
            if person not in busy and row.since(wanted[person]) != NEVER
        ]
    return [moment for moment in moments if moment <= at]


def oldest_due(*, at: dt.datetime) -> dt.datetime | None:
    """Return since when the mail that waited longest should have left; None when nothing is late."""
    return min(due(at=at), default=None)


def _unsent(at: dt.datetime) -> QuerySet[Mail]:
    """Mails that are to be sent now, or were tried and have not left."""
    tried = Q(mail_state=State.WAITING, attempts__gt=0) | Q(mail_state=State.SENDING, attempts__gt=1)
    return (Mail.objects.claimable(at) | Mail.objects.filter(tried)).select_related("first")


# --- Claim -----------------------------------------------------------------------------------------
def claim(*, at: dt.datetime, batch: int) -> list[Mail]:
    """Lease the next mails; those of a worker that died become free when its lease ends.

    On PostgreSQL workers skip each other's rows; on SQLite the write lock makes them take turns. A
    mail that is claimed for the first time takes its notices in, so that it stays what it is.
    """
    skip_locked = connection.features.has_select_for_update_skip_locked
    with transaction.atomic():
        rows = Mail.objects.claimable(at).select_for_update(skip_locked=skip_locked)
        if not is_mail_time(at):
            rows = rows.exclude(first=None)
        ids = list(rows.order_by("send_after", "pk").values_list("pk", flat=True)[:batch])
        _take_in(Mail.objects.filter(pk__in=ids, lease=0), at)
        Mail.objects.claimable(at).filter(pk__in=ids).update(
            mail_state=State.SENDING,
            leased_until=at + LEASE,
            lease=F("lease") + 1,
            attempts=F("attempts") + 1,
        )
        found = (
            Mail.objects.filter(pk__in=ids).select_related("recipient", "first").order_by("send_after", "pk")
        )
        return list(found)


def _take_in(mails: QuerySet[Mail], at: dt.datetime) -> None:
    urgent = mails.exclude(first=None)
    Notice.objects.loose().filter(pk__in=urgent.values("first")).update(
        mail=Subquery(urgent.filter(first=OuterRef("pk")).values("pk")[:1])
    )
    days = mails.filter(first=None)
    rest = Notice.objects.loose().exclude(kind__in=kinds.urgent_codes()).filter(send_after__lte=at)
    rest.filter(recipient__in=days.values("recipient")).update(
        mail=Subquery(days.filter(recipient=OuterRef("recipient")).order_by("pk").values("pk")[:1])
    )


# --- What became of it -----------------------------------------------------------------------------
def mark(mail: Mail, state: str, **changes: object) -> bool:
    """Write the outcome if the lease is still ours; False when another worker took the mail over."""
    ours = Mail.objects.filter(pk=mail.pk, mail_state=State.SENDING, lease=mail.lease)
    return ours.update(mail_state=state, leased_until=None, **changes) == 1


def close(mail: Mail, state: str, notices: Sequence[Notice], **changes: object) -> bool:
    """Write the outcome of a mail with its notices, all or nothing."""
    with transaction.atomic():
        is_ours = mark(mail, state, **changes)
        if is_ours:
            rows = Notice.objects.filter(pk__in=[notice.pk for notice in notices], mail=mail)
            rows.update(mail_state=state, sent_at=changes.get("sent_at"))
        return is_ours


def let_go(notices: Sequence[Notice]) -> None:
    """Give back what a mail took in that is not sent for its sake: it goes with the next one."""
    waiting = Notice.objects.filter(mail_state=Notice.MailState.WAITING)
    waiting.filter(pk__in=[notice.pk for notice in notices]).update(mail=None)


def put_back(mails: Sequence[Mail]) -> int:
    """Return unsent mails to the queue if they are still ours; the attempt does not count.

    Their time stays what it was, so that the health page sees how long they have waited.
    """
    return sum(mark(mail, State.WAITING, attempts=F("attempts") - 1) for mail in mails)


@action
def send_again(mail: Mail, *, by: User, at: dt.datetime) -> None:
    """Put a mail that was given up back into the queue, with its notices, as if never tried.

    Whoever does so has seen to the address: it is trusted again.
    """
    if not access.may_send_again(by):
        raise PermissionDenied
    with walls.everything():  # it is another person's
        given_up = Mail.objects.filter(pk=mail.pk, mail_state=State.FAILED)
        if not given_up.update(**_as_if_never_tried(at)):
            raise RuleError(_("This mail is on its way again already."))
        notices = Notice.objects.filter(mail=mail, mail_state=Notice.MailState.FAILED)
        notices.update(mail_state=Notice.MailState.WAITING)
    bounces.lift({mail.recipient_id})
    record("mail.sent_again", mail, by=by, at=at, payload={"person": mail.recipient.username})


@action
def send_all_again(*, by: User, at: dt.datetime) -> int:
    """Do the same for every mail that was given up, in the same few statements; return how many."""
    if not access.may_send_again(by):
        raise PermissionDenied
    with walls.everything():  # they are other people's
        given_up = Mail.objects.undelivered().select_related("recipient")
        found = list(given_up.select_for_update(of=("self",)).order_by("pk"))
        if not found:
            raise RuleError(_("No mail is given up: all are on their way again already."))
        Mail.objects.filter(pk__in=[mail.pk for mail in found]).update(**_as_if_never_tried(at))
        notices = Notice.objects.filter(mail__in=found, mail_state=Notice.MailState.FAILED)
        notices.update(mail_state=Notice.MailState.WAITING)
    bounces.lift({mail.recipient_id for mail in found})
    for mail in found:
        record("mail.sent_again", mail, by=by, at=at, payload={"person": mail.recipient.username})
    return len(found)


def _as_if_never_tried(at: dt.datetime) -> dict[str, Any]:
    return {"mail_state": State.WAITING, "attempts": 0, "send_after": at, "why": ""}
