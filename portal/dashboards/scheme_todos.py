"""What a home says of schemes of several years: milestones to report, to confirm, to look at."""

import datetime as dt
from dataclasses import replace

from django.utils.translation import gettext as _

from portal.dashboards.todos import Entry, Todo
from portal.users.models import User
from tasks import access, milestones, scheme_access
from tasks.deadlines import DUE_SOON_DAYS, Timeliness
from tasks.models import Milestone
from tasks.states import MilestoneState

AHEAD = dt.timedelta(days=30)
"""From so long before its day a milestone stands on the list of its lead."""


def rows(user: User, today: dt.date, *, ahead: dt.timedelta = AHEAD) -> list[Todo]:
    """Return what waits of milestones due within `ahead`; one query, none for who has no part in any.

    What a duty of the year carries is reported with that duty; once it is confirmed the milestone is.
    """
    if not scheme_access.may_see(user):
        return []
    found = milestones.waiting(scheme_access.visible_milestones(user), until=today + ahead)
    keeps = user.role in access.RUNS
    return [todo for row in found if (todo := _of(row, user, today, keeps=keeps)) is not None]


def _of(row: Milestone, user: User, today: dt.date, *, keeps: bool) -> Todo | None:
    if row.state == MilestoneState.REPORTED:
        what, button = _("Confirm the milestone: %(title)s"), _("Read and confirm")
        return _about(row, what, button) if keeps else None
    leads = user.agency_id == row.scheme.lead_id and user.role in access.WORKS
    if not leads or row.is_reminded:
        return None
    is_near = (row.due_on - today).days <= DUE_SOON_DAYS
    state = Timeliness.DUE_SOON if is_near else Timeliness.NOT_DUE
    if row.due_on < today:
        state = Timeliness.OVERDUE
    if row.note:
        todo = _about(
            row, _("Mend the report of a milestone that was sent back: %(title)s"), _("See why"), state
        )
        return replace(todo, is_first=True)
    return _about(row, _("Report the milestone: %(title)s"), _("Report"), state)


def _about(row: Milestone, what: str, button: str, state: str = "") -> Todo:
    return Todo(
        what=what % {"title": row.title},
        why=row.scheme.title,
        state=state,
        on=row.due_on,
        url=row.get_absolute_url(),
        button=button,
        icon="flag",
        entry=Entry(f"milestone-{row.pk}", _("Milestone of a scheme")),
    )
