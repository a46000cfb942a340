"""Shells of periodic reports: nobody creates a report, it is there for every party and period."""

import datetime as dt
from collections.abc import Mapping

from tasks import parties
from tasks.models import Programme, Report, ReportingPeriod
from tasks.states import ProgrammeState


def make(programme: Programme) -> int:
    """Add the reports that a programme's periods and parties lack; return how many.

    Safe to repeat and side by side: each is there once. No audit event: it follows from rows that have
    theirs.
    """
    since = parties.since(programme)
    until = dict(parties.agencies(programme).values_list("pk", "valid_to"))
    periods = ReportingPeriod.objects.filter(programme=programme).values_list("pk", "data_to")
    have = set(Report.objects.filter(period__programme=programme).values_list("period_id", "agency_id"))
    wanted = [
        (period, agency)
        for agency in sorted(until)
        for period, data_to in periods
        if _owes(agency, data_to, since, until)
    ]
    rows = [Report(period_id=p, agency_id=a) for p, a in wanted if (p, a) not in have]
    Report.objects.bulk_create(rows, ignore_conflicts=True)
    return len(rows)


def _owes(
    agency: int, data_to: dt.date, since: Mapping[int, dt.date], until: Mapping[int, dt.date | None]
) -> bool:
    """Whether the agency was a party when the data of a period were cut off."""
    ended_on = until[agency]
    begins = agency not in since or data_to >= since[agency]
    return begins and (ended_on is None or data_to <= ended_on)


def make_all() -> int:
    """Add what is lacking in every programme in force: a period or a party may have come later."""
    running = Programme.objects.filter(state=ProgrammeState.IN_FORCE)
    return sum(make(programme) for programme in running)
