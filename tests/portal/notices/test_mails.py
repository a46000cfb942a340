"""Mails: one a day to a person, on working days, with something to do; urgent ones at once."""

import copy
import datetime as dt

import pytest

from portal.calendar.models import Holiday
from portal.lib.dates import LOCAL, Calendar, parse_moment
from portal.notices import delivery, kinds, letters, mails, outbox, planning, preferences
from portal.notices.kinds import Group
from portal.notices.models import Mail, MailPreference, Notice, Why
from tasks import reminders, report_reminders
from tests import factories
from tests.portal.notices.conftest import WEEK_BEFORE, refused

MINUTE = dt.timedelta(minutes=1)
TUESDAY = WEEK_BEFORE.date()


def at(day: dt.date, clock: str) -> dt.datetime:
    return dt.datetime.combine(day, dt.time.fromisoformat(clock), tzinfo=LOCAL)


def told(kind, recipient, subject, moment, **fields) -> Notice:
    """A notice told to somebody at a moment."""
    return Notice.objects.create(
        **{
            "kind": kind.code,
            "subject_type": subject._meta.label_lower,
            "subject_id": subject.pk,
            "recipient": recipient,
            "rule": f"{kind.code} {moment:%d %H:%M}",
            "due_on": moment.date(),
            "text_vi": "Việc",
            "text_en": "A thing",
            "created_at": moment,
            "send_after": moment,
        }
        | fields
    )


def deliver(moment: dt.datetime) -> delivery.Outcome:
    return delivery.deliver(at=moment)


# --- One a day -----------------------------------------------------------------------------------
def test_what_is_due_together_comes_in_one_mail_by_what_it_asks(notice, mailer, assignment, focal_point):
    factories.AssignmentFactory(
        task=assignment.task, lead=assignment.lead, due_on=assignment.due_on, title_vi="Khám tuyển"
    )
    planning.plan(at=WEEK_BEFORE)
    told(report_reminders.REOPENED, focal_point, assignment, WEEK_BEFORE, text_vi="Kỳ báo cáo mở lại")
    told(reminders.CONFIRMED, focal_point, assignment, WEEK_BEFORE, text_vi="Đã xác nhận")
    assert deliver(WEEK_BEFORE + MINUTE).sent == 1
    text = mailer.text()
    order = [text.index(said) for said in ("NHIỆM VỤ", "Khám tuyển", "BÁO CÁO", "mở lại", "ĐỂ BIẾT")]
    assert order == sorted(order)
    assert mailer.subject() == "3 việc cần làm, 24/03/2026"
    assert mailer.sent[0]["List-Unsubscribe"] == "<http://localhost/notices/preferences/>"


def test_second_mail_of_a_day_is_never_made(notice, mailer, assignment, focal_point):
    deliver(WEEK_BEFORE)
    told(report_reminders.REOPENED, focal_point, assignment, WEEK_BEFORE + MINUTE)
    assert deliver(WEEK_BEFORE + 60 * MINUTE) == delivery.Outcome()
    assert deliver(at(TUESDAY + dt.timedelta(days=1), "07:00")).sent == 1


def test_what_happens_after_the_hour_waits_for_the_next_day(assignment, focal_point, mailer):
    told(reminders.AWAITING_HEAD, focal_point, assignment, at(TUESDAY, "09:00"))
    assert deliver(at(TUESDAY, "09:01")) == delivery.Outcome()
    assert deliver(at(TUESDAY + dt.timedelta(days=1), "06:59")) == delivery.Outcome()


def test_urgent_notice_comes_at_once_and_alone(notice, assignment, focal_point, mailer):
    night = at(TUESDAY, "03:00")
    told(reminders.REJECTED, focal_point, assignment, night, text_vi="Chưa đạt, làm lại")
    assignment.__class__.objects.filter(pk=assignment.pk).update(status="rejected")
    assert deliver(night).sent == 1
    assert mailer.subject() == "Chưa đạt, làm lại"
    assert deliver(WEEK_BEFORE).sent == 1
    assert len({mail["Message-ID"] for mail in mailer.sent}) == 2


def test_reader_who_is_only_informed_gets_no_mail(assignment, focal_point, mailer):
    row = told(reminders.CONFIRMED, focal_point, assignment, WEEK_BEFORE)
    assert deliver(WEEK_BEFORE + MINUTE) == delivery.Outcome()
    assert deliver(WEEK_BEFORE + dt.timedelta(days=15)) == delivery.Outcome()
    row.refresh_from_db()
    assert (row.skip_reason, row.is_shown) == (Why.ONLY_SHOWN, True)


