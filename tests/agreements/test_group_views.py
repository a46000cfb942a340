"""Pages of standing groups, and their meetings: members alone are invited, decisions go into the plan."""

import datetime as dt

import pytest
from django.urls import reverse

from agreements import briefings, conclusions, conferences
from agreements.conclusions import Concluded
from agreements.models import Conference
from portal.lib.errors import RuleError
from tasks import group_plans, groups
from tasks.group_plans import Item
from tasks.models import GroupPlanItem, StandingGroup
from tests.agreements.conferring import fresh
from tests.factories import NOW, TODAY, ConferenceFactory, LegalBasisFactory, standing_group

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now"), pytest.mark.both]
DAY = dt.timedelta(days=1)


@pytest.fixture
def group(programme, department) -> StandingGroup:
    return standing_group(programme.host, department, name="Nhóm ba lực lượng")


@pytest.fixture
def item(group, department, officer) -> GroupPlanItem:
    return group_plans.add(group, by=officer, at=NOW, item=Item("Tuần tra chung", department, TODAY - DAY))


@pytest.fixture
def meeting(programme, group, department, officer, commander) -> Conference:
    """This morning's briefing of the two members."""
    row = ConferenceFactory(
        programme=programme,
        group=group,
        kind="briefing",
        title="Giao ban nhóm",
        chair=commander,
        secretary=officer,
    )  # fmt: skip
    row.invited.exclude(agency=department).delete()
    return fresh(row)


def body(client, address: str) -> str:
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


# --- Pages ----------------------------------------------------------------------------------------------
def test_page_shows_members_plan_and_meetings_to_members(group, item, meeting, head, front_head, login):
    page = body(login(head), group.get_absolute_url())
    assert all(
        words in page for words in ("Nhóm ba lực lượng", "Tuần tra chung", "Giao ban nhóm", "Sở Xây dựng")
    )
    assert "Nhóm ba lực lượng" in body(login(head), reverse("groups:list"))
    assert "Nhóm ba lực lượng" not in body(login(front_head), reverse("groups:list"))
    for address in (group.get_absolute_url(), item.get_absolute_url()):
        assert login(front_head).get(address).status_code == 404


def test_plan_is_shown_year_by_year(group, item, officer, head, department, login):
    group_plans.add(group, by=officer, at=NOW, item=Item("Việc sang năm", department, dt.date(2027, 3, 1)))
    assert "Việc sang năm" not in body(login(head), group.get_absolute_url())
    assert "Việc sang năm" in body(login(head), f"{group.get_absolute_url()}?year=2027")
    assert body(login(head), f"{group.get_absolute_url()}?year=x2")


def test_an_assignment_beside_an_item_is_for_who_reads_its_programme(
    group, item, programme, officer, head, login
):
    """The text of next year is the command's until it is frozen, also where a group's plan points into it."""
    duty = programme.assignments.get(code="1.01")
    given = Item(item.title, item.lead, item.due_on, duty)
    group_plans.change(item, by=officer, at=NOW, item=given)
    for address in (group.get_absolute_url(), item.get_absolute_url()):
        assert duty.get_absolute_url() in body(login(head), address)
    type(programme).objects.filter(pk=programme.pk).update(state="draft")
    for address in (group.get_absolute_url(), item.get_absolute_url()):
        page = body(login(head), address)
        assert duty.get_absolute_url() not in page
        assert duty.title_vi not in page
        assert duty.get_absolute_url() in body(login(officer), address)


@pytest.mark.parametrize("pk", ["9" * 30, "9" * 5000])
def test_a_meeting_of_no_group_is_not_prepared(programme, officer, login, pk):
    address = reverse("conferences:new", args=[programme.year])
    assert login(officer).get(address, {"group": pk}).status_code == 404


