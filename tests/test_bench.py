"""What the bench stands on: a session made without the form opens the portal as one made with it."""

import pytest
from django.test import Client

from bench.pages import session_of
from portal.users.models import User


@pytest.mark.django_db
def test_session_of_the_bench_is_signed_in(focal_point: User, programme: object) -> None:
    name, _is, key = session_of(focal_point.username).partition("=")
    browser = Client()
    browser.cookies[name] = key
    assert browser.get("/").status_code == 200
    assert browser.get("/assignments/").status_code == 200
