"""Passkeys and security keys: one question, one answer, of the right person to the right question."""

import datetime as dt
import html
import json
import re
import threading
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.db import connection
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal.users import totp
from portal.users.models import User
from tests.portal.users.soft_key import SoftKey

PASSWORD = "mot-mat-khau-rat-dai"
CODE, KEY, LOGIN = "/account/second-factor/code/", "/account/second-factor/set-up/key/", "/login/passkey/"
QUESTION = re.compile(r'data-question="([^"]*)"')


def question_on(client: Client, path: str) -> str:
    """Return what the page asks the browser's keys."""
    return html.unescape(QUESTION.search(client.get(path).content.decode())[1])


def give_password(user: User) -> Client:
    client = Client()
    client.post("/login/", {"login": user.username, "password": PASSWORD})
    return client


def is_in(client: Client) -> bool:
    return client.get("/account/second-factor/").status_code == 200


@pytest.fixture
def person(head: User) -> User:
    head.set_password(PASSWORD)
    head.save()
    return head


@pytest.fixture
def enrolled(person: User) -> Callable[..., SoftKey]:
    """Return enrolled(**options): a key of the person's, set up by the page."""

    def enrol(**options: Any) -> SoftKey:
        key = SoftKey(**options)
        client = give_password(person)
        answer = client.post(KEY, {"name": "khóa", "credential": key.made(question_on(client, KEY))})
        assert (answer.status_code, answer.url) == (302, "/account/second-factor/spare/")
        return key

    return enrol


def test_key_opens_the_second_step(person: User, enrolled: Callable[..., SoftKey]) -> None:
    key = enrolled(verifies=False)
    client = give_password(person)
    assert not is_in(client)
    assert client.post(CODE, {"code": key.proved(question_on(client, CODE))}).status_code == 302
    assert is_in(client)
    assert Authenticator.objects.get().last_used_at


def test_passkey_signs_in_alone(enrolled: Callable[..., SoftKey]) -> None:
    key, client = enrolled(), Client()
    question = client.get(LOGIN).content.decode()
    assert json.loads(question)["publicKey"]["userVerification"] == "required"
    client.post(LOGIN, {"credential": key.proved(question)})
    assert is_in(client)


def test_key_that_did_not_ask_for_its_holder_does_not_sign_in_alone(enrolled: Callable[..., SoftKey]) -> None:
    key, client = enrolled(verifies=False), Client()
    client.post(LOGIN, {"credential": key.proved(client.get(LOGIN).content.decode())})
    assert not is_in(client)


def test_stolen_key_does_not_answer_another_question(enrolled: Callable[..., SoftKey], deputy: User) -> None:
    """A thief's own second step asks without fingerprint; a victim's stolen key may not answer it."""
    stolen = enrolled(verifies=False)
    deputy.set_password(PASSWORD)
    deputy.save()
    thief = SoftKey(verifies=False)
    client = give_password(deputy)
    client.post(KEY, {"credential": thief.made(question_on(client, KEY))})
    client = give_password(deputy)
    answer = stolen.proved(question_on(client, CODE))
    client.post(LOGIN, {"credential": answer})
    assert not is_in(client)


def test_inactive_account_is_not_opened(person: User, enrolled: Callable[..., SoftKey]) -> None:
    key, client = enrolled(), Client()
    User.objects.filter(pk=person.pk).update(is_active=False)
    answer = client.post(LOGIN, {"credential": key.proved(client.get(LOGIN).content.decode())})
    assert answer.url == "/account/inactive/"
    assert not is_in(client)


def test_answer_is_good_once(person: User, enrolled: Callable[..., SoftKey]) -> None:
    key, client = enrolled(), give_password(person)
    answer = key.proved(question_on(client, CODE))
    kept = dict(client.session.items())
    assert client.post(CODE, {"code": answer}).status_code == 302
    again = give_password(person)
    session = again.session  # as if both requests had read the session before either wrote it
    session.update({name: kept[name] for name in ("mfa.webauthn.state", "second_factor_asked")})
    session.save()
    assert again.post(CODE, {"code": answer}).status_code == 200
    assert not is_in(again)


def test_answer_to_another_sessions_question_is_wrong(person: User, enrolled: Callable[..., SoftKey]) -> None:
    key, client, other = enrolled(), give_password(person), give_password(person)
    answer = key.proved(question_on(other, CODE))
    question_on(client, CODE)
    assert client.post(CODE, {"code": answer}).status_code == 200


