"""The figures of a review: what stood on the period's last day, and on the same day a year before.

Everything is told as of that day: a result that was sent later was still open, and of the figures of an
indicator those count that are for a day up to it. So nothing that happens afterwards changes them; what
was corrected afterwards does, and shows as a difference to the frozen ones.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from portal.agencies.models import Agency
from portal.lib.dates import local_day
from portal.lib.text import fold
from tasks import indicators, parties
from tasks.deadlines import Timeliness, timeliness
from tasks.models import ApprovedReview, Assignment, Direction, Figure, Programme, Progress, ReportingPeriod
from tasks.models.ratings import WHOLE
from tasks.states import COUNTED_ASSIGNMENT, DONE_ASSIGNMENT, UNREPORTED_ASSIGNMENT, AssignmentStatus

COUNTS = {
    "on_time": (Timeliness.COMPLETED_ON_TIME,),
    "late": (Timeliness.COMPLETED_LATE,),
    "open": (Timeliness.NOT_DUE, Timeliness.DUE_SOON),
    "overdue": (Timeliness.OVERDUE,),
    "recurring": (Timeliness.NO_DEADLINE,),
}


@dataclass(frozen=True)
class Duty:
    """One assignment as it stood on the day; `actual` and `percent` are None while nothing was reported."""

    row: Assignment
    standing: Timeliness
    actual: Decimal | None
    percent: Decimal | None

    @property
    def is_reached(self) -> bool:
        return self.percent is not None and self.percent >= WHOLE

    @property
    def is_done(self) -> bool:
        return self.standing in {Timeliness.COMPLETED_ON_TIME, Timeliness.COMPLETED_LATE}


# --- As of a day --------------------------------------------------------------------------------------
def duties(programme: Programme, on: dt.date) -> list[Duty]:
    """Return the assignments that counted on a day, by code. Three queries."""
    rows = list(
        programme.assignments.filter(status__in=COUNTED_ASSIGNMENT)
        .select_related("task", "lead", "measure", "programme")
        .order_by("task__number", "code")
    )
    figures: dict[int, list[Figure]] = defaultdict(list)
    for figure in Figure.objects.filter(indicator__assignment__in=rows).select_related("indicator"):
        figures[figure.indicator.assignment_id].append(figure)
    logged = _logged(rows, on)
    return [_duty(row, on, figures[row.pk], logged.get(row.pk)) for row in rows]


def _logged(rows: Iterable[Assignment], on: dt.date) -> dict[int, Progress]:
    """Return the last entry of each log up to the end of a day."""
    entries = Progress.objects.filter(assignment__in=list(rows)).order_by("at", "pk")
    return {entry.assignment_id: entry for entry in entries if local_day(entry.at) <= on}


def _duty(row: Assignment, on: dt.date, figures: list[Figure], entry: Progress | None) -> Duty:
    status = row.status
    if status in DONE_ASSIGNMENT and row.submitted_on is not None and row.submitted_on > on:
        status = AssignmentStatus.IN_PROGRESS  # as it was then
    measure = indicators.in_hand(row)
    corrected = {figure.corrects_id for figure in figures if figure.corrects_id}
    counting = [one for one in indicators.entries(figures, corrected) if one.on <= on]
    actual = indicators.total(counting, measure.aggregation)
    if actual is None and entry is not None and entry.status not in UNREPORTED_ASSIGNMENT:
        actual = entry.actual
    percent = (
        None
        if actual is None
        else indicators.achieved(actual, row.target, measure.baseline, measure.direction)
    )
    return Duty(row, timeliness(status, row.due_on, row.submitted_on, on), actual, percent)


def tally(rows: Iterable[Duty]) -> dict[str, int]:
    """Count assignments by how they stood; `total` are those with a deadline."""
    standings = [duty.standing for duty in rows]
    counts = {name: sum(one in states for one in standings) for name, states in COUNTS.items()}
    return {"total": len(standings) - counts["recurring"], **counts}


def rate(counts: Mapping[str, int] | None) -> Decimal | None:
    """Return the percentage completed of what has a deadline; None where nothing has, or nothing is known."""
    if not counts or not counts["total"]:
        return None
    return round(Decimal(100 * (counts["on_time"] + counts["late"])) / counts["total"], 1)


def leads(counts: Mapping[str, int] | None) -> bool:
    """Whether anything was counted: an agency that leads nothing has no row."""
    return counts is not None and bool(counts["total"] or counts["recurring"])


# --- Both years, as JSON ---------------------------------------------------------------------------
def year_ago(period: ReportingPeriod) -> ReportingPeriod | None:
    """Return the period of the same kind of the programme of the year before."""
    rows = ReportingPeriod.objects.filter(kind=period.kind, programme__year=period.programme.year - 1)
    return rows.filter(data_to__month=period.data_to.month).select_related("programme__host").first()


def figures(period: ReportingPeriod, rows: Iterable[Duty]) -> dict[str, Any]:
    """Return the figures that are frozen, the year before beside them: from its approved review, or read."""
    known = list(rows)
    earlier = year_ago(period)
    before = _before(earlier) if earlier else {}
    by_task: dict[int, list[Duty]] = defaultdict(list)
    by_lead: dict[str, list[Duty]] = defaultdict(list)
    for duty in known:
        by_task[duty.row.task.number].append(duty)
        by_lead[duty.row.lead.code].append(duty)
    titles = {task.number: task.title_vi for task in period.programme.priority_tasks.all()}
    agencies = {agency.code: agency for agency in parties.agencies(period.programme)}
    agencies |= {duty.row.lead.code: duty.row.lead for duty in known}  # one that has ended since
    in_order = sorted(agencies.values(), key=lambda agency: (agency.protocol_order, agency.code))
    return {
        "until": period.data_to.isoformat(),
        "year": period.programme.year,
        "before": _told(earlier) if earlier else None,
        "total": {"now": tally(known), "before": before.get("total")},
        "tasks": [
            {
                "number": number,
                "title": title,
                "now": tally(by_task[number]),
                "before": before.get("tasks", {}).get(number),
            }
            for number, title in sorted(titles.items())
        ],
        "agencies": [_agency(agency, by_lead[agency.code], before) for agency in in_order],
        "targets": [_target(duty, before) for duty in known],
    }


def _agency(agency: Agency, rows: list[Duty], before: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "code": agency.code,
        "name": agency.name_vi,
        "now": tally(rows),
        "before": before.get("agencies", {}).get(agency.code),
    }


def _target(duty: Duty, before: Mapping[str, Any]) -> dict[str, Any]:
    row = duty.row
    return {
        "id": row.pk,
        "code": row.code,
        "task": row.task.number,
        "title": row.title_vi,
        "lead": row.lead.name_vi,
        "indicator": row.indicator_vi,
        "unit": row.unit_vi,
        "is_lower_better": indicators.in_hand(row).direction == Direction.LOWER,
        "plan": str(row.target),
        "done": _text(duty.actual),
        "percent": _text(duty.percent),
        "before": before.get("targets", {}).get(same(row.code, row.indicator_vi, row.unit_vi)),
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(value)


def same(code: str, indicator: str, unit: str) -> tuple[str, str, str]:
    """Return what makes the targets of two years comparable."""
    return code, fold(indicator), fold(unit)


def _told(earlier: ReportingPeriod) -> dict[str, Any]:
    frozen = ApprovedReview.objects.filter(period=earlier).exists()
    return {"year": earlier.programme.year, "until": earlier.data_to.isoformat(), "is_frozen": frozen}


def _before(earlier: ReportingPeriod) -> dict[str, Any]:
    """Return last year's figures by task, agency and target: the approved ones where there are any."""
    approved = ApprovedReview.objects.filter(period=earlier).first()
    if approved is not None:
        told = approved.content["figures"]
        targets = {same(row["code"], row["indicator"], row["unit"]): row["done"] for row in told["targets"]}
        return {
            "total": told["total"]["now"],
            "tasks": {row["number"]: row["now"] for row in told["tasks"]},
            "agencies": {row["code"]: row["now"] for row in told["agencies"]},
            "targets": targets,
        }
    rows = duties(earlier.programme, earlier.data_to)
    tasks = {duty.row.task.number for duty in rows}
    leads = {duty.row.lead.code for duty in rows}
    return {
        "total": tally(rows),
        "tasks": {number: tally(d for d in rows if d.row.task.number == number) for number in tasks},
        "agencies": {code: tally(d for d in rows if d.row.lead.code == code) for code in leads},
        "targets": {same(d.row.code, d.row.indicator_vi, d.row.unit_vi): _text(d.actual) for d in rows},
    }


