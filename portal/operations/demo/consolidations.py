"""Consolidated reports for the demonstration: those of earlier periods frozen, that of the newest a draft.

Where two periods were due on the same last day the quarter has its draft, and the other waits to be made.
"""

import datetime as dt

from portal.lib.dates import local_day, start_of_day
from portal.operations.demo.people import Cast
from tasks import consolidations
from tasks.models import Consolidation, Programme, ReportingPeriod
from tasks.states import SENT_REPORT, ProgrammeState

AFTER = dt.timedelta(days=6, hours=9)
"""From the due day on: by then what came late has come."""

REASON = "Cơ quan chưa gửi đã được đôn đốc; số liệu bổ sung vào kỳ sau."
OWN = (
    "Nhìn chung, các cơ quan, đơn vị đã chủ động phối hợp; chế độ thông tin, báo cáo có chuyển biến rõ rệt "
    "so với kỳ trước."
)


def write(programme: Programme, cast: Cast, *, until: dt.datetime) -> None:
    """Consolidate the periods of a programme that are over at the moment `until`."""
    today = local_day(until)
    over = list(programme.periods.filter(due_on__lt=today).select_related("programme__host"))
    runs = programme.state == ProgrammeState.IN_FORCE
    if not over:
        return
    newest = over[-1].due_on
    earlier = [period for period in over if period.due_on < newest]
    for number, period in enumerate(earlier if runs else [over[0], over[-1]], 1):
        _freeze(period, cast, number=f"{40 + 9 * number}", until=until)
    if runs:
        last = [period for period in over if period.due_on == newest]
        quarters = [period for period in last if period.kind == ReportingPeriod.Kind.QUARTERLY]
        _draft((quarters or last)[0], cast, at=until)


def _draft(period: ReportingPeriod, cast: Cast, *, at: dt.datetime) -> Consolidation:
    row = consolidations.draft(period, by=cast.officer, at=at)
    part = consolidations.Part(consolidations.Section.SUMMARY)
    consolidations.add(row, by=cast.officer, at=at, part=part, text=OWN)
    return row


def _freeze(period: ReportingPeriod, cast: Cast, *, number: str, until: dt.datetime) -> None:
    at = min(start_of_day(period.due_on) + AFTER, until)
    row = _draft(period, cast, at=at)
    silent = period.reports.exclude(state__in=SENT_REPORT).exists()
    consolidations.freeze(row, by=cast.commander, at=at, reason=REASON if silent else "")
    consolidations.give_number(row, by=cast.clerk, at=at, number=number, issued_on=local_day(at))
