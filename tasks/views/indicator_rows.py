"""One indicator as lists and pages read it."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.text import capfirst

from tasks import indicators
from tasks.deadlines import Timeliness
from tasks.indicators import Reading, Standing
from tasks.models import Assignment, Indicator

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

    @property
    def tone(self) -> str:
        return TONES[self.reading.standing].value

    @property
    def word(self) -> str:
        return str(capfirst(self.reading.standing.label))


def row_of(assignment: Assignment, today: dt.date) -> Row:
    """Read one assignment that was read with its measure. No query."""
    measure = indicators.in_hand(assignment)
    newest_on = getattr(assignment, "newest_on", None)  # an annotation of the list
    return Row(assignment, measure, indicators.read(assignment, measure, today), newest_on)
