"""One-time codes: one time, on every process."""

import datetime as dt
import threading

import pytest
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import connection

from portal.users import totp
from portal.users.models import UsedCode
from tests.factories import NOW

PERIOD = dt.timedelta(seconds=30)


@pytest.fixture
def signer(head):
    totp.enrol(head)
    return head


def code_at(user, at: dt.datetime) -> str:
    return format_hotp_value(hotp_value(totp._secret(user), int(at.timestamp()) // 30))


def test_a_code_is_accepted_once(signer):
    code = code_at(signer, NOW)
    assert totp.consume(signer, code, at=NOW)
    assert not totp.consume(signer, code, at=NOW)
    assert not totp.consume(signer, code, at=NOW + PERIOD)


@pytest.mark.parametrize(("steps", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_of_tolerance(signer, steps, accepted):
    assert totp.consume(signer, code_at(signer, NOW + steps * PERIOD), at=NOW) == accepted


@pytest.mark.parametrize("code", ["", "000000", "abcdef", "12345", "1" * 50])
def test_wrong_codes_are_refused_and_spend_nothing(signer, code):
    if code == code_at(signer, NOW):
        pytest.skip("the one chance in a million")
    assert not totp.consume(signer, code, at=NOW)
    assert not UsedCode.objects.exists()


def test_without_second_factor_no_code_is_right(focal_point):
    assert not totp.is_enrolled(focal_point)
    assert not totp.consume(focal_point, "000000", at=NOW)
    assert totp.next_code(focal_point, at=NOW) is None


def test_another_persons_code_is_wrong(signer, deputy):
    totp.enrol(deputy)
    assert not totp.consume(deputy, code_at(signer, NOW), at=NOW)


def test_the_demonstration_gives_three_codes_then_none(signer):
    for _place in range(3):
        code = totp.next_code(signer, at=NOW)
        assert code is not None
        assert totp.consume(signer, code, at=NOW)
    assert totp.next_code(signer, at=NOW) is None
    assert totp.next_code(signer, at=NOW + PERIOD) is not None


def test_spent_codes_do_not_pile_up(signer):
    for minute in range(10):
        at = NOW + dt.timedelta(minutes=minute)
        assert totp.consume(signer, code_at(signer, at), at=at)
    assert UsedCode.objects.count() == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_at_once_one_wins(signer):
    """Eight connections send the same code at the same moment."""
    code, start, wins = code_at(signer, NOW), threading.Barrier(8), []

    def send() -> None:
        try:
            start.wait()
            wins.append(totp.consume(signer, code, at=NOW))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _place in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(wins) == [False] * 7 + [True]
