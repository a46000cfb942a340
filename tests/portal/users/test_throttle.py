"""Five wrong passwords or codes from one address, then a pause there; nowhere else."""

import datetime as dt
import threading
from ipaddress import ip_network
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.utils import timezone

from portal.agencies.models import Agency
from portal.users import throttle, totp
from portal.users.models import Failure, User
from tests.factories import UserFactory

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


@pytest.mark.parametrize("name", ["SNV.GIAMDOC", "snv.g\u0131amdoc", "\u017fnv.giamdoc"])
def test_name_however_it_is_written_is_one_account(db: None, name: str) -> None:
    """PostgreSQL compares names in capitals: i and \u0131 are one there, and would have five answers each."""
    for typed in ("snv.giamdoc", name):
        give_password(Client(), User(username=typed), "wrong")
    assert Failure.objects.values("account").distinct().count() == 1


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


def test_code_that_ran_out_in_a_crowd_is_no_guess(person: User) -> None:
    client, old = Client(), totp.next_code(person, at=timezone.now() - dt.timedelta(minutes=5))
    give_password(client, person, PASSWORD)
    assert [give_code(client, old) for _ in range(7)] == [200] * 7
    assert Failure.objects.count() == 0
    assert give_code(client, good_code(person)) == 302


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


def test_code_is_not_guessed_on_the_page_of_the_step_up(person: User) -> None:
    client = Client()
    client.force_login(person)
    form = {"for": "certificate", "next": "/agreements/certificate/ask/", "answer": PASSWORD}
    for _ in range(5):
        client.post("/account/step-up/", form | {"code": WRONG})
    answer = client.post("/account/step-up/", form | {"code": good_code(person)})
    assert answer.status_code == 400
    assert "15" in str(answer.context["form"].errors)


