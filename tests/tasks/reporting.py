"""What tests of periodic reports share: the first quarter of the small programme, and how it is written."""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from tasks import report_contents, reports, shells
from tasks.models import Programme, Report
from tasks.report_contents import Draft, LineDraft
from tests import factories
from tests.factories import NOW

MINUTE = dt.timedelta(minutes=1)
DUE_ON = dt.date(2026, 3, 16)
TEXTS = {
    "summary": "Tình hình ổn định.",
    "shortcomings": "Một số huyện gửi số liệu chậm.",
    "plans": "Tiếp tục rà soát các huyện còn lại.",
    "proposals": "",
}


def first_quarter(programme: Programme) -> None:
    """Make the period that is due on Monday 16 March, and the reports of its three parties."""
    factories.ReportingPeriodFactory(programme=programme, code="2026-Q1")
    shells.make(programme)


def of(agency: str, code: str = "2026-Q1") -> Report:
    """Return the report of an agency, anew from the database."""
    rows = Report.objects.select_related("period__programme__host", "agency")
    return rows.get(agency__code=agency, period__code=code)


def draft(report: Report, lines: Mapping[str, LineDraft] | None = None, **changes: Any) -> Draft:
    """Return a whole draft; `lines` by the assignment's code, the others as they stand."""
    typed = {
        item.assignment.pk: (lines or {}).get(
            item.assignment.code, LineDraft(item.actual, item.text or "Đã phối hợp.", item.nothing)
        )
        for item in report_contents.items(report)
    }
    rest = changes.pop("rest_is_nothing", False)
    return Draft(TEXTS | changes, typed, rest)


def figure(actual: str, text: str = "Đã rà soát.") -> LineDraft:
    return LineDraft(Decimal(actual), text)


def submit(report: Report, by: Any, *, at: dt.datetime = NOW, **lines: Any) -> Report:
    """Write and submit a report; the head's own goes on to the command at once."""
    reports.submit(report, by=by, at=at, draft=draft(report, **lines))
    return of(report.agency.code, report.period.code)
