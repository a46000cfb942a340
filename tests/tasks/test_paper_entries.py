"""Entering from paper on an agency's behalf: reports, acceptance, results; another person decides."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, transaction

from portal.audit.models import Event
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.notices.models import Notice
from portal.papers.reports import render_report
from tasks import assignments, paper_access, paper_results, periods, report_paper, reports
from tasks.deadlines import Timeliness
from tasks.models import Assignment, PaperEntry, Programme, Progress, Report
from tasks.reports import IncompleteError
from tasks.states import ENTERED_REPORT, ENTERED_RESULT, AssignmentStatus, ReportState
from tests.factories import NOW, TODAY
from tests.tasks import reporting
from tests.tasks.entering import AT, RECEIVED, TYPED, enter, paper, scan
from tests.tasks.extending import fresh
from tests.tasks.reporting import draft, figure, of

S, R = AssignmentStatus, ReportState
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
NOBODY_ELSE = ("commander", "admin", "front_head", "head", "deputy", "focal_point", "viewer", "stranger")


@pytest.fixture(autouse=True)
def folders(settings, tmp_path):
    settings.FILES_DIR, settings.INCOMING_DIR = tmp_path / "files", tmp_path / "incoming"
    settings.QUARANTINE_DIR = tmp_path / "quarantine"


@pytest.fixture
def report(programme: Programme) -> Report:
    reporting.first_quarter(programme)
    return of("SXD")


@pytest.fixture
def working(assignment: Assignment) -> Assignment:
    Assignment.objects.filter(pk=assignment.pk).update(status=S.IN_PROGRESS)
    return fresh(assignment)


def enter_result(row, by, *, at=AT, text="Đã xong cả 27 huyện.", **changes):
    paper_results.enter_result(row, by=by, at=at, paper=paper(**changes), scan=scan(), result_text=text)
    return fresh(row)


# --- A report -----------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", ["clerk", "officer"])
def test_a_report_is_entered_and_the_day_it_was_received_counts(report, cast, who):
    row = enter(report, getattr(cast, who))
    assert row.state == R.SUBMITTED
    assert local_day(row.first_submitted_at) == RECEIVED
    assert row.standing(TODAY) == Timeliness.COMPLETED_ON_TIME
    assert (row.summary, row.saved_by) == (reporting.TEXTS["summary"], getattr(cast, who))
    step = row.steps.get()
    assert (step.paper.number, step.paper.signer_name) == ("27/BC-SXD", "Lê Văn Giấy")
    assert step.content["summary"] == reporting.TEXTS["summary"]


def test_received_after_the_due_day_it_is_late(report, clerk):
    late = enter(report, clerk, received_on=dt.date(2026, 3, 18))
    assert late.standing(TODAY) == Timeliness.COMPLETED_LATE


@pytest.mark.parametrize("who", NOBODY_ELSE)
def test_nobody_else_enters_one(report, cast, who):
    with pytest.raises(PermissionDenied):
        enter(report, getattr(cast, who))
    assert not PaperEntry.objects.exists()


def test_the_hosts_own_report_is_written_in_the_portal(programme, clerk):
    reporting.first_quarter(programme)
    with pytest.raises(PermissionDenied):
        enter(of("BCHQS"), clerk)


@pytest.mark.parametrize("state", sorted(set(R) - {R.DRAFT, R.RETURNED}))
def test_what_was_submitted_in_the_portal_is_not_entered(report, clerk, state):
    Report.objects.filter(pk=report.pk).update(
        state=state, first_submitted_at=NOW, submitted_at=NOW, accepted_at=NOW
    )
    with pytest.raises(RuleError, match="đã trình báo cáo"):
        enter(of("SXD"), clerk)


def test_no_other_step_goes_the_way_of_a_paper(report, head):
    """Approving what nobody submitted stays refused, though an entry goes straight from a draft."""
    with pytest.raises(RuleError):
        reports.approve(report, by=head, at=NOW)
    assert set(ENTERED_REPORT) == {R.DRAFT, R.RETURNED}
    assert set(ENTERED_RESULT) == {S.ACCEPTED, S.IN_PROGRESS, S.REJECTED}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"received_on": dt.date(2026, 3, 21)}, "muộn hơn hôm nay"),
        ({"received_on": dt.date(2025, 12, 14), "issued_on": dt.date(2025, 12, 1)}, "sớm hơn ngày"),
        ({"issued_on": dt.date(2026, 3, 14)}, "sớm hơn ngày ban hành"),
    ],
)
def test_the_day_it_was_received_is_held_to_the_period_and_to_today(report, clerk, changes, words):
    with pytest.raises(RuleError, match=words):
        enter(report, clerk, **changes)
    assert (of("SXD").state, of("SXD").revision) == (R.DRAFT, 0)
    assert not PaperEntry.objects.exists()


def test_what_lacks_is_said_and_nothing_is_kept(report, clerk):
    with pytest.raises(IncompleteError):
        reports.enter_scanned(
            report, by=clerk, at=AT, draft=draft(report, plans=""), paper=paper(), scan=scan()
        )
    assert of("SXD").summary == ""


def test_a_page_older_than_the_row_is_refused(report, clerk, focal_point):
    version = reports.version_of(report)
    reports.save(of("SXD"), by=focal_point, at=NOW, draft=draft(report))
    with pytest.raises(StaleError):
        enter(of("SXD"), clerk, version=version)


def test_a_locked_period_takes_none(report, clerk, commander):
    periods.lock(report.period, by=commander, at=NOW, reason="Đã tổng hợp")
    with pytest.raises(RuleError, match="chốt"):
        enter(of("SXD"), clerk)


def test_who_entered_it_does_not_accept_it(report, officer):
    row = enter(report, officer)
    with pytest.raises(RuleError, match="người khác"):
        reports.accept(row, by=officer, at=AT)
    assert not paper_access.may_accept_report(officer, row)
    reports.return_to_agency(row, by=officer, at=AT, reason="Nhập sai số liệu.", due_on=AT.date())
    assert of("SXD").state == R.RETURNED


def test_the_officer_accepts_what_the_clerk_entered(report, clerk, officer):
    reports.accept(enter(report, clerk), by=officer, at=AT)
    assert of("SXD").state == R.ACCEPTED


def test_sent_again_in_the_portal_the_officer_decides_as_ever(report, officer, focal_point, head):
    """An earlier paper of the officer's bars nobody from accepting what the agency then sent itself."""
    row = enter(report, officer)
    reports.return_to_agency(row, by=officer, at=AT, reason="Bổ sung số liệu.", due_on=AT.date())
    reporting.submit(of("SXD"), focal_point, at=AT)
    reports.approve(of("SXD"), by=head, at=AT)
    reports.accept(of("SXD"), by=officer, at=AT)
    assert paper_access.paper_of_report(of("SXD")) is None


