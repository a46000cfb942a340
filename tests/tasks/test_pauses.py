"""Suspended work: who may, what stands meanwhile, and by when it is owed afterwards."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from portal.lib.errors import RuleError, StaleError
from portal.notices import planning
from portal.notices.models import Notice
from tasks import assignments, histories, pauses
from tasks.models import Assignment, Progress
from tasks.states import AssignmentStatus
from tests.factories import NOW

REASON = "Chờ quyết định thu hồi đất của tỉnh."
WEEK = dt.timedelta(days=7)
S = AssignmentStatus


@pytest.fixture
def working(assignment, focal_point) -> Assignment:
    assignments.accept(assignment, by=focal_point, at=NOW)
    return assignment


@pytest.fixture
def suspended(working, commander) -> Assignment:
    pauses.suspend(working, by=commander, at=NOW, reason=REASON)
    return working


def test_commander_suspends_and_the_agency_hears_why(suspended, commander, focal_point):
    suspended.refresh_from_db()
    assert (suspended.status, suspended.decision_note) == (S.SUSPENDED, REASON)
    assert Progress.objects.filter(status=S.SUSPENDED, by=commander, text=REASON).exists()
    assert Notice.objects.shown().filter(kind="assignment.suspended", recipient=focal_point).exists()


def test_nothing_falls_due_while_it_stands(suspended):
    planning.plan(at=NOW + 8 * WEEK)
    told = Notice.objects.shown().filter(kind__in=("assignment.due", "assignment.overdue"))
    assert not told.filter(subject_id=suspended.pk).exists()


def test_the_day_moves_by_the_days_it_stood(suspended, commander, focal_point):
    due_on = suspended.due_on
    pauses.resume(suspended, by=commander, at=NOW + 2 * WEEK, reason="Đã có quyết định.")
    suspended.refresh_from_db()
    assert suspended.status == S.IN_PROGRESS
    assert suspended.adjusted_on == suspended.deadline_on + 2 * WEEK
    assert suspended.due_on == due_on + 2 * WEEK
    assert suspended.extensions_granted == 0, "nobody asked for it"
    told = Notice.objects.shown().get(kind="assignment.resumed", recipient=focal_point)
    assert f"{suspended.due_on:%d/%m/%Y}" in told.text_vi


def test_it_never_moves_beyond_the_programme(suspended, commander):
    pauses.resume(suspended, by=commander, at=NOW + 60 * WEEK, reason="Đã có quyết định.")
    suspended.refresh_from_db()
    assert suspended.adjusted_on == dt.date(suspended.programme.year_to, 12, 31)


def test_resumed_on_the_same_day_it_keeps_its_day(suspended, commander):
    pauses.resume(suspended, by=commander, at=NOW, reason="Tạm dừng nhầm.")
    suspended.refresh_from_db()
    assert suspended.adjusted_on is None


def test_history_knows_both_days(suspended, commander):
    pauses.resume(suspended, by=commander, at=NOW + 2 * WEEK, reason="Đã có quyết định.")
    past = histories.History(suspended, with_draft=True)
    assert past.day((NOW + WEEK).date()).adjusted_on is None
    assert past.day((NOW + 3 * WEEK).date()).adjusted_on == suspended.deadline_on + 2 * WEEK
    assert past.day((NOW + WEEK).date()).status == str(S.SUSPENDED.label)


@pytest.mark.parametrize("who", ["officer", "head", "focal_point", "clerk"])
def test_nobody_else_may(who, working, cast):
    with pytest.raises(PermissionDenied):
        pauses.suspend(working, by=getattr(cast, who), at=NOW, reason=REASON)
    assert working.status == S.ACCEPTED


@pytest.mark.parametrize("status", [S.AWAITING_HEAD, S.SUBMITTED, S.CONFIRMED, S.RETURNED])
def test_what_is_sent_or_handed_back_is_not_suspended(status, assignment, commander):
    Assignment.objects.filter(pk=assignment.pk).update(status=status, submitted_on=NOW.date())
    with pytest.raises(RuleError):
        pauses.suspend(assignment, by=commander, at=NOW, reason=REASON)


def test_what_runs_is_not_resumed(assignment, head, focal_point, commander):
    Assignment.objects.filter(pk=assignment.pk).update(status=S.AWAITING_HEAD)
    with pytest.raises(RuleError, match="không ở trạng thái tạm dừng"):
        pauses.resume(assignment, by=commander, at=NOW, reason=REASON)


def test_lost_race_with_the_focal_point(working, commander, focal_point):
    seen = assignments.version_of(working)
    assignments.report_progress(
        Assignment.objects.get(pk=working.pk), by=focal_point, at=NOW + WEEK, actual=1, percent=10
    )
    with pytest.raises(StaleError):
        pauses.suspend(working, by=commander, at=NOW + WEEK, reason=REASON, version=seen)


def test_without_a_reason_nothing_happens(working, commander):
    with pytest.raises(RuleError):
        pauses.suspend(working, by=commander, at=NOW, reason="  ")


def test_page_offers_it_to_the_commander(working, commander, officer, login, now):
    page = login(commander).get(working.get_absolute_url()).content.decode()
    assert "Tạm dừng nhiệm vụ" in page
    assert "Tạm dừng nhiệm vụ" not in login(officer).get(working.get_absolute_url()).content.decode()


def test_page_sends_it(working, commander, login, now):
    answer = login(commander).post(
        f"{working.get_absolute_url()}suspend/",
        {"reason": REASON, "version": assignments.version_of(Assignment.objects.get(pk=working.pk))},
        follow=True,
    )
    assert "Đã tạm dừng" in answer.content.decode()
    working.refresh_from_db()
    assert working.status == S.SUSPENDED
