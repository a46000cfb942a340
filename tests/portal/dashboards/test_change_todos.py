"""Homes of those who confirm changes of agencies say what waits for them."""

import pytest

from portal.dashboards import summaries
from portal.notices.models import Notice
from portal.users.models import Role
from tasks import changes
from tasks.models import ChangePlan
from tests import factories
from tests.factories import NOW, TODAY, person
from tests.tasks import changing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
CONFIRMING = ("officer", "commander", "admin")


@pytest.fixture
def plan(programme, department) -> ChangePlan:
    """Proposed by a second administrator, whose post is not at the host."""
    by = person("quantri2", Role.ADMINISTRATOR, factories.AgencyFactory())
    new = factories.AgencyFactory(code="SXD-2026", valid_from=TODAY)
    plan = changing.plan("rename", [department], [new], by=by)
    changing.choose(plan, by=by)
    changes.propose(plan, by=by, at=NOW)
    return plan


def told(user, plan) -> list[str]:
    page = summaries.home(user, at=NOW, today=TODAY)
    return [row.why for row in page.todos if row.url == plan.get_absolute_url()]


def test_what_waits_stands_at_home_of_who_confirms(plan, cast):
    names = [
        name for name in ("head", "focal_point", "clerk", *CONFIRMING) if told(getattr(cast, name), plan)
    ]
    assert names == list(CONFIRMING)
    assert not told(plan.proposed_by, plan)


def test_what_was_refused_on_its_day_says_why(plan, cast, commander):
    ChangePlan.objects.update(state="confirmed", confirmed_by=commander, confirmed_at=NOW)
    assert not told(commander, plan)
    ChangePlan.objects.update(refusal="Đang ký.")
    assert [told(getattr(cast, name), plan) for name in CONFIRMING] == [["Đang ký."]] * 3


def test_heads_of_the_host_hear_of_it_wherever_it_was_proposed(commander, plan):
    assert Notice.objects.get(kind="agency_change.proposed").recipient == commander
