"""The sweep: what is planned on which day, for whom, and that repeating it is harmless."""

import datetime as dt

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from portal.agencies.models import Agency
from portal.audit.models import Event
from portal.lib.dates import LOCAL
from portal.notices import kinds, outbox, planning
from portal.notices.holders import Holders
from portal.notices.models import Notice, Why
from portal.users.models import Membership, Role, User
from tasks import reminders
from tasks.models import Assignment, Programme
from tasks.states import AssignmentStatus, ProgrammeState
from tests import factories
from tests.factories import person

DUE_ON = dt.date(2026, 3, 31)
LONG_AGO = dt.date(2026, 1, 1)

pytestmark = pytest.mark.usefixtures("officer", "commander", "head", "focal_point", "assignment")


@pytest.fixture(autouse=True)
def alone(programme: Programme) -> None:
    """Leave 1.01 as the only assignment with a binding day."""
    programme.assignments.exclude(code="1.01").update(due_on=None)


def days_before(days: int, clock: str = "08:00") -> dt.datetime:
    """Return the local moment so many days before the deadline of 1.01."""
    return dt.datetime.combine(DUE_ON - dt.timedelta(days=days), dt.time.fromisoformat(clock), tzinfo=LOCAL)


def told(**where: object) -> set[tuple[str, str]]:
    """Return (role, rule) of the notices that are shown."""
    rows = Notice.objects.shown().filter(**where)
    return set(rows.values_list("recipient__memberships__role", "rule").order_by())


def leave(*users: User) -> None:
    """End their posts."""
    Membership.objects.filter(user__in=users).update(valid_to=LONG_AGO)


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        (16, set()),
        (15, {("focal_point", "-15")}),
        (7, {("focal_point", "-7")}),
        (3, {("focal_point", "-3")}),
        (1, {("focal_point", "-1")}),
        (-1, {("focal_point", "+1"), ("agency_head", "+1")}),
    ],
)
def test_each_day_tells_those_it_is_for(days, expected):
    planning.plan(at=days_before(days))
    assert told() == expected


def test_day_begins_at_midnight_in_viet_nam():
    planning.plan(at=days_before(16, "23:59"))
    assert told() == set()
    planning.plan(at=days_before(15, "00:00"))
    assert told() == {("focal_point", "-15")}


def test_day_is_local_also_when_the_moment_is_given_in_utc():
    """17:00 UTC is midnight in Việt Nam."""
    planning.plan(at=days_before(15, "00:00").astimezone(dt.UTC))
    assert told() == {("focal_point", "-15")}


def test_text_says_code_title_and_deadline():
    planning.plan(at=days_before(7))
    notice = Notice.objects.shown().get()
    assert notice.text_vi == "Nhắc việc, hạn 31/03/2026: nhiệm vụ 1.01 Quy hoạch đất quốc phòng"
    assert notice.text_en == "Reminder, due 31/03/2026: assignment 1.01 Assignment 1.01"


def test_english_text_borrows_the_vietnamese_title(assignment):
    assignment.title_en = ""
    assignment.save()
    planning.plan(at=days_before(7))
    assert Notice.objects.shown().get().text_en.endswith("1.01 Quy hoạch đất quốc phòng")


def test_longest_title_fits(assignment):
    assignment.title_vi = "ữ" * 500
    assignment.save()
    planning.plan(at=days_before(7))
    assert Notice.objects.shown().get().text_vi.endswith("ữ" * 500)


def test_repeated_sweep_plans_nothing_new():
    assert planning.plan(at=days_before(7)) > 0
    assert planning.plan(at=days_before(7, "08:10")) == 0
    assert planning.plan(at=days_before(6)) == 0


def test_whole_run_up_tells_each_rule_once():
    for days in range(20, -35, -1):
        planning.plan(at=days_before(days))
    assert told() == {
        *(("focal_point", rule) for rule in ("-15", "-7", "-3", "-1", "+0", "+1", "+7", "+15", "+30")),
        *(("agency_head", rule) for rule in ("+1", "+7", "+15", "+30")),
        *(("programme_officer", rule) for rule in ("+7", "+15", "+30")),
        *(("commander", rule) for rule in ("+15", "+30")),
    }
    assert not Notice.objects.filter(is_shown=False).exists()


