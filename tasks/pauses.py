"""Work that the commander suspends, and lets go on: meanwhile nothing is owed, and the clock stands.

The signed deadline stays. When the work goes on, the binding day moves by the days it stood, as an
extension moves it; beyond the programme's last day it is carried over instead.
"""

import datetime as dt

from django.utils.translation import gettext as _

from portal.calendar.models import load_calendar
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError
from portal.users.models import User
from tasks import assignments, due_days, pause_access, reminders
from tasks.models import Assignment, Cycle
from tasks.states import AssignmentStatus

_S = AssignmentStatus


@action
def suspend(assignment: Assignment, *, by: User, at: dt.datetime, reason: str, version: str = "") -> None:
    """Let the work stand: no reminder is sent and nothing becomes overdue until it goes on."""
    assignments.begin(assignment, pause_access.may_suspend(by, assignment), version)
    assignments.step(
        assignment,
        _S.SUSPENDED,
        "assignment.suspended",
        by=by,
        at=at,
        tell=reminders.SUSPENDED,
        reason=reasons.given(reason),
    )


@action
def resume(assignment: Assignment, *, by: User, at: dt.datetime, reason: str, version: str = "") -> None:
    """Let the work go on; its day moves by as many days as it stood, and the lead hears of it."""
    assignments.begin(assignment, pause_access.may_suspend(by, assignment), version)
    if assignment.status != _S.SUSPENDED:  # elsewhere in the table in_progress is another step
        raise RuleError(_("The assignment is not suspended."))
    day = _moved(assignment, local_day(at))
    assignments.step(
        assignment,
        _S.IN_PROGRESS,
        "assignment.resumed",
        by=by,
        at=at,
        reason=reasons.given(reason),
        facts={"adjusted_on": day} if day else {},
        adjusted_on=day or assignment.adjusted_on,
    )
    due_days.refresh(Assignment.objects.filter(pk=assignment.pk), calendar=load_calendar())
    assignment.refresh_from_db(fields=["due_on"])
    reminders.tell(reminders.RESUMED, assignment, by=by, at=at)


def _moved(assignment: Assignment, today: dt.date) -> dt.date | None:
    """Return the new day of a single assignment, at most the programme's last; None if it did not stand."""
    if assignment.cycle != Cycle.ONCE:
        return None
    since = assignment.log.filter(status=_S.SUSPENDED).order_by("-at").values_list("at", flat=True).first()
    stood = today - local_day(since) if since else dt.timedelta()
    last = dt.date(assignment.programme.year_to, 12, 31)
    return min(assignment.present_deadline_on + stood, last) if stood else None
