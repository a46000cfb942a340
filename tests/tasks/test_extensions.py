"""Requests for extension: who asks when, who decides, what becomes of the deadline and of what was told."""

import datetime as dt
import json

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction

from portal.audit.models import Event
from portal.calendar.models import load_calendar
from portal.files import store
from portal.files.refusals import FileRefused
from portal.lib.errors import RuleError
from portal.notices.models import Notice
from portal.users.models import Role
from tasks import access, assignments, evidence, extensions, programmes, reminders
from tasks.content import assignment_content
from tasks.deadlines import AskedWhen, Timeliness, asked_when
from tasks.models import Assignment, Evidence, ExtensionRequest, Programme
from tasks.states import EXTENDABLE_ASSIGNMENT, OPEN_ASSIGNMENT, AssignmentStatus, ExtensionState
from tests import factories
from tests.factories import NOW, TODAY, person
from tests.tasks import extending, turning
from tests.tasks.extending import DUE_ON, NEW_ON, REASON, asked, fresh

pytestmark = pytest.mark.django_db
D = dt.date
WORKERS = {"head", "deputy", "focal_point"}
DECIDERS = {"commander"}


@pytest.fixture
def row(assignment) -> Assignment:
    """1.01 of the department, due on Tuesday 31 March; today is Tuesday 10 March."""
    return fresh(assignment)


def on(day: dt.date) -> dt.datetime:
    return NOW.replace(year=day.year, month=day.month, day=day.day)


# --- Asking --------------------------------------------------------------------------------------------
def test_request_keeps_the_deadlines_and_moves_none(row, focal_point, commander):
    made = asked(row, focal_point)
    found = ExtensionRequest.objects.get()
    assert made == found
    assert (found.signed_on, found.old_on, found.due_on, found.new_on) == (DUE_ON, DUE_ON, DUE_ON, NEW_ON)
    assert (found.state, found.asked_when, found.reason) == ("pending", AskedWhen.IN_TIME, REASON)
    assert (found.requested_by, found.agency.code) == (focal_point, "SXD")
    assert (fresh(row).adjusted_on, fresh(row).due_on) == (None, DUE_ON)
    told = Notice.objects.filter(kind="extension.asked")
    assert [notice.recipient for notice in told] == [commander]
    assert json.loads(Event.objects.get(verb="extension.requested").payload)["new_on"] == "2026-04-20"


@pytest.mark.parametrize(
    "name",
    ["officer", "commander", "clerk", "admin", "front_head", "head", "deputy", "focal_point", "viewer"],
)
def test_whoever_works_for_the_lead_may_ask(row, cast, name):
    user = getattr(cast, name)
    if name in WORKERS:
        assert asked(row, user).agency_id == user.agency_id
    else:
        with pytest.raises(PermissionDenied):
            asked(row, user)
    assert ExtensionRequest.objects.exists() == (name in WORKERS)
    assert access.may_ask_extension(user, row) == (name in WORKERS)


@pytest.mark.parametrize("status", AssignmentStatus)
def test_more_time_is_asked_for_while_a_result_is_owed(row, focal_point, status):
    Assignment.objects.filter(pk=row.pk).update(status=status, submitted_on=TODAY)
    if status in OPEN_ASSIGNMENT:
        asked(fresh(row), focal_point)
    else:
        with pytest.raises(RuleError):
            asked(fresh(row), focal_point)
    assert ExtensionRequest.objects.exists() == (status in OPEN_ASSIGNMENT)


@pytest.mark.parametrize("new_on", [DUE_ON, D(2026, 3, 20), D(2027, 1, 4)])
def test_new_deadline_lies_after_the_present_one_and_within_the_programme(row, focal_point, new_on):
    with pytest.raises(RuleError):
        asked(row, focal_point, new_on=new_on)
    assert not ExtensionRequest.objects.exists()


def test_recurring_assignment_has_no_deadline_to_move(programme, officer):
    with pytest.raises(RuleError):
        asked(fresh(programme.assignments.get(code="2.01")), officer, new_on=D(2026, 12, 20))


def test_reason_is_compulsory(row, focal_point):
    with pytest.raises(RuleError):
        asked(row, focal_point, reason="  ")


def test_a_second_request_waits_for_the_first(row, focal_point, head):
    asked(row, focal_point)
    with pytest.raises(RuleError):
        asked(fresh(row), head)
    assert ExtensionRequest.objects.count() == 1


def test_the_database_holds_one_open_request(row, focal_point):
    made = asked(row, focal_point)
    made.pk = None
    with pytest.raises(IntegrityError), transaction.atomic():
        made.save(force_insert=True)