def test_after_darkness_only_the_newest_missed_one_is_sent():
    planning.plan(at=days_before(2))
    assert told() == {("focal_point", "-3")}
    older = Notice.objects.filter(is_shown=False)
    assert set(older.values_list("rule", "mail_state", "skip_reason")) == {
        ("-15", "skipped", Why.NEWER),
        ("-7", "skipped", Why.NEWER),
    }


def test_overdue_outranks_what_was_missed_before_it():
    planning.plan(at=days_before(-2))
    assert told() == {("focal_point", "+1"), ("agency_head", "+1")}


def test_nothing_older_than_the_catch_up_window_is_planned():
    planning.plan(at=days_before(-30 - planning.CATCH_UP_DAYS))
    assert {rule for _role, rule in told()} == {"+30"}
    Notice.objects.all().delete()
    planning.plan(at=days_before(-31 - planning.CATCH_UP_DAYS))
    assert told() == set()


def test_extension_moves_the_reminders(assignment):
    planning.plan(at=days_before(7))
    later = DUE_ON + dt.timedelta(days=30)
    assignment.due_on = later
    assignment.save()
    planning.plan(at=days_before(3))
    assert told() == {("focal_point", "-7")}
    planning.plan(at=days_before(3) + dt.timedelta(days=30))
    assert ("focal_point", "-3") in told(due_on=later)


@pytest.mark.parametrize(
    "status",
    [
        AssignmentStatus.SUBMITTED,
        AssignmentStatus.CONFIRMED,
        AssignmentStatus.SUSPENDED,
        AssignmentStatus.CANCELLED,
        AssignmentStatus.CARRIED_OVER,
        AssignmentStatus.RETURNED,
    ],
)
def test_assignment_that_is_not_owed_is_left_alone(assignment, status):
    assignment.status, assignment.submitted_on = status, dt.date(2026, 3, 1)
    assignment.save()
    planning.plan(at=days_before(7))
    assert not Notice.objects.filter(kind__in=[kind.code for kind in reminders.CALENDAR]).exists()


def test_programme_that_is_not_in_force_is_left_alone(programme):
    programme.state = ProgrammeState.CLOSED
    programme.save()
    assert planning.plan(at=days_before(7)) == 0


def test_recurring_assignment_has_no_reminders(assignment):
    assignment.due_on = None
    assignment.save()
    assert planning.plan(at=days_before(7)) == 0


# --- Whom -----------------------------------------------------------------------------------------
def test_agency_without_focal_point_falls_back_to_its_head(focal_point):
    leave(focal_point)
    planning.plan(at=days_before(7))
    assert told() == {("agency_head", "-7")}


def test_agency_without_anyone_falls_back_to_the_officers(focal_point, head):
    leave(focal_point, head)
    planning.plan(at=days_before(7))
    assert told() == {("programme_officer", "-7")}


def test_person_who_may_not_sign_in_counts_as_absent(focal_point):
    User.objects.filter(pk=focal_point.pk).update(is_active=False)
    planning.plan(at=days_before(7))
    assert told() == {("agency_head", "-7")}


def test_newcomer_gets_the_newest_reminder_only(department):
    planning.plan(at=days_before(15))
    planning.plan(at=days_before(7))
    person("newcomer", Role.FOCAL_POINT, department)
    planning.plan(at=days_before(5))
    assert told(recipient__username="newcomer") == {("focal_point", "-7")}


@pytest.mark.parametrize(
    "audience", [kinds.FOCAL_POINTS, kinds.FOCAL_POINTS_AND_HEAD, kinds.HEADS, kinds.HEADS_AND_DEPUTIES]
)
@pytest.mark.parametrize("leaving", [(), ("focal_point",), ("head",), ("focal_point", "head", "deputy")])
def test_sql_and_python_mean_the_same_people(cast, department, audience, leaving):
    leave(*(getattr(cast, name) for name in leaving))
    kind = kinds.Kind("assignment.test", "$code", "$code", str, audience, kinds.Group.DUTY, days=(-7,))
    subjects = Assignment.objects.values(
        "due_on", "code", "title_vi", "title_en", subject_id=F("pk"), agency_id=F("lead_id")
    )
    planning.sweep(subjects, (kind,), at=days_before(7))
    people = outbox.people_of(audience, {department.pk}, DUE_ON)[department.pk]
    assert people
    assert set(Notice.objects.values_list("recipient_id", flat=True)) == people


