"""Who sees the people of an agency and the posts they hold."""

import pytest

from portal.users import access
from tests.factories import TODAY, MembershipFactory, UserFactory

SEES_EVERYBODY = {"officer", "commander", "clerk", "admin"}


@pytest.mark.parametrize(
    ("code", "own"),
    [("SXD", {"head", "deputy", "focal_point"}), ("UBMTTQ", {"front_head"}), ("CTK", {"stranger"})],
)
def test_people_are_seen_by_their_agency_and_the_command(code, own, cast):
    agency = next(user.post.agency for user in vars(cast).values() if user.post.agency.code == code)
    seen = {name for name, user in vars(cast).items() if access.may_see_people(user, agency)}
    assert seen == SEES_EVERYBODY | own
    posts = {name for name, user in vars(cast).items() if access.visible_posts(user, agency, day=TODAY)}
    assert posts == seen


def test_ended_posts_and_closed_accounts_are_not_shown(officer, department):
    MembershipFactory(agency=department, valid_to="2026-01-01")
    MembershipFactory(agency=department, user=UserFactory(is_active=False))
    assert not access.visible_posts(officer, department, day=TODAY)
