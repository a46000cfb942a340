"""Everybody at once: 46 focal points write and submit, 46 heads send. Nothing is lost, nothing doubled."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from portal.agencies.models import Agency
from portal.audit.models import Event
from portal.audit.verification import verify
from portal.lib.errors import RuleError, StaleError
from portal.notices.models import Notice
from portal.users.models import Role, User
from tasks import reports
from tasks.models import Programme, Progress, Report, ReportStep
from tasks.states import ReportState
from tests import factories, scale
from tests.factories import NOW, person
from tests.tasks import reporting
from tests.tasks.reporting import draft, figure, of

AGENCIES = scale.of(ci=16, full=46)
SAVES = scale.of(ci=4, full=12)
CONNECTIONS = 16


@pytest.fixture
def crowd(programme: Programme) -> list[Agency]:
    """Parties, each with a focal point, a head and one assignment that it leads."""
    task = programme.priority_tasks.get(number=1)
    agencies = []
    for n in range(AGENCIES):
        agency = factories.AgencyFactory(code=f"S{n}")
        factories.SignatoryFactory(programme=programme, agency=agency, order=10 + n)
        person(f"s{n}.daumoi", Role.FOCAL_POINT, agency)
        person(f"s{n}.head", Role.AGENCY_HEAD, agency)
        factories.AssignmentFactory(task=task, code=f"5.{n:02}", lead=agency, target=100)
        agencies.append(agency)
    reporting.first_quarter(programme)
    return agencies


def all_at_once(work: Callable[[Agency], str], agencies: list[Agency]) -> list[str]:
    """Do the work for every agency in as many connections as a portal has."""
    start = threading.Barrier(CONNECTIONS)

    def first() -> None:
        start.wait()
        connection.close()

    def run(agency: Agency) -> str:
        try:
            return work(agency)
        finally:
            connection.close()

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        list(pool.map(lambda _n: first(), range(CONNECTIONS)))
        return list(pool.map(run, agencies))


def who(agency: Agency, post: str) -> User:
    return User.objects.get(username=f"{agency.code.lower()}.{post}")


def write_and_submit(agency: Agency) -> str:
    """Save some times, as the page does; another page of the same report is too late each time."""
    by, report = who(agency, "daumoi"), of(agency.code)
    code = f"5.{int(agency.code[1:]):02}"
    for n in range(1, SAVES + 1):
        seen = reports.version_of(report)
        late = of(agency.code)
        typed = draft(report, {code: figure(str(n), f"{agency.code} lần {n}.")}, summary=f"Lần {n}.")
        reports.save(report, by=by, at=NOW, draft=typed, version=seen)
        with pytest.raises(StaleError):
            reports.save(late, by=by, at=NOW, draft=draft(late, summary="Trang cũ."), version=seen)
    reports.submit(report, by=by, at=NOW, draft=typed, version=reports.version_of(report))
    return report.state


def approve(agency: Agency) -> str:
    """Two browsers of the head press the button; the second is told that it was done."""
    by = who(agency, "head")
    reports.approve(of(agency.code), by=by, at=NOW)
    with pytest.raises(RuleError):
        reports.approve(of(agency.code), by=by, at=NOW)
    return of(agency.code).state


@pytest.mark.soak
@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_all_write_submit_and_send_at_once(crowd, officer, evidence):
    assert all_at_once(write_and_submit, crowd) == [ReportState.AWAITING_HEAD] * AGENCIES
    assert all_at_once(approve, crowd) == [ReportState.SUBMITTED] * AGENCIES

    rows = Report.objects.filter(agency__in=crowd)
    assert set(rows.values_list("summary", flat=True)) == {f"Lần {SAVES}."}, (
        "the newest words, of no old page"
    )
    progress = Progress.objects.filter(status="in_progress", assignment__lead__in=crowd)
    said = {entry.assignment.lead.code: (entry.actual, entry.text) for entry in progress}
    assert progress.count() == AGENCIES, "one entry each"
    assert said == {agency.code: (SAVES, f"{agency.code} lần {SAVES}.") for agency in crowd}
    assert ReportStep.objects.filter(state=ReportState.SUBMITTED).count() == AGENCIES
    assert Event.objects.filter(verb="report.submitted").count() == AGENCIES
    assert Notice.objects.filter(kind="report.submitted", recipient=officer).count() == AGENCIES
    assert verify().ok
    evidence("reports-at-once", agencies=AGENCIES, saves=AGENCIES * SAVES, lost=0, doubled=0)


# --- One report, several at it --------------------------------------------------------------------------
def at_once(*work: Callable[[], None]) -> None:
    start = threading.Barrier(len(work))

    def run(one: Callable[[], None]) -> None:
        try:
            start.wait()
            one()
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(one,)) for one in work]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_pages_of_one_report_one_saves(programme, focal_point):
    reporting.first_quarter(programme)
    outcomes = []

    def save(n: int) -> None:
        row = of("SXD")
        try:
            typed = draft(row, {"1.01": figure(str(n), f"Lần {n}.")}, summary=f"Lần {n}.")
            reports.save(row, by=focal_point, at=NOW, draft=typed, version="0")
            outcomes.append(f"Lần {n}.")
        except StaleError:
            outcomes.append("stale")

    at_once(*(lambda n=n: save(n) for n in range(6)))
    assert sorted(outcomes, key=lambda one: one == "stale")[1:] == ["stale"] * 5
    stored = of("SXD")
    assert stored.summary == stored.lines.get(assignment__code="1.01").text, "of one page, whole"
    assert stored.summary in outcomes


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_sent_twice_at_once_it_is_sent_once(programme, focal_point, head):
    reporting.first_quarter(programme)
    reporting.submit(of("SXD"), focal_point)
    outcomes = []

    def approve() -> None:
        try:
            reports.approve(of("SXD"), by=head, at=NOW)
            outcomes.append("sent")
        except RuleError:
            outcomes.append("refused")

    at_once(*[approve] * 4)
    assert sorted(outcomes) == ["refused"] * 3 + ["sent"]
    assert ReportStep.objects.filter(state=ReportState.SUBMITTED).count() == 1
    assert Progress.objects.filter(text="Đã phối hợp.").count() == 1
    assert verify().ok
