"""A recurring assignment is overdue while the report of a past period in which it was due is owed."""

import datetime as dt
import itertools

import pytest
from django.urls import reverse

from tasks import filters, lights, occurrences, standings
from tasks.deadlines import Timeliness
from tasks.models import Assignment, Cycle, Report, ReportingPeriod, ReportLine
from tasks.occurrences import OccurrenceState
from tasks.states import OPEN_ASSIGNMENT, AssignmentStatus
from tests import factories
from tests.factories import NOW
from tests.tasks.reporting import first_quarter

pytestmark = pytest.mark.django_db
LATE = dt.date(2026, 5, 1)
Kind = ReportingPeriod.Kind
PERIODS = {
    Kind.MONTHLY: ("2026-M03", dt.date(2026, 2, 15), dt.date(2026, 3, 14), dt.date(2026, 3, 17)),
    Kind.SEMIANNUAL: ("2026-H1", dt.date(2025, 12, 15), dt.date(2026, 6, 14), dt.date(2026, 6, 16)),
    Kind.ANNUAL: ("2026-Y", dt.date(2025, 12, 15), dt.date(2026, 12, 14), dt.date(2026, 12, 16)),
}


@pytest.fixture
def quarterly(programme) -> Assignment:
    """1.01 as a quarterly duty of the department, and the first quarter, due on 16 March."""
    Assignment.objects.filter(code="1.01").update(
        cycle=Cycle.QUARTERLY, due_on=None, deadline_on=dt.date(2026, 12, 14), status="in_progress"
    )
    first_quarter(programme)
    return programme.assignments.get(code="1.01")


def seen(row, user, today=LATE) -> Assignment:
    return filters.listed(user, today).get(pk=row.pk)


def of_lead(row) -> Report:
    return Report.objects.get(agency=row.lead_id)


def told_by_python(row, today) -> list[int]:
    """The reports of overdue occurrences, as the page of the assignment tells them."""
    lines = ReportLine.objects.filter(assignment=row, is_led=True).select_related("report__period")
    reports = Report.objects.filter(agency=row.lead_id).select_related("period")
    told = occurrences.of(row, ReportingPeriod.objects.all(), reports=reports, lines=lines, today=today)
    return [one.report.pk for one in told if one.state == OccurrenceState.OVERDUE]


# --- One rule -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("cycle", [cycle for cycle in Cycle if cycle != Cycle.ONCE])
@pytest.mark.parametrize("kinds", [k for n in range(3) for k in itertools.combinations(sorted(PERIODS), n)])
def test_sql_and_page_tell_the_same_whatever_the_periods(quarterly, programme, officer, cycle, kinds):
    """The quarter is there; others are added, so that each cycle hears of its own or the next longer."""
    for kind in kinds:
        code, first, last, due_on = PERIODS[kind]
        period = factories.ReportingPeriodFactory(
            programme=programme, code=code, kind=kind, data_from=first, data_to=last, due_on=due_on
        )
        factories.ReportFactory(period=period, agency=quarterly.lead)
    Assignment.objects.filter(pk=quarterly.pk).update(cycle=cycle)
    row = Assignment.objects.get(pk=quarterly.pk)
    for today in (dt.date(2026, 3, 16), LATE, dt.date(2026, 7, 1), dt.date(2027, 1, 5)):
        wanted = told_by_python(row, today)
        found = seen(row, officer, today)
        assert found.missed == (wanted[0] if wanted else None), (cycle, kinds, today)
        assert found.standing == (Timeliness.OVERDUE if wanted else Timeliness.NO_DEADLINE)


@pytest.mark.parametrize("status", AssignmentStatus.values)
def test_only_what_is_owed_is_overdue(quarterly, officer, status):
    Assignment.objects.filter(pk=quarterly.pk).update(status=status, submitted_on=LATE)
    found = seen(quarterly, officer)
    is_overdue = found.standing == Timeliness.OVERDUE
    assert is_overdue == (status in OPEN_ASSIGNMENT)
    if status in OPEN_ASSIGNMENT:
        assert told_by_python(found, LATE)


