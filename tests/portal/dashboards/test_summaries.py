"""What each role sees first."""

import datetime as dt

import pytest

from portal.dashboards import summaries
from portal.users.models import Role
from tasks.models import Assignment
from tests.factories import NOW, TODAY


def home(user):
    return summaries.home(user, at=NOW, today=TODAY)


def whats(page):
    return [row.what for row in page.todos]


def test_focal_point_is_told_to_accept(programme, focal_point, settings):
    settings.LANGUAGE_CODE = "en"
    page = home(focal_point)
    assert any("1.01" in what for what in whats(page))


def test_overdue_comes_before_new(programme, focal_point):
    Assignment.objects.filter(code="1.01").update(status="in_progress", due_on=TODAY - dt.timedelta(days=3))
    Assignment.objects.filter(code="1.02").update(
        lead=focal_point.post.agency, status="assigned", due_on=TODAY + dt.timedelta(days=20)
    )
    assert home(focal_point).todos[0].url.endswith(f"/{Assignment.objects.get(code='1.01').pk}/")


def test_rejected_comes_first(programme, focal_point):
    Assignment.objects.filter(code="1.01").update(status="rejected", due_on=TODAY + dt.timedelta(days=200))
    assert home(focal_point).todos[0].state == "not_due"


def test_first_item_alone_is_primary(programme, focal_point):
    assert [row.primary for row in home(focal_point).todos][:2] in ([True], [True, False])


def test_head_approves(programme, head):
    Assignment.objects.filter(code="1.01").update(status="awaiting_head")
    assert len(home(head).todos) == 1


def test_officer_confirms(programme, officer):
    Assignment.objects.filter(code="1.01").update(status="submitted", submitted_on=TODAY)
    assert len(home(officer).todos) == 1


def test_administrator_sees_agencies_without_people(programme, admin):
    """The front has a head in the cast only when a test asks for her."""
    assert home(admin).todos


def test_numbers_of_an_agency_are_its_own(programme, focal_point):
    counts = home(focal_point).numbers
    assert counts.total == Assignment.objects.filter(lead=focal_point.post.agency, cycle="once").count()


def test_viewer_counts_confirmed_results_only(programme, viewer):
    assert home(viewer).numbers.total == 0
    Assignment.objects.filter(code="1.01").update(status="confirmed", submitted_on=TODAY)
    assert home(viewer).numbers.on_time == 1


@pytest.mark.parametrize("role", Role)
def test_every_role_has_a_home(role):
    assert role in summaries._HOMES


def test_stranger_home_shows_no_programme(programme, stranger):
    page = home(stranger)
    assert (page.programme, page.todos, page.numbers.total) == (None, (), 0)


QUERIES = {
    "focal_point": 9,
    "head": 11,
    "deputy": 10,
    "officer": 15,
    "commander": 15,
    "clerk": 12,
    "viewer": 10,
    "admin": 12,
}


@pytest.mark.parametrize("name", QUERIES)
def test_home_page_takes_a_fixed_number_of_queries(
    name, programme, cast, login, now, django_assert_num_queries
):
    client = login(getattr(cast, name))
    client.get("/")  # the second factor is looked up once a session
    with django_assert_num_queries(QUERIES[name]):
        assert client.get("/").status_code == 200
