"""A year of one focal point with six duties and seven reports, day by day: how much mail is that?"""

import datetime as dt
from collections import Counter
from email.header import decode_header, make_header

import pytest

from portal.calendar.models import load_calendar
from portal.lib.dates import LOCAL, local_day
from portal.notices import delivery, outbox, planning
from portal.notices.models import Notice
from portal.users.models import User
from tasks import assignments, reports, shells
from tasks.models import Assignment, Programme, Report
from tasks.states import AssignmentStatus
from tests import factories, scale
from tests.tasks import reporting

DUTIES = ((2, 27), (3, 31), (5, 15), (6, 30), (9, 30), (11, 30))
PERIODS = (
    ("2026-Q1", "quarterly", (2025, 12, 15), (2026, 3, 14), (2026, 3, 16)),
    ("2026-Q2", "quarterly", (2026, 3, 15), (2026, 6, 14), (2026, 6, 16)),
    ("2026-H1", "semiannual", (2025, 12, 15), (2026, 6, 14), (2026, 6, 18)),
    ("2026-Q3", "quarterly", (2026, 6, 15), (2026, 9, 14), (2026, 9, 16)),
    ("2026-M9", "nine_month", (2025, 12, 15), (2026, 9, 14), (2026, 9, 18)),
    ("2026-Q4", "quarterly", (2026, 9, 15), (2026, 12, 14), (2026, 12, 16)),
    ("2026-Y", "annual", (2025, 12, 15), (2026, 12, 14), (2026, 12, 18)),
)
READY = dt.timedelta(days=2)
"""So long before its day she hands a thing in: diligent, and no earlier than others."""


@pytest.fixture
def year(programme: Programme, department, head, focal_point, officer, commander) -> Programme:
    task = programme.assignments.get(code="1.01").task
    programme.assignments.update(due_on=None)
    for number, (month, day) in enumerate(DUTIES, 1):
        due_on = dt.date(2026, month, day)
        factories.AssignmentFactory(
            task=task, lead=department, code=f"1.1{number}", deadline_on=due_on, title_vi=f"Việc số {number}"
        )
    for code, kind, data_from, data_to, due_on in PERIODS:
        factories.ReportingPeriodFactory(
            programme=programme,
            code=code,
            kind=kind,
            data_from=dt.date(*data_from),
            data_to=dt.date(*data_to),
            due_on=dt.date(*due_on),
        )
    shells.make(programme)
    return programme


def at(day: dt.date, hour: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, 5), tzinfo=LOCAL)


def work(programme: Programme, day: dt.date, she: User, head: User, officer: User) -> None:
    """What the three do on one day: take on, hand in, approve, confirm or accept."""
    for notice in Notice.objects.filter(recipient=she, rule="-7", taken_on_at=None, is_shown=True):
        outbox.take_on(notice, by=she, at=at(day, 9))
    for row in Assignment.objects.filter(programme=programme, due_on=day + READY):
        if row.status == AssignmentStatus.ASSIGNED:  # a report may have taken it on
            assignments.accept(row, by=she, at=at(day, 10))
        assignments.submit_to_head(row, by=she, at=at(day, 11), result_text="Xong.")
        assignments.approve(row, by=head, at=at(day, 14))
        assignments.confirm(row, by=officer, at=at(day, 16))
    for report in Report.objects.filter(agency_id=she.agency_id, period__due_on=day + READY):
        handed_in = reporting.submit(report, she, at=at(day, 10))
        reports.approve(handed_in, by=head, at=at(day, 15))
        reports.accept(reporting.of("SXD", report.period.code), by=officer, at=at(day, 16))


@pytest.mark.soak
def test_a_year_of_mail_is_one_she_would_read(year, mailer, focal_point, head, officer, capsys, evidence):
    """At most one mail a working day, at most forty in the year, each with something to do."""
    day, last = dt.date(2026, 2, 2), scale.of(ci=dt.date(2026, 4, 1), full=dt.date(2026, 12, 31))
    while day <= last:
        for hour in (0, 7):
            planning.plan(at=at(day, hour))
            delivery.deliver(at=at(day, hour))
        work(year, day, focal_point, head, officer)
        day += dt.timedelta(days=1)
    mine = [mail for mail in mailer.sent if mail["To"] == focal_point.email]
    days = [local_day(dt.datetime.strptime(mail["Date"], "%a, %d %b %Y %H:%M:%S %z")) for mail in mine]
    with capsys.disabled():
        for mail, sent_on in zip(mine, days, strict=True):
            print(f"\n{sent_on:%a %d/%m} {make_header(decode_header(mail['Subject']))}", end="")
        print(f"\n{len(mine)} mails in the year")
    calendar = load_calendar()
    assert scale.of(ci=4, full=15) < len(mine) <= 40
    evidence("mail-of-a-year", mails=len(mine), days=(last - dt.date(2026, 2, 2)).days)
    assert max(Counter(days).values()) == 1
    assert all(calendar.is_working_day(sent_on) for sent_on in days)
    bodies = [mailer.text(number=number) for number, mail in enumerate(mailer.sent) if mail in mine]
    assert all("NHIỆM VỤ" in body or "BÁO CÁO" in body for body in bodies)
    told = Notice.objects.filter(recipient=focal_point)
    assert not told.filter(mail_state=Notice.MailState.WAITING, is_shown=True).exclude(
        kind__in=("assignment.confirmed", "report.accepted")
    ), "each that asked was mailed, or says why not"
