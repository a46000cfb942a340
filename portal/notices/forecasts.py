"""What is going to be mailed in the next days, to whom and why, if nothing changes."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.calendar.models import load_calendar
from portal.lib import walls
from portal.lib.dates import local_day, start_of_day
from portal.lib.templatetags.portal_ui import vn_date
from portal.notices import access, bounces, kinds, mails, planning
from portal.notices.kinds import Kind
from portal.notices.models import Notice
from portal.users.models import Membership, User

DAYS = 14


@dataclass(frozen=True)
class Row:
    """A reminder to come: in whose mail of which moment, and why.

    `text` and `why` are empty for who may not read it: how late an agency is, is progress.
    """

    mailed_at: dt.datetime
    recipient: str
    agency: str
    group: str
    text: str
    why: str


@dataclass(frozen=True)
class _Due:
    """Something that goes with a mail at or after the moment `since`."""

    recipient_id: int
    kind: Kind
    since: dt.datetime
    text: str
    why: str


def rows(reader: User, *, at: dt.datetime) -> list[Row]:
    """Return what waits for its mail and what will be planned, in the order of the mails.

    A fixed number of queries, and one for each kind that waits.
    """
    with walls.everything():  # reminders are of every agency; code, title and day are all they say
        waiting = list(_waiting())
        found = [*_told(waiting, at), *_planned(at)]
        people = User.objects.in_bulk({row.recipient_id for row in found})
        wanted = mails.preferences_of(people)
        served = mails.served_on(people, local_day(at))
        agencies = _agencies(people, local_day(at))
    calendar = load_calendar()
    shows_texts = access.may_foresee_texts(reader)
    is_now = mails.is_mail_time(at)
    tomorrow = start_of_day(local_day(at) + dt.timedelta(days=1))
    coming: dict[tuple[dt.datetime, int, str], Row] = {}  # of one thing a mail has the newest reminder alone
    for row in sorted(found, key=lambda row: row.since):
        preference, person = wanted[row.recipient_id], row.recipient_id
        if row.kind.is_optional and row.kind.group in preference.unwanted:
            continue
        since = max(row.since, tomorrow) if person in served else row.since
        mailed_at = row.since if row.kind.urgent else mails.next_mail(since, preference, calendar)
        if mailed_at < at:  # it is late: the next run sends it
            mailed_at = at if is_now else mails.next_mail(at, preference, calendar)
        text, why = (row.text, row.why) if shows_texts else ("", "")
        name, group = people[person].get_full_name(), str(row.kind.group.label)
        shown = Row(mailed_at, name, agencies.get(person, ""), group, text, why)
        coming[mailed_at, person, row.text] = shown
    return sorted(coming.values(), key=lambda row: (row.mailed_at, row.recipient, row.text))


def _waiting() -> QuerySet[Notice]:
    """Notices that stand in the portal and wait for a mail that is not made yet."""
    rows = Notice.objects.loose().exclude(kind__in=kinds.informing_codes())
    return rows.exclude(recipient__in=bounces.bouncing()).filter(recipient__is_active=True)


def _told(notices: Iterable[Notice], at: dt.datetime) -> Iterator[_Due]:
    due = kinds.still_due(notices, local_day(at))
    for notice in notices:
        kind = kinds.find(notice.kind)
        if kind and notice.pk in due:
            why = _why(kind, notice.rule) or _("told on %(day)s") % {"day": vn_date(notice.due_on)}
            yield _Due(notice.recipient_id, kind, notice.send_after, notice.text, why)


def _planned(at: dt.datetime) -> Iterator[_Due]:
    for row in planning.forecast(at=at, days=DAYS):
        if kind := kinds.find(row.kind):
            since = start_of_day(row.reached_on)
            yield _Due(row.recipient_id, kind, since, row.text, _why(kind, row.rule))


def _agencies(people: Iterable[int], today: dt.date) -> Mapping[int, str]:
    """Return the code of the agency in which each holds a post today."""
    posts = Membership.objects.held_on(today).filter(user__in=people)
    return dict(posts.values_list("user_id", "agency__code"))


def _why(kind: Kind, rule: str) -> str:
    """Say in words how far from its day a reminder is; nothing of what was told at once."""
    if not rule.lstrip("+-").isdigit():
        return ""
    days = int(rule)
    if days == 0:
        return _("due that day")
    if days < 0:
        text = ngettext("%(count)d day before it is due", "%(count)d days before it is due", -days)
        return text % {"count": -days}
    if kind.counts_waiting:
        return ngettext("has waited for %(count)d day", "has waited for %(count)d days", days) % {
            "count": days
        }
    return ngettext("%(count)d day overdue", "%(count)d days overdue", days) % {"count": days}