def test_what_was_returned_was_received_after_that(report, clerk, officer):
    row = enter(report, clerk)
    reports.return_to_agency(row, by=officer, at=AT, reason="Bổ sung số liệu.", due_on=AT.date())
    later = AT + dt.timedelta(days=5)
    with pytest.raises(RuleError, match="sớm hơn ngày 20/03/2026"):
        enter(of("SXD"), clerk, at=later)
    row = enter(of("SXD"), clerk, at=later, received_on=dt.date(2026, 3, 24))
    assert local_day(row.first_submitted_at) == RECEIVED
    assert local_day(row.submitted_at) == dt.date(2026, 3, 24)


def test_an_entry_that_is_taken_back_leaves_no_day_behind(report, officer, head):
    """One person alone makes no late report one that came in time, nor gives it another due day."""
    row = enter(report, officer)
    a_year = AT.date() + dt.timedelta(days=365)
    reports.return_to_agency(row, by=officer, at=AT, reason="Nhập nhầm.", due_on=a_year)
    row = of("SXD")
    assert (row.first_submitted_at, row.submitted_at, row.own_due_on) == (None, None, None)
    assert row.standing(AT.date()) == Timeliness.OVERDUE
    reporting.submit(row, head, at=AT)
    assert of("SXD").standing(TODAY) == Timeliness.COMPLETED_LATE


