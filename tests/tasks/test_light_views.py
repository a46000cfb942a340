"""Pages of lights: the published rule, the light on lists and on its assignment, and setting one."""

import datetime as dt
import io

import openpyxl
import pytest
from django.urls import reverse

from tasks import light_overrides
from tasks.models import Assignment, LightOverride, Programme
from tests.factories import NOW, TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
REASON = "Chờ vốn trung ương"
LIST = "/assignments/"


def url(assignment, name="put"):
    return reverse(f"lights:{name}", args=[assignment.pk])


def sent(**changes):
    return {"colour": "red", "reason": REASON, "until_on": "2026-03-30", "seen": "0"} | changes


def body(client, address):
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def codes(answer):
    return [row.code for row in answer.context["page"].object_list]


def put(assignment, by):
    until_on = TODAY + dt.timedelta(days=20)
    return light_overrides.put(assignment, by=by, at=NOW, colour="green", reason=REASON, until_on=until_on)


# --- The rule ------------------------------------------------------------------------------------------
def test_the_rule_is_published_with_the_programmes_numbers(programme, focal_point, stranger, login):
    Programme.objects.update(light_red_gap=37)
    client = login(focal_point)
    assert "từ 37 điểm" in body(client, "/lights/")
    assert reverse("lights:rule") in body(client, programme.assignments.first().get_absolute_url())
    assert "từ 30 điểm" in body(login(stranger), "/lights/"), "who sees no programme reads the usual numbers"


# --- Lists ------------------------------------------------------------------------------------------------
@pytest.fixture
def halfway(assignment):
    """Seventy percent of the time is over, half of the work is done: yellow."""
    Assignment.objects.filter(pk=assignment.pk).update(progress_percent=50)
    return assignment


def test_the_list_shows_lights_and_finds_them(programme, halfway, focal_point, officer, login):
    client = login(focal_point)
    assert "Đèn đỏ" in body(client, LIST)
    assert codes(client.get(LIST, {"light": "red"})) == ["1.02"], "overdue; of the host nothing is told"
    assert codes(login(officer).get(LIST, {"light": "red"})) == ["1.02"]
    assert codes(client.get(LIST, {"light": "yellow"})) == ["1.01"]
    assert client.get(LIST, {"light": "blue"}).status_code == 400
    put(halfway, officer)
    assert codes(client.get(LIST, {"light": "yellow"})) == []
    assert codes(client.get(LIST, {"light": "green"})) == ["1.01"], "what was set by hand counts"


def test_finding_lights_takes_a_fixed_number_of_queries(programme, officer, login, django_assert_num_queries):
    client = login(officer)
    client.get(LIST, {"light": "red"})
    for number in (1, 9):
        Assignment.objects.filter(code="2.01").update(
            deadline_on=dt.date(2026, 1, number), due_on="2026-01-20"
        )
        with django_assert_num_queries(15):
            client.get(LIST, {"light": "red"})


def test_home_counts_lights_and_leads_to_them(programme, halfway, officer, login):
    client = login(officer)
    (red, *_rest) = client.get("/").context["home"].lamps
    assert (red.colour, red.count) == ("red", 1)
    assert len(codes(client.get(red.url))) == red.count


def test_the_workbook_says_lights_in_words(programme, assignment, officer, head, login):
    put(assignment, officer)
    answer = login(head).get(f"{LIST}export/", {"q": "quy hoạch"})
    (sheet,) = openpyxl.load_workbook(io.BytesIO(answer.getvalue()))
    words = [str(cell.value) for row in sheet for cell in row]
    assert "Đèn xanh" in words
    assert any(REASON in word for word in words)


def test_viewers_workbook_tells_no_progress(programme, assignment, viewer, login):
    answer = login(viewer).get(f"{LIST}export/")
    (sheet,) = openpyxl.load_workbook(io.BytesIO(answer.getvalue()))
    assert not [
        cell
        for row in sheet
        for cell in row
        if str(cell.value).startswith(("Đèn xanh", "Đèn vàng", "Đèn đỏ"))
    ]


# --- One ---------------------------------------------------------------------------------------------------
def test_a_light_is_set_and_lifted_by_its_buttons(halfway, officer, focal_point, login):
    assignment = halfway
    client = login(officer)
    assert url(assignment) in body(client, assignment.get_absolute_url())
    answer = client.post(url(assignment), sent())
    assert (answer.status_code, answer.url) == (302, f"{assignment.get_absolute_url()}#light")
    shown = body(login(focal_point), assignment.get_absolute_url())
    assert all(words in shown for words in (REASON, officer.get_full_name(), "30/03/2026", "Đèn vàng"))
    assert url(assignment) not in shown
    client = login(officer)
    assert client.post(url(assignment, "lift")).status_code == 302
    assert REASON not in body(client, assignment.get_absolute_url())
    again = client.post(url(assignment, "lift"), follow=True)
    assert "Đèn này không còn hiệu lực" in again.content.decode()


def test_refused_form_keeps_what_was_typed(assignment, officer, login):
    answer = login(officer).post(url(assignment), sent(until_on="2026-03-09"))
    assert answer.status_code == 400
    assert REASON in answer.content.decode()
    assert not LightOverride.objects.exists()


def test_late_form_shows_the_light_that_came_before_it(assignment, officer, commander, login):
    put(assignment, commander)
    client = login(officer)
    answer = client.post(url(assignment), sent(reason="Lý do thứ hai"))
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "Lý do thứ hai" in text
    assert REASON in text
    again = client.post(url(assignment), sent(seen=str(LightOverride.objects.get().pk)))
    assert again.status_code == 302


def test_others_do_not_open_it(assignment, head, viewer, stranger, login):
    assert login(head).get(url(assignment)).status_code == 403
    assert login(viewer).get(url(assignment)).status_code == 403
    assert login(stranger).get(url(assignment)).status_code == 404
