"""Reporting periods by the Decree 09 preset."""

import datetime as dt
import itertools

import pytest
from django.core.exceptions import PermissionDenied

from portal.audit.models import Event
from portal.lib.dates import Calendar
from portal.lib.errors import RuleError
from tasks import periods
from tasks.models import Programme, ReportingPeriod
from tests.factories import NOW

Kind = ReportingPeriod.Kind
D = dt.date


def test_periods_of_2023_are_those_of_the_decree():
    """Source: Decree 09/2019/NĐ-CP, art. 12."""
    rows = periods.preset(2023, calendar=Calendar())
    assert {row.code: (row.data_from, row.data_to) for row in rows} == {
        "2023-Q1": (D(2022, 12, 15), D(2023, 3, 14)),
        "2023-Q2": (D(2023, 3, 15), D(2023, 6, 14)),
        "2023-H1": (D(2022, 12, 15), D(2023, 6, 14)),
        "2023-Q3": (D(2023, 6, 15), D(2023, 9, 14)),
        "2023-9M": (D(2022, 12, 15), D(2023, 9, 14)),
        "2023-Q4": (D(2023, 9, 15), D(2023, 12, 14)),
        "2023-Y": (D(2022, 12, 15), D(2023, 12, 14)),
    }


def test_months_join_without_gap():
    rows = periods.preset(2026, kinds=[Kind.MONTHLY], calendar=Calendar())
    assert len(rows) == 12
    for before, after in itertools.pairwise(rows):
        assert after.data_from == before.data_to + dt.timedelta(days=1)


def test_due_in_working_days():
    """14 March 2026 is a Saturday; the two working days after it are Monday and Tuesday."""
    (q1, *_) = periods.preset(2026, kinds=[Kind.QUARTERLY], calendar=Calendar())
    assert q1.due_on == D(2026, 3, 17)
    off = Calendar(holidays=frozenset({D(2026, 3, 16)}))
    (q1, *_) = periods.preset(2026, kinds=[Kind.QUARTERLY], calendar=off)
    assert q1.due_on == D(2026, 3, 18)


def test_generating_twice_keeps_what_was_edited(programme, officer):
    assert periods.generate(programme, by=officer, at=NOW) == 7
    programme.periods.filter(code="2026-Q1").update(due_on=D(2026, 3, 20))
    assert periods.generate(programme, by=officer, at=NOW) == 0
    assert programme.periods.get(code="2026-Q1").due_on == D(2026, 3, 20)
    assert Event.objects.count() == 1


def test_who_generates(programme, cast):
    for name in ("clerk", "head", "focal_point", "viewer", "stranger"):
        with pytest.raises(PermissionDenied):
            periods.generate(programme, by=getattr(cast, name), at=NOW)


def test_the_administrator_generates_too(programme, admin):
    assert periods.generate(programme, by=admin, at=NOW) > 0


@pytest.mark.parametrize("state", ["closed", "terminated"])
def test_ended_programme_gets_no_more_periods(programme, officer, state):
    Programme.objects.update(state=state)
    programme.refresh_from_db()
    with pytest.raises(RuleError):
        periods.generate(programme, by=officer, at=NOW)
