"""A recurring assignment has one occurrence for each period of its cycle, told from the reports."""

import datetime as dt
import itertools
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from portal.lib.dates import Calendar
from tasks import occurrences, reports
from tasks.deadlines import Timeliness
from tasks.models import Assignment, Cycle, Report, ReportingPeriod, ReportLine
from tasks.occurrences import OccurrenceState
from tasks.periods import preset
from tasks.states import AssignmentStatus, ReportState
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks.reporting import figure, first_quarter, submit
from tests.tasks.reporting import of as report_of

S = OccurrenceState
Kind = ReportingPeriod.Kind
YEAR = 2026
DAYS = st.dates(dt.date(2026, 1, 1), dt.date(2027, 2, 1))
CYCLES = st.sampled_from([cycle for cycle in Cycle if cycle != Cycle.ONCE])
KINDS = st.sampled_from([kinds for n in range(6) for kinds in itertools.combinations(Kind, n)])


def periods(kinds) -> list[ReportingPeriod]:
    found = preset(YEAR, kinds=sorted(kinds), calendar=Calendar(frozenset(), frozenset()))
    return [ReportingPeriod(pk=n, **vars(period)) for n, period in enumerate(found, 1)]


def duty(cycle, status=AssignmentStatus.IN_PROGRESS, **fields) -> Assignment:
    said = {"cycle": cycle, "status": status, "deadline_on": dt.date(YEAR, 12, 14), **fields}
    return Assignment(pk=1, lead_id=1, **said)


def report(period, state=ReportState.DRAFT, sent_on=None, last_on=None, own=None) -> Report:
    first, last = (at_nine(day) if day else None for day in (sent_on, last_on or sent_on))
    return Report(
        pk=period.pk,
        period=period,
        agency_id=1,
        state=state,
        first_submitted_at=first,
        submitted_at=last,
        own_due_on=own,
    )


def at_nine(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(9), timezone.get_default_timezone())


def of(row, found, given_reports, today):
    lines = [ReportLine(report=one, assignment=row, is_led=True) for one in given_reports if one.is_sent]
    return occurrences.of(row, found, reports=given_reports, lines=lines, today=today)


# --- Pure ---------------------------------------------------------------------------------------------
@given(cycle=CYCLES, kinds=KINDS, today=DAYS, twice=st.booleans())
def test_as_many_as_periods_and_none_twice(cycle, kinds, today, twice):
    """Of its own kind if the programme has such periods, else of the next longer kind that it has."""
    found = periods(kinds)
    wanted = dict(occurrences.KINDS)
    order = [kinds for cycle_, kinds in occurrences.KINDS][list(wanted).index(cycle) :]
    own = next((k for k in order if any(row.kind in k for row in found)), frozenset())
    told = of(duty(cycle), found * (2 if twice else 1), [report(row) for row in found], today)
    keys = [one.period.pk for one in told]
    assert sorted(keys) == sorted(row.pk for row in found if row.kind in own)
    assert len(keys) == len(set(keys))
    assert [one.due_on for one in told] == sorted(one.due_on for one in told)


@given(
    cycle=CYCLES,
    early=st.integers(0, 30),
    looked_at=DAYS,
    returned=st.booleans(),
    accepted=st.booleans(),
    early_again=st.integers(0, 5),
)
def test_what_came_in_time_never_becomes_late(cycle, early, looked_at, returned, accepted, early_again):
    """Neither by looking later, nor by accepting, nor by a return that was answered by its day."""
    state = ReportState.ACCEPTED if accepted else ReportState.SUBMITTED
    given_reports = []
    found = periods(Kind)
    for period in found:
        own = period.due_on + dt.timedelta(days=10) if returned else None
        last = own - dt.timedelta(days=early_again) if own else None
        sent_on = period.due_on - dt.timedelta(days=early)
        given_reports.append(report(period, state, sent_on, last, own))
    told = of(duty(cycle), found, given_reports, looked_at)
    assert told
    assert {one.standing for one in told} == {Timeliness.COMPLETED_ON_TIME}
    assert {one.state for one in told} == {S.ACCEPTED if accepted else S.REPORTED}


@given(cycle=CYCLES, late=st.integers(1, 40), looked_at=DAYS)
def test_what_came_late_stays_late(cycle, late, looked_at):
    found = periods(Kind)
    sent = [report(p, ReportState.ACCEPTED, p.due_on + dt.timedelta(days=late)) for p in found]
    assert {one.standing for one in of(duty(cycle), found, sent, looked_at)} == {Timeliness.COMPLETED_LATE}


@given(cycle=CYCLES, today=DAYS)
def test_what_was_not_sent_is_overdue_from_the_day_after(cycle, today):
    found = periods(Kind)
    for one in of(duty(cycle), found, [report(row) for row in found], today):
        assert one.state == (S.OVERDUE if today > one.due_on else S.DUE)
        assert (one.standing == Timeliness.OVERDUE) is (one.state == S.OVERDUE)