@pytest.mark.parametrize(
    "columns",
    [
        {"new_on": DUE_ON},
        {"state": "approved", "decided_at": NOW},
        {"state": "refused", "decided_at": NOW},
        {"state": "withdrawn"},
        {"granted_on": NEW_ON},
    ],
)
def test_the_database_holds_what_a_request_is(row, focal_point, columns):
    made = asked(row, focal_point)
    with pytest.raises(IntegrityError), transaction.atomic():
        ExtensionRequest.objects.filter(pk=made.pk).update(**columns)


@pytest.mark.parametrize(
    ("day", "when"),
    [
        (D(2026, 3, 26), AskedWhen.IN_TIME),  # Friday, Monday and the day itself are left
        (D(2026, 3, 27), AskedWhen.LATE),
        (D(2026, 3, 31), AskedWhen.LATE),
        (D(2026, 4, 1), AskedWhen.OVERDUE),
    ],
)
def test_late_and_overdue_requests_are_taken_and_marked(row, focal_point, day, when):
    assert asked(row, focal_point, at=on(day)).asked_when == when


def test_days_off_do_not_count_as_notice(row, focal_point):
    factories.HolidayFactory(on=D(2026, 3, 27), kind="off")
    assert asked(row, focal_point, at=on(D(2026, 3, 26))).asked_when == AskedWhen.LATE


def test_how_much_notice_is_given_is_the_programmes(row, focal_point):
    Programme.objects.update(extension_notice_days=1)
    assert asked(fresh(row), focal_point, at=on(D(2026, 3, 30))).asked_when == AskedWhen.IN_TIME


def test_notice_is_counted_back_from_a_working_day():
    calendar = load_calendar()
    assert calendar.working_days_before(D(2026, 3, 2), 3) == D(2026, 2, 25)
    assert asked_when(D(2026, 3, 2), D(2026, 3, 2), calendar=calendar, notice_days=0) == AskedWhen.IN_TIME


# --- With a file ---------------------------------------------------------------------------------------
@pytest.fixture
def folders(settings, tmp_path):
    settings.FILES_DIR, settings.INCOMING_DIR = tmp_path / "files", tmp_path / "incoming"
    settings.QUARANTINE_DIR = tmp_path / "quarantine"


def sent(content: bytes = "Công văn xin gia hạn".encode()) -> SimpleUploadedFile:
    return SimpleUploadedFile("Công văn.txt", content)


def ask_with_file(row, user, file, *, declared=True):
    return extensions.ask(row, by=user, at=NOW, new_on=NEW_ON, reason=REASON, sent=file, declared=declared)


def test_file_becomes_evidence_of_the_assignment(row, focal_point, folders):
    made = ask_with_file(row, focal_point, sent())
    assert made.evidence == Evidence.objects.get()
    assert store.read(made.evidence.file_id) == "Công văn xin gia hạn".encode()


def test_file_without_the_declaration_is_refused(row, focal_point, folders):
    with pytest.raises(RuleError):
        ask_with_file(row, focal_point, sent(), declared=False)
    assert not ExtensionRequest.objects.exists()


def test_refused_file_leaves_no_request(row, focal_point, folders):
    with pytest.raises(FileRefused):
        ask_with_file(row, focal_point, sent("BÍ MẬT TUYỆT MẬT\nĐộ mật: MẬT".encode()))
    assert not ExtensionRequest.objects.exists()
    assert not Evidence.objects.exists()


# --- Deciding -------------------------------------------------------------------------------------------
def test_approval_moves_the_binding_day_and_keeps_the_signed_one(row, focal_point, head, commander):
    made = asked(row, focal_point, new_on=D(2026, 4, 18))  # a Saturday
    extensions.approve(made, by=commander, at=NOW)
    found = fresh(row)
    assert (found.deadline_on, found.adjusted_on, found.due_on) == (DUE_ON, D(2026, 4, 18), D(2026, 4, 20))
    assert found.extensions_granted == 1
    made.refresh_from_db()
    assert (made.state, made.granted_on, made.decided_by) == ("approved", D(2026, 4, 18), commander)
    told = Notice.objects.filter(kind="extension.approved")
    assert {notice.recipient for notice in told} == {focal_point, head}
    assert "20/04/2026" in told[0].text_vi


def test_another_day_may_be_granted(row, focal_point, commander):
    made = asked(row, focal_point)
    extensions.approve(made, by=commander, at=NOW, granted_on=D(2026, 4, 10), note="Sớm hơn")
    made.refresh_from_db()
    assert (made.granted_on, made.new_on, made.decision_note) == (D(2026, 4, 10), NEW_ON, "Sớm hơn")
    assert made.granted_another_day
    assert fresh(row).adjusted_on == D(2026, 4, 10)


