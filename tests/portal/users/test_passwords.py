"""Passwords as OWASP ASVS 5.0 (V6.2) has them, and what changing one does."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core import mail
from django.core.exceptions import ValidationError
from django.test import Client

from portal.audit.models import Event
from portal.users import passwords
from portal.users.models import User

GOOD = "tre xanh muoi hai cay"
CHANGE = "/account/password/"


def refusals(password: str, user: User | None = None) -> set[str]:
    try:
        validate_password(password, user)
    except ValidationError as error:
        return {one.code for one in error.error_list}
    return set()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "password",
    [
        GOOD,
        "correct horse battery staple",
        "một mật khẩu đủ dài",
        "đi chợ mua ba con cá chép",
        "kzqvmwxtrplc",  # 12 small letters: no rule on kinds of characters
        "x7" * 3 + "q-wl.pm 19",
        "k" + "ấy mưa nắng " * 20,
    ],
)
def test_long_and_own_is_accepted(password: str) -> None:
    assert not refusals(password)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("length", "accepted"), [(11, False), (12, True), (64, True), (128, True), (256, True)]
)
def test_length(length: int, accepted: bool) -> None:
    password = "kzqvmwxtrplcnbdh" * 16
    assert (not refusals(password[:length])) == accepted


@pytest.mark.parametrize(("length", "accepted"), [(14, False), (15, True)])
def test_administrators_need_fifteen(admin: User, officer: User, length: int, accepted: bool) -> None:
    password = "kzqvmwxtrplcnbdh"[:length]
    assert (not refusals(password, admin)) == accepted
    assert not refusals(password, officer)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "password",
    [
        "123456789123456789",
        "1q2w3e4r5t6y7u",
        "Password!!!!2024",
        "iloveyou12345",
        "monkeymonkey",
        "Telechargement",
        "  letmein  1234",
    ],
)
def test_common_ones_are_refused_however_dressed(password: str) -> None:
    assert refusals(password)


@pytest.mark.parametrize(
    "password",
    [
        "ThanhHoa@2026",
        "thanhhoa2026!",
        "QuânKhu4@2025",
        "bchqs-thanhhoa-36",
        "SoXayDung2026",
        "Sở Xây dựng 01/01/2026",
        "sxd.head2026!!",
        "MacVanHung1975",
        "phoi-hop-quan-dan",
        "Matkhau@123456",
        "qwertyuiop2026",
        "abcdefghijklm",
        "aaaaaaaaaaaaaaa",
        "19752026198019",
    ],
)
def test_names_of_the_province_and_the_person_are_refused(head: User, password: str) -> None:
    assert refusals(password, head)


@pytest.mark.django_db
def test_refusals_are_vietnamese_and_say_what_to_do() -> None:
    with pytest.raises(ValidationError) as caught:
        validate_password("thanhhoa2026")
    assert "Hãy thêm những từ" in " ".join(caught.value.messages)


# --- The whole password, as it was typed -----------------------------------------------------------------
@pytest.mark.parametrize(
    "password", [f"  {GOOD}  ", "ẤY MƯA nắng  hai\tba", f"{GOOD}\u00a0", "đ" * 100 + GOOD * 5]
)
def test_password_is_neither_trimmed_nor_cut(focal_point: User, password: str) -> None:
    focal_point.set_password(password)
    focal_point.save()

    def opens(typed: str) -> bool:
        return Client().post("/login/", {"login": focal_point.username, "password": typed}).status_code == 302

    assert opens(password)
    assert not opens(password.strip() if password != password.strip() else password[:-1])
    assert not opens(password.swapcase())


def test_hasher_is_argon2id() -> None:
    from portal import settings as ours

    assert ours.PASSWORD_HASHERS == ["django.contrib.auth.hashers.Argon2PasswordHasher"]


def test_fields_are_open_to_password_managers(focal_point: User, login: Callable) -> None:
    page = Client().get("/login/").content.decode()
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    page = login(focal_point).get(CHANGE).content.decode()
    assert page.count('autocomplete="new-password"') == 2
    assert "maxlength" not in page
    assert "onpaste" not in page


# --- Changing it -----------------------------------------------------------------------------------------
@pytest.fixture
def person(focal_point: User) -> User:
    focal_point.set_password(GOOD)
    focal_point.email = "dau.moi@sxd.example"
    focal_point.save()
    return focal_point


def signed_in(user: User) -> Client:
    client = Client()
    client.post("/login/", {"login": user.username, "password": GOOD})
    return client


def change(client: Client, old: str, new: str) -> Any:
    return client.post(CHANGE, {"oldpassword": old, "password1": new, "password2": new})


NEW = "mưa nắng hai mùa gió"


def test_change_ends_the_other_sessions_and_tells_the_owner(person: User) -> None:
    here, elsewhere = signed_in(person), signed_in(person)
    assert change(here, GOOD, NEW).status_code == 302
    assert here.get(CHANGE).status_code == 200
    assert elsewhere.get(CHANGE).url.startswith("/login/")
    (told,) = mail.outbox
    assert told.to == [person.email]
    assert "đã được đổi" in told.body
    assert NEW not in told.body
    assert Event.objects.get(verb="password.changed").actor_id == person.pk


def test_old_password_is_needed(person: User) -> None:
    client = signed_in(person)
    assert change(client, "wrong", NEW).context["form"].errors["oldpassword"]
    person.refresh_from_db()
    assert person.check_password(GOOD)


def test_weak_new_password_is_refused_beside_its_field(person: User) -> None:
    answer = change(signed_in(person), GOOD, "thanhhoa2026")
    assert answer.context["form"].errors["password1"]
    assert "is-invalid" in answer.content.decode()


def test_changing_by_the_action_is_kept(person: User, officer: User) -> None:
    passwords.change(person, NEW, by=officer, at=person.joined_at)
    assert Event.objects.get(verb="password.changed").subject_id == str(person.pk)
