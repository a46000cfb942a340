"""Five wrong passwords or codes from one address, then a pause there; nowhere else."""

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from portal.users import totp
from portal.users.models import User

PASSWORD = "mot-mat-khau-rat-dai"
HERE, ELSEWHERE = "192.0.2.1", "192.0.2.2"
WRONG = "000000"


@pytest.fixture
def person(head: User) -> User:
    """A head who knows the password and holds the phone."""
    head.set_password(PASSWORD)
    head.save()
    totp.enrol(head)
    return head


def give_password(client: Client, user: User, password: str, *, address: str = HERE) -> int:
    form = {"login": user.username, "password": password}
    return client.post("/login/", form, REMOTE_ADDR=address).status_code


def give_code(client: Client, code: str | None) -> int:
    return client.post("/account/second-factor/code/", {"code": code}, REMOTE_ADDR=HERE).status_code


def good_code(user: User) -> str | None:
    return totp.next_code(user, at=timezone.now())


def test_right_password_after_five_wrong_ones_is_not_looked_at(person: User) -> None:
    assert [give_password(Client(), person, "wrong") for _ in range(5)] == [200] * 5
    assert give_password(Client(), person, PASSWORD) == 200


def test_nobody_is_locked_out_at_another_address(person: User) -> None:
    for _ in range(6):
        give_password(Client(), person, "wrong")
    assert give_password(Client(), person, PASSWORD, address=ELSEWHERE) == 302


def test_four_wrong_passwords_do_no_harm(person: User) -> None:
    for _ in range(4):
        give_password(Client(), person, "wrong")
    assert give_password(Client(), person, PASSWORD) == 302


def test_right_code_after_five_wrong_ones_is_not_looked_at(person: User) -> None:
    client = Client()
    give_password(client, person, PASSWORD)
    assert [give_code(client, WRONG) for _ in range(5)] == [200] * 5
    assert give_code(client, good_code(person)) == 200


def test_new_password_step_does_not_begin_the_count_of_codes_again(person: User) -> None:
    for _ in range(5):
        client = Client()
        give_password(client, person, PASSWORD)
        give_code(client, WRONG)
    client = Client()
    give_password(client, person, PASSWORD)
    assert give_code(client, good_code(person)) == 200


def test_right_code_among_wrong_ones_passes(person: User) -> None:
    client = Client()
    give_password(client, person, PASSWORD)
    for _ in range(4):
        give_code(client, WRONG)
    assert give_code(client, good_code(person)) == 302


def test_code_is_not_guessed_on_the_page_of_the_certificate(person: User) -> None:
    client = Client()
    client.force_login(person)
    form = {"pin": "83x-71yq-5", "again": "83x-71yq-5"}
    for _ in range(5):
        client.post("/agreements/certificate/", form | {"code": WRONG})
    answer = client.post("/agreements/certificate/", form | {"code": good_code(person)})
    assert answer.status_code == 400
    assert "15" in str(answer.context["form"].non_field_errors())
    assert not answer.context["form"].has_error("code")


def test_own_sign_in_does_not_wipe_the_count_of_the_address(person: User, settings: Any) -> None:
    settings.ACCOUNT_RATE_LIMITS = {"login": "", "login_failed": "3/h/ip"}
    for name in ("nobody", "somebody"):
        give_password(Client(), User(username=name), "wrong")
    client = Client()
    give_password(client, person, PASSWORD)
    assert give_code(client, good_code(person)) == 302
    give_password(Client(), User(username="anybody"), "wrong")
    assert give_password(Client(), person, PASSWORD) == 200


def test_hall_full_of_people_signs_in_within_a_minute(person: User) -> None:
    assert {give_password(Client(), person, PASSWORD) for _ in range(46)} == {302}