@pytest.mark.parametrize("granted_on", [DUE_ON, D(2027, 1, 5)])
def test_a_day_that_gives_no_time_or_too_much_is_not_granted(row, focal_point, commander, granted_on):
    made = asked(row, focal_point)
    with pytest.raises(RuleError):
        extensions.approve(made, by=commander, at=NOW, granted_on=granted_on)
    assert fresh(row).adjusted_on is None


def test_extensions_are_counted_and_the_first_deadline_is_kept(row, focal_point, commander):
    extensions.approve(asked(row, focal_point), by=commander, at=NOW)
    second = asked(fresh(row), focal_point, new_on=D(2026, 5, 15))
    assert (second.signed_on, second.old_on) == (DUE_ON, NEW_ON)
    extensions.approve(second, by=commander, at=NOW)
    assert (fresh(row).extensions_granted, fresh(row).deadline_on) == (2, DUE_ON)


def test_refusal_says_why_and_leaves_the_deadline(row, focal_point, head, commander):
    made = asked(row, focal_point)
    with pytest.raises(RuleError):
        extensions.refuse(made, by=commander, at=NOW, reason=" ")
    extensions.refuse(made, by=commander, at=NOW, reason="Chưa đủ căn cứ")
    made.refresh_from_db()
    assert (made.state, made.decision_note) == ("refused", "Chưa đủ căn cứ")
    assert (fresh(row).adjusted_on, fresh(row).extensions_granted) == (None, 0)
    assert Notice.objects.filter(kind="extension.refused", recipient=head).count() == 1
    assert "Chưa đủ" not in Notice.objects.filter(kind="extension.refused")[0].text_vi


@pytest.mark.parametrize(
    "name",
    ["officer", "commander", "clerk", "admin", "front_head", "head", "deputy", "focal_point", "viewer"],
)
def test_the_commander_decides(row, cast, name):
    made, user = asked(row, cast.focal_point), getattr(cast, name)
    if name in DECIDERS:
        extensions.approve(made, by=user, at=NOW)
    else:
        with pytest.raises(PermissionDenied):
            extensions.approve(made, by=user, at=NOW)
        with pytest.raises(PermissionDenied):
            extensions.refuse(made, by=user, at=NOW, reason=REASON)


@pytest.mark.parametrize("delegated", [True, False])
def test_deputies_of_the_host_decide_where_the_programme_says_so(row, focal_point, host, delegated):
    Programme.objects.update(deputies_decide_extensions=delegated)
    deputy = person("bchqs.pcht", Role.DEPUTY_HEAD, host)
    made = asked(fresh(row), focal_point)
    assert access.visible_extensions(deputy).exists() == delegated
    assert Notice.objects.filter(recipient=deputy).exists() == delegated
    if delegated:
        extensions.approve(made, by=deputy, at=NOW)
    else:
        with pytest.raises(PermissionDenied):
            extensions.approve(made, by=deputy, at=NOW)


@pytest.mark.parametrize("status", AssignmentStatus)
def test_it_is_decided_until_the_result_is_confirmed(row, focal_point, commander, status):
    made = asked(row, focal_point)
    Assignment.objects.filter(pk=row.pk).update(status=status, submitted_on=TODAY)
    made = ExtensionRequest.objects.get(pk=made.pk)
    if status in EXTENDABLE_ASSIGNMENT:
        extensions.approve(made, by=commander, at=NOW)
    else:
        with pytest.raises(RuleError):
            extensions.approve(made, by=commander, at=NOW)


def test_the_second_to_decide_is_told(row, focal_point, commander):
    """The lost race: two pages of the commander."""
    made = asked(row, focal_point)
    twin = ExtensionRequest.objects.get(pk=made.pk)
    extensions.refuse(made, by=commander, at=NOW, reason=REASON)
    with pytest.raises(RuleError):
        extensions.approve(twin, by=commander, at=NOW)
    assert fresh(row).extensions_granted == 0


def test_nothing_is_decided_outside_a_programme_in_force(row, focal_point, commander):
    made = asked(row, focal_point)
    Programme.objects.update(state="closed")
    with pytest.raises(RuleError):
        extensions.approve(ExtensionRequest.objects.get(pk=made.pk), by=commander, at=NOW)


# --- Withdrawing -------------------------------------------------------------------------------------------
def test_the_agency_withdraws_what_is_open(row, focal_point, head, commander):
    made = asked(row, focal_point)
    extensions.withdraw(made, by=head, at=NOW)
    assert ExtensionRequest.objects.get().state == ExtensionState.WITHDRAWN
    assert not Notice.objects.filter(kind="extension.asked", read_at=None).exists()
    asked(fresh(row), focal_point)


