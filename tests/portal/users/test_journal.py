"""The log tells who signed in, who tried to, and who was refused; never a name or a password."""

import logging
from collections.abc import Callable

import pytest
from django.test import Client

from portal.users import totp
from portal.users.models import User

PASSWORD = "mot-mat-khau-rat-dai"


@pytest.fixture
def told(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """Return what the portal itself wrote into the log."""
    caplog.set_level(logging.INFO, "portal")
    return lambda: "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("portal."))


@pytest.fixture
def person(focal_point: User) -> User:
    focal_point.set_password(PASSWORD)
    focal_point.save()
    return focal_point


def sign_in(client: Client, user: User, password: str) -> None:
    client.post("/login/", {"login": user.username, "password": password})


def test_sign_in_and_out_are_told(person: User, told: Callable[[], str]) -> None:
    client = Client()
    sign_in(client, person, PASSWORD)
    client.post("/logout/")
    assert f"signed in: user {person.pk} from 127.0.0.1" in told()
    assert f"signed out: user {person.pk} from 127.0.0.1" in told()


def test_refused_sign_in_is_told_without_name_or_password(person: User, told: Callable[[], str]) -> None:
    sign_in(Client(), person, "khong-phai-mat-khau")
    assert "sign-in refused: user - from 127.0.0.1" in told()
    assert "khong-phai" not in told()
    assert person.username not in told()


def test_wrong_second_factor_is_told(head: User, told: Callable[[], str]) -> None:
    head.set_password(PASSWORD)
    head.save()
    totp.enrol(head)
    client = Client()
    sign_in(client, head, PASSWORD)
    client.post("/account/second-factor/code/", {"code": "000000"})
    assert f"sign-in refused: user {head.pk} from 127.0.0.1" in told()


def test_denied_access_is_told(
    person: User, login: Callable[[User], Client], told: Callable[[], str]
) -> None:
    assert login(person).get("/admin/users/user/").status_code == 403
    assert f"denied: user {person.pk}, GET '/admin/users/user/'" in told()