@pytest.mark.parametrize(
    ("changes", "is_overdue"),
    [
        ({}, True),
        ({"start_on": dt.date(2026, 3, 20)}, False),
        ({"start_on": dt.date(2026, 3, 14)}, True),
        ({"deadline_on": dt.date(2025, 12, 14)}, False),
        ({"deadline_on": dt.date(2025, 12, 14), "adjusted_on": dt.date(2026, 1, 31)}, True),
        ({"cycle": Cycle.ONCE}, False),
    ],
)
def test_only_within_its_days(quarterly, officer, changes, is_overdue):
    Assignment.objects.filter(pk=quarterly.pk).update(**changes)
    row = Assignment.objects.get(pk=quarterly.pk)
    assert bool(told_by_python(row, LATE)) == is_overdue
    assert (seen(row, officer).missed is not None) == is_overdue


@pytest.mark.parametrize("state", ["submitted", "accepted"])
def test_what_was_sent_is_owed_no_more(quarterly, officer, state):
    Report.objects.filter(agency=quarterly.lead_id).update(
        state=state, submitted_at=NOW, first_submitted_at=NOW, accepted_at=NOW
    )
    assert seen(quarterly, officer).missed is None


def test_what_a_former_lead_reported_counts(quarterly, officer, front):
    """Its line stands in the other agency's report, which was sent."""
    other = Report.objects.get(agency=front)
    Report.objects.filter(pk=other.pk).update(state="accepted", submitted_at=NOW, accepted_at=NOW)
    ReportLine.objects.create(report=other, assignment=quarterly, is_led=True, text="Đã rà soát.")
    assert seen(quarterly, officer).missed is None
    assert told_by_python(quarterly, LATE) == []


def test_a_returned_report_is_owed_by_its_own_day(quarterly, officer):
    own = dt.date(2026, 5, 1)
    Report.objects.filter(agency=quarterly.lead_id).update(
        state="returned", own_due_on=own, submitted_at=NOW, first_submitted_at=NOW
    )
    assert seen(quarterly, officer, own).missed is None
    assert seen(quarterly, officer, own + dt.timedelta(days=1)).missed == of_lead(quarterly).pk


def test_a_day_that_was_signed_stays_what_decides(assignment, officer):
    for day, standing in ((dt.date(2026, 1, 1), "not_due"), (dt.date(2026, 12, 31), "overdue")):
        assert seen(assignment, officer, day).standing == standing


# --- Who reads of it ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("who", "standing"),
    [
        *((name, "overdue") for name in ("officer", "commander", "clerk", "head", "deputy", "focal_point")),
        *((name, "no_deadline") for name in ("front_head", "viewer", "admin")),
    ],
)
def test_who_does_not_see_the_reports_reads_nothing_of_it(quarterly, cast, who, standing):
    assert seen(quarterly, getattr(cast, who)).standing == standing


# --- Where it shows --------------------------------------------------------------------------------------
def test_the_light_is_red_and_says_which_period(quarterly, officer):
    rows = lights.with_lights(filters.listed(officer, LATE).filter(pk=quarterly.pk), officer, LATE)
    (row,) = lights.lit(list(rows), LATE)
    assert row.light.colour == "red"
    assert "quý I/2026" in row.light.reason
    assert "16/03/2026" in row.light.reason


def test_list_page_and_figures_count_it(quarterly, officer, focal_point, login, monkeypatch):
    Report.objects.filter(agency=quarterly.lead_id).update(own_due_on=None)
    ReportingPeriod.objects.update(due_on=dt.date(2026, 1, 2), data_to=dt.date(2026, 1, 1))
    client = login(officer)
    overdue = client.get(
        reverse("assignments:list"), {"standing": "overdue", "year": "2026"}
    ).content.decode()
    assert quarterly.title in overdue
    assert "chưa báo cáo: quý I/2026" in overdue
    page = client.get(quarterly.get_absolute_url()).content.decode()
    assert "chưa báo cáo: quý I/2026, hạn 02/01/2026" in page
    home = client.get(reverse("home")).content.decode()
    assert quarterly.code in home
    assert "chưa báo cáo: quý I/2026" in login(focal_point).get(quarterly.get_absolute_url()).content.decode()


def test_which_period_takes_one_query_whatever_the_number(quarterly, officer, django_assert_num_queries):
    rows = list(filters.listed(officer, LATE))
    with django_assert_num_queries(1):
        standings.name_missed(rows)
    with django_assert_num_queries(0):
        standings.name_missed(row for row in rows if row.missed is None)