def test_another_agency_withdraws_nothing(row, focal_point, front_head):
    with pytest.raises(PermissionDenied):
        extensions.withdraw(asked(row, focal_point), by=front_head, at=NOW)


def test_what_was_decided_is_not_withdrawn(row, focal_point, commander):
    made = asked(row, focal_point)
    twin = ExtensionRequest.objects.get(pk=made.pk)
    extensions.approve(made, by=commander, at=NOW)
    with pytest.raises(RuleError):
        extensions.withdraw(twin, by=focal_point, at=NOW)


# --- What follows ----------------------------------------------------------------------------------------
def test_reminders_of_the_old_day_are_taken_back(row, focal_point, commander):
    reminders.plan(on(D(2026, 3, 28)))
    old = Notice.objects.filter(kind="assignment.due", subject_id=row.pk, read_at=None)
    assert old.exists()
    extensions.approve(asked(row, focal_point), by=commander, at=on(D(2026, 3, 29)))
    assert not old.exists()
    reminders.plan(on(D(2026, 4, 19)))
    assert Notice.objects.filter(kind="assignment.due", due_on=NEW_ON, read_at=None).exists()


def test_a_result_sent_before_a_slow_decision_is_on_time(row, focal_point, head, commander):
    made = asked(row, focal_point)
    later = on(D(2026, 4, 3))
    assignments.accept(row, by=focal_point, at=later)
    assignments.submit_to_head(row, by=head, at=later, result_text="Xong")
    extensions.approve(ExtensionRequest.objects.get(pk=made.pk), by=commander, at=later)
    standing = Assignment.objects.with_timeliness(D(2026, 4, 4)).get(pk=row.pk).standing
    assert standing == Timeliness.COMPLETED_ON_TIME


def test_confirmation_lets_an_open_request_lapse(row, focal_point, head, officer):
    asked(row, focal_point)
    assignments.accept(row, by=focal_point, at=NOW)
    assignments.submit_to_head(row, by=head, at=NOW, result_text="Xong")
    assert ExtensionRequest.objects.get().is_pending
    assignments.confirm(row, by=officer, at=NOW)
    assert ExtensionRequest.objects.get().state == ExtensionState.LAPSED
    assert Notice.objects.filter(kind="extension.lapsed", recipient=focal_point).exists()


def test_programme_that_ends_lets_open_requests_lapse(row, focal_point, officer):
    asked(row, focal_point)
    turning.leave_all_open(row.programme, officer)
    programmes.close(row.programme, by=officer, at=NOW)
    assert ExtensionRequest.objects.get().state == ExtensionState.LAPSED


@pytest.mark.parametrize(
    ("changes", "state", "adjusted"),
    [
        ({"deadline_on": "2026-09-30"}, ExtensionState.LAPSED, None),
        ({"lead": "UBMTTQ", "coordinating": []}, ExtensionState.LAPSED, NEW_ON),
        ({"target": "12"}, ExtensionState.PENDING, NEW_ON),
        (None, ExtensionState.LAPSED, NEW_ON),
    ],
)
def test_amendment_ends_what_spoke_of_the_old_text(
    row, focal_point, commander, clerk, changes, state, adjusted
):
    extensions.approve(asked(row, focal_point), by=commander, at=NOW)
    asked(fresh(row), focal_point, new_on=D(2026, 6, 1))
    before = json.loads(json.dumps(assignment_content(fresh(row))))
    after = before | changes if changes is not None else None
    extending.amend(row.programme, {"code": "1.01", "before": before, "after": after}, by=clerk)
    found = fresh(row)
    assert ExtensionRequest.objects.get(new_on=D(2026, 6, 1)).state == state
    assert (found.adjusted_on, found.extensions_granted) == (adjusted, 1 if adjusted else 0)


# --- Seeing -----------------------------------------------------------------------------------------------
SEES = ("officer", "commander", "clerk", "head", "deputy", "focal_point")


@pytest.mark.parametrize("name", [*SEES, "front_head", "viewer", "admin", "stranger"])
def test_who_sees_a_request(row, cast, name):
    made, user = asked(row, cast.focal_point), getattr(cast, name)
    assert (made in set(access.visible_extensions(user))) == (name in SEES)


def test_a_full_shelf_of_evidence_refuses_the_file_and_the_request(row, focal_point, folders, monkeypatch):
    monkeypatch.setattr(evidence, "MOST", 0)
    with pytest.raises(RuleError):
        ask_with_file(row, focal_point, sent())
    assert not ExtensionRequest.objects.exists()