def test_officer_founds_a_group_and_plans(programme, department, officer, head, login):
    client, basis = login(officer), LegalBasisFactory(number="03/2019/NĐ-CP")
    facts = {"name": "Nhóm mới", "basis": basis.pk, "begins_on": "2026-01-16", "members": [department.pk]}
    assert client.post(reverse("groups:new"), facts | {"name": ""}).status_code == 400
    assert client.post(reverse("groups:new"), facts).status_code == 302
    group = StandingGroup.objects.get()
    item = {"title": "Tuần tra", "lead": department.pk, "due_on": "2026-05-01", "assignment": ""}
    assert client.post(reverse("groups:add", args=[group.pk]), item).status_code == 302
    row = group.items.get()
    changed = item | {"title": "Tuần tra chung", "assignment": programme.assignments.get(code="1.02").pk}
    address = reverse("groups:edit", args=[group.pk, row.pk])
    changed["version"] = client.get(address).context["form"]["version"].value()
    assert client.post(address, changed).status_code == 302
    stale = client.post(address, changed | {"title": "Khác"})
    assert stale.status_code == 409, "somebody changed it meanwhile"
    assert all(words in stale.content.decode() for words in ("Khác", "Tuần tra chung"))
    assert "1.02" in body(login(head), row.get_absolute_url())
    assert login(head).get(reverse("groups:new")).status_code == 403


def test_member_in_charge_reports_by_the_page(group, item, head, login):
    address = reverse("groups:report", args=[group.pk, item.pk])
    refused = login(head).post(address, {"is_done": "on", "result": ""})
    assert (refused.status_code, "lý do" in refused.content.decode()) == (400, True)
    assert login(head).post(address, {"is_done": "on", "result": "Đã xong 3 đợt"}).status_code == 302
    assert "Đã xong 3 đợt" in body(login(head), item.get_absolute_url())


@pytest.mark.parametrize(("name", "typed"), [("report", "Mới đi một đợt"), ("drop", "Không còn cần thiết")])
def test_page_older_than_the_words_of_another_writes_over_nothing(
    group, item, focal_point, officer, login, name, typed
):
    client = login(officer)
    seen = client.get(item.get_absolute_url()).context["steps"][name]["version"].value()
    group_plans.report(item, by=focal_point, at=NOW, is_done=False, result="Đã đi hai đợt")
    sent = {"result": typed, "reason": typed, "version": seen}
    stale = client.post(reverse(f"groups:{name}", args=[group.pk, item.pk]), sent)
    assert stale.status_code == 409
    assert all(words in stale.content.decode() for words in (typed, "Đã đi hai đợt"))
    item.refresh_from_db()
    assert (item.state, item.result) == ("going", "Đã đi hai đợt")


def test_members_come_and_go_by_the_page(group, front, officer, login):
    client = login(officer)
    client.post(reverse("groups:admit", args=[group.pk]), {"agency": front.pk, "since_on": "2026-03-01"})
    row = group.members.get(agency=front)
    address = reverse("groups:release", args=[group.pk, row.pk])
    assert client.post(address, {"until_on": "2030-01-01"}).status_code == 400
    assert client.post(address, {"until_on": "2026-03-10"}).status_code == 302
    row.refresh_from_db()
    assert row.valid_to == TODAY
    other = standing_group(group.host, front)
    foreign = other.members.get(agency=front)
    assert client.post(reverse("groups:release", args=[group.pk, foreign.pk])).status_code == 404


def test_what_is_of_another_group_is_not_there(group, item, front, head, login):
    """404 before 403: a member who runs nothing learns nothing of a foreign row either."""
    other = standing_group(group.host, front)
    foreign = other.members.get(agency=front)
    assert login(head).post(reverse("groups:release", args=[group.pk, foreign.pk])).status_code == 404
    assert login(head).get(reverse("groups:edit", args=[other.pk, item.pk])).status_code == 404
    assert login(head).post(reverse("groups:drop", args=[group.pk, item.pk])).status_code == 403


