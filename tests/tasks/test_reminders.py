"""Whom each step of an assignment tells, and what it takes back."""

import datetime as dt

import pytest

from portal.notices import delivery, planning
from portal.notices.models import Notice
from tasks import assignments, reminders
from tasks.models import Assignment
from tasks.states import AssignmentStatus
from tests.factories import NOW

MINUTE = dt.timedelta(minutes=1)
WEEK_BEFORE = NOW.replace(day=24)


@pytest.fixture
def working(cast, assignment) -> Assignment:
    """1.01 in progress, the whole cast there."""
    assignments.accept(assignment, by=cast.focal_point, at=NOW)
    assignments.report_progress(assignment, by=cast.focal_point, at=NOW, actual=3, percent=30)
    return assignment


@pytest.fixture
def awaiting(cast, working) -> Assignment:
    assignments.submit_to_head(working, by=cast.focal_point, at=NOW, result_text="Đã xong.")
    return working


@pytest.fixture
def submitted(cast, awaiting) -> Assignment:
    assignments.approve(awaiting, by=cast.head, at=NOW + MINUTE)
    return awaiting


def told(kind) -> set[str]:
    """Return the usernames that were told."""
    return set(Notice.objects.filter(kind=kind.code).values_list("recipient__username", flat=True))


def unread(kind) -> int:
    return Notice.objects.filter(kind=kind.code).unread().count()


def test_result_for_the_head_tells_the_head(awaiting):
    assert told(reminders.AWAITING_HEAD) == {"sxd.head"}
    notice = Notice.objects.get(kind=reminders.AWAITING_HEAD.code)
    assert notice.text_vi == ("Chờ thủ trưởng duyệt: nhiệm vụ 1.01 Quy hoạch đất quốc phòng (hạn 31/03/2026)")
    assert notice.text_en == "Waiting for your approval: assignment 1.01 Assignment 1.01 (due 31/03/2026)"


@pytest.mark.parametrize("who", ["head", "deputy"])
def test_nothing_waits_for_the_head_when_head_or_deputy_sends(cast, working, who):
    assignments.submit_to_head(working, by=getattr(cast, who), at=NOW, result_text="Đã xong.")
    assert told(reminders.AWAITING_HEAD) == set()
    assert told(reminders.SUBMITTED) == {"bchqs.troly"}


def test_result_sent_back_tells_the_focal_point(cast, awaiting):
    assignments.send_back(awaiting, by=cast.head, at=NOW + MINUTE, reason="Thiếu số liệu.")
    assert told(reminders.SENT_BACK) == {"sxd.daumoi"}
    assert unread(reminders.AWAITING_HEAD) == 0


def test_reason_stays_out_of_the_notice(cast, awaiting):
    assignments.send_back(awaiting, by=cast.head, at=NOW + MINUTE, reason="Thiếu số liệu.")
    assert not Notice.objects.filter(text_vi__contains="Thiếu số liệu").exists()


def test_submitted_result_tells_the_officers(submitted):
    assert told(reminders.SUBMITTED) == {"bchqs.troly"}
    assert unread(reminders.AWAITING_HEAD) == 0


def test_rejected_result_tells_focal_point_and_head(cast, submitted):
    assignments.reject(submitted, by=cast.officer, at=NOW + 2 * MINUTE, reason="Chưa đạt chỉ tiêu.")
    assert told(reminders.REJECTED) == {"sxd.daumoi", "sxd.head"}
    assert unread(reminders.SUBMITTED) == 0


def test_confirmed_result_tells_the_lead(cast, submitted):
    assignments.confirm(submitted, by=cast.officer, at=NOW + 2 * MINUTE)
    assert told(reminders.CONFIRMED) == {"sxd.daumoi", "sxd.head"}


def test_same_step_twice_on_a_day_tells_twice(cast, awaiting):
    assignments.send_back(awaiting, by=cast.head, at=NOW + MINUTE, reason="Thiếu số liệu.")
    assignments.submit_to_head(awaiting, by=cast.focal_point, at=NOW + 2 * MINUTE, result_text="Đủ.")
    assert Notice.objects.filter(kind=reminders.AWAITING_HEAD.code).count() == 2
    assert unread(reminders.AWAITING_HEAD) == 1


def test_refused_step_tells_nobody(cast, working, monkeypatch):
    def fail(*args, **kwargs):
        raise LookupError

    monkeypatch.setattr(assignments, "record", fail)
    with pytest.raises(LookupError):
        assignments.submit_to_head(working, by=cast.focal_point, at=NOW, result_text="Đã xong.")
    assert not Notice.objects.exists()


def test_sending_the_result_takes_reminders_back(cast, working, settings, tmp_path):
    planning.plan(at=WEEK_BEFORE)
    reminder = Notice.objects.shown().get(kind=reminders.DUE.code, subject_id=working.pk)
    assignments.submit_to_head(working, by=cast.focal_point, at=WEEK_BEFORE, result_text="Đã xong.")
    reminder.refresh_from_db()
    assert (reminder.mail_state, reminder.read_at) == (Notice.MailState.SKIPPED, WEEK_BEFORE)


