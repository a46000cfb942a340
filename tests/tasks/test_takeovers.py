"""What was proposed is what moves: no other change of the day, and nothing new, goes along unread."""

import datetime as dt

import pytest

from portal.users.models import User
from tasks import changes
from tasks.models import ChangePlan
from tests import factories
from tests.factories import NOW, TODAY
from tests.tasks import changing, reporting
from tests.tasks.changing import parts_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
DAY = dt.timedelta(days=1)
SOON = TODAY + DAY


def decided(plan, officer, commander) -> ChangePlan:
    changes.propose(plan, by=officer, at=NOW)
    changes.confirm(plan, by=commander, at=NOW)
    return plan


@pytest.fixture
def renaming(programme, department, officer) -> ChangePlan:
    new = factories.AgencyFactory(code="MOI", name_vi="Sở Mới", valid_from=SOON)
    return changing.plan("rename", [department], [new], by=officer, on=SOON)


@pytest.fixture
def draft_beside(department, officer) -> ChangePlan:
    """Its successor has the department's name: of several it would be proposed."""
    same = factories.AgencyFactory(code="SXD-2", name_vi=department.name_vi, valid_from=SOON)
    return changing.plan("rename", [department], [same], by=officer, on=SOON)


def test_a_draft_of_the_same_day_redirects_nothing(
    renaming, programme, department, head, officer, commander, request
):
    reporting.first_quarter(programme)
    decided(renaming, officer, commander)
    request.getfixturevalue("draft_beside")
    assert changes.carry_out_due(at=NOW + DAY) == 1
    assert parts_of("1.01")[0] == "MOI"
    assert reporting.of("MOI")
    assert head.memberships.order_by("-valid_from").first().agency.code == "MOI"
    assert User.objects.get(pk=head.pk).role == head.role


def test_what_came_up_since_is_proposed_again(renaming, programme, department, officer, commander):
    decided(renaming, officer, commander)
    task = programme.priority_tasks.first()
    factories.AssignmentFactory(task=task, code="1.77", lead=department)
    late = factories.MembershipFactory(agency=department)
    assert changes.carry_out_due(at=NOW + DAY) == 0
    renaming.refresh_from_db()
    assert "1.77" in renaming.refusal
    assert late.user.get_full_name() in renaming.refusal
    changes.take_back(renaming, by=officer, at=NOW)
    decided(renaming, officer, commander)
    assert changes.carry_out_due(at=NOW + DAY) == 1
    assert parts_of("1.77")[0] == "MOI"


def test_successor_of_another_change_is_waited_for(renaming, draft_beside, officer, commander):
    changing.choose(renaming, {"1.01": "SXD-2", "1.02": "MOI"}, by=officer)
    decided(renaming, officer, commander)
    assert changes.carry_out_due(at=NOW + DAY) == 0
    renaming.refresh_from_db()
    assert "Sở Xây dựng" in renaming.refusal
    changing.choose(draft_beside, by=officer)
    decided(draft_beside, officer, commander)
    assert changes.carry_out_due(at=NOW + DAY) == 2
    assert parts_of("1.01")[0] == "SXD-2"
    assert parts_of("1.02")[1] == ["MOI"]


def test_what_nobody_chose_is_proposed_anew_once_taken_back(renaming, officer, commander, request):
    decided(renaming, officer, commander)
    changes.take_back(renaming, by=officer, at=NOW)
    assert not renaming.takeovers.exists()
    request.getfixturevalue("draft_beside")
    with pytest.raises(changes.RuleError, match=r"1\.01, 1\.02"):
        changes.propose(renaming, by=officer, at=NOW)
