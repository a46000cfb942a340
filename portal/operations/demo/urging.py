"""Urgings for the demonstration: that of the file, and of the running year some that were just made."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

from portal.lib.dates import local_day, start_of_day
from portal.operations.demo.people import Cast
from portal.operations.demo.scenes import Content
from tasks import urgings
from tasks.models import Programme, Report, Urging
from tasks.states import OPEN_ASSIGNMENT, SENT_REPORT, ProgrammeState
from tasks.urgings import Thing

MOST = 3
"""Of the overdue duties and of the silent reports."""

CALLED = "Cán bộ đầu mối hẹn trình thủ trưởng trong tuần; sẽ gọi lại nếu chưa gửi."


def write(programme: Programme, content: Content, cast: Cast, *, until: dt.datetime) -> None:
    """Write the urgings of a programme; `until` is the moment after which nothing has happened yet."""
    rows = list(_of_file(programme, content, cast, local_day(until)))
    if programme.state == ProgrammeState.IN_FORCE:
        rows += _fresh(programme, cast, until)
    Urging.objects.bulk_create(rows, ignore_conflicts=True)


def _of_file(programme: Programme, content: Content, cast: Cast, today: dt.date) -> Iterator[Urging]:
    rows = {row.code: row for row in programme.assignments.select_related("lead")}
    for told in content.get("urgings", []):
        on = dt.date.fromisoformat(told["sent_on"])
        row = rows.get(told["assignment"])
        if row is not None and on <= today:
            yield Urging(
                assignment=row,
                agency=row.lead,
                channel=told["channel"],
                level=told["level"],
                text=told["text_vi"].replace("2023", str(programme.year)),
                by=cast.officer,
                at=start_of_day(on) + dt.timedelta(hours=9),
                on=on,
            )


def _fresh(programme: Programme, cast: Cast, until: dt.datetime) -> Iterator[Urging]:
    """Yesterday the officer urged about some duties, and called about some reports."""
    at, today = until - dt.timedelta(days=1), local_day(until)
    late = programme.assignments.filter(due_on__lt=today, status__in=OPEN_ASSIGNMENT).select_related("lead")
    for row in late.order_by("due_on", "code")[:MOST]:
        words = urgings.wording(row, local_day(at))
        yield _urging(row, row.lead, at, cast, channel=Urging.Channel.PORTAL, text=words)
    silent = Report.objects.filter(period__programme=programme, period__due_on__lt=today, own_due_on=None)
    silent = silent.exclude(state__in=SENT_REPORT).select_related("agency", "period")
    for report in silent.order_by("period__due_on", "agency__protocol_order")[:MOST]:
        person = cast.focal_points[report.agency.code].get_full_name()
        call = {"channel": Urging.Channel.TELEPHONE, "person": person, "text": CALLED}
        yield _urging(report, report.agency, at, cast, **call)


def _urging(thing: Thing, agency: Any, at: dt.datetime, cast: Cast, **told: Any) -> Urging:
    about: dict[str, Any] = {"report": thing} if isinstance(thing, Report) else {"assignment": thing}
    first = Urging.Level.FIRST
    return Urging(**about, agency=agency, level=first, by=cast.officer, at=at, on=local_day(at), **told)
