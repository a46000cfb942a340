"""Who sees the people of an agency and the posts they hold."""

import pytest

from portal.users import access

SEES_EVERYBODY = {"officer", "commander", "clerk", "admin"}


@pytest.mark.parametrize(
    ("code", "own"),
    [("SXD", {"head", "deputy", "focal_point"}), ("UBMTTQ", {"front_head"}), ("CTK", {"stranger"})],
)
def test_people_are_seen_by_their_agency_and_the_command(code, own, cast):
    agency = next(user.post.agency for user in vars(cast).values() if user.post.agency.code == code)
    seen = {name for name, user in vars(cast).items() if access.may_see_people(user, agency)}
    assert seen == SEES_EVERYBODY | own
    posts = {n for n, user in vars(cast).items() if access.visible_posts(user).filter(agency=agency)}
    assert posts == seen
