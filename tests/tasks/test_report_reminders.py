"""Whom a periodic report reminds and when, whom each step tells, and what it takes back."""

import datetime as dt

import pytest

from portal.notices import delivery, planning
from portal.notices.models import Notice
from tasks import periods, report_reminders, reports
from tasks.models import Report
from tests.factories import NOW
from tests.tasks import reporting
from tests.tasks.reporting import DUE_ON, MINUTE, of, submit

pytestmark = pytest.mark.django_db
AGAIN = {"reason": "Số liệu chưa khớp.", "due_on": DUE_ON + dt.timedelta(days=10)}


@pytest.fixture(autouse=True)
def quarter(programme, cast) -> None:
    reporting.first_quarter(programme)


def on(days: int) -> dt.datetime:
    """The morning so many days from the due date."""
    return NOW.replace(day=1) + dt.timedelta(days=DUE_ON.day - 1 + days)


def told(kind) -> set[str]:
    return set(Notice.objects.filter(kind=kind.code).values_list("recipient__username", flat=True))


def unread(kind) -> int:
    return Notice.objects.filter(kind=kind.code).unread().count()


@pytest.mark.parametrize("days", [-7, -3, -1])
def test_the_focal_point_is_reminded_before(days):
    planning.plan(at=on(days))
    assert "sxd.daumoi" in told(report_reminders.DUE)
    assert "sxd.head" not in told(report_reminders.DUE)
    notice = Notice.objects.filter(kind="report.due", recipient__username="sxd.daumoi", is_shown=True).get()
    assert notice.text_vi == "Nhắc báo cáo, hạn 16/03/2026: báo cáo quý I/2026"
    assert notice.text_en == "Reminder, due 16/03/2026: report of quarter I/2026"


@pytest.mark.parametrize("days", [1, 3, 7])
def test_focal_point_and_head_are_told_after(days):
    planning.plan(at=on(days))
    assert {"sxd.daumoi", "sxd.head"} <= told(report_reminders.OVERDUE)


def test_what_lies_with_the_head_reminds_her(cast):
    submit(of("SXD"), cast.focal_point, at=on(-10))
    planning.plan(at=on(-7))
    assert "sxd.head" in told(report_reminders.DUE_AT_HEAD)
    assert "sxd.daumoi" not in told(report_reminders.DUE)


def test_planning_twice_tells_once():
    planning.plan(at=on(-7))
    count = Notice.objects.count()
    planning.plan(at=on(-7))
    assert Notice.objects.count() == count > 0


def test_who_has_sent_is_not_reminded(cast):
    submit(of("SXD"), cast.head)
    planning.plan(at=on(-3))
    assert "sxd.daumoi" not in told(report_reminders.DUE)
    assert "ubmttq.head" in told(report_reminders.DUE), "who has no focal point: the head"


def test_nobody_is_reminded_of_a_locked_period(cast):
    periods.lock(of("SXD").period, by=cast.officer, at=NOW, reason="Đã xong.")
    planning.plan(at=on(-3))
    assert not told(report_reminders.DUE)


def test_a_returned_report_is_reminded_by_its_own_day(cast):
    row = submit(of("SXD"), cast.head)
    reports.return_to_agency(row, by=cast.officer, at=NOW + MINUTE, **AGAIN)
    planning.plan(at=on(9))
    notice = Notice.objects.get(kind="report.due", recipient=cast.focal_point, is_shown=True)
    assert notice.due_on == AGAIN["due_on"]
    assert "sxd.daumoi" not in told(report_reminders.OVERDUE)


def test_a_reminder_is_not_mailed_once_it_was_sent(cast, mailoutbox):
    planning.plan(at=on(-3))
    submit(of("SXD"), cast.head)
    Notice.objects.filter(recipient=cast.focal_point).update(mail_state="waiting")
    delivery.deliver(at=on(-3) + MINUTE)
    assert not [mail for mail in mailoutbox if cast.focal_point.email in mail.to]


STEPS = {
    "submitted to the head": (report_reminders.AWAITING_HEAD, {"sxd.head"}),
    "sent back": (report_reminders.SENT_BACK, {"sxd.daumoi"}),
    "sent": (report_reminders.SUBMITTED, {"bchqs.troly"}),
    "returned": (report_reminders.RETURNED, {"sxd.daumoi", "sxd.head"}),
    "accepted": (report_reminders.ACCEPTED, {"sxd.daumoi", "sxd.head"}),
    "reopened": (report_reminders.REOPENED, {"sxd.daumoi", "sxd.head"}),
}


@pytest.fixture
def year(cast) -> Report:
    """A report that has been through everything."""
    row = submit(of("SXD"), cast.focal_point)
    reports.send_back(row, by=cast.deputy, at=NOW + MINUTE, reason="Chưa đủ.")
    submit(row, cast.deputy, at=NOW + 2 * MINUTE)
    reports.return_to_agency(row := of("SXD"), by=cast.officer, at=NOW + 3 * MINUTE, **AGAIN)
    submit(row, cast.deputy, at=NOW + 4 * MINUTE)
    reports.accept(row := of("SXD"), by=cast.officer, at=NOW + 5 * MINUTE)
    periods.lock(row.period, by=cast.officer, at=NOW + 6 * MINUTE, reason="Đã xong.")
    reports.reopen(row, by=cast.officer, at=NOW + 7 * MINUTE, reason="Sai số.", until=DUE_ON)
    return row


@pytest.mark.parametrize("step", STEPS)
def test_whom_each_step_tells(year, step):
    kind, people = STEPS[step]
    assert told(kind) == people


def test_what_was_answered_is_taken_back(year):
    kinds = (report_reminders.AWAITING_HEAD, report_reminders.SENT_BACK, report_reminders.RETURNED)
    assert [unread(kind) for kind in (*kinds, report_reminders.SUBMITTED)] == [0, 0, 0, 0]


def test_reasons_stay_out_of_notices(year):
    assert not Notice.objects.filter(text_vi__contains="Số liệu chưa khớp").exists()
    assert Notice.objects.filter(text_vi__contains="bổ sung chậm nhất ngày 26/03/2026").exists()
