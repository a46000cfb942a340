"""One indicator as lists and pages read it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.text import capfirst

from tasks import indicators
from tasks.deadlines import Timeliness, figures_are_old
from tasks.indicators import Reading, Standing
from tasks.models import Assignment, Indicator
from tasks.states import WORKING_ASSIGNMENT

TONES: Mapping[str, Timeliness] = {
    Standing.MET: Timeliness.COMPLETED_ON_TIME,
    Standing.ON_COURSE: Timeliness.NOT_DUE,
    Standing.BEHIND: Timeliness.DUE_SOON,
    Standing.UNKNOWN: Timeliness.NO_DEADLINE,
}
"""Icon and colour of a standing; its word stands beside them."""


@dataclass(frozen=True)
class Row:
    """One indicator of the list."""

    assignment: Assignment
    measure: Indicator
    reading: Reading
    newest_on: dt.date | None
    today: dt.date

    @property
    def tone(self) -> str:
        return TONES[self.reading.standing].value

    @property
    def age_days(self) -> int | None:
        """How old the newest figure is; None without one."""
        return None if self.newest_on is None else (self.today - self.newest_on).days

    @property
    def is_old(self) -> bool:
        """Whether a new figure is owed: the lead is at work, and a cycle went by."""
        if self.newest_on is None or self.assignment.status not in WORKING_ASSIGNMENT:
            return False
        return figures_are_old(self.newest_on, self.measure.cycle, self.today)

    @property
    def word(self) -> str:
        return str(capfirst(self.reading.standing.label))


def row_of(assignment: Assignment, today: dt.date) -> Row:
    """Read one assignment that was read with its measure. No query."""
    measure = indicators.in_hand(assignment)
    newest_on = getattr(assignment, "newest_on", None)  # an annotation of the list
    return Row(assignment, measure, indicators.read(assignment, measure, today), newest_on, today)
