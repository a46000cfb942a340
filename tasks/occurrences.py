"""Occurrences of a recurring assignment: one for each reporting period, told from the periods and reports.

Nothing is stored: a period says when it is due, the lead's report whether and when that came, its line what
was said. tasks.standings says in SQL which are overdue. Pure: rows are given, nothing is asked.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from tasks.deadlines import Timeliness
from tasks.models import Assignment, Cycle, Report, ReportingPeriod, ReportLine
from tasks.states import DONE_ASSIGNMENT, OPEN_ASSIGNMENT, ReportState

_K = ReportingPeriod.Kind
KINDS: tuple[tuple[Cycle, frozenset[str]], ...] = (
    (Cycle.MONTHLY, frozenset({_K.MONTHLY})),
    (Cycle.QUARTERLY, frozenset({_K.QUARTERLY})),
    (Cycle.SEMIANNUAL, frozenset({_K.SEMIANNUAL, _K.ANNUAL})),  # the second half is told with the year
    (Cycle.ANNUAL, frozenset({_K.ANNUAL})),
)
"""Periods in which an assignment of a cycle is due, from the shortest cycle to the longest."""


class OccurrenceState(TextChoices):
    DUE = "due", _("to be reported")
    OVERDUE = "overdue", _("overdue")
    REPORTED = "reported", _("reported, waiting to be accepted")
    ACCEPTED = "accepted", _("accepted")
    NOT_OWED = "not_owed", _("nothing is owed")


@dataclass(frozen=True)
class Occurrence:
    """One period of an assignment. `line` is what was reported, of a report that was sent."""

    period: ReportingPeriod
    due_on: dt.date
    state: OccurrenceState
    standing: Timeliness | None
    report: Report | None
    line: ReportLine | None


def due_periods(assignment: Assignment, periods: Iterable[ReportingPeriod]) -> list[ReportingPeriod]:
    """Return the periods in which it is due, by due day, each once.

    A programme without periods as short as the cycle hears of it in the next longer ones that it has.
    """
    rows = list({period.pk: period for period in periods}.values())
    cycles = [cycle for cycle, _kinds in KINDS]
    if assignment.cycle not in cycles:
        return []
    for _cycle, kinds in KINDS[cycles.index(Cycle(assignment.cycle)) :]:
        if found := [row for row in rows if row.kind in kinds]:
            within = [row for row in found if _overlaps(assignment, row)]
            return sorted(within, key=lambda row: (row.due_on, row.code))
    return []


def _overlaps(assignment: Assignment, period: ReportingPeriod) -> bool:
    begins = assignment.start_on is None or assignment.start_on <= period.data_to
    return begins and assignment.present_deadline_on >= period.data_from


def of(
    assignment: Assignment,
    periods: Iterable[ReportingPeriod],
    *,
    reports: Iterable[Report],
    lines: Iterable[ReportLine],
    today: dt.date,
) -> list[Occurrence]:
    """Return the occurrences, by due day.

    `reports` are those of the agency that leads it now; `lines` what it or a former lead said of it.
    """
    own = {report.period_id: report for report in reports}
    said: dict[int, ReportLine] = {}
    for line in lines:
        held = said.get(line.report.period_id)
        if held is None or (line.report.is_sent and not held.report.is_sent):
            said[line.report.period_id] = line
    return [_one(assignment, period, own, said, today) for period in due_periods(assignment, periods)]


def _one(
    assignment: Assignment,
    period: ReportingPeriod,
    own: Mapping[int, Report],
    said: Mapping[int, ReportLine],
    today: dt.date,
) -> Occurrence:
    line, report = said.get(period.pk), own.get(period.pk)
    if line is not None and line.report.is_sent:
        report = line.report
    if report is not None and report.is_sent:
        if line is None:  # it was sent before the assignment was this agency's
            return Occurrence(period, report.due_on, OccurrenceState.NOT_OWED, None, report, None)
        is_accepted = report.state == ReportState.ACCEPTED
        state = OccurrenceState.ACCEPTED if is_accepted else OccurrenceState.REPORTED
        return Occurrence(period, report.due_on, state, report.standing(today), report, line)
    due_on = report.due_on if report else period.due_on
    is_past = today > due_on
    if not _is_owed(assignment, period) or (report is None and is_past):
        return Occurrence(period, due_on, OccurrenceState.NOT_OWED, None, report, None)
    standing = report.standing(today) if report else None
    state = OccurrenceState.OVERDUE if is_past else OccurrenceState.DUE
    return Occurrence(period, due_on, state, standing, report, None)


def _is_owed(assignment: Assignment, period: ReportingPeriod) -> bool:
    """Whether the lead still has to speak of it: as tasks.report_contents asks for a line."""
    if assignment.status in DONE_ASSIGNMENT:
        return assignment.submitted_on is not None and assignment.submitted_on >= period.data_from
    return assignment.status in OPEN_ASSIGNMENT
