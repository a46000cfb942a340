"""A form that was sent after its session ended stands filled after the next sign-in of the same person."""

import datetime as dt

import lxml.html
import pytest
import time_machine
from django.test import Client

from portal.users import carried
from portal.users.models import User
from tasks.models import Progress
from tests.factories import NOW, PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
LATER = NOW + dt.timedelta(minutes=31)
WORDS = "Đã tập huấn 3 lớp tại <Thọ Xuân>, còn 2 lớp & vào tháng sau."


@pytest.fixture
def path(assignment) -> str:
    return f"/assignments/{assignment.pk}/"


@pytest.fixture
def late(login, focal_point, path, assignment) -> Client:
    """The focal point's browser, in which a report was written for too long, and sent."""
    client = login(focal_point)
    type(assignment).objects.update(status="in_progress")
    with time_machine.travel(LATER, tick=False):
        sent = {"actual": "3", "percent": "40", "text": WORDS, "csrfmiddlewaretoken": "old"}
        answer = client.post(f"{path}submit-to-head/", sent, headers={"Referer": f"http://testserver{path}"})
        assert answer.status_code == 403
        client.answer = answer
        yield client


def sign_in(client: Client, user: User, path: str):
    return client.post("/login/", {"login": user.username, "password": PASSWORD, "next": path})


def test_answer_is_a_login_form_that_leads_back(late, path):
    html = late.answer.content.decode()
    assert late.answer.context["next"] == path
    assert 'name="login"' in html
    assert "Thọ Xuân" in html


def test_after_the_sign_in_the_form_stands_filled_and_is_not_sent(late, focal_point, path, assignment):
    assert sign_in(late, focal_point, path).url == path
    opened = late.get(path)
    form = next(f for f in lxml.html.fromstring(opened.content.decode()).forms if "text" in f.fields)
    assert (form.fields["text"].lstrip("\n"), form.fields["actual"], form.fields["percent"]) == (
        WORDS,
        "3",
        "40",
    )
    assert form.fields["csrfmiddlewaretoken"], "the page's own"
    assert not Progress.objects.filter(text=WORDS).exists()
    assert "Thọ Xuân" not in late.get(path).content.decode(), "once"


def test_another_person_gets_nothing_of_it(late, deputy, head, path):
    sign_in(late, head, path)
    assert "Thọ Xuân" not in late.get(path).content.decode()


def test_more_than_can_be_carried_is_shown_for_copying(login, focal_point, path):
    client = login(focal_point)
    with time_machine.travel(LATER, tick=False):
        long = "dài " * carried.LARGEST
        answer = client.post(
            f"{path}report-progress/", {"text": long}, headers={"Referer": f"http://testserver{path}"}
        )
    assert answer.status_code == 403
    assert "login" not in answer.context
    assert "dài dài" in answer.content.decode()
