"""What a report says: its assignments line by line, last period's beside them, and what it still lacks.

A report is written about every assignment that the agency leads or coordinates and that was not done
before the period began. Once it is submitted its lines are what it says, whatever happens later.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from portal.lib.dates import local_day
from tasks import indicators
from tasks.models import Assignment, ProductDocument, Report, ReportingPeriod, ReportLine
from tasks.states import DONE_ASSIGNMENT, EDITABLE_REPORT, SENT_REPORT, AssignmentStatus

SECTIONS = ("summary", "shortcomings", "plans", "proposals")
"""Fields of the sections I, III, IV and V; section II is made of the lines."""

REQUIRED = ("shortcomings", "plans")
_UNSPOKEN = frozenset({AssignmentStatus.DRAFT, AssignmentStatus.RETURNED, AssignmentStatus.CANCELLED})


@dataclass(frozen=True)
class LineDraft:
    """What was typed about one assignment. `actual` None keeps the figure in place."""

    actual: Decimal | None = None
    text: str = ""
    nothing: bool = False


@dataclass(frozen=True)
class Draft:
    """A whole report as it was typed; `lines` by the assignment's key."""

    sections: Mapping[str, str]
    lines: Mapping[int, LineDraft] = field(default_factory=dict)
    rest_is_nothing: bool = False


@dataclass(frozen=True)
class Item:
    """One assignment in a report: its line if one was saved, and that of the period before."""

    assignment: Assignment
    is_led: bool
    line: ReportLine | None
    before: ReportLine | None
    said: str  # what its lead has reported on it during the period
    follows: bool = False  # its figure is the total of figures that were entered, while this is written
    products: Sequence[ProductDocument] = ()  # that its lead named, of this period

    @property
    def actual(self) -> Decimal | None:
        """The figure in place: as saved here, else as it stands now, which last period's report fed."""
        if not self.is_led:
            return None
        return self.assignment.actual if self.line is None or self.follows else self.line.actual

    @property
    def text(self) -> str:
        return self.said if self.line is None else self.line.text

    @property
    def nothing(self) -> bool:
        return self.line is not None and self.line.nothing_to_report

    @property
    def is_answered(self) -> bool:
        return self.nothing or bool(self.text.strip())

    @property
    def fell(self) -> bool:
        """Whether the running total is smaller than last period's: often a slip."""
        last = self.before.actual if self.before else None
        return last is not None and self.actual is not None and self.actual < last


def previous(report: Report) -> Report | None:
    """Return the agency's sent report whose data end last before this one's, the shorter one first."""
    period = report.period
    earlier = Q(period__data_to__lt=period.data_to) | Q(
        period__data_to=period.data_to, period__data_from__gt=period.data_from
    )
    sent = Report.objects.filter(
        earlier, agency=report.agency_id, period__programme=period.programme_id, state__in=SENT_REPORT
    )
    return sent.select_related("period").order_by("-period__data_to", "-period__data_from").first()


def items(report: Report, before: Report | None = None) -> list[Item]:
    """Return what the report speaks of, led ones first. Four queries."""
    lines = {line.assignment_id: line for line in report.lines.all()}
    wanted = _written_about(report, lines) if report.state in EDITABLE_REPORT else Q(pk__in=lines)
    rows = Assignment.objects.filter(wanted, programme=report.period.programme_id).select_related(
        "lead", "task"
    )
    rows = rows.annotate(follows=indicators.follows_figures())
    is_written = report.state in EDITABLE_REPORT
    named = _sent_products(report) if report.is_sent else _named(report)
    last = {line.assignment_id: line for line in before.lines.all()} if before else {}
    found = [
        Item(
            assignment=row,
            is_led=row.lead_id == report.agency_id,
            line=lines.get(row.pk),
            before=last.get(row.pk),
            said=_said(row, report),
            follows=is_written and row.follows,  # type: ignore[attr-defined]  # an annotation
            products=named.get(row.pk, ()),
        )
        for row in rows.order_by("task__number", "code")
    ]
    return sorted(found, key=lambda item: not item.is_led)