def test_once_has_no_occurrences():
    assert occurrences.of(duty(Cycle.ONCE), periods(Kind), reports=[], lines=[], today=TODAY) == []


def test_half_years_are_told_with_june_and_with_the_year():
    codes = [row.code for row in occurrences.due_periods(duty(Cycle.SEMIANNUAL), periods(Kind))]
    assert codes == ["2026-H1", "2026-Y"]


def test_only_periods_between_its_days():
    row = duty(Cycle.QUARTERLY, start_on=dt.date(2026, 4, 1))
    row.deadline_on = dt.date(2026, 8, 31)
    codes = [one.code for one in occurrences.due_periods(row, periods(Kind))]
    assert codes == ["2026-Q2", "2026-Q3"]


@pytest.mark.parametrize("status", ["suspended", "cancelled", "draft"])
def test_what_rests_owes_nothing_and_keeps_what_came(status):
    found = periods({Kind.QUARTERLY})
    sent = [report(found[0], ReportState.ACCEPTED, found[0].due_on), *map(report, found[1:])]
    told = of(duty(Cycle.QUARTERLY, status), found, sent, dt.date(2027, 1, 31))
    assert [one.state for one in told] == [S.ACCEPTED, S.NOT_OWED, S.NOT_OWED, S.NOT_OWED]


def test_a_returned_report_is_owed_by_its_own_day():
    (first, *_rest) = found = periods({Kind.QUARTERLY})
    own = first.due_on + dt.timedelta(days=5)
    back = report(first, ReportState.RETURNED, first.due_on, own=own)
    assert of(duty(Cycle.QUARTERLY), found, [back], own)[0].state == S.DUE
    assert of(duty(Cycle.QUARTERLY), found, [back], own + dt.timedelta(days=1))[0].state == S.OVERDUE


def test_a_report_sent_before_it_was_this_agencys_owes_nothing():
    (first, *_rest) = found = periods({Kind.QUARTERLY})
    sent = report(first, ReportState.ACCEPTED, first.due_on)
    told = occurrences.of(duty(Cycle.QUARTERLY), found, reports=[sent], lines=[], today=TODAY)
    assert told[0].state == S.NOT_OWED


# --- With the reports themselves ----------------------------------------------------------------------
@pytest.fixture
def quarterly(programme, department) -> Assignment:
    """1.01 as a quarterly duty of the department, and the first quarter."""
    Assignment.objects.filter(code="1.01").update(
        cycle=Cycle.QUARTERLY, due_on=None, deadline_on=dt.date(2026, 12, 14), status="in_progress"
    )
    first_quarter(programme)
    factories.ReportingPeriodFactory(
        programme=programme,
        code="2026-Q2",
        data_from=dt.date(2026, 3, 15),
        data_to=dt.date(2026, 6, 14),
        due_on=dt.date(2026, 6, 16),
    )
    return programme.assignments.get(code="1.01")


def page(login, user, row) -> str:
    html = login(user).get(reverse("assignments:detail", args=[row.pk])).content.decode()
    return html.split('id="occurrences"')[1].split("</section>")[0] if 'id="occurrences"' in html else ""


@pytest.mark.django_db
@pytest.mark.usefixtures("now")
def test_the_page_tells_what_was_reported_and_when(quarterly, head, officer, login):
    submit(report_of("SXD"), head, lines={"1.01": figure("3", "Đã rà soát 3 khu đất.")})
    for user in (head, officer):
        shown = page(login, user, quarterly)
        assert "Đã rà soát 3 khu đất." in shown
        assert "1/2" in shown
        assert "đã báo cáo, chờ tiếp nhận" in shown.lower()
    reports.accept(report_of("SXD"), by=officer, at=NOW + dt.timedelta(days=20))
    shown = page(login, officer, quarterly)
    assert "hoàn thành đúng hạn" in shown.lower()


@pytest.mark.django_db
@pytest.mark.usefixtures("now")
def test_the_lead_and_the_command_see_them_and_no_draft(quarterly, cast, login):
    line = ReportLine(report=report_of("SXD"), assignment=quarterly, is_led=True, text="chưa gửi đi")
    line.actual = Decimal(2)
    line.save()
    shown = {name: page(login, user, quarterly) for name, user in vars(cast).items()}
    assert {name for name, html in shown.items() if html} == {
        *("officer", "commander", "clerk", "head", "deputy", "focal_point")
    }
    assert not [name for name, html in shown.items() if "chưa gửi đi" in html]


@pytest.mark.django_db
@pytest.mark.usefixtures("now")
def test_occurrences_take_three_queries(quarterly, programme, focal_point, login, django_assert_num_queries):
    url = reverse("assignments:detail", args=[quarterly.pk])
    client = login(focal_point)
    client.get(url)
    with django_assert_num_queries(26):
        client.get(url)
