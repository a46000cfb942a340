"""Standing groups: members and their days, the plan of a year, who is told and sees it, agency changes."""

import datetime as dt
import json

import pytest
from django.core.exceptions import PermissionDenied

from portal.agencies.models import Agency
from portal.audit.models import Event
from portal.lib.actions import action
from portal.lib.errors import RuleError, StaleError
from portal.notices.models import Notice
from portal.users.models import Role, User
from tasks import group_access, group_plans, group_reminders, groups
from tasks.group_plans import Item
from tasks.groups import Facts
from tasks.models import GroupMember, GroupPlanItem, StandingGroup
from tests.factories import NOW, TODAY, AgencyFactory, LegalBasisFactory, person, standing_group
from tests.tasks import changing

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


@pytest.fixture
def group(programme, department) -> StandingGroup:
    """The command and the department, since January."""
    return standing_group(programme.host, department)


@pytest.fixture
def item(group, department, officer) -> GroupPlanItem:
    return group_plans.add(
        group, by=officer, at=NOW, item=Item("Tuần tra chung", department, TODAY + 7 * DAY)
    )


def codes(group: StandingGroup, day: dt.date = TODAY) -> list[str]:
    return [agency.code for agency in groups.members(group, day)]


# --- Members --------------------------------------------------------------------------------------------
def test_founder_is_in_the_chair_and_a_member(programme, department, officer):
    facts = Facts("Nhóm phối hợp", LegalBasisFactory(), TODAY - 9 * DAY, "Phối hợp", [department])
    made = groups.found(programme.host, by=officer, at=NOW, facts=facts)
    assert made.host == programme.host
    assert codes(made) == ["BCHQS", "SXD"]
    assert json.loads(Event.objects.get(verb="group.founded").payload)["members"] == ["BCHQS", "SXD"]


@pytest.mark.parametrize(
    ("columns", "words"),
    [
        ({"begins_on": TODAY + DAY}, "từ ngày"),
        ({"members": ()}, "ít nhất một"),
        ({"name": "Có rồi"}, "đã có"),
    ],
)
def test_group_is_not_founded(programme, department, officer, columns, words):
    standing_group(programme.host, name="Có rồi")
    given = {"name": "Nhóm", "basis": LegalBasisFactory(), "begins_on": TODAY, "members": [department]}
    with pytest.raises(RuleError, match=words):
        groups.found(programme.host, by=officer, at=NOW, facts=Facts(**given | columns))


def test_only_who_runs_it_lets_members_in_and_out(group, head, front_head):
    front = front_head.memberships.get().agency
    for by in (head, front_head):
        with pytest.raises(PermissionDenied):
            groups.admit(group, by=by, at=NOW, agency=front, since_on=TODAY)


def test_who_leaves_sees_the_group_until_the_last_day(group, officer, front_head):
    front = front_head.memberships.get().agency
    row = groups.admit(group, by=officer, at=NOW, agency=front, since_on=TODAY - 5 * DAY)
    groups.release(row, by=officer, at=NOW, until_on=TODAY)
    assert group_access.visible_groups(front_head, TODAY).get() == group
    assert not group_access.visible_groups(front_head, TODAY + DAY).exists()
    assert codes(group, TODAY + DAY) == ["BCHQS", "SXD"]


def test_nobody_is_a_member_twice_or_before_the_group(group, officer, department):
    for since_on, words in (
        (TODAY, "đã là thành viên"),
        (group.begins_on - DAY, "từ khi lập nhóm"),
        (TODAY + DAY, "từ khi lập nhóm"),
    ):
        with pytest.raises(RuleError, match=words):
            groups.admit(group, by=officer, at=NOW, agency=department, since_on=since_on)


def test_chair_stays_and_so_does_who_has_items_to_do(group, item, officer):
    for row, words in zip(group.members.order_by("agency__code"), ("chủ trì", "còn nội dung"), strict=True):
        with pytest.raises(RuleError, match=words):
            groups.release(row, by=officer, at=NOW, until_on=TODAY)


def test_ended_group_changes_no_more_and_stays_in_sight(group, item, officer, head):
    with pytest.raises(RuleError, match="chưa xong"):
        groups.end(group, by=officer, at=NOW)
    group_plans.drop(item, by=officer, at=NOW, reason="Không còn cần")
    groups.end(group, by=officer, at=NOW)
    assert group_access.visible_groups(head, TODAY).get() == group
    with pytest.raises(RuleError, match="đã kết thúc"):
        group_plans.add(group, by=officer, at=NOW, item=Item("Nữa", group.host, TODAY))


# --- Who sees it ----------------------------------------------------------------------------------------
def test_only_members_the_command_and_viewers_see_it(
    group, item, officer, clerk, head, viewer, front_head, admin
):
    for user in (officer, clerk, head, viewer):
        assert group_access.visible_items(user, TODAY).get() == item
    for user in (front_head, admin):
        assert not group_access.visible_groups(user, TODAY).exists()
        assert not group_access.visible_items(user, TODAY).exists()


# --- The plan -------------------------------------------------------------------------------------------
def test_member_in_charge_is_told_and_reports(head, focal_point, item):
    told = Notice.objects.filter(kind="group_item.given")
    assert {notice.recipient for notice in told} == {head, focal_point}
    group_plans.report(item, by=focal_point, at=NOW, is_done=False, result="Đang làm")
    assert (item.state, item.result) == ("going", "Đang làm")
    group_plans.report(item, by=head, at=NOW, is_done=True, result="Đã tuần tra 3 đợt")
    assert (item.state, item.done_on) == ("done", TODAY)
    with pytest.raises(RuleError, match="đã xong"):
        group_plans.report(item, by=head, at=NOW, is_done=False, result="Nữa")


