"""Reminders of the night when what they speak of is somebody else's, or nobody's, by the hour of the mail."""

import datetime as dt
import json

import pytest

from portal.lib.dates import LOCAL
from portal.notices import delivery, planning
from portal.notices.models import Notice
from portal.users.models import Membership, Role
from tasks import assignments, milestones, programmes, schemes
from tasks.content import assignment_content
from tasks.models import Assignment, Scheme
from tests import factories
from tests.factories import NOW, TODAY
from tests.portal.notices.conftest import Mailer
from tests.tasks import changing, extending, scheming
from tests.tasks.scheming import fresh

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("now", "officer", "commander", "head", "focal_point"),
]
MIDNIGHT = dt.datetime.combine(TODAY, dt.time(0, 1), tzinfo=LOCAL)
SEVEN = dt.datetime.combine(TODAY, dt.time(7), tzinfo=LOCAL)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def mailer(settings) -> type[Mailer]:
    Mailer.sent, Mailer.away, Mailer.faults = [], False, []
    settings.EMAIL_BACKEND = "tests.portal.notices.conftest.Mailer"
    return Mailer


@pytest.fixture
def reminded(assignment) -> Assignment:
    """1.01 alone, due in three days, of which the night's sweep told."""
    Assignment.objects.exclude(pk=assignment.pk).update(due_on=None)
    Assignment.objects.filter(pk=assignment.pk).update(due_on=TODAY + dt.timedelta(days=3))
    planning.plan(at=MIDNIGHT)
    return extending.fresh(assignment)


def mailed(mailer, user) -> str:
    """Return all that was mailed to a person."""
    parts = [mail.get_payload()[0] for mail in mailer.sent if mail["To"] == user.email]
    return "".join(part.get_payload(decode=True).decode() for part in parts)


def test_reminder_of_the_night_outlives_a_change_of_agencies(
    reminded, department, officer, commander, focal_point, mailer
):
    """The same people go on in the successor, and whoever is meant there hears in the morning."""
    successor = factories.AgencyFactory(code="SXD-2026", valid_from=TODAY)
    planned = changing.plan("rename", [department], [successor], by=officer, at=MIDNIGHT)
    changing.carry_out(planned, by=officer, then=commander, at=MIDNIGHT + 5 * MINUTE)
    planning.plan(at=MIDNIGHT + 6 * MINUTE)
    delivery.deliver(at=SEVEN)
    assert "1.01" in mailed(mailer, focal_point)
    assert Notice.objects.shown().filter(recipient=focal_point, rule="-3").count() == 1


def test_reminder_of_the_weekend_outlives_a_promotion(reminded, department, head, focal_point, mailer):
    """Told as focal point on Saturday, head of the agency on Monday."""
    saturday, monday = (dt.datetime(2026, 3, day, 7, 0, tzinfo=LOCAL) for day in (7, 9))
    Assignment.objects.filter(pk=reminded.pk).update(due_on=dt.date(2026, 3, 6))
    planning.plan(at=saturday)
    Membership.objects.filter(user__in=[head, focal_point]).update(valid_to=dt.date(2026, 3, 8))
    began = {"role": Role.AGENCY_HEAD, "valid_from": dt.date(2026, 3, 9)}
    Membership.objects.create(user=focal_point, agency=department, **began)
    planning.plan(at=monday)
    delivery.deliver(at=monday)
    assert "1.01" in mailed(mailer, focal_point)


def test_amendment_that_gives_the_duty_to_another_stops_the_mail(
    reminded, clerk, focal_point, front_head, mailer, programme
):
    before = json.loads(json.dumps(assignment_content(reminded)))
    after = before | {"lead": "UBMTTQ", "coordinating": []}
    extending.amend(programme, {"code": "1.01", "before": before, "after": after}, by=clerk)
    Assignment.objects.filter(pk=reminded.pk).update(due_on=TODAY + dt.timedelta(days=3))
    planning.plan(at=SEVEN - MINUTE)
    delivery.deliver(at=SEVEN + dt.timedelta(hours=3))
    assert mailed(mailer, focal_point) == ""
    assert "1.01" in mailed(mailer, front_head)


def test_amendment_that_takes_the_duty_out_leaves_nothing_unread(reminded, clerk, programme):
    before = json.loads(json.dumps(assignment_content(reminded)))
    extending.amend(programme, {"code": "1.01", "before": before, "after": None}, by=clerk)
    assert not Notice.objects.filter(kind="assignment.due").unread().exists()


@pytest.mark.parametrize("step", ["told", "reminded"])
def test_terminated_programme_asks_for_no_step(assignment, cast, mailer, programme, step):
    Assignment.objects.update(due_on=None)
    assignments.accept(assignment, by=cast.focal_point, at=NOW - dt.timedelta(days=6))
    assignments.submit_to_head(assignment, by=cast.head, at=NOW - dt.timedelta(days=5), result_text="Xong.")
    if step == "reminded":
        Notice.objects.all().delete()
        assert planning.plan(at=MIDNIGHT)
    programmes.terminate(programme, by=cast.commander, at=MIDNIGHT, reason="Hủy chương trình theo quyết định")
    mailer.sent.clear()
    delivery.deliver(at=SEVEN)
    assert "1.01" not in mailed(mailer, cast.officer)


# --- Milestones of schemes --------------------------------------------------------------------------------
@pytest.fixture
def milestone(programme, department, officer):
    """Due in a week, of which the night's sweep told its lead."""
    Assignment.objects.update(due_on=None)
    scheme = scheming.enter(department, by=officer)
    row = scheming.plan(scheme, by=officer, due_on=TODAY + dt.timedelta(days=7))
    planning.plan(at=MIDNIGHT)
    return row


def test_scheme_that_gets_another_lead_stops_the_mail(milestone, front, officer, focal_point, mailer):
    scheme = Scheme.objects.get(pk=milestone.scheme_id)
    facts, version = scheming.facts(front), schemes.version_of(scheme)
    schemes.amend(scheme, by=officer, at=NOW, facts=facts, version=version)
    delivery.deliver(at=NOW)
    assert mailed(mailer, focal_point) == ""


def test_milestone_that_gets_another_title_keeps_its_reminder(milestone, officer, focal_point, mailer):
    words = {"title": "Sơ kết giữa kỳ (đã sửa)", "due_on": milestone.due_on}
    milestones.change(fresh(milestone), by=officer, at=MIDNIGHT, **words)
    delivery.deliver(at=SEVEN)
    assert "Sơ kết giữa kỳ" in mailed(mailer, focal_point)
