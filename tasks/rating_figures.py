"""What the portal itself can tell of an agency in a rating: how many of how many, with the rows behind it.

A figure is kept over counted. Cancelled duties never count, suspended and carried-over ones as the round
says, and what has not fallen due counts for nobody. Where nothing counts, nothing can be told.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.urls import reverse
from django.utils import translation

from tasks import indicators
from tasks.deadlines import Timeliness
from tasks.models import Assignment, RatingCriterion, RatingGrade, RatingRound, Report
from tasks.models.ratings import WHOLE
from tasks.states import DONE_ASSIGNMENT, UNREPORTED_ASSIGNMENT, AssignmentStatus

Measure = RatingCriterion.Measure
PLACES = Decimal("0.01")
NEVER_COUNTED = frozenset({AssignmentStatus.DRAFT, AssignmentStatus.RETURNED, AssignmentStatus.CANCELLED})
FIGURES = (Measure.ON_TIME, Measure.TARGETS, Measure.REPORTS)


@dataclass(frozen=True)
class Row:
    """A duty or a report that counts."""

    kind: str  # "assignment" or "report"
    id: int
    code: str
    title: str
    is_kept: bool

    @property
    def url(self) -> str:
        return reverse(f"{self.kind}s:detail", args=[self.id])


@dataclass(frozen=True)
class Share:
    """How many of how many."""

    rows: Sequence[Row] = ()

    @property
    def counted(self) -> int:
        return len(self.rows)

    @property
    def kept(self) -> int:
        return sum(row.is_kept for row in self.rows)

    def points(self, weight: int) -> Decimal | None:
        """Return that share of the weight; None when nothing counts."""
        if not self.rows:
            return None
        return rounded(Decimal(weight * self.kept) / self.counted)

    def stored(self) -> dict[str, Any]:
        """Return it as RatingPoint.computed keeps it."""
        return {"kept": self.kept, "counted": self.counted, "rows": [vars(row) for row in self.rows]}


def restored(stored: Mapping[str, Any]) -> Share:
    """Return what stored() kept."""
    return Share([Row(**row) for row in stored["rows"]])


def rounded(value: Decimal) -> Decimal:
    return value.quantize(PLACES, rounding=ROUND_HALF_UP)


# --- Reading ----------------------------------------------------------------------------------------
Shares = Mapping[int, Mapping[str, Share]]
"""By agency, then by measure."""


def read(round_: RatingRound, agencies: Iterable[int], *, today: dt.date) -> Shares:
    """Read the figures of these agencies as they are on a day. Two queries for all of them."""
    wanted = list(agencies)
    duties: dict[int, list[Assignment]] = defaultdict(list)
    led = Assignment.objects.filter(programme=round_.programme_id, lead__in=wanted)
    for row in led.select_related("measure", "programme").order_by("code"):
        duties[row.lead_id].append(row)
    sent: dict[int, list[Report]] = defaultdict(list)
    rows = Report.objects.filter(period__programme=round_.programme_id, agency__in=wanted)
    for report in rows.select_related("period").order_by("period__due_on", "period__code"):
        sent[report.agency_id].append(report)
    until = min(round_.counts_until, today)
    return {
        agency: {
            Measure.ON_TIME: on_time(round_, duties[agency], until),
            Measure.TARGETS: targets(round_, duties[agency], until),
            Measure.REPORTS: reports(sent[agency], until),
        }
        for agency in wanted
    }


def _is_counted(round_: RatingRound, row: Assignment) -> bool:
    if row.status in NEVER_COUNTED:
        return False
    if row.status == AssignmentStatus.SUSPENDED:
        return not round_.leaves_out_suspended
    if row.status == AssignmentStatus.CARRIED_OVER:
        return not round_.leaves_out_carried_over
    return True


def on_time(round_: RatingRound, duties: Iterable[Assignment], until: dt.date) -> Share:
    """Count single duties that fell due or are done; kept are those sent by the day that binds."""
    found = []
    for row in duties:
        if row.due_on is None or not _is_counted(round_, row):
            continue
        is_done = row.status in DONE_ASSIGNMENT
        if is_done or row.due_on <= until:
            on_day = is_done and row.submitted_on is not None and row.submitted_on <= row.due_on
            found.append(_duty(row, is_kept=on_day))
    return Share(found)


def targets(round_: RatingRound, duties: Iterable[Assignment], until: dt.date) -> Share:
    """Count duties that fell due or are done, recurring ones too; kept are those that reached the target."""
    found = []
    for row in duties:
        is_due = (row.due_on or row.present_deadline_on) <= until
        if _is_counted(round_, row) and (is_due or row.status in DONE_ASSIGNMENT):
            found.append(_duty(row, is_kept=_is_reached(row)))
    return Share(found)


def _is_reached(row: Assignment) -> bool:
    if row.status in UNREPORTED_ASSIGNMENT:
        return False
    measure = indicators.in_hand(row)
    return indicators.achieved(row.actual, row.target, measure.baseline, measure.direction) >= WHOLE


def reports(rows: Iterable[Report], until: dt.date) -> Share:
    """Count reports that fell due; kept are those that came in time, returned ones by their new day too."""
    kept = Timeliness.COMPLETED_ON_TIME
    with translation.override("vi"):  # what a period is called
        return Share(
            [
                Row("report", row.pk, row.period.code, row.period.title, row.standing(until) == kept)
                for row in rows
                if row.period.due_on <= until
            ]
        )


def _duty(row: Assignment, *, is_kept: bool) -> Row:
    return Row("assignment", row.pk, row.code, row.title_vi, is_kept)


# --- Putting together --------------------------------------------------------------------------------
def total(points: Iterable[tuple[int, Decimal | None]]) -> Decimal | None:
    """Return the points of a hundred: the sum of (weight, points) over those that can be told.

    What cannot be told is left out with its weight; where that is nothing of the hundred, the total is the
    plain sum. None when nothing can be told.
    """
    told = [(weight, given) for weight, given in points if given is not None]
    whole = sum(weight for weight, _given in told)
    if not whole:
        return None
    return rounded(sum((given for _weight, given in told), Decimal(0)) * WHOLE / whole)


def grade_of(points: Decimal | None, grades: Iterable[RatingGrade]) -> RatingGrade | None:
    """Return the best grade that these points reach."""
    if points is None:
        return None
    reached = [grade for grade in grades if points >= grade.from_points]
    return min(reached, key=lambda grade: grade.place, default=None)
