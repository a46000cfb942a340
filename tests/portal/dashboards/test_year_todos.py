"""What the officer's home says of the turn of the year."""

import datetime as dt

import pytest
import time_machine

from portal.lib.dates import LOCAL
from tasks.models import Programme, Proposal
from tests import factories
from tests.factories import NOW
from tests.tasks.turning import begun, leave_all_open

LATE = dt.datetime(2026, 12, 1, 9, 0, tzinfo=LOCAL)
BEGIN, CLOSE, POINTS = "/years/begin/", "/years/2026/unfinished/", "/years/2027/points/"


def urls(page):
    return [todo.url for todo in page.context["home"].todos]


@pytest.fixture
def nothing_else(programme):
    """Nothing waits on the officer's home but what these tests are about."""
    programme.assignments.update(status="in_progress")
    return programme


@pytest.mark.usefixtures("now")
def test_in_march_nothing_turns(nothing_else, officer, login):
    assert not {BEGIN, CLOSE} & set(urls(login(officer).get("/")))


def test_in_december_the_next_text_is_begun_and_the_year_closed(nothing_else, officer, login):
    with time_machine.travel(LATE, tick=False):
        client = login(officer)
        assert {BEGIN, CLOSE} <= set(urls(client.get("/")))
        begun(nothing_else, officer, at=LATE)
        found = urls(client.get("/"))
        assert BEGIN not in found
        assert {POINTS, CLOSE} <= set(found)


def test_closed_the_year_asks_for_nothing(nothing_else, officer, login):
    leave_all_open(nothing_else, officer)
    Programme.objects.update(state="closed")
    with time_machine.travel(LATE, tick=False):
        assert not {BEGIN, CLOSE} & set(urls(login(officer).get("/")))


@pytest.mark.usefixtures("now")
def test_proposals_that_wait_are_the_officers_to_answer(nothing_else, department, officer, head, login):
    period = factories.ReportingPeriodFactory(programme=nothing_else)
    report = factories.ReportFactory(
        period=period, agency=department, state="accepted", submitted_at=NOW, accepted_at=NOW
    )
    Proposal.objects.create(report=report, agency=department, number=1, text="Tăng kinh phí")
    assert "/proposals/" in urls(login(officer).get("/"))
    assert "/proposals/" not in urls(login(head).get("/"))


@pytest.mark.usefixtures("now")
def test_in_an_empty_portal_the_first_programme_is_begun(officer, head, login):
    page = login(officer).get("/")
    assert urls(page) == [BEGIN]
    assert BEGIN not in urls(login(head).get("/"))


@pytest.mark.usefixtures("now")
def test_a_text_that_is_written_is_not_the_first_to_begin(draft_programme, officer, login):
    assert BEGIN not in urls(login(officer).get("/"))