def test_who_has_it_on_the_desk_is_reminded_and_then_nobody(cast, working, settings, tmp_path):
    """The lead owes it all the while: the head is reminded of what waits for her, not her focal point."""
    assignments.submit_to_head(working, by=cast.focal_point, at=WEEK_BEFORE, result_text="Đã xong.")
    planning.plan(at=WEEK_BEFORE)
    assert (told(reminders.DUE), told(reminders.DUE_AT_HEAD)) == (set(), {"sxd.head"})
    assert Notice.objects.shown().get(kind="assignment.due_at_head").text_vi == (
        "Chờ thủ trưởng duyệt, hạn 31/03/2026: nhiệm vụ 1.01 Quy hoạch đất quốc phòng"
    )
    assignments.send_back(working, by=cast.head, at=WEEK_BEFORE + MINUTE, reason="Thiếu biên bản.")
    assert unread(reminders.DUE_AT_HEAD) == 0
    planning.plan(at=WEEK_BEFORE + dt.timedelta(days=4))
    assert told(reminders.DUE) == {"sxd.daumoi"}
    assignments.submit_to_head(working, by=cast.focal_point, at=WEEK_BEFORE, result_text="Đã bổ sung.")
    assignments.approve(working, by=cast.head, at=WEEK_BEFORE)
    assert unread(reminders.DUE) + unread(reminders.DUE_AT_HEAD) == 0


@pytest.mark.parametrize(
    ("days", "rules"), [(4, set()), (5, {"+5"}), (10, {"+10"}), (20, {"+20"}), (40, set())]
)
def test_officer_is_reminded_of_what_waits_for_confirmation(cast, submitted, days, rules):
    planning.plan(at=NOW + dt.timedelta(days=days))
    mine = Notice.objects.shown().filter(kind=reminders.UNCONFIRMED.code, recipient=cast.officer)
    assert set(mine.values_list("rule", flat=True)) == rules
    if rules:
        assert mine.get().text_vi == (
            "Kết quả gửi ngày 10/03/2026 vẫn chờ xác nhận: nhiệm vụ 1.01 Quy hoạch đất quốc phòng"
        )


def test_who_is_told_of_the_duties_of_all_agencies_reads_whose_it_is(cast, working):
    for days in (7, 15):
        planning.plan(at=NOW + (working.due_on - NOW.date()) + dt.timedelta(days=days))
    words = "Vẫn quá hạn, hạn 31/03/2026: nhiệm vụ 1.01 (SXD) Quy hoạch đất quốc phòng"
    for kind in (reminders.ESCALATED, reminders.ESCALATED_TO_COMMANDER):
        rows = Notice.objects.filter(kind=kind.code, subject_id=working.pk)
        assert set(rows.values_list("text_vi", flat=True)) == {words}
        assert "assignment 1.01 (SXD) " in rows.first().text_en
    of_lead = Notice.objects.filter(kind=reminders.OVERDUE.code, subject_id=working.pk)
    assert "nhiệm vụ 1.01 Quy hoạch" in of_lead.first().text_vi


def test_confirmation_takes_the_reminder_of_it_back(cast, submitted):
    planning.plan(at=NOW + dt.timedelta(days=5))
    assert unread(reminders.UNCONFIRMED) == 1
    assignments.confirm(submitted, by=cast.officer, at=NOW + dt.timedelta(days=6))
    assert unread(reminders.UNCONFIRMED) == 0


def test_no_two_reminders_of_an_assignment_to_one_person_share_a_rule():
    """Both may speak from the same day on: then the second would be taken for the first."""
    others = {*reminders.DUE.days, *reminders.OVERDUE.days, *reminders.ESCALATED.days}
    assert not others & set(reminders.UNCONFIRMED.days)


def test_rejected_assignment_is_reminded_again(cast, submitted):
    assignments.reject(submitted, by=cast.officer, at=NOW + 2 * MINUTE, reason="Chưa đạt chỉ tiêu.")
    planning.plan(at=WEEK_BEFORE)
    assert "sxd.daumoi" in told(reminders.DUE)


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (reminders.AWAITING_HEAD, AssignmentStatus.AWAITING_HEAD),
        (reminders.SENT_BACK, AssignmentStatus.IN_PROGRESS),
        (reminders.SUBMITTED, AssignmentStatus.SUBMITTED),
        (reminders.REJECTED, AssignmentStatus.REJECTED),
    ],
)
def test_mail_of_a_step_is_due_until_the_next_step(assignment, kind, status):
    notice = Notice(pk=1, subject_id=assignment.pk)
    assert kind.still_due([notice], NOW.date()) == set()
    Assignment.objects.filter(pk=assignment.pk).update(status=status, submitted_on=NOW.date())
    assert kind.still_due([notice], NOW.date()) == {1}


def test_what_was_rejected_is_mailed_at_once(cast, submitted, settings, tmp_path):
    settings.MAIL_DIR = tmp_path
    settings.EMAIL_BACKEND = "portal.notices.mailbox.FolderBackend"
    assignments.reject(submitted, by=cast.officer, at=NOW + 2 * MINUTE, reason="Chưa đạt.")
    assert delivery.deliver(at=NOW + 3 * MINUTE) == delivery.Outcome(sent=2)
