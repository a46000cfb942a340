"""How an assignment stands against its deadline. Pure: no database, no clock.

Timeliness and workflow status are two axes: the day the head sent the finally
accepted result counts, not the day it was confirmed, so that slow confirmation punishes nobody.
"""

import datetime as dt

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from portal.lib.dates import Calendar, local_day
from tasks.states import COUNTED_ASSIGNMENT, DONE_ASSIGNMENT

DUE_SOON_DAYS = 7
"""An open assignment is due soon in its last seven days."""

REMIND_DAYS_BEFORE = (15, 7, 3, 1, 0)
REMIND_DAYS_AFTER = (1, 7, 15, 30)
ESCALATE_DAYS_AFTER = (7, 15, 30)
"""Days after the deadline on which the programme officer hears too, from the second on the commander."""

REPORT_DAYS_BEFORE = (7, 3, 1)
REPORT_DAYS_AFTER = (1, 3, 7)
"""Days around its due day on which a report that was not sent is asked for."""

UNCONFIRMED_DAYS = (5, 10, 20)
"""Days after the head sent a result on which the officer is asked to confirm it. None of them is a day of
escalation: both speak of one assignment, perhaps from the same day on."""

UNDECIDED_DAYS = (2, 5, 10)
"""Days after more time was asked for on which whoever decides is asked again."""

VACANT_DAYS = (1, 7, 15, 30, 60, 90)
"""Days without a holder on which administrator and officer hear of a post."""

FIGURE_DAYS = 5
"""A figure entered more than so many days after the day that it is for is late."""

FIGURE_CYCLE_DAYS = {"monthly": 31, "quarterly": 92, "semiannual": 184, "annual": 366}
"""After so many days without a new figure a cycle was missed; what is entered once misses none."""


EXTENSION_NOTICE_DAYS = 3
"""Working days before the binding day by which more time is asked for; a programme may say another."""

LIGHT_YELLOW_GAP, LIGHT_RED_GAP = 15, 30
"""By so many points what was achieved lags behind its time where a light is yellow, or red."""

LIGHT_STALE_DAYS = 31
"""After so many days without news of the work its light says that it rests on old figures."""


class Timeliness(TextChoices):
    NOT_DUE = "not_due", _("in time")
    DUE_SOON = "due_soon", _("due soon")
    OVERDUE = "overdue", _("overdue")
    COMPLETED_ON_TIME = "completed_on_time", _("completed on time")
    COMPLETED_LATE = "completed_late", _("completed late")
    NO_DEADLINE = "no_deadline", _("recurring, by period")


class AskedWhen(TextChoices):
    """When more time was asked for, seen from the day that bound then."""

    IN_TIME = "in_time", _("asked in time")
    LATE = "late", _("asked late")
    OVERDUE = "overdue", _("asked after the deadline")


def asked_when(asked_on: dt.date, due_on: dt.date, *, calendar: Calendar, notice_days: int) -> AskedWhen:
    """Return whether more time is asked for early enough: `notice_days` working days before `due_on`."""
    if asked_on > due_on:
        return AskedWhen.OVERDUE
    is_late = asked_on > calendar.working_days_before(due_on, notice_days)
    return AskedWhen.LATE if is_late else AskedWhen.IN_TIME


def timeliness(
    status: str, due_on: dt.date | None, submitted_on: dt.date | None, today: dt.date
) -> Timeliness:
    """Return where an assignment stands on the local day `today`.

    `due_on` is the day that binds (after extension and days off), None for recurring ones;
    `submitted_on` the local day the head sent the result.
    """
    if due_on is None or status not in COUNTED_ASSIGNMENT:
        return Timeliness.NO_DEADLINE
    if status in DONE_ASSIGNMENT:
        on_time = submitted_on is None or submitted_on <= due_on
        return Timeliness.COMPLETED_ON_TIME if on_time else Timeliness.COMPLETED_LATE
    if today > due_on:
        return Timeliness.OVERDUE
    if (due_on - today).days <= DUE_SOON_DAYS:
        return Timeliness.DUE_SOON
    return Timeliness.NOT_DUE


def report_timeliness(
    is_sent: bool,
    sent_on: tuple[dt.date | None, dt.date | None],
    due_on: dt.date,
    own_due_on: dt.date | None,
    today: dt.date,
) -> Timeliness:
    """Return where a periodic report stands on the local day `today`.

    `sent_on` are the days it was first and last sent. Sent on time is what came first by the period's
    due day and, where it was returned, came again by the day that was set then (`own_due_on`): a
    return neither excuses a late report nor makes one that came in time late.
    """
    binding = own_due_on or due_on
    if is_sent:
        first, last = sent_on
        came_late = bool(first and first > due_on)
        is_late = came_late or bool(own_due_on and last and last > own_due_on)
        return Timeliness.COMPLETED_LATE if is_late else Timeliness.COMPLETED_ON_TIME
    if today > binding:
        return Timeliness.OVERDUE
    return Timeliness.DUE_SOON if (binding - today).days <= DUE_SOON_DAYS else Timeliness.NOT_DUE


def figure_is_late(on: dt.date, entered_at: dt.datetime) -> bool:
    """Whether a figure for a day came too long after it."""
    return (local_day(entered_at) - on).days > FIGURE_DAYS


def figures_are_old(newest_on: dt.date, cycle: str, today: dt.date) -> bool:
    """Whether a whole cycle went by since the day of the newest figure."""
    allowed = FIGURE_CYCLE_DAYS.get(cycle)
    return allowed is not None and (today - newest_on).days > allowed