def test_mail_whose_only_reason_is_gone_is_not_sent(notice, assignment, focal_point, mailer):
    told(reminders.CONFIRMED, focal_point, assignment, WEEK_BEFORE)
    mails.gather(at=WEEK_BEFORE)
    outbox.cancel(assignment, kinds=[reminders.DUE], at=WEEK_BEFORE)
    assert deliver(WEEK_BEFORE + MINUTE) == delivery.Outcome(skipped=1)
    assert mailer.sent == []


# --- Working days ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("moment", "sent"),
    [
        ("2026-03-27T06:59", 0),  # Friday, before the hour
        ("2026-03-27T07:00", 1),
        ("2026-03-27T19:59", 1),  # late, but today
        ("2026-03-27T20:00", 0),  # night
        ("2026-03-28T08:00", 0),  # Saturday
        ("2026-03-29T08:00", 0),
        ("2026-03-30T07:00", 1),
    ],
)
def test_mail_leaves_at_the_hour_of_a_working_day(assignment, focal_point, mailer, moment, sent):
    told(reminders.DUE, focal_point, assignment, at(dt.date(2026, 3, 26), "23:30"), due_on=assignment.due_on)
    assert deliver(dt.datetime.fromisoformat(moment).replace(tzinfo=LOCAL)).sent == sent


def test_holidays_and_swapped_saturdays_are_the_calendars(assignment, focal_point, mailer):
    told(reminders.AWAITING_HEAD, focal_point, assignment, at(dt.date(2026, 2, 13), "21:00"))
    for day in range(16, 21):
        Holiday.objects.update_or_create(on=dt.date(2026, 2, day), defaults={"name": "Tết Bính Ngọ"})
    Holiday.objects.update_or_create(
        on=dt.date(2026, 2, 21), defaults={"kind": Holiday.Kind.WORKED, "name": "Làm bù"}
    )
    assignment.__class__.objects.filter(pk=assignment.pk).update(status="awaiting_head")
    days = [dt.date(2026, 2, day) for day in range(14, 23)]
    assert [day.day for day in days if deliver(at(day, "08:00")).sent] == [21]


def test_midnight_is_that_of_viet_nam(assignment, focal_point, mailer):
    """23:30 UTC on Monday is 6:30 on Tuesday here: the day is Tuesday's, its hour has not come."""
    told(reminders.DUE, focal_point, assignment, WEEK_BEFORE - dt.timedelta(days=1), due_on=assignment.due_on)
    assert deliver(dt.datetime(2026, 3, 23, 23, 30, tzinfo=dt.UTC)) == delivery.Outcome()
    assert deliver(dt.datetime(2026, 3, 24, 0, 0, tzinfo=dt.UTC)).sent == 1
    assert Mail.objects.get().day == TUESDAY


def test_week_of_darkness_ends_with_one_mail(notice, mailer, assignment):
    later = factories.AssignmentFactory(
        task=assignment.task, lead=assignment.lead, due_on=assignment.due_on - dt.timedelta(days=2)
    )
    moment = at(assignment.due_on - dt.timedelta(days=1), "08:00")
    planning.plan(at=moment)
    assert deliver(moment).sent == 2  # the focal point, and of what is overdue the head
    texts = [mailer.text(number=number) for number in range(len(mailer.sent))]
    assert all(text.count(later.title_vi) <= 1 for text in texts)
    assert all(text.count(assignment.title_vi) <= 1 for text in texts)


def test_first_switch_on_in_the_middle_of_a_year_sends_one_summary(
    programme, focal_point, head, officer, commander, admin, mailer
):
    """Forty assignments are due around today, or were long ago; nobody was ever reminded of any."""
    first = programme.assignments.get(code="1.01")
    for number in range(40):
        due_on = WEEK_BEFORE.date() + dt.timedelta(days=number - 20)
        factories.AssignmentFactory(task=first.task, lead=first.lead, code=f"1.2{number}", due_on=due_on)
    for minutes in range(0, 600, 30):
        planning.plan(at=WEEK_BEFORE + dt.timedelta(minutes=minutes))
        delivery.deliver(at=WEEK_BEFORE + dt.timedelta(minutes=minutes))
    hers = [mail for mail in mailer.sent if mail["To"] == focal_point.email]
    assert len(hers) == 1
    assert len(mailer.sent) == len({mail["To"] for mail in mailer.sent}), "nobody gets two"


def test_mail_that_the_server_did_not_take_waits_for_daylight_and_is_the_days(notice, mailer, assignment):
    mailer.away = True
    friday = at(dt.date(2026, 3, 27), "08:00")
    assert deliver(friday).put_back == 1
    mailer.away = False
    assert deliver(at(dt.date(2026, 3, 27), "22:00")) == delivery.Outcome()
    assert deliver(at(dt.date(2026, 3, 28), "09:00")) == delivery.Outcome()
    monday = dt.date(2026, 3, 30)
    planning.plan(at=at(monday, "00:30"))
    assert deliver(at(monday, "10:00")).sent == 1
    assert deliver(at(monday, "10:01")) == delivery.Outcome()
    assert deliver(at(monday + dt.timedelta(days=1), "07:00")).sent == 1