def test_item_is_given_up_and_the_group_ends_by_the_page(group, item, officer, login):
    client = login(officer)
    client.post(reverse("groups:end", args=[group.pk]))
    assert StandingGroup.objects.get(pk=group.pk).ended_on is None
    client.post(reverse("groups:drop", args=[group.pk, item.pk]), {"reason": "Không còn cần thiết"})
    client.post(reverse("groups:end", args=[group.pk]))
    assert StandingGroup.objects.get(pk=group.pk).ended_on == TODAY


@pytest.mark.parametrize(("name", "count"), [("list", 5), ("detail", 12)])
def test_pages_take_a_fixed_number_of_queries(
    group, item, meeting, officer, login, django_assert_num_queries, name, count
):
    client, args = login(officer), [group.pk] if name == "detail" else []
    client.get(reverse(f"groups:{name}", args=args))
    with django_assert_num_queries(count):
        client.get(reverse(f"groups:{name}", args=args))


# --- Meetings -------------------------------------------------------------------------------------------
def test_plan_of_a_meeting_begins_with_the_members(group, department, officer, login):
    page = body(login(officer), f"/conferences/new/2026/?group={group.pk}")
    assert "Giao ban Nhóm ba lực lượng" in page
    assert page.count("checked") == 1
    assert login(officer).get("/conferences/new/2026/?group=999").status_code == 404


def test_only_members_are_invited(programme, group, meeting, front, officer):
    facts = {name: getattr(meeting, name) for name in conferences.FACTS}
    plan = conferences.Plan(**facts, agencies=[front])
    with pytest.raises(RuleError, match="thành viên"):
        conferences.prepare(programme, by=officer, at=NOW, plan=plan)
    with pytest.raises(RuleError, match="Giấy mời đã gửi"):
        conferences.change(meeting, by=officer, at=NOW, plan=conferences.Plan(**facts | {"group": None}))


def test_list_of_its_briefing_names_what_the_plan_owes(meeting, item):
    (row,) = briefings.gather(meeting, TODAY)["plan"]
    assert (row["title"], row["days"], row["agency"]) == ("Tuần tra chung", 1, "Sở Xây dựng")


def test_decision_goes_into_the_plan_once_and_is_no_assignment(
    programme, group, meeting, department, officer, head, login
):
    about = programme.priority_tasks.get(number=1)
    said = Concluded("Thống nhất mẫu  trao đổi.", department, about, TODAY + 20 * DAY)
    row = conclusions.conclude(meeting, by=officer, at=NOW, concluded=said)
    with pytest.raises(RuleError, match="kế hoạch riêng"):
        conclusions.assign(row, by=officer, at=NOW)
    page = body(login(officer), group.get_absolute_url())
    assert "Thống nhất mẫu" in page
    assert "Thống nhất mẫu" not in body(login(head), group.get_absolute_url())
    address = reverse("conferences:put_in_plan", args=[meeting.pk, row.pk])
    assert login(officer).post(address).status_code == 302
    made = group.items.get()
    assert (made.title, made.lead, made.conclusion_id) == ("Thống nhất mẫu trao đổi.", department, row.pk)
    for again in (conclusions.put_in_plan, conclusions.drop):
        with pytest.raises(RuleError, match="kế hoạch"):
            again(row, by=officer, at=NOW)
    assert "Thống nhất mẫu" in body(login(head), group.get_absolute_url())


def test_decision_of_another_meeting_goes_into_no_plan(conference, department, officer):
    said = Concluded("Rà soát.", department, None, TODAY + DAY)
    row = conclusions.conclude(conference, by=officer, at=NOW, concluded=said)
    with pytest.raises(RuleError, match="không phải"):
        conclusions.put_in_plan(row, by=officer, at=NOW)


def test_group_that_ended_meets_no_more(programme, group, meeting, officer):
    groups.end(group, by=officer, at=NOW)
    facts = {name: getattr(fresh(meeting), name) for name in conferences.FACTS}
    with pytest.raises(RuleError, match="đã kết thúc"):
        conferences.prepare(programme, by=officer, at=NOW, plan=conferences.Plan(**facts))
