"""Reporting periods by the Decree 09 preset: rows that are then edited like any other, and locked.

Source: Decree 09/2019/NĐ-CP, art. 12: data of a year run from 15 December of the year before to 14
December; a month from the 15th of the month before to its 14th; quarter, half and nine months
accordingly. The day a report is due is set by the body that asks for it.
"""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from portal.audit.events import record
from portal.calendar.models import load_calendar
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.dates import Calendar
from portal.lib.errors import RuleError
from portal.users.models import User
from tasks import access
from tasks.models import Programme, ReportingPeriod
from tasks.states import ENDED_PROGRAMME, ProgrammeState, ReportState

Kind = ReportingPeriod.Kind
USUAL_KINDS = (Kind.QUARTERLY, Kind.SEMIANNUAL, Kind.NINE_MONTH, Kind.ANNUAL)
DUE_WORKING_DAYS = 2
"""Working days between cut-off and due date, as usual where nothing else is agreed."""

CUT_OFF_DAY = 14
REVIEW_DAYS: Mapping[str, tuple[int, int]] = {Kind.SEMIANNUAL: (7, 10), Kind.ANNUAL: (12, 31)}
"""Month and day by which a review is offered to be approved: early July, and the last day of the year."""


@dataclass(frozen=True)
class Period:
    """A period before it is a row: local days, both ends included."""

    code: str
    kind: Kind
    data_from: dt.date
    data_to: dt.date
    due_on: dt.date
    review_due_on: dt.date | None = None


def preset(
    year: int,
    *,
    kinds: Iterable[Kind] = USUAL_KINDS,
    calendar: Calendar,
    due_working_days: int = DUE_WORKING_DAYS,
) -> list[Period]:
    """Return the periods of a year, by due date. Pure."""
    periods = []
    for kind in kinds:
        for code, first_month, last_month in _months(kind, year):
            data_to = dt.date(year, last_month, CUT_OFF_DAY)
            due_on = calendar.working_days_after(data_to, due_working_days)
            reviewed_on = review_day(kind, data_to)
            periods.append(Period(code, kind, _begins(year, first_month), data_to, due_on, reviewed_on))
    return sorted(periods, key=lambda period: (period.due_on, period.code))


def review_day(kind: str, data_to: dt.date) -> dt.date | None:
    """Return by which day a half-year or a year is reviewed if nobody chose another; None for other kinds."""
    return max(dt.date(data_to.year, *REVIEW_DAYS[kind]), data_to) if kind in REVIEW_DAYS else None


def _months(kind: Kind, year: int) -> list[tuple[str, int, int]]:
    """Return code, first month and last month of each period of a kind."""
    match kind:
        case Kind.MONTHLY:
            return [(f"{year}-M{month:02}", month, month) for month in range(1, 13)]
        case Kind.QUARTERLY:
            return [(f"{year}-Q{n}", 3 * n - 2, 3 * n) for n in range(1, 5)]
        case Kind.SEMIANNUAL:
            return [(f"{year}-H1", 1, 6)]
        case Kind.NINE_MONTH:
            return [(f"{year}-9M", 1, 9)]
        case _:
            return [(f"{year}-Y", 1, 12)]


def _begins(year: int, month: int) -> dt.date:
    """Return the 15th of the month before."""
    return dt.date(year - 1, 12, 15) if month == 1 else dt.date(year, month - 1, 15)


@action
def generate(
    programme: Programme,
    *,
    by: User,
    at: dt.datetime,
    kinds: Iterable[Kind] = USUAL_KINDS,
    due_working_days: int = DUE_WORKING_DAYS,
) -> int:
    """Make the preset's rows that the programme lacks; return how many. Edited rows stay as they are.

    Raises RuleError when the programme has ended.
    """
    if not access.may_edit_periods(by, programme):
        raise PermissionDenied
    locked = Programme.objects.select_for_update(of=("self",)).select_related("host")
    programme.refresh_from_db(from_queryset=locked)
    if programme.state in ENDED_PROGRAMME:
        raise RuleError(_("The programme has ended; its reporting periods stay as they are."))
    known = set(programme.periods.values_list("code", flat=True))
    periods = preset(programme.year, kinds=kinds, calendar=load_calendar(), due_working_days=due_working_days)
    rows = [
        ReportingPeriod(programme=programme, **vars(period)) for period in periods if period.code not in known
    ]
    ReportingPeriod.objects.bulk_create(rows)
    if rows:
        codes = [row.code for row in rows]
        record(
            "periods.generated",
            programme,
            by=by,
            at=at,
            agency_code=programme.host.code,
            payload={"codes": codes},
        )
    return len(rows)


@action
def lock(period: ReportingPeriod, *, by: User, at: dt.datetime, reason: str) -> None:
    """Lock a period: its reports stay as they are, but for the agency it is opened to (reports.reopen).

    Reports are locked with it, so that one that is just being sent comes first and is not cut off.
    """
    if not access.may_lock_period(by, period):
        raise PermissionDenied
    period.refresh_from_db(from_queryset=ReportingPeriod.objects.select_for_update(of=("self",)))
    if period.is_locked:
        raise RuleError(_("The period is locked already."))
    if period.programme.state != ProgrammeState.IN_FORCE:
        raise RuleError(_("The programme is not in force; its reports do not move."))
    reason = reasons.given(reason)
    states = list(period.reports.order_by("pk").select_for_update().values_list("state", flat=True))
    waiting = states.count(ReportState.SUBMITTED)
    if waiting:
        raise RuleError(
            _("Reports that wait to be accepted: %(count)s. Accept or return them first.")
            % {"count": waiting}
        )
    period.locked_at, period.locked_by, period.lock_reason = at, by, reason
    period.save(update_fields=["locked_at", "locked_by", "lock_reason"])
    programme = period.programme
    payload = {"period": period.code, "year": programme.year, "reason": period.lock_reason}
    record("period.locked", period, by=by, at=at, agency_code=programme.host.code, payload=payload)
