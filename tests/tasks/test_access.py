"""Who sees and may do what: every post against every thing, forbidden pairs included."""

import pytest

from portal.users.models import Role
from tasks import access
from tasks.models import Assignment, Programme
from tasks.states import AssignmentStatus, ProgrammeState
from tests import factories
from tests.factories import person

EVERYBODY = {
    "officer",
    "commander",
    "clerk",
    "admin",
    "front_head",
    "head",
    "deputy",
    "focal_point",
    "viewer",
    "stranger",
}
PARTIES = {"front_head", "head", "deputy", "focal_point"}
COMMAND = {"officer", "commander", "clerk"}


def allowed(cast, predicate) -> set[str]:
    return {name for name in EVERYBODY if predicate(getattr(cast, name))}


@pytest.mark.parametrize("state", ProgrammeState)
def test_who_sees_a_programme(cast, programme, state):
    Programme.objects.update(state=state)
    seen = allowed(cast, lambda user: access.visible_programmes(user).exists())
    opened = state in {"frozen", "in_force", "closed", "terminated"}
    assert seen == COMMAND | {"admin"} | (PARTIES | {"viewer"} if opened else set())


def test_assignments_are_seen_with_their_programme(cast, programme):
    seen = allowed(cast, lambda user: access.visible_assignments(user).count() == 3)
    assert seen == EVERYBODY - {"stranger"}
    assert not access.visible_assignments(cast.stranger).exists()


def test_member_without_post_sees_nothing(programme):
    nobody = factories.UserFactory()
    assert not access.visible_programmes(nobody).exists()
    assert not access.visible_assignments(nobody).exists()


def test_ended_post_sees_nothing(programme, focal_point):
    focal_point.memberships.update(valid_to="2024-01-01")
    focal_point = type(focal_point).objects.get(pk=focal_point.pk)
    assert not access.visible_programmes(focal_point).exists()


def progress_seen(cast, assignment: Assignment) -> set[str]:
    return allowed(cast, lambda user: access.may_see_progress(user, assignment))


def test_who_sees_progress(cast, programme):
    by_code = {a.code: a for a in programme.assignments.all()}
    department = {"head", "deputy", "focal_point"}
    assert progress_seen(cast, by_code["1.01"]) == COMMAND | department | {"front_head"}
    assert progress_seen(cast, by_code["2.01"]) == COMMAND


def test_viewer_sees_progress_once_confirmed(cast, assignment):
    Assignment.objects.filter(pk=assignment.pk).update(status="confirmed", submitted_on="2026-03-01")
    assert "viewer" in progress_seen(cast, assignment)
    assert access.may_see_log(cast.head, assignment)
    assert not access.may_see_log(cast.viewer, assignment)


@pytest.mark.parametrize("status", [AssignmentStatus.ASSIGNED, AssignmentStatus.CONFIRMED])
def test_annotation_says_the_same_as_the_predicate(cast, programme, status):
    Assignment.objects.filter(code="1.02").update(status=status, submitted_on="2026-03-01")
    for name in EVERYBODY:
        user = getattr(cast, name)
        for row in access.with_progress_visible(access.visible_assignments(user), user):
            assert row.progress_visible == access.may_see_progress(user, row), (name, row.code)


def test_who_may_do_what_to_an_assignment(cast, assignment):
    """1.01, led by the department."""
    assert allowed(cast, lambda u: access.may_work(u, assignment)) == {"head", "deputy", "focal_point"}
    assert allowed(cast, lambda u: access.may_approve(u, assignment)) == {"head", "deputy"}
    assert allowed(cast, lambda u: access.may_confirm(u, assignment)) == {"officer"}


def test_host_works_on_its_own_assignments(cast, programme):
    own = programme.assignments.get(code="2.01")
    assert allowed(cast, lambda u: access.may_work(u, own)) == {"officer", "commander"}
    assert allowed(cast, lambda u: access.may_approve(u, own)) == {"commander"}


def test_who_may_run_a_programme(cast, programme):
    for predicate in (access.may_settle, access.may_freeze, access.may_close):
        assert allowed(cast, lambda u, may=predicate: may(u, programme)) == {"officer", "commander"}
    assert allowed(cast, lambda u: access.may_edit_periods(u, programme)) == {"officer", "commander", "admin"}
    for predicate in (access.may_bring_into_force, access.may_terminate):
        assert allowed(cast, lambda u, may=predicate: may(u, programme)) == {"commander"}


def test_officer_of_another_agency_runs_nothing(programme, outside):
    other = person("other.officer", Role.PROGRAMME_OFFICER, outside)
    assert not access.may_settle(other, programme)
    assert not access.may_confirm(other, programme.assignments.first())