def test_what_informs_goes_with_a_later_mail_when_the_first_is_not_sent(
    notice, assignment, focal_point, mailer
):
    told(reminders.CONFIRMED, focal_point, assignment, at(TUESDAY, "06:00"), text_vi="Đã xác nhận")
    mails.gather(at=WEEK_BEFORE)
    outbox.cancel(assignment, kinds=[reminders.DUE], at=WEEK_BEFORE)
    assert deliver(WEEK_BEFORE) == delivery.Outcome(skipped=1)
    tomorrow = TUESDAY + dt.timedelta(days=1)
    told(report_reminders.REOPENED, focal_point, assignment, at(tomorrow, "06:00"), text_vi="Mở lại")
    assert deliver(at(tomorrow, "07:00")).sent == 1
    assert "Đã xác nhận" in mailer.text()


# --- What a person wants ---------------------------------------------------------------------------
def choose(user, **wanted):
    preferences.change(user, at=WEEK_BEFORE, **({"hour": 7, "language": "vi", "unwanted": []} | wanted))


def test_hour_is_the_persons(notice, mailer, focal_point):
    choose(focal_point, hour=17)
    assert deliver(WEEK_BEFORE) == delivery.Outcome()
    assert deliver(at(TUESDAY, "17:00")).sent == 1


def test_language_is_the_persons(notice, mailer, focal_point):
    choose(focal_point, language="en")
    deliver(WEEK_BEFORE)
    assert "Reminder, due 31/03/2026: assignment 1.01" in mailer.text()
    assert "ASSIGNMENTS" in mailer.text()


def test_unwanted_group_stays_in_the_portal(notice, mailer, focal_point):
    choose(focal_point, unwanted=[Group.DUTY])
    assert deliver(WEEK_BEFORE) == delivery.Outcome()
    assert Notice.objects.shown().contains(notice)


def test_unwanted_group_does_not_ride_along(notice, mailer, focal_point, assignment):
    choose(focal_point, unwanted=[Group.DUTY])
    told(report_reminders.REOPENED, focal_point, assignment, at(TUESDAY, "06:00"))
    assert deliver(WEEK_BEFORE).sent == 1
    assert "NHIỆM VỤ" not in mailer.text()
    notice.refresh_from_db()
    assert notice.skip_reason == Why.SWITCHED_OFF


def test_unwanted_group_is_put_aside_after_a_while(notice, focal_point):
    choose(focal_point, unwanted=[Group.DUTY])
    mails.gather(at=WEEK_BEFORE + dt.timedelta(days=15))
    notice.refresh_from_db()
    assert notice.skip_reason == Why.SWITCHED_OFF


def test_what_is_overdue_cannot_be_switched_off(notice, mailer, focal_point, assignment):
    choose(focal_point, unwanted=[group.value for group in Group])
    moment = at(assignment.due_on + dt.timedelta(days=1), "08:00")
    planning.plan(at=moment)
    deliver(moment)
    assert "Quá hạn" in "".join(mailer.text(number=number) for number in range(len(mailer.sent)))
    assert Group.SIGN not in MailPreference.objects.get().unwanted


# --- In hand ---------------------------------------------------------------------------------------
def test_who_has_it_in_hand_hears_again_on_the_last_days_only(notice, focal_point, assignment):
    outbox.take_on(notice, by=focal_point, at=WEEK_BEFORE)
    heard = []
    for days in (3, 1, 0):
        planning.plan(at=at(assignment.due_on - dt.timedelta(days=days), "08:00"))
        heard += Notice.objects.shown().filter(rule=f"{-days:+d}").values_list("rule", flat=True)
    assert heard == ["-1", "+0"]
    assert Notice.objects.get(rule="-3").skip_reason == Why.TAKEN_ON


def test_moved_deadline_is_reminded_of_anew(notice, focal_point, assignment):
    outbox.take_on(notice, by=focal_point, at=WEEK_BEFORE)
    moved = assignment.due_on + dt.timedelta(days=30)
    assignment.__class__.objects.filter(pk=assignment.pk).update(due_on=moved)
    planning.plan(at=at(moved - dt.timedelta(days=3), "08:00"))
    assert Notice.objects.shown().filter(rule="-3").exists()


@pytest.mark.parametrize(
    ("rule", "days", "may"),
    [("-15", 15, True), ("-3", 3, True), ("-3", 1, False), ("-1", 1, False), ("+0", 0, False)],
)
def test_a_reminder_is_taken_on_before_the_day_of_the_last(notice, rule, days, may):
    notice.rule = rule
    assert bool(kinds.to_take_on([notice], notice.due_on - dt.timedelta(days=days))) == may


