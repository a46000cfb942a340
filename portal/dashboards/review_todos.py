"""What a home says of reviews: write one when its time has come, decide on one that was frozen."""

import datetime as dt
from dataclasses import replace

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from portal.dashboards.todos import Entry, Todo
from portal.users.models import Role, User
from tasks import access as tasks_access
from tasks import period_review_access as access
from tasks.deadlines import Timeliness
from tasks.models import ReportingPeriod
from tasks.models.periods import REVIEWED
from tasks.states import ProgrammeState, ReviewState

AHEAD, LONG_AGO = dt.timedelta(days=14), dt.timedelta(days=90)
"""A review is spoken of from so long before its day, and is given up so long after it."""


def rows(user: User, today: dt.date) -> list[Todo]:
    """Return what waits on the reader's desk; one query, none outside the command's two posts."""
    if user.role not in {Role.PROGRAMME_OFFICER, Role.COMMANDER}:
        return []
    periods = tasks_access.visible_periods(user).filter(
        kind__in=REVIEWED, programme__state__in=[ProgrammeState.IN_FORCE, ProgrammeState.CLOSED]
    )
    if user.role == Role.COMMANDER:
        waiting = periods.filter(review__state=ReviewState.PROPOSED).order_by("data_to")
        return [_decide(period) for period in waiting if access.may_decide(user, period)]
    near = periods.filter(data_to__lt=today, review_due_on__range=(today - LONG_AGO, today + AHEAD))
    owed = near.exclude(review__state__in=[ReviewState.PROPOSED, ReviewState.APPROVED])
    owed = owed.annotate(return_reason=F("review__return_reason"))
    return [_write(period, today) for period in owed.order_by("data_to") if access.may_prepare(user, period)]


def _named(period: ReportingPeriod) -> str:
    is_annual = period.kind == ReportingPeriod.Kind.ANNUAL
    return str(_("annual review report") if is_annual else _("interim review report"))


def _write(period: ReportingPeriod, today: dt.date) -> Todo:
    is_late = period.review_due_on is not None and period.review_due_on < today
    todo = Todo(
        what=_("Write the %(review)s of %(period)s") % {"review": _named(period), "period": period.title},
        why=_("The portal drafts it; the commander approves it."),
        on=period.review_due_on,
        state=Timeliness.OVERDUE if is_late else Timeliness.DUE_SOON,
        url=reverse("reviews:detail", args=[period.pk]),
        button=_("Open"),
        icon="journal-text",
        entry=_entry(period),
    )
    if not period.return_reason:
        return todo
    names = {"review": _named(period), "period": period.title}
    what = _("Mend the %(review)s of %(period)s that the commander gave back") % names
    return replace(todo, what=what, button=_("See why"), is_first=True)


def _decide(period: ReportingPeriod) -> Todo:
    return Todo(
        what=_("Approve the %(review)s of %(period)s") % {"review": _named(period), "period": period.title},
        why=_("Every party reads it from then on."),
        on=period.review_due_on,
        url=reverse("reviews:detail", args=[period.pk]),
        button=_("Read and decide"),
        icon="journal-text",
        entry=_entry(period),
    )


def _entry(period: ReportingPeriod) -> Entry:
    names = {"review": _named(period), "period": period.title}
    return Entry(f"review-{period.pk}", _("Day of the %(review)s of %(period)s") % names)