# --- Audit and races ------------------------------------------------------------------------------
def test_sweep_that_planned_something_leaves_one_event():
    planning.plan(at=days_before(7))
    event = Event.objects.get()
    assert (event.verb, event.actor_id) == ("notices.planned", None)
    assert '"count":2' in event.payload  # the newest, and the one a fortnight before that it replaced


def test_sweep_that_planned_nothing_leaves_none():
    planning.plan(at=days_before(40))
    assert not Event.objects.exists()


def test_sweep_takes_as_many_queries_for_many_as_for_one(django_assert_num_queries, assignment):
    for _number in range(20):
        factories.AssignmentFactory(task=assignment.task, lead=assignment.lead, due_on=DUE_ON)
    with django_assert_num_queries(45):
        planning.plan(at=days_before(7))
    assert Notice.objects.shown().count() == 21


def test_sweep_that_finds_nothing_new_writes_nothing(assignment):
    planning.plan(at=days_before(7))
    with CaptureQueriesContext(connection) as asked:
        assert planning.plan(at=days_before(7)) == 0
    assert not [query for query in asked if "INSERT INTO notices_notice" in query["sql"]]


@pytest.mark.slow
def test_thousand_people_are_planned_in_one_sweep(programme, assignment):
    agencies = Agency.objects.bulk_create(
        factories.AgencyFactory.build(name_sort_key=number, name_folded=number) for number in range(1000)
    )
    users = User.objects.bulk_create(User(username=f"p{number}") for number in range(1000))
    Membership.objects.bulk_create(
        Membership(user=user, agency=agency, role=Role.FOCAL_POINT, valid_from=LONG_AGO)
        for user, agency in zip(users, agencies, strict=True)
    )
    Assignment.objects.bulk_create(
        factories.AssignmentFactory.build(
            programme=programme, task=assignment.task, lead=agency, due_on=DUE_ON
        )
        for agency in agencies
    )
    planning.plan(at=days_before(7))
    assert Notice.objects.shown().count() == 1001


@pytest.mark.both  # on PostgreSQL tied rows come in any order
def test_officer_who_stands_in_for_the_commander_hears_of_each(programme, commander, officer, assignment):
    leave(commander)
    facts = {"programme": programme, "task": assignment.task, "lead": assignment.lead, "due_on": DUE_ON}
    Assignment.objects.bulk_create(factories.AssignmentFactory.build(**facts) for _number in range(60))
    planning.plan(at=days_before(-15))
    assert Notice.objects.shown().filter(recipient=officer, rule="+15").count() == 61


@pytest.mark.both  # the window of the sweep
def test_of_two_posts_the_newest_counts_as_on_every_page(focal_point, head, outside, department):
    Membership.objects.filter(user=focal_point).update(valid_to=dt.date(2026, 12, 31))
    began = {"valid_from": dt.date(2026, 3, 20), "role": Role.FOCAL_POINT}
    Membership.objects.create(user=focal_point, agency=outside, **began)
    planning.plan(at=days_before(7))
    shown = Notice.objects.shown().filter(kind="assignment.due")
    assert [notice.recipient for notice in shown] == [head]  # in the place of who left
    assert outbox.people_of(kinds.FOCAL_POINTS, {department.pk}, DUE_ON)[department.pk] == {head.pk}
    assert Holders.of([focal_point.pk], DUE_ON).held(focal_point.pk, DUE_ON) == (outside.pk, "focal_point")


def test_planner_that_fails_keeps_nobody_back(monkeypatch):
    def broken(at: dt.datetime) -> int:
        raise LookupError

    monkeypatch.setattr(kinds, "_planners", [broken, *kinds.planners()])
    with pytest.raises(LookupError):
        planning.plan(at=days_before(7))
    assert told() == {("focal_point", "-7")}
