"""What an action tells: to the right people, with its other rows or not at all."""

import datetime as dt
from dataclasses import replace

import pytest

from portal.lib.actions import action
from portal.notices import kinds, outbox
from portal.notices.models import Notice
from portal.users.models import Membership, User
from tests import factories
from tests.factories import NOW

KIND = kinds.Kind(
    "assignment.test",
    "Việc $code $title",
    "Task $code $title",
    str,
    kinds.FOCAL_POINTS_AND_HEAD,
    kinds.Group.DUTY,
)

pytestmark = pytest.mark.usefixtures("focal_point", "head", "officer")


@pytest.fixture
def about(assignment) -> outbox.About:
    return outbox.About(assignment, assignment.lead_id, code="1.01", title_vi="Quy hoạch", title_en="Plan")


@action
def tell(*abouts, by, at=NOW) -> None:
    outbox.tell(KIND, *abouts, by=by, at=at)


def told() -> set[str]:
    return set(Notice.objects.values_list("recipient__username", flat=True))


def test_audience_is_told(about, officer):
    tell(about, by=officer)
    assert told() == {"sxd.daumoi", "sxd.head"}


def test_one_who_acts_is_not_told(about, head):
    tell(about, by=head)
    assert told() == {"sxd.daumoi"}


def test_portal_itself_excludes_nobody(about):
    tell(about, by=None)
    assert told() == {"sxd.daumoi", "sxd.head"}


def test_others_are_told_too_while_they_hold_a_post_there(about, officer, deputy, stranger):
    also = frozenset({deputy.pk, stranger.pk})
    tell(replace(about, also=also), by=officer)
    assert told() == {"sxd.daumoi", "sxd.head", deputy.username}, "not who is of another agency"


@pytest.mark.parametrize("change", ["left", "moved", "moved before the last day", "may not sign in"])
def test_who_left_the_agency_is_not_told_too(about, officer, deputy, outside, change):
    if change == "may not sign in":
        User.objects.filter(pk=deputy.pk).update(is_active=False)
    else:
        last = NOW.date() + dt.timedelta(days=99 if change == "moved before the last day" else -1)
        Membership.objects.filter(user=deputy).update(valid_to=last)
    if change.startswith("moved"):
        factories.MembershipFactory(user=deputy, agency=outside, valid_from=NOW.date())
    tell(replace(about, also=frozenset({deputy.pk})), by=officer)
    assert told() == {"sxd.daumoi", "sxd.head"}


def test_texts_are_in_both_languages(about, head):
    tell(about, by=head)
    notice = Notice.objects.get()
    assert (notice.text_vi, notice.text_en) == ("Việc 1.01 Quy hoạch", "Task 1.01 Plan")


def test_same_moment_twice_is_one_notice(about, head):
    tell(about, by=head)
    tell(about, by=head)
    assert Notice.objects.count() == 1


def test_telling_outside_an_action_is_refused(about, officer):
    with pytest.raises(RuntimeError):
        outbox.tell(KIND, about, by=officer, at=NOW)


def test_two_kinds_may_not_share_a_name():
    with pytest.raises(ValueError, match=r"assignment\.due"):
        kinds.register([kinds.find("assignment.due")], planner=lambda at: 0)


def test_kind_of_the_calendar_needs_an_audience():
    with pytest.raises(ValueError, match="audience"):
        kinds.Kind("x.y", "", "", str, kinds.OFFICERS, kinds.Group.KNOW, days=(-1,))
