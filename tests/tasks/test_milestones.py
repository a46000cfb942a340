"""Milestones of schemes: carried by duties through the years, reported, confirmed; lights and reminders."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied

from portal.audit.models import Event
from portal.lib.errors import RuleError
from portal.notices.models import Notice
from portal.notices.planning import forecast
from portal.notices.planning import plan as plan_notices
from tasks import leftovers, milestone_lights, milestones, points
from tasks.lights import Rule
from tasks.models import Assignment, Milestone, MilestoneDuty, Programme, Scheme, YearEndDecision
from tests.factories import NOW, TODAY
from tests.tasks import scheming
from tests.tasks.scheming import JUNE, fresh
from tests.tasks.turning import begun, decide

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
DAY = dt.timedelta(days=1)
OTHERS = ("clerk", "admin", "front_head", "head", "focal_point", "viewer", "stranger")


@pytest.fixture
def scheme(programme, officer, department, front) -> Scheme:
    return scheming.enter(department, by=officer, coordinating=[front])


@pytest.fixture
def row(scheme, officer) -> Milestone:
    return scheming.plan(scheme, by=officer)


@pytest.fixture
def duty(programme) -> Assignment:
    return programme.assignments.get(code="1.01")


@pytest.fixture
def carried(row, duty, officer) -> Milestone:
    milestones.tie(row, by=officer, at=NOW, assignment=duty)
    return fresh(row)


def report(row, by, **more):
    given = {"result": "Đã tổ chức hội nghị sơ kết", "reached_on": TODAY, **more}
    milestones.report(fresh(row), by=by, at=NOW, **given)


# --- Planning ---------------------------------------------------------------------------------------
def test_planned_within_the_years_and_once(scheme, row, officer):
    assert (row.state, row.due_on) == ("open", JUNE)
    with pytest.raises(RuleError, match="đã có mốc"):
        scheming.plan(scheme, by=officer)
    with pytest.raises(RuleError, match="2025 đến 2028"):
        scheming.plan(scheme, by=officer, title="Khác", due_on=dt.date(2029, 1, 1))


@pytest.mark.parametrize("name", OTHERS)
def test_others_neither_plan_nor_settle(scheme, row, cast, name):
    by = getattr(cast, name)
    for act in (
        lambda: scheming.plan(scheme, by=by, title="Khác"),
        lambda: milestones.change(row, by=by, at=NOW, title="Khác", due_on=JUNE),
        lambda: milestones.confirm(row, by=by, at=NOW),
        lambda: milestones.drop(row, by=by, at=NOW, reason="Thôi"),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_changed_until_it_is_reported(row, officer, head):
    milestones.change(fresh(row), by=officer, at=NOW, title="Sơ kết lần hai", due_on=JUNE + DAY)
    row = fresh(row)
    assert (row.title, row.due_on) == ("Sơ kết lần hai", JUNE + DAY)
    report(row, head)
    with pytest.raises(RuleError):
        milestones.change(fresh(row), by=officer, at=NOW, title="Khác", due_on=JUNE)


# --- Duties that carry it ---------------------------------------------------------------------------
def test_one_duty_a_year_carries_it(carried, duty, programme, officer):
    other = programme.assignments.get(code="1.02")
    with pytest.raises(RuleError, match=r"1\.01"):
        milestones.tie(carried, by=officer, at=NOW, assignment=other)
    milestones.untie(carried, by=officer, at=NOW, assignment=duty)
    with pytest.raises(RuleError, match="đã có người"):
        milestones.untie(carried, by=officer, at=NOW, assignment=duty)
    milestones.tie(carried, by=officer, at=NOW, assignment=other)
    assert carried.duties.get().assignment == other


def test_only_duties_of_agencies_that_take_part(row, programme, officer, head):
    with pytest.raises(RuleError, match="tham gia"):
        milestones.tie(row, by=officer, at=NOW, assignment=programme.assignments.get(code="2.01"))
    with pytest.raises(PermissionDenied):
        milestones.tie(row, by=head, at=NOW, assignment=programme.assignments.get(code="1.01"))


def test_what_carried_it_in_a_year_that_is_over_stays(carried, duty, officer):
    Programme.objects.update(state="closed")
    with pytest.raises(RuleError, match="Năm"):
        milestones.untie(carried, by=officer, at=NOW, assignment=Assignment.objects.get(pk=duty.pk))


def test_it_follows_a_duty_that_is_carried_over(carried, duty, programme, officer, head):
    text = begun(programme, officer)
    decide(programme, officer, _1_01="carried")
    copy = YearEndDecision.objects.get(assignment=duty).carried_to
    assert [tie.assignment for tie in carried.duties.all()] == [duty, copy]
    (line,) = milestone_lights.lit([carried], officer, TODAY)
    assert [found.programme.year for found in line.carriers] == [2026, 2027]
    (line,) = milestone_lights.lit([carried], head, TODAY)  # of the draft the command alone knows
    assert [found.programme.year for found in line.carriers] == [2026]
    assert not list(milestones.wanted_in(text))


def test_taking_back_lets_it_go(carried, duty, programme, officer):
    begun(programme, officer)
    decide(programme, officer, _1_01="carried")
    decision = YearEndDecision.objects.get(assignment=duty)
    leftovers.take_back(decision, by=officer, at=NOW, reason="Đã xong")
    assert [tie.assignment for tie in carried.duties.all()] == [duty]


def test_taking_back_leaves_what_was_tied_by_hand(carried, duty, programme, officer):
    """The copy of a begun year that was chosen for the milestone goes on carrying it."""
    copy = begun(programme, officer).assignments.get(copied_from=duty)
    milestones.tie(fresh(carried), by=officer, at=NOW - DAY, assignment=copy)
    decide(programme, officer, _1_01="carried")
    decision = YearEndDecision.objects.get(assignment=duty)
    leftovers.take_back(decision, by=officer, at=NOW, reason="Đã xong")
    assert [tie.assignment for tie in carried.duties.all()] == [duty, copy]


def test_a_duty_without_a_copy_is_made_with_it_and_goes_with_it(carried, duty, programme, officer):
    text = begun(programme, officer)
    text.assignments.filter(copied_from=duty).delete()
    decide(programme, officer, _1_01="carried")
    assert carried.duties.count() == 2
    decision = YearEndDecision.objects.get(assignment=duty)
    leftovers.take_back(decision, by=officer, at=NOW, reason="Đã xong")
    assert carried.duties.get().assignment == duty


def test_what_is_reached_does_not_follow(carried, duty, programme, officer, head):
    report(carried, head)
    milestones.confirm(fresh(carried), by=officer, at=NOW)
    begun(programme, officer)
    decide(programme, officer, _1_01="carried")
    assert carried.duties.get().assignment == duty


# --- A new year -------------------------------------------------------------------------------------
@pytest.fixture
def next_year(scheme, programme, officer) -> Programme:
    scheming.plan(scheme, by=officer, title="Tổng kết", due_on=dt.date(2027, 6, 30))
    return begun(programme, officer)


def wanted(text):
    return [point for point in points.open_points(text, today=TODAY) if point.kind == "milestone"]


def test_a_new_text_asks_for_a_duty(next_year, officer, login):
    (point,) = wanted(next_year)
    assert point.about.title == "Tổng kết"
    task = next_year.priority_tasks.first()
    sent = {"task": task.pk, "from": "points", "year": 2027}
    client = login(officer)
    assert "Tổng kết" in client.get("/years/2027/points/").text
    response = client.post(f"/schemes/milestones/{point.about.pk}/draft/", sent)
    assert response["Location"] == "/years/2027/points/"
    made = next_year.assignments.get(milestone_duties__milestone=point.about)
    assert (made.lead, made.task, made.deadline_on) == (point.about.scheme.lead, task, point.about.due_on)
    assert made.status == "draft"
    assert not wanted(next_year)


def test_the_copy_of_what_carries_it_is_proposed(carried, duty, programme, officer, login):
    text = begun(programme, officer)
    (point,) = wanted(text)
    copy = text.assignments.get(copied_from=duty)
    assert point.proposed == copy
    sent = {"assignment": copy.pk, "from": "points", "year": 2027}
    login(officer).post(f"/schemes/milestones/{carried.pk}/tie/", sent)
    assert not wanted(text)


def test_one_may_be_let_stand(next_year, officer, login):
    (point,) = wanted(next_year)
    login(officer).post("/years/2027/points/mark/", {"key": point.key, "reason": "Theo dõi riêng"})
    assert not wanted(next_year)


def test_no_duty_is_made_in_a_text_that_is_signed(row, programme, officer):
    task = programme.priority_tasks.first()
    with pytest.raises(RuleError):
        milestones.draft(row, by=officer, at=NOW, programme=programme, task=task)
    assert not MilestoneDuty.objects.exists()


def test_what_ended_or_was_dropped_is_not_asked_for(next_year, officer):
    row = Milestone.objects.get(title="Tổng kết")
    milestones.drop(fresh(row), by=officer, at=NOW, reason="Thôi")
    assert not wanted(next_year)


# --- Reaching ---------------------------------------------------------------------------------------
def test_the_lead_reports_and_the_officer_confirms(row, focal_point, officer):
    report(row, focal_point)
    row = fresh(row)
    assert (row.state, row.reported_by, row.reached_on) == ("reported", focal_point, TODAY)
    assert Notice.objects.get(kind="milestone.reported").recipient == officer
    milestones.confirm(row, by=officer, at=NOW)
    assert fresh(row).state == "reached"
    assert Notice.objects.filter(kind="milestone.confirmed", recipient=focal_point).exists()
    assert Event.objects.filter(verb="milestone.confirmed").exists()
    with pytest.raises(RuleError):
        milestones.drop(fresh(row), by=officer, at=NOW, reason="Thôi")


def test_who_reported_it_does_not_confirm_it(row, officer, commander, login):
    report(row, officer)
    with pytest.raises(RuleError, match="người khác"):
        milestones.confirm(fresh(row), by=officer, at=NOW)
    assert "confirm" not in login(officer).get(row.get_absolute_url()).context["forms"]
    milestones.confirm(fresh(row), by=commander, at=NOW)
    assert fresh(row).state == "reached"


@pytest.mark.parametrize("name", ["clerk", "admin", "front_head", "viewer", "stranger"])
def test_others_do_not_report(row, cast, name):
    with pytest.raises(PermissionDenied):
        report(row, getattr(cast, name))


def test_reported_once_with_words_and_not_of_tomorrow(row, head, focal_point):
    with pytest.raises(RuleError):
        report(row, head, result=" ")
    with pytest.raises(RuleError, match="không được sau hôm nay"):
        report(row, head, reached_on=TODAY + DAY)
    with pytest.raises(RuleError, match="bí mật"):
        report(row, head, result="TUYỆT MẬT")
    report(row, head)
    with pytest.raises(RuleError):
        report(row, focal_point)


def test_sent_back_it_is_open_again_and_the_lead_is_told(row, head, officer):
    report(row, head)
    with pytest.raises(RuleError):
        milestones.send_back(fresh(row), by=officer, at=NOW, reason="")
    milestones.send_back(fresh(row), by=officer, at=NOW, reason="Thiếu báo cáo sơ kết")
    row = fresh(row)
    assert (row.state, row.note) == ("open", "Thiếu báo cáo sơ kết")
    assert Notice.objects.filter(kind="milestone.sent_back", recipient=head).exists()
    report(row, head)
    assert fresh(row).note == ""


def test_dropped_for_a_reason(row, officer):
    with pytest.raises(RuleError):
        milestones.drop(fresh(row), by=officer, at=NOW, reason=" ")
    milestones.drop(fresh(row), by=officer, at=NOW, reason="Không còn phù hợp")
    assert fresh(row).state == "dropped"


# --- Lights -----------------------------------------------------------------------------------------
def colour(row, carrier=None, today=TODAY):
    found = milestone_lights.light(row, carrier, Rule(), today)
    return found and str(found.colour)


def test_the_light_by_its_own_day(row):
    assert colour(row) is None
    assert colour(row, today=JUNE - DAY * 7) == "yellow"
    assert colour(row, today=JUNE) == "yellow"
    assert colour(row, today=JUNE + DAY) == "red"


def test_the_light_of_the_duty_that_carries_it(carried, duty, officer, head):
    Assignment.objects.filter(pk=duty.pk).update(due_on=TODAY - DAY)
    (line,) = milestone_lights.lit([carried], officer, TODAY)
    assert (str(line.light.colour), "1.01" in line.light.reason) == ("red", True)
    other = Assignment.objects.get(code="1.02")
    milestones.untie(carried, by=officer, at=NOW, assignment=duty)
    milestones.tie(carried, by=officer, at=NOW, assignment=other)
    other.coordinations.all().delete()
    (line,) = milestone_lights.lit([carried], officer, TODAY)
    assert str(line.light.colour) == "red"
    (line,) = milestone_lights.lit([carried], head, TODAY)
    assert line.light is None, "how another agency's duty stands is not hers to see"


def test_reached_is_green_and_says_how_late(row, head, officer):
    Milestone.objects.update(due_on=TODAY - DAY * 3)
    report(row, head)
    found = milestone_lights.light(fresh(row), None, Rule(), TODAY)
    assert (str(found.colour), "3 ngày" in found.reason, "chưa xác nhận" in found.reason) == (
        "green",
        True,
        True,
    )
    milestones.confirm(fresh(row), by=officer, at=NOW)
    assert "chưa xác nhận" not in milestone_lights.light(fresh(row), None, Rule(), TODAY).reason


# --- Reminders --------------------------------------------------------------------------------------
def kinds_at(day):
    plan_notices(at=NOW + (day - TODAY))
    return set(
        Notice.objects.filter(kind__startswith="milestone.").values_list("kind", "recipient__username")
    )


def test_the_lead_is_reminded_before_and_after_its_day(row, focal_point, head):
    assert kinds_at(JUNE - DAY * 31) == set()
    assert kinds_at(JUNE - DAY * 30) == {("milestone.due", focal_point.username)}
    assert kinds_at(JUNE + DAY) >= {
        ("milestone.overdue", focal_point.username),
        ("milestone.overdue", head.username),
    }


def test_while_a_duty_reminds_it_does_not(carried, focal_point, head):
    assert kinds_at(JUNE - DAY * 30) == set()
    Assignment.objects.filter(code="1.01").update(status="confirmed", submitted_on=TODAY)
    assert kinds_at(JUNE - DAY * 30) == {("milestone.due", focal_point.username)}


def test_reported_nobody_is_reminded(row, head, officer):
    report(row, head)
    assert not [
        one for one in forecast(at=NOW + (JUNE - DAY * 31 - TODAY), days=3) if "milestone" in one.kind
    ]


# --- Pages ------------------------------------------------------------------------------------------
def test_one_is_kept_from_its_page(row, duty, officer, head, login):
    client, page = login(officer), row.get_absolute_url()
    assert set(client.get(page).context["forms"]) == {"report", "tie", "draft", "change", "drop"}
    assert client.post(f"{page}tie/", {"assignment": ""}).status_code == 400
    assert client.post(f"{page}tie/", {"assignment": duty.pk}).status_code == 302
    assert client.post(f"{page}tie/", {"assignment": duty.pk}).status_code == 400
    seen = client.get(page).context["forms"]["change"].initial
    assert [client.post(f"{page}change/", seen | {"title": one}).status_code for one in "AB"] == [302, 409]
    assert row.get_absolute_url() in login(head).get(duty.get_absolute_url()).text
    own = login(head)
    assert set(own.get(page).context["forms"]) == {"report"}
    assert own.post(f"{page}drop/", {"reason": "Thôi"}).status_code == 403
    typed = {"result": "Đã sơ kết", "reached_on": "2026-03-09"}
    assert own.post(f"{page}report/", {"result": "Đã sơ kết"}).status_code == 400
    assert own.post(f"{page}report/", typed).status_code == 302
    assert set(client.get(page).context["forms"]) == {"confirm", "send_back", "drop"}
    assert client.post(f"{page}send-back/", {"reason": "Thiếu"}).status_code == 302
    assert own.post(f"{page}report/", typed).status_code == 302
    assert client.post(f"{page}confirm/").status_code == 302
    assert "Đã sơ kết" in client.get(page).text
    assert client.post(f"{page}untie/", {"assignment": duty.pk}).status_code == 400


@pytest.mark.parametrize("year", ["12345", "9" * 5000])
def test_a_year_that_is_none_takes_nobody_anywhere(row, duty, officer, login, year):
    typed = {"assignment": duty.pk, "from": "points", "year": year}
    answer = login(officer).post(f"{row.get_absolute_url()}tie/", typed)
    assert (answer.status_code, answer["Location"]) == (302, row.get_absolute_url())


def test_homes_say_what_waits(row, head, officer, front_head, login):
    def waits(user):
        return [todo.what for todo in login(user).get("/").context["home"].todos if "mốc" in todo.what]

    assert waits(head) == []
    Milestone.objects.update(due_on=TODAY + DAY * 20)
    assert waits(head) == ["Báo cáo đạt mốc: Sơ kết giữa kỳ"]
    assert waits(front_head) == []
    report(row, head)
    assert waits(head) == []
    assert waits(officer) == ["Xác nhận mốc: Sơ kết giữa kỳ"]


def test_what_a_duty_carries_waits_once_that_is_confirmed(carried, head, login):
    def waits():
        return [todo for todo in login(head).get("/").context["home"].todos if "mốc" in todo.what]

    Milestone.objects.update(due_on=TODAY + DAY * 20)
    assert waits() == []
    Assignment.objects.filter(code="1.01").update(status="confirmed", submitted_on=TODAY)
    assert len(waits()) == 1


def test_the_review_of_the_year_shows_them(carried, officer, programme, login):
    scheming.plan(carried.scheme, by=officer, title="Năm sau", due_on=dt.date(2027, 6, 30))
    page = login(officer).get("/programmes/2026/review/")
    assert [line.row for line in page.context["milestones"]] == [carried]
    assert carried.title in page.text
    assert "Năm sau" not in page.text