@pytest.mark.parametrize("act", [group_plans.report, group_plans.drop])
def test_words_that_came_after_the_page_stay(item, officer, focal_point, act):
    seen = group_plans.version_of(item)
    group_plans.report(item, by=focal_point, at=NOW, is_done=False, result="Đã đi hai đợt")
    given = {"reason": "Thôi"} if act is group_plans.drop else {"is_done": True, "result": "Xong"}
    with pytest.raises(StaleError):
        act(item, by=officer, at=NOW, version=seen, **given)
    item.refresh_from_db()
    assert (item.state, item.result) == ("going", "Đã đi hai đợt")
    act(item, by=officer, at=NOW, version=group_plans.version_of(item), **given)


def test_what_was_reported_outlives_that_the_item_is_given_up(item, officer, focal_point):
    group_plans.report(item, by=focal_point, at=NOW, is_done=False, result="Đã đi hai đợt")
    group_plans.drop(item, by=officer, at=NOW, reason="Nhóm chuyển sang việc khác")
    item.refresh_from_db()
    assert (item.state, item.result) == ("dropped", "Đã đi hai đợt")
    assert item.drop_reason == "Nhóm chuyển sang việc khác"


def test_other_members_report_nothing(group, item, officer, front_head):
    groups.admit(group, by=officer, at=NOW, agency=front_head.memberships.get().agency, since_on=TODAY)
    with pytest.raises(PermissionDenied):
        group_plans.report(item, by=front_head, at=NOW, is_done=False, result="Xen vào")


def test_what_is_done_says_what_came_of_it(item, head):
    with pytest.raises(RuleError):
        group_plans.report(item, by=head, at=NOW, is_done=True, result="  ")


def test_lead_of_an_item_is_a_member(group, officer, front_head):
    item = Item("Việc khác", front_head.memberships.get().agency, TODAY)
    with pytest.raises(RuleError, match="không phải thành viên"):
        group_plans.add(group, by=officer, at=NOW, item=item)


def test_item_stays_in_its_year_and_who_gets_it_is_told(commander, group, item, officer, department):
    with pytest.raises(RuleError, match="2026"):
        group_plans.change(item, by=officer, at=NOW, item=Item("Sang năm", department, dt.date(2027, 1, 5)))
    group_plans.change(item, by=officer, at=NOW, item=Item("Việc mới", group.host, TODAY + DAY))
    assert (item.title, item.lead, item.order) == ("Việc mới", group.host, 1)
    assert commander in {notice.recipient for notice in Notice.objects.filter(kind="group_item.given")}


def test_reminders_before_and_after_the_day_until_it_is_done(item, officer, head, focal_point):
    assert group_reminders.plan(NOW) == 1  # seven days before, to the focal point
    assert Notice.objects.get(kind="group_item.due").recipient == focal_point
    late = NOW + 8 * DAY
    group_reminders.plan(late)
    assert {one.recipient for one in Notice.objects.filter(kind="group_item.overdue")} == {head, focal_point}
    assert group_reminders.plan(late) == 0
    group_plans.report(item, by=head, at=late, is_done=True, result="Xong")
    assert group_reminders.plan(late + 6 * DAY) == 0


# --- A change of agencies -------------------------------------------------------------------------------
def test_successor_comes_into_the_place_and_takes_the_items(
    programme, group, item, department, officer, commander
):
    heir = AgencyFactory(code="SXDM", valid_from=TODAY)
    plan = changing.plan("rename", [department], [heir], by=officer)
    changing.carry_out(plan, by=officer, then=commander)
    item.refresh_from_db()
    assert codes(group) == ["BCHQS", "SXDM"]
    assert codes(group, TODAY - DAY) == ["BCHQS", "SXD"]
    assert item.lead == heir


@action
def pass_on(agency: Agency, heir: Agency | None, *, by: User) -> None:
    groups.pass_on([agency], {agency.pk: heir}, on=TODAY, by=by, at=NOW)


def test_border_guard_goes_into_the_command_which_is_there_already(group, officer, commander):
    guard = AgencyFactory(code="BBP")
    GroupMember.objects.create(group=group, agency=guard, valid_from=group.begins_on)
    row = group_plans.add(group, by=officer, at=NOW, item=Item("Tuần tra biên giới", guard, TODAY + 9 * DAY))
    pass_on(guard, group.host, by=officer)
    row.refresh_from_db()
    assert (row.lead, codes(group)) == (group.host, ["BCHQS", "SXD"])
    assert GroupMember.objects.get(agency=guard).valid_to == TODAY - DAY


def test_no_heir_leaves_the_items_to_the_chair(group, item, department, officer):
    pass_on(department, None, by=officer)
    item.refresh_from_db()
    assert (item.lead, codes(group)) == (group.host, ["BCHQS"])


def test_people_of_a_new_agency_that_is_no_member_see_nothing(group, item):
    stranger = person("nguoila", Role.AGENCY_HEAD, AgencyFactory(code="LA"))
    assert not group_access.visible_groups(stranger, TODAY).exists()
