"""What a report says becomes the progress of the assignments that its agency leads: typed once.

It goes through tasks.assignments like any other progress, so each figure has its entry in the log and a
correction is a new entry. A report that comes late, or again, never puts an older figure over a newer
one.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from portal.users.models import User
from tasks import assignments, indicators
from tasks.models import Assignment, PaperEntry, Report, ReportLine
from tasks.states import SENT_REPORT, WORKING_ASSIGNMENT, AssignmentStatus

Said = tuple[Decimal | None, str]


def feed(
    report: Report,
    *,
    earlier: Mapping[str, Any] | None,
    by: User,
    at: dt.datetime,
    paper: PaperEntry | None = None,
) -> None:
    """Report progress by each led line that is news. `earlier` is what the report said when last sent.

    Within the action that sends it. Passed over is a line
    1. without anything to report, or of work that was handed in, suspended or ended;
    2. of which a report of a later period speaks already;
    3. that was sent before and either was not corrected, or whose assignment has heard newer since.
    """
    told = _told(earlier)
    later = _spoken_of_later(report)
    lines = report.lines.filter(is_led=True, nothing_to_report=False).exclude(assignment__in=later)
    for line in lines.select_related("assignment__programme").order_by("assignment__code"):
        row, before = line.assignment, told.get(line.assignment_id)
        if before and ((line.actual, line.text) == before or _said(row) != before):
            continue
        _report(row, line, by=by, at=at, paper=paper)


def _report(
    row: Assignment, line: ReportLine, *, by: User, at: dt.datetime, paper: PaperEntry | None
) -> None:
    """Who reports on an assignment has taken it on."""
    measure = indicators.measure_of(row)
    actual = row.actual if line.actual is None else line.actual
    actual = assignments.followed(row, actual)
    if row.status == AssignmentStatus.ASSIGNED:
        assignments.accept(row, by=by, at=at, paper=paper)
    if row.status in WORKING_ASSIGNMENT and _said(row) != (actual, line.text):
        is_news = actual != row.actual and row.target
        percent = indicators.percent_done(row, measure, actual) if is_news else row.progress_percent
        assignments.report_progress(
            row, by=by, at=at, actual=actual, percent=percent, text=line.text, paper=paper
        )


def _said(row: Assignment) -> Said:
    return row.actual, row.result_text


def _told(earlier: Mapping[str, Any] | None) -> dict[int, Said]:
    lines = earlier["lines"] if earlier else []
    return {
        line["assignment"]: (None if line["actual"] is None else Decimal(line["actual"]), line["text"])
        for line in lines
        if not line["nothing"]
    }


def _spoken_of_later(report: Report) -> list[int]:
    rows = ReportLine.objects.filter(
        report__agency=report.agency_id,
        report__state__in=SENT_REPORT,
        report__period__programme=report.period.programme_id,
        report__period__data_to__gt=report.period.data_to,
        nothing_to_report=False,
    )
    return list(rows.values_list("assignment_id", flat=True))
