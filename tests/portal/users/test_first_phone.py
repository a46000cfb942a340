"""Setting up the first phone: straight after the password, and no later than that."""

import datetime as dt

import pytest
import time_machine
from django.test import Client

from portal.users import totp
from portal.users.models import User

CHOOSE = "/account/second-factor/set-up/"
APP = "/account/second-factor/set-up/app/"
SHEET = "/account/second-factor/set-up/sheet/"
PASSWORD = "mot-mat-khau-rat-dai"


@pytest.fixture
def browser(officer: User) -> Client:
    """A browser in which the officer has just given name and password."""
    officer.set_password(PASSWORD)
    officer.save()
    client = Client()
    client.post("/login/", {"login": officer.username, "password": PASSWORD})
    return client


def test_password_is_asked_once(browser: Client) -> None:
    assert browser.get("/").url == CHOOSE
    assert browser.get(CHOOSE).status_code == 200
    assert browser.get(APP).status_code == 200


def test_password_is_asked_again_when_it_was_given_long_ago(browser: Client) -> None:
    with time_machine.travel(dt.timedelta(seconds=301)):
        assert browser.get(APP).url.startswith("/account/confirm/")


def test_who_has_a_phone_is_asked_before_changing_anything(browser: Client, officer: User) -> None:
    totp.enrol(officer)
    assert browser.get(SHEET).url.startswith("/account/second-factor/confirm/")
