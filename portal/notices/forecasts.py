"""What is going to be mailed in the next days, to whom and why, if nothing changes."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.calendar.models import load_calendar
from portal.lib import walls
from portal.lib.dates import start_of_day
from portal.notices import access, kinds, mails, planning
from portal.users.models import User

DAYS = 14


@dataclass(frozen=True)
class Row:
    """A reminder to come: in whose mail of which moment, and why. `text` is empty for who may not read it."""

    mailed_at: dt.datetime
    recipient: str
    group: str
    text: str
    why: str


def rows(reader: User, *, at: dt.datetime) -> list[Row]:
    """Return the reminders of the next days in the order of their mails. A fixed number of queries."""
    with walls.everything():  # reminders are of every agency; code, title and day are all they say
        found = planning.forecast(at=at, days=DAYS)
        people = User.objects.in_bulk({row.recipient_id for row in found})
        wanted = mails.preferences_of(people)
    calendar = load_calendar()
    shows_texts = access.may_foresee_texts(reader)
    coming = []
    for row in found:
        preference = wanted[row.recipient_id]
        kind = kinds.find(row.kind)
        if kind and not (kind.is_optional and kind.group in preference.unwanted):
            mailed_at = mails.next_mail(start_of_day(row.reached_on), preference, calendar)
            recipient = people[row.recipient_id].get_full_name()
            text = row.text if shows_texts else ""
            coming.append(Row(mailed_at, recipient, str(kind.group.label), text, _why(row.rule)))
    return sorted(coming, key=lambda row: (row.mailed_at, row.recipient, row.text))


def _why(rule: str) -> str:
    days = int(rule)
    if days == 0:
        return _("due that day")
    if days < 0:
        text = ngettext("%(count)d day before it is due", "%(count)d days before it is due", -days)
        return text % {"count": -days}
    return ngettext("%(count)d day overdue", "%(count)d days overdue", days) % {"count": days}