def test_own_sign_in_does_not_wipe_the_count_of_the_address(
    person: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(throttle, "OF_ADDRESS", 3)
    for name in ("nobody", "somebody"):
        give_password(Client(), User(username=name), "wrong")
    client = Client()
    give_password(client, person, PASSWORD)
    assert give_code(client, good_code(person)) == 302
    give_password(Client(), User(username="anybody"), "wrong")
    assert give_password(Client(), person, PASSWORD) == 200


def test_hall_full_of_people_signs_in_within_a_minute(person: User) -> None:
    assert {give_password(Client(), person, PASSWORD) for _ in range(46)} == {302}


def test_hall_of_46_phones_where_everybody_errs_four_times(department: Agency) -> None:
    """46 heads on one address: 184 wrong passwords, and every head still comes in."""
    people = [UserFactory() for _ in range(46)]
    for one in people:
        one.set_password(PASSWORD)
        one.save()
        assert [give_password(Client(), one, "wrong") for _ in range(4)] == [200] * 4
    assert {give_password(Client(), one, PASSWORD) for one in people} == {302}


def fill(address: str, number: int) -> None:
    """Let an address have failed so often this hour, at names of nobody."""
    now = timezone.now()
    Failure.objects.bulk_create(Failure(account=str(i), address=address, at=now) for i in range(number))


def test_address_that_guesses_at_many_names_is_slowed_down(person: User) -> None:
    fill(HERE, throttle.OF_ADDRESS)
    assert give_password(Client(), person, PASSWORD) == 200
    assert give_password(Client(), person, PASSWORD, address=ELSEWHERE) == 302


def test_trusted_network_is_counted_by_account_only(person: User, settings: Any) -> None:
    settings.TRUSTED_NETWORKS = [ip_network("192.0.2.0/24")]
    fill(HERE, throttle.OF_ADDRESS)
    assert give_password(Client(), person, PASSWORD) == 302
    for _ in range(5):
        give_password(Client(), person, "wrong")
    assert give_password(Client(), person, PASSWORD) == 200


def test_the_clock_opens_again(person: User) -> None:
    for _ in range(6):
        give_password(Client(), person, "wrong")
    assert give_password(Client(), person, PASSWORD) == 200
    with time_machine.travel(dt.timedelta(minutes=15, seconds=1)):
        assert give_password(Client(), person, PASSWORD) == 302


def test_knocking_during_the_pause_does_not_prolong_it(person: User) -> None:
    for _ in range(5):
        give_password(Client(), person, "wrong")
    with time_machine.travel(dt.timedelta(minutes=14)):
        assert {give_password(Client(), person, "wrong") for _ in range(6)} == {200}
    with time_machine.travel(dt.timedelta(minutes=15, seconds=1)):
        assert give_password(Client(), person, PASSWORD) == 302


def test_forwarded_header_of_a_stranger_is_not_believed(person: User) -> None:
    """A guesser who writes another address into the header each time is counted as one."""
    form = {"login": person.username, "password": "wrong"}
    for last in range(5):
        facts = {"REMOTE_ADDR": HERE, "HTTP_X_FORWARDED_FOR": f"198.51.100.{last}"}
        Client().post("/login/", form, **facts)
    assert give_password(Client(), person, PASSWORD) == 200
    assert give_password(Client(), person, PASSWORD, address="198.51.100.1") == 302


def test_forwarded_header_of_our_proxy_tells_people_apart(person: User, settings: Any) -> None:
    settings.TRUSTED_PROXIES = [ip_network("10.0.0.1/32")]

    def give(password: str, forwarded: str) -> int:
        form = {"login": person.username, "password": password}
        facts = {"REMOTE_ADDR": "10.0.0.1", "HTTP_X_FORWARDED_FOR": forwarded}
        return Client().post("/login/", form, **facts).status_code

    for last in range(5):
        give("wrong", f"198.51.100.{last}, {HERE}")  # only the hop that our proxy wrote counts
    assert give(PASSWORD, HERE) == 200
    assert give(PASSWORD, ELSEWHERE) == 302


def test_one_household_of_ipv6_counts_as_one(person: User) -> None:
    for last in range(5):
        give_password(Client(), person, "wrong", address=f"2001:db8:0:1::{last}")
    assert give_password(Client(), person, PASSWORD, address="2001:db8:0:1:ffff::1") == 200
    assert give_password(Client(), person, PASSWORD, address="2001:db8:0:2::1") == 302


def test_confirming_again_is_throttled_too(person: User) -> None:
    client = Client()
    client.force_login(person)
    for _ in range(5):
        client.post("/account/second-factor/confirm/", {"code": WRONG})
    answer = client.post("/account/second-factor/confirm/", {"code": good_code(person)})
    assert answer.status_code == 200
    assert "15" in str(answer.context["form"].errors["code"])


def test_old_password_is_not_guessed_on_the_page_of_the_new_one(focal_point: User) -> None:
    focal_point.set_password(PASSWORD)
    focal_point.save()
    client = Client()
    client.force_login(focal_point)
    form = {"password1": "tre xanh muoi hai cay", "password2": "tre xanh muoi hai cay"}
    for _ in range(5):
        client.post("/account/password/", form | {"oldpassword": "wrong"})
    assert client.post("/account/password/", form | {"oldpassword": PASSWORD}).status_code == 200


def test_name_that_was_typed_is_not_kept(person: User) -> None:
    give_password(Client(), User(username="mật khẩu gõ nhầm ô"), "wrong")
    row = Failure.objects.get()
    assert "nhầm" not in row.account
    assert len(row.account) == 64


def test_old_failures_do_not_pile_up(person: User) -> None:
    give_password(Client(), person, "wrong")
    with time_machine.travel(dt.timedelta(hours=1, seconds=1)):
        give_password(Client(), person, "wrong")
    assert Failure.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_guesses_at_once_five_are_looked_at(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty connections send wrong passwords at the same moment; never more than five are hashed."""
    looked_at, start = [], threading.Barrier(20)
    check = User.check_password
    monkeypatch.setattr(
        User, "check_password", lambda self, password: looked_at.append(1) or check(self, password)
    )

    def guess() -> None:
        try:
            start.wait()
            give_password(Client(), person, "wrong")
        finally:
            connection.close()

    threads = [threading.Thread(target=guess) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(looked_at) <= throttle.OF_ACCOUNT