def test_an_entry_that_is_taken_back_does_not_make_the_paper_late(report, officer, clerk):
    row = enter(report, officer, received_on=AT.date())
    reports.return_to_agency(row, by=officer, at=AT, reason="Nhập nhầm ngày.", due_on=AT.date())
    row = enter(of("SXD"), clerk)
    assert row.standing(TODAY) == Timeliness.COMPLETED_ON_TIME


def test_what_was_sent_before_an_entry_that_is_taken_back_stays(report, clerk, officer):
    row = enter(report, clerk)
    reports.return_to_agency(row, by=officer, at=AT, reason="Bổ sung số liệu.", due_on=AT.date())
    later = AT + dt.timedelta(days=5)
    row = enter(of("SXD"), officer, at=later, received_on=later.date())
    reports.return_to_agency(row, by=officer, at=later, reason="Nhập nhầm.", due_on=later.date())
    row = of("SXD")
    assert (local_day(row.first_submitted_at), row.own_due_on) == (RECEIVED, AT.date())
    with pytest.raises(RuleError, match="sớm hơn ngày 20/03/2026"):
        enter(row, clerk, at=later, received_on=dt.date(2026, 3, 19))


def test_its_figures_go_to_the_assignments_with_the_paper(report, clerk, assignment):
    enter(report, clerk, lines={assignment.code: figure("12")})
    row = fresh(assignment)
    assert (row.status, row.actual) == (S.IN_PROGRESS, Decimal(12))
    assert set(row.log.values_list("paper__number", flat=True)) == {"27/BC-SXD"}


def test_the_trail_says_who_entered_what(report, clerk):
    enter(report, clerk)
    event = Event.objects.get(verb="report.entered_from_paper")
    told = json.loads(event.payload)
    assert (event.actor_id, event.agency_code) == (clerk.pk, "SXD")
    assert (told["paper"], told["paper_received_on"]) == ("27/BC-SXD", "2026-03-13")
    assert told["paper_signed_by"] == "Lê Văn Giấy, Giám đốc"


def test_the_agency_and_the_officers_are_told(report, clerk, head, focal_point, officer):
    enter(report, clerk)
    told = set(Notice.objects.filter(kind="report.entered").values_list("recipient", flat=True))
    assert told == {head.pk, focal_point.pk}
    assert Notice.objects.filter(kind="report.submitted", recipient=officer).exists()


def test_the_print_says_that_it_was_entered_from_paper(report, clerk):
    row = enter(report, clerk)
    made = report_paper.paper_of(row, report_paper.newest_sending(row))
    assert (made.number, made.symbol, made.dated_on) == ("27", "BC-SXD", TYPED["issued_on"])
    assert (made.signer, made.capacity) == ("Lê Văn Giấy", row.agency.block_lines)
    assert f"{clerk.get_full_name()} nhập vào Cổng ngày 20/03/2026" in made.opening[-1]
    assert "từ bản giấy số 27/BC-SXD" in made.opening[-1]
    assert render_report(made).startswith(b"%PDF")


def test_another_post_than_the_heads_is_printed_as_it_signed(report, clerk):
    row = enter(report, clerk, signer_title="Phó Giám đốc")
    made = report_paper.paper_of(row, report_paper.newest_sending(row))
    assert made.capacity == ("PHÓ GIÁM ĐỐC",)


# --- An assignment ---------------------------------------------------------------------------------------
def test_a_result_is_entered_and_the_day_it_was_received_counts(working, clerk):
    row = enter_result(working, clerk)
    assert (row.status, row.submitted_on, row.progress_percent) == (S.SUBMITTED, RECEIVED, 100)
    entry = row.log.first()
    assert (entry.by, entry.paper.received_on) == (clerk, RECEIVED)
    assert Event.objects.filter(verb="assignment.entered_from_paper").count() == 1