def products(period: ReportingPeriod, of: Q) -> dict[int, list[ProductDocument]]:
    """Return the documents that leads named and that were issued in a period, by assignment. One query."""
    rows = ProductDocument.objects.filter(
        of,
        assignment__programme=period.programme_id,
        issued_on__range=(period.data_from, period.data_to),
    )
    found: dict[int, list[ProductDocument]] = {}
    for row in rows:
        found.setdefault(row.assignment_id, []).append(row)
    return found


def _named(report: Report) -> dict[int, list[ProductDocument]]:
    return products(report.period, Q(assignment__lead=report.agency_id))


def _sent_products(report: Report) -> dict[int, list[ProductDocument]]:
    """Those that were named when it was last sent, whatever became of them. One query."""
    sent = report.steps.exclude(content=None).first()
    lines = sent.content["lines"] if sent and sent.content else []
    return {
        line["assignment"]: [
            ProductDocument(**one | {"issued_on": dt.date.fromisoformat(one["issued_on"])})
            for one in line.get("products", ())  # older ones say nothing of them
        ]
        for line in lines
    }


def _written_about(report: Report, lines: Iterable[int]) -> Q:
    """Condition on an assignment; what has a line keeps it, whoever leads it now."""
    agency, begins = report.agency_id, report.period.data_from
    ours = Q(lead=agency) | Q(pk__in=_coordinated(agency))
    done_before = Q(status__in=DONE_ASSIGNMENT, submitted_on__lt=begins)
    return (ours & ~Q(status__in=_UNSPOKEN) & ~done_before) | Q(pk__in=list(lines))


def _coordinated(agency_id: int) -> QuerySet[Any, Any]:
    return Assignment.objects.filter(coordinations__agency=agency_id).values("pk")


def _said(row: Assignment, report: Report) -> str:
    """The lead's own words on it, if they are of this period: nothing is typed twice."""
    if row.lead_id != report.agency_id or row.changed_at is None:
        return ""
    return row.result_text if local_day(row.changed_at) >= report.period.data_from else ""


def write(report: Report, draft: Draft) -> None:
    """Store what was typed, lines in one statement; only within the action that saves."""
    rows = []
    for item in items(report):
        typed = draft.lines.get(item.assignment.pk)
        if typed is None:
            continue
        actual = item.actual if typed.actual is None else typed.actual
        rows.append(
            ReportLine(
                report=report,
                assignment=item.assignment,
                is_led=item.is_led,
                actual=actual if item.is_led else None,
                text=typed.text.strip(),
                nothing_to_report=typed.nothing,
            )
        )
    _store(rows)


def settle(report: Report) -> None:
    """Give every assignment its line, and an answer where the rest has nothing to report."""
    _store(
        [
            ReportLine(
                report=report,
                assignment=item.assignment,
                is_led=item.is_led,
                actual=item.actual,
                text=item.text,
                nothing_to_report=item.nothing or not item.is_answered,
            )
            for item in items(report)
        ]
    )


def _store(rows: list[ReportLine]) -> None:
    ReportLine.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["report", "assignment"],
        update_fields=["is_led", "actual", "text", "nothing_to_report"],
    )


def missing(report: Report) -> list[tuple[str, str]]:
    """Say what is to be written before it can be submitted: (name of the field, sentence)."""
    if report.rest_is_nothing:
        return []
    lacks = [
        (
            f"text_{item.assignment.pk}",
            _("%(code)s: say what was done, or that there is nothing to report")
            % {"code": item.assignment.code},
        )
        for item in items(report)
        if not item.is_answered
    ]
    words = _("%(section)s: write them, or “none”")
    return lacks + [
        (name, words % {"section": Report._meta.get_field(name).verbose_name})  # type: ignore[union-attr]
        for name in REQUIRED
        if not getattr(report, name).strip()
    ]


def frozen(report: Report, lines: Iterable[ReportLine]) -> dict[str, Any]:
    """Return what the report says, to be kept with the step that sends it."""
    named = _named(report)
    return {
        **{name: getattr(report, name) for name in SECTIONS},
        "lines": [
            {
                "assignment": line.assignment_id,
                "actual": None if line.actual is None else str(line.actual),
                "text": line.text,
                "nothing": line.nothing_to_report,
                "products": [
                    {"number": row.number, "issued_on": row.issued_on.isoformat(), "subject": row.subject}
                    for row in named.get(line.assignment_id, ())
                ],
            }
            for line in lines
        ],
    }
