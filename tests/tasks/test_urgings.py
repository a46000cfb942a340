"""Urging: who urges whom about what, once a day; calls that were made; what stays on record."""

import datetime as dt
import json

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from portal.agencies.models import Agency
from portal.audit.models import Event
from portal.lib.errors import RuleError
from portal.notices.models import Notice
from portal.users.models import User
from tasks import access, assignments, reports, urgings
from tasks.models import Assignment, Programme, Urging
from tasks.states import OPEN_ASSIGNMENT, AssignmentStatus
from tests.factories import NOW, TODAY
from tests.tasks import reporting
from tests.tasks.extending import fresh
from tests.tasks.reporting import of

pytestmark = pytest.mark.django_db
TEXT = "Đề nghị khẩn trương hoàn thành."
RUNS = {"officer", "commander"}


@pytest.fixture
def overdue(programme) -> Assignment:
    """1.02 of the Front, due 2 March; today is 10 March."""
    return fresh(programme.assignments.get(code="1.02"))


@pytest.fixture
def silent(programme):
    """The department's report, due on Monday 16 March, six days from now."""
    reporting.first_quarter(programme)
    return of("SXD")


def urge(thing, by, *, at=NOW, text=TEXT) -> Urging:
    return urgings.urge(thing, by=by, at=at, text=text)


# --- In the portal --------------------------------------------------------------------------------------
def test_head_and_focal_points_of_the_lead_are_told_and_it_is_kept(overdue, officer, front_head):
    made = urge(overdue, officer)
    assert (made.agency.code, made.channel, made.level, made.on) == ("UBMTTQ", "portal", 1, TODAY)
    told = Notice.objects.get(kind="assignment.urged")
    assert told.recipient == front_head
    assert TEXT not in told.text_vi
    event = json.loads(Event.objects.get(verb="urging.sent").payload)
    assert (event["code"], event["channel"]) == ("1.02", "portal")


def test_a_silent_report_is_urged_about(silent, officer, head, focal_point):
    assert urge(silent, officer).report == silent
    told = Notice.objects.filter(kind="report.urged")
    assert {notice.recipient for notice in told} == {head, focal_point}


def test_once_a_day_and_again_the_next(overdue, officer, commander, front_head):
    urge(overdue, officer)
    with pytest.raises(RuleError):
        urge(overdue, commander)
    assert Notice.objects.filter(kind="assignment.urged").count() == 1
    assert urge(overdue, officer, at=NOW + dt.timedelta(days=1)).level == Urging.Level.AGAIN


def test_the_database_holds_one_a_day_whoever_is_first(overdue, officer):
    """The lost race: two pages, both of which looked before the other wrote."""
    made = urge(overdue, officer)
    made.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        made.save(force_insert=True)


@pytest.mark.parametrize(
    "columns", [{"assignment": None}, {"channel": "telephone"}, {"person": "Ngô Đức Anh"}]
)
def test_the_database_holds_what_an_urging_is(overdue, officer, columns):
    made = urge(overdue, officer)
    with pytest.raises(IntegrityError), transaction.atomic():
        Urging.objects.filter(pk=made.pk).update(**columns)


@pytest.mark.parametrize(
    "name",
    ["officer", "commander", "clerk", "admin", "front_head", "head", "deputy", "focal_point", "viewer"],
)
def test_those_who_run_the_programme_urge(overdue, cast, name):
    user: User = getattr(cast, name)
    if name in RUNS:
        urge(overdue, user)
    else:
        with pytest.raises(PermissionDenied):
            urge(overdue, user)
        with pytest.raises(PermissionDenied):
            urgings.note_call(overdue, by=user, at=NOW, person="Ai đó", text=TEXT)
    assert access.may_urge(user, overdue.programme) == (name in RUNS)


@pytest.mark.parametrize("status", AssignmentStatus)
def test_what_is_owed_is_urged_about(overdue, officer, status):
    Assignment.objects.filter(pk=overdue.pk).update(status=status, submitted_on=TODAY)
    if status in OPEN_ASSIGNMENT:
        urge(overdue, officer)
    else:
        with pytest.raises(RuleError):
            urge(overdue, officer)


def test_nobody_is_urged_long_before_the_day(assignment, officer):
    with pytest.raises(RuleError):
        urge(fresh(assignment), officer)
    urge(fresh(assignment), officer, at=NOW + dt.timedelta(days=14))


def test_a_report_that_came_is_not_urged_about(silent, officer, head):
    reporting.submit(silent, head)
    with pytest.raises(RuleError):
        urge(of("SXD"), officer)


def test_nothing_is_urged_outside_a_programme_in_force(overdue, officer):
    Programme.objects.update(state="closed")
    with pytest.raises(RuleError):
        urge(fresh(overdue), officer)


def test_words_are_compulsory(overdue, officer):
    with pytest.raises(RuleError):
        urge(overdue, officer, text=" ")
    with pytest.raises(RuleError):
        urgings.note_call(overdue, by=officer, at=NOW, person=" ", text=TEXT)


def test_urging_is_answered_by_the_result(overdue, officer, front_head):
    urge(overdue, officer)
    assignments.accept(overdue, by=front_head, at=NOW)
    assert Notice.objects.filter(kind="assignment.urged", read_at=None).exists()
    assignments.submit_to_head(overdue, by=front_head, at=NOW, result_text="Xong")
    assert not Notice.objects.filter(kind="assignment.urged", read_at=None).exists()


def test_urging_is_answered_by_the_report(silent, officer, head):
    urge(silent, officer)
    reports.submit(of("SXD"), by=head, at=NOW, draft=reporting.draft(of("SXD")))
    assert not Notice.objects.filter(kind="report.urged", read_at=None).exists()


# --- By telephone ------------------------------------------------------------------------------------------
def test_a_call_is_noted_and_tells_nobody(overdue, officer):
    for _n in range(2):  # one may call twice a day
        made = urgings.note_call(overdue, by=officer, at=NOW, person="Đàm Thục Nhi", text="Hẹn gửi ngày 12/3")
    assert (made.channel, made.person, made.level) == ("telephone", "Đàm Thục Nhi", Urging.Level.AGAIN)
    assert not Notice.objects.filter(kind="assignment.urged").exists()
    assert Event.objects.filter(verb="urging.noted").count() == 2


# --- Words and sight ------------------------------------------------------------------------------------
def test_wording_says_what_and_since_when(overdue, silent):
    assert urgings.wording(overdue, TODAY).startswith("Nhiệm vụ 1.02 đã quá hạn (hạn 02/03/2026)")
    assert "sắp đến hạn (hạn 16/03/2026)" in urgings.wording(silent, TODAY)
    assert urgings.wording(silent, TODAY).startswith("Báo cáo ")


@pytest.mark.parametrize("name", ["front_head", "officer", "commander", "clerk"])
def test_the_agency_and_the_command_see_it(overdue, cast, name):
    made = urge(overdue, cast.officer)
    assert made in set(access.visible_urgings(getattr(cast, name)))


@pytest.mark.parametrize("name", ["head", "deputy", "focal_point", "viewer", "admin", "stranger"])
def test_nobody_else_sees_it(overdue, cast, name):
    urge(overdue, cast.officer)
    assert not access.visible_urgings(getattr(cast, name)).exists()


def test_numbers_are_for_those_who_urge(cast):
    Agency.objects.update(phone="0237 3851 234")
    assert {name for name in vars(cast) if access.may_see_contacts(getattr(cast, name))} == RUNS