def test_answer_after_five_minutes_is_too_late(person: User, enrolled: Callable[..., SoftKey]) -> None:
    key, client = enrolled(), give_password(person)
    answer = key.proved(question_on(client, CODE))
    with time_machine.travel(dt.timedelta(minutes=5, seconds=1)):
        assert client.post(CODE, {"code": answer}).status_code == 200


def test_another_persons_key_is_wrong(person: User, enrolled: Callable[..., SoftKey]) -> None:
    enrolled()
    client = give_password(person)
    assert client.post(CODE, {"code": SoftKey().proved(question_on(client, CODE))}).status_code == 200


@pytest.mark.parametrize(
    "wrong",
    [{"origin": "https://localhost.example"}, {"origin": "http://testserver"}, {"site": "example.vn"}],
)
def test_answer_from_another_site_is_wrong(
    person: User, enrolled: Callable[..., SoftKey], wrong: dict[str, str]
) -> None:
    key, client = enrolled(), give_password(person)
    vars(key).update(wrong)
    assert client.post(CODE, {"code": key.proved(question_on(client, CODE))}).status_code == 200


def test_wrong_answers_are_throttled_like_codes(person: User, enrolled: Callable[..., SoftKey]) -> None:
    key, client = enrolled(), give_password(person)
    for _ in range(5):
        client.post(CODE, {"code": SoftKey().proved(question_on(client, CODE))})
    answer = client.post(CODE, {"code": key.proved(question_on(client, CODE))})
    assert "15" in str(answer.context["form"].errors["code"])


def test_new_key_answers_its_own_invitation_only(person: User) -> None:
    client, other = give_password(person), give_password(person)
    question = question_on(other, KEY)
    question_on(client, KEY)
    assert client.post(KEY, {"credential": SoftKey().made(question)}).status_code == 200
    assert not Authenticator.objects.exists()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
)
PARTS = ("id", "rawId", "type", "response", "clientExtensionResults")
INNER = ("clientDataJSON", "authenticatorData", "attestationObject", "signature", "userHandle")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(part=st.sampled_from(PARTS), inner=st.sampled_from(INNER), junk=JSON, deep=st.booleans())
def test_hostile_answers_are_no_fault(
    person: User, enrolled: Callable[..., SoftKey], part: str, inner: str, junk: Any, deep: bool
) -> None:
    """A part of a good answer replaced by anything, at all three doors: said no to, never a 500."""
    key = SoftKey() if Authenticator.objects.exists() else enrolled()
    stranger, client = Client(), give_password(person)
    proved = json.loads(key.proved(stranger.get(LOGIN).content.decode()))
    target, name = (proved["response"], inner) if deep else (proved, part)
    target[name] = junk
    assert stranger.post(LOGIN, {"credential": json.dumps(proved)}).status_code == 302
    question_on(client, CODE)
    assert client.post(CODE, {"code": json.dumps(proved)}).status_code == 200
    client.force_login(person)
    made = json.loads(SoftKey().made(INVITATION))
    target = made["response"] if deep else made
    target[name] = junk
    assert client.post(KEY, {"credential": json.dumps(made)}).status_code in {200, 302}


INVITATION = json.dumps({"publicKey": {"challenge": "AAAA", "user": {"id": "AAAA"}}})


def _question() -> str:
    return json.dumps({"publicKey": {"challenge": "AAAA"}})


@pytest.mark.parametrize("text", ["{", "{}", "[]", "{" * 5000, '{"id": 1}', "{" + "x" * 20_000, "\x00{"])
def test_broken_answers_are_refused(person: User, enrolled: Callable[..., SoftKey], text: str) -> None:
    enrolled()
    client = give_password(person)
    question_on(client, CODE)
    assert client.post(CODE, {"code": text}).status_code == 200
    stranger = Client()
    stranger.get(LOGIN)
    assert stranger.post(LOGIN, {"credential": text}).status_code == 302


def test_without_question_no_answer_counts(person: User, enrolled: Callable[..., SoftKey]) -> None:
    key, client = enrolled(), give_password(person)
    assert client.post(CODE, {"code": key.proved(_question())}).status_code == 200


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_senders_of_one_answer_one_wins(person: User, enrolled: Callable[..., SoftKey]) -> None:
    """Eight requests of one session send the same answer at the same moment."""
    key = enrolled()
    totp.enrol(person)
    client = Client()
    client.force_login(person)
    answer = key.proved(question_on(client, "/account/second-factor/confirm/"))
    start, statuses = threading.Barrier(8), []

    def send() -> None:
        try:
            mine = Client()
            mine.cookies = client.cookies.copy()
            start.wait()
            statuses.append(mine.post("/account/second-factor/confirm/", {"code": answer}).status_code)
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(302) == 1