# --- What has changed since --------------------------------------------------------------------------
@dataclass(frozen=True)
class Change:
    """One figure that reads otherwise now than when it was frozen."""

    kind: str  # "target", "task" or "agency"
    label: str
    was: str
    now: str
    id: int = 0  # of an assignment


def changes(frozen: Mapping[str, Any], now: Mapping[str, Any]) -> list[Change]:
    """Return what differs between the frozen figures and the same figures read now, targets first."""
    found = []
    current = {row["id"]: row for row in now["targets"]}
    for row in frozen["targets"]:
        other = current.get(row["id"])
        was, says = _of_target(row), _of_target(other) if other else ""
        if was != says:
            found.append(Change("target", f"{row['code']}. {row['title']}", was, says, row["id"]))
    for kind, key in (("tasks", "number"), ("agencies", "code")):
        tallies = {row[key]: row["now"] for row in now[kind]}
        for row in frozen[kind]:
            if row["now"] != tallies.get(row[key]):
                label = f"{row['number']}. {row['title']}" if kind == "tasks" else row["name"]
                found.append(Change(kind, label, _of_tally(row["now"]), _of_tally(tallies.get(row[key]))))
    return found


def _of_target(row: Mapping[str, Any]) -> str:
    return f"{row['done'] or '–'}/{row['plan']} {row['unit']}"


def _of_tally(counts: Mapping[str, int] | None) -> str:
    return " – ".join(str(counts[name]) for name in ("on_time", "late", "open", "overdue")) if counts else ""
