"""The pages of programmes: who reads them, what they count, which buttons they show."""

import datetime as dt
import re

import pytest

from portal.audit.models import Event
from tasks.models import Assignment, Programme
from tests import factories

pytestmark = pytest.mark.usefixtures("now")
PAGE = "/programmes/2026/"
BUTTONS = ("settle", "reopen", "close", "terminate", "periods")
EVERYBODY = ("officer", "commander", "clerk", "admin", "front_head", "head", "focal_point", "viewer")


def put(programme, state):
    Programme.objects.filter(pk=programme.pk).update(
        state=state, in_force_at=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    )


@pytest.mark.parametrize("name", EVERYBODY)
def test_parties_read_an_open_programme(cast, programme, login, name):
    client = login(getattr(cast, name))
    assert client.get(PAGE).status_code == 200
    assert programme.title in client.get("/programmes/").content.decode()


@pytest.mark.parametrize("name", ["front_head", "head", "focal_point", "viewer", "stranger"])
def test_drafts_are_the_commands(cast, draft_programme, login, name):
    client = login(getattr(cast, name))
    assert client.get(PAGE).status_code == 404
    assert draft_programme.title not in client.get("/programmes/").content.decode()


def test_who_may_begin_the_first_programme_reads_that_no_past_year_is_needed(officer, head, login):
    words = "không cần có năm trước"
    assert words in login(officer).get("/programmes/").content.decode()
    assert words not in login(head).get("/programmes/").content.decode()


def test_stranger_gets_404(stranger, programme, login):
    client = login(stranger)
    assert client.get(PAGE).status_code == 404
    for button in BUTTONS:
        assert client.post(f"{PAGE}{button}/").status_code == 404
    assert not Event.objects.exists()


@pytest.mark.parametrize("button", BUTTONS)
def test_buttons_are_posts_of_the_command(button, head, officer, programme, login):
    assert login(officer).get(f"{PAGE}{button}/").status_code == 405
    assert login(head).post(f"{PAGE}{button}/").status_code == 403


def test_officer_settles_takes_back_and_makes_periods(draft_programme, officer, login):
    client = login(officer)
    assert client.get(PAGE).context["may"]["settle"]
    assert client.post(f"{PAGE}settle/").status_code == 302
    assert Programme.objects.get().state == "settled"
    page = client.get(PAGE)
    assert page.context["may"]["freeze"]
    assert "/agreements/freeze/2026/" in page.content.decode()
    client.post(f"{PAGE}reopen/")
    assert Programme.objects.get().state == "draft"
    client.post(f"{PAGE}periods/")
    assert draft_programme.periods.count() == 7
    assert "Quý I/2026" in client.get(PAGE).text


def test_gaps_stand_in_place_of_the_button(draft_programme, officer, login):
    draft_programme.assignments.all().delete()
    page = login(officer).get(PAGE)
    assert page.context["gaps"]
    assert f'action="{PAGE}settle/"' not in page.content.decode()
    response = login(officer).post(f"{PAGE}settle/", follow=True)
    assert Programme.objects.get().state == "draft"
    assert "alert-danger" in response.content.decode()


def test_commander_terminates_with_a_reason(programme, commander, login):
    client = login(commander)
    client.post(f"{PAGE}terminate/", {"reason": " "}, headers={"referer": f"http://testserver{PAGE}"})
    assert Programme.objects.get().state == "in_force"
    client.post(f"{PAGE}terminate/", {"reason": "Sáp nhập."})
    assert Programme.objects.get().state == "terminated"


def test_programme_that_took_a_step_meanwhile_is_not_ended_from_an_old_page(programme, commander, login):
    put(programme, "frozen")
    client = login(commander)
    (shown,) = re.findall('name="version" value="(.+?)"', client.get(PAGE).content.decode())
    put(programme, "in_force")
    sent = client.post(f"{PAGE}terminate/", {"reason": "Chưa kịp ký trong năm", "version": shown})
    assert sent.status_code == 409
    assert "Chưa kịp ký trong năm" in sent.content.decode()
    assert Programme.objects.get().state == "in_force"


def test_administrator_is_led_to_the_records(draft_programme, admin, login):
    assert f"/admin/tasks/programme/{draft_programme.pk}/change/" in login(admin).get(PAGE).content.decode()


# --- The matrix --------------------------------------------------------------------------------------
def cells(matrix):
    body = [cell for row in matrix.rows for cell in (*row.cells, row.total)]
    return [*body, *matrix.column_totals, matrix.total]


@pytest.mark.parametrize("name", ["officer", "head", "viewer"])
def test_every_number_is_the_number_of_rows_behind_it(cast, programme, login, name):
    both = programme.assignments.get(code="1.01")
    both.solutions.set(programme.solutions.all())
    bare = programme.assignments.get(code="2.01")
    bare.solutions.clear()
    client = login(getattr(cast, name))
    for cell in cells(client.get(PAGE).context["matrix"]):
        rows = client.get(cell.url).context["page"].paginator.count
        assert rows == cell.count, cell.url


def test_flags_count_only_what_the_reader_may_know(cast, programme, login):
    """1.02, led by the Front with the department, is overdue; 2.01 of the host is made so."""
    Assignment.objects.filter(code="2.01").update(due_on=dt.date(2026, 3, 1))

    def flags(user):
        return sum(cell.overdue for cell in cells(login(user).get(PAGE).context["matrix"]))

    assert flags(cast.officer) == 2
    assert flags(cast.head) == 1
    assert flags(cast.viewer) == 0


@pytest.mark.parametrize("name", ["officer", "head"])
def test_four_numbers_equal_rows(cast, programme, login, name):
    client = login(getattr(cast, name))
    numbers = client.get(PAGE).context["numbers"]
    for key, address in numbers.urls.items():
        assert client.get(address).context["page"].paginator.count == numbers.number(key), key


def grow(programme):
    for number in range(3, 9):
        factories.SolutionFactory(programme=programme, number=number)
        task = factories.PriorityTaskFactory(programme=programme, number=number)
        for place in range(3):
            row = factories.AssignmentFactory(task=task, code=f"{number}.{place}", lead=programme.host)
            row.solutions.set(programme.solutions.all())
    for number in range(5):
        factories.ClauseFactory(programme=programme, number=100 + number)
        agency = factories.AgencyFactory()
        factories.SignatoryFactory(programme=programme, agency=agency, order=100 + number)


@pytest.mark.parametrize(("name", "queries"), [("officer", 19), ("head", 19), ("viewer", 17)])
def test_page_takes_a_fixed_number_of_queries(
    cast, programme, login, name, queries, django_assert_num_queries
):
    client = login(getattr(cast, name))
    client.get(PAGE)
    grow(programme)
    with django_assert_num_queries(queries):
        client.get(PAGE)


def test_list_takes_a_fixed_number_of_queries(officer, programme, host, login, django_assert_num_queries):
    client = login(officer)
    client.get("/programmes/")
    for year in range(2015, 2025):
        factories.ProgrammeFactory(host=host, year=year)
    with django_assert_num_queries(6):
        client.get("/programmes/")
