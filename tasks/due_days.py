"""The day that binds an assignment: its deadline, moved to a working day. None for recurring ones."""

import datetime as dt

from portal.calendar.changes import Moved
from portal.lib.dates import Calendar
from tasks.models import Assignment, Cycle
from tasks.models.assignments import AssignmentQuerySet
from tasks.states import OPEN_ASSIGNMENT, ProgrammeState


def refresh(rows: AssignmentQuerySet, *, calendar: Calendar) -> int:
    """Recompute the binding day of all rows; return how many changed.

    The adjusted deadline, else the signed one, moved to a working day; None for recurring ones.
    Two queries, whatever the number of rows. No audit event: it follows from rows that have theirs.
    """
    return len(_move_due(rows, calendar))


def follow_calendar(calendar: Calendar) -> list[Moved]:
    """Move the binding days of open work to where the changed calendar puts them.

    What was reported complete keeps the day it was measured by.
    """
    running = Assignment.objects.filter(programme__state=ProgrammeState.IN_FORCE)
    return _move_due(running.filter(status__in=OPEN_ASSIGNMENT), calendar)


def _move_due(rows: AssignmentQuerySet, calendar: Calendar) -> list[Moved]:
    changed, moved = [], []
    for row in rows.select_related("programme"):
        due_on = _binding_day(row, calendar)
        if due_on != row.due_on:
            moved.append(Moved(f"{row.programme.year} · {row.code} {row.title_vi}", row.due_on, due_on))
            row.due_on = due_on
            changed.append(row)
    Assignment.objects.bulk_update(changed, ["due_on"], batch_size=500)
    return moved


def _binding_day(row: Assignment, calendar: Calendar) -> dt.date | None:
    if row.cycle != Cycle.ONCE:
        return None
    return calendar.next_working_day(row.present_deadline_on)
