"""What an assignment's page shows of its occurrences, period by period."""

import datetime as dt
from dataclasses import dataclass

from portal.users.models import User
from tasks import access, occurrence_access, occurrences
from tasks.models import Assignment, Cycle
from tasks.occurrences import Occurrence, OccurrenceState

_S = OccurrenceState


@dataclass(frozen=True)
class OccurrencePanel:
    """The occurrences that the reader sees; `is_shown` also while the programme has no periods."""

    is_shown: bool
    rows: list[Occurrence]

    @property
    def reported(self) -> int:
        return sum(row.state in {_S.REPORTED, _S.ACCEPTED} for row in self.rows)

    @property
    def owed(self) -> int:
        return sum(row.state != _S.NOT_OWED for row in self.rows)


def occurrence_panel(user: User, assignment: Assignment, today: dt.date) -> OccurrencePanel:
    """Put the panel together: three queries for a recurring assignment, none for another."""
    is_shown = assignment.cycle != Cycle.ONCE and occurrence_access.may_see_occurrences(user, assignment)
    if not is_shown:
        return OccurrencePanel(False, [])
    rows = occurrences.of(
        assignment,
        access.visible_periods(user).filter(programme=assignment.programme_id),
        reports=occurrence_access.own_reports(user, assignment),
        lines=occurrence_access.visible_lines(user, assignment),
        today=today,
    )
    return OccurrencePanel(True, rows)