def test_every_kind_of_what_is_overdue_cannot_be_switched_off():
    overdue = [code for code in kinds.codes() if code.endswith(".overdue")]
    assert len(overdue) >= 8
    assert [code for code in overdue if kinds.find(code).is_optional] == []


def test_what_ends_for_good_is_not_silenced():
    for code in ("certificate.expires", "token.expires", "seal.ends"):
        assert kinds.find(code).last_early is None


# --- How late is the mail --------------------------------------------------------------------------
def test_mail_that_waits_for_its_hour_is_not_late(notice, mailer, focal_point):
    choose(focal_point, hour=17)
    assert mails.oldest_due(at=at(TUESDAY, "16:59")) is None
    assert mails.oldest_due(at=at(TUESDAY, "17:30")) == at(TUESDAY, "17:00")
    deliver(at(TUESDAY, "17:30"))
    assert mails.oldest_due(at=at(TUESDAY, "17:31")) is None


def test_urgent_notice_that_nobody_sends_is_late(assignment, focal_point):
    told(reminders.REJECTED, focal_point, assignment, WEEK_BEFORE)
    assert mails.oldest_due(at=WEEK_BEFORE + MINUTE) == WEEK_BEFORE


def test_mail_that_is_refused_and_tried_again_is_late_all_the_while(
    notice, mailer, assignment, focal_point, head, several
):
    told(reminders.REJECTED, head, assignment, WEEK_BEFORE)
    assignment.__class__.objects.filter(pk=assignment.pk).update(status="rejected")
    mailer.faults = [refused(451) for _ in range(6)]
    assert deliver(WEEK_BEFORE).put_back == 6
    assert mails.oldest_due(at=WEEK_BEFORE) == at(TUESDAY, "07:00")
    mailer.faults = [refused(451)]
    assert deliver(WEEK_BEFORE + 2 * MINUTE).sent == 5
    (mail,) = Mail.objects.exclude(mail_state="sent")
    wanted = WEEK_BEFORE if mail.first else at(TUESDAY, "07:00")
    assert mails.oldest_due(at=WEEK_BEFORE + 2 * MINUTE) == wanted
    deliver(WEEK_BEFORE + 9 * MINUTE)
    assert mails.oldest_due(at=WEEK_BEFORE + 9 * MINUTE) is None


def test_mail_that_waits_to_be_sent_again_is_not_late_before_its_hours(notice, mailer, focal_point, admin):
    deliver(at(TUESDAY, "08:00"))
    Mail.objects.update(mail_state=Mail.State.FAILED)
    mails.send_all_again(by=admin, at=at(TUESDAY, "21:00"))
    assert mails.due(at=at(TUESDAY, "23:00")) == []
    morning = at(TUESDAY + dt.timedelta(days=1), "06:00")
    assert mails.due(at=morning + MINUTE) == [morning]


def test_urgent_notice_is_counted_once_before_and_after_its_mail_is_made(assignment, focal_point):
    told(reminders.REJECTED, focal_point, assignment, WEEK_BEFORE)
    assert len(mails.due(at=WEEK_BEFORE + MINUTE)) == 1
    mails.gather(at=WEEK_BEFORE + MINUTE)
    assert len(mails.due(at=WEEK_BEFORE + MINUTE)) == 1


@pytest.mark.parametrize(
    ("after", "opens"),
    [
        ("2026-03-24T05:59", "2026-03-24T06:00"),
        ("2026-03-24T10:30", "2026-03-24T10:30"),
        ("2026-03-24T20:00", "2026-03-25T06:00"),
        ("2026-03-27T20:00", "2026-03-30T06:00"),
        ("2026-03-28T10:00", "2026-03-30T06:00"),
    ],
)
def test_mails_of_a_day_leave_in_their_hours(after, opens):
    assert mails.next_mail_time(parse_moment(after), Calendar()) == parse_moment(opens)


def test_sections_say_each_thing_once(notice):
    (section,) = letters.sections([notice, notice])
    assert len(section.lines) == 1


def test_sections_end_somewhere(notice, mailer):
    many = [copy.copy(notice) for _number in range(letters.MOST_LINES + 7)]
    for number, one in enumerate(many):
        one.text_vi = f"Nhắc việc số {number}"
    (section,) = letters.sections(many)
    assert (len(section.lines), section.more) == (letters.MOST_LINES, 7)
    mail = Mail(recipient=notice.recipient, day=TUESDAY)
    message = letters.compose(mail, many, MailPreference(), at=WEEK_BEFORE)
    assert "Và 7 việc khác trong Cổng" in message.body
    assert "Và 7 việc khác trong Cổng" in message.alternatives[0][0]