def test_a_result_of_what_nobody_accepted_accepts_it_too(assignment, clerk):
    row = enter_result(fresh(assignment), clerk)
    assert row.status == S.SUBMITTED
    assert list(row.log.values_list("status", flat=True)) == [S.SUBMITTED, S.ACCEPTED]
    assert PaperEntry.objects.count() == 1


def test_acceptance_alone_is_entered(assignment, officer, head):
    row = fresh(assignment)
    paper_results.enter_acceptance(row, by=officer, at=AT, paper=paper(), scan=scan())
    assert fresh(assignment).status == S.ACCEPTED
    assert fresh(assignment).log.get().paper.entered_by == officer
    assert Notice.objects.filter(kind="assignment.entered", recipient=head).exists()
    with pytest.raises(RuleError, match="chờ tiếp nhận"):
        paper_results.enter_acceptance(fresh(assignment), by=officer, at=AT, paper=paper(), scan=scan())


@pytest.mark.parametrize("who", NOBODY_ELSE)
def test_nobody_else_enters_a_result(working, cast, who):
    with pytest.raises(PermissionDenied):
        enter_result(working, getattr(cast, who))
    with pytest.raises(PermissionDenied):
        paper_results.enter_acceptance(working, by=getattr(cast, who), at=AT, paper=paper(), scan=scan())


@pytest.mark.parametrize("status", [S.AWAITING_HEAD, S.SUBMITTED, S.CONFIRMED, S.SUSPENDED])
def test_no_result_is_entered_that_is_not_owed(working, clerk, status):
    Assignment.objects.filter(pk=working.pk).update(status=status, submitted_on=TODAY)
    with pytest.raises(RuleError):
        enter_result(fresh(working), clerk)
    assert not PaperEntry.objects.exists()


def test_a_stale_page_enters_no_result(working, clerk):
    with pytest.raises(StaleError):
        paper_results.enter_result(
            working, by=clerk, at=AT, paper=paper(), scan=scan(), result_text="Xong.", version="0000"
        )


def test_a_result_needs_words(working, clerk):
    with pytest.raises(RuleError, match="kết quả"):
        enter_result(working, clerk, text=" ")


def test_who_entered_a_result_does_not_confirm_it(working, officer, clerk):
    row = enter_result(working, officer)
    Progress.objects.create(  # figures of another came meanwhile
        assignment=row, at=AT, by=clerk, status=S.SUBMITTED, actual=0, progress_percent=100
    )
    with pytest.raises(RuleError, match="người khác"):
        assignments.confirm(row, by=officer, at=AT)
    assignments.reject(row, by=officer, at=AT, reason="Nhập nhầm văn bản.")
    row = enter_result(fresh(row), clerk)  # with the day on which it came: the agency is not to blame
    assert row.submitted_on == RECEIVED
    assignments.confirm(row, by=officer, at=AT)
    assert fresh(row).status == S.CONFIRMED


def test_what_was_rejected_was_received_after_that(working, clerk, officer):
    row = enter_result(working, clerk)
    assignments.reject(row, by=officer, at=AT, reason="Chưa đạt.")
    later = AT + dt.timedelta(days=5)
    Progress.objects.create(  # figures of another came meanwhile
        assignment=row,
        at=AT + dt.timedelta(days=3),
        by=clerk,
        status=S.REJECTED,
        actual=0,
        progress_percent=100,
    )
    later = AT + dt.timedelta(days=5)
    with pytest.raises(RuleError, match="sớm hơn ngày 20/03/2026"):
        enter_result(fresh(row), clerk, at=later)
    row = enter_result(fresh(row), clerk, at=later, received_on=AT.date())
    assert row.submitted_on == AT.date()


def test_an_entry_is_written_once(working, clerk):
    enter_result(working, clerk)
    with pytest.raises(DatabaseError), transaction.atomic():
        PaperEntry.objects.update(received_on=dt.date(2026, 3, 1))
    with pytest.raises(DatabaseError), transaction.atomic():
        PaperEntry.objects.all()._raw_delete("default")
