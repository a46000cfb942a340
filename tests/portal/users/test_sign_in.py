"""The login page: one answer for every wrong pair, in the same time, and no way to another site."""

import statistics
import time
from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.test import Client

from portal.users.models import User

PASSWORD = "mot-mat-khau-rat-dai"
WRONG = "Tên đăng nhập hoặc mật khẩu không đúng"


@pytest.fixture
def person(focal_point: User) -> User:
    focal_point.set_password(PASSWORD)
    focal_point.save()
    return focal_point


def page_after(login: str, password: str) -> str:
    answer = Client().post("/login/", {"login": login, "password": password})
    assert answer.status_code == 200
    return str(answer.context["form"].non_field_errors()).replace(login, "")


def test_wrong_name_and_wrong_password_read_the_same(person: User) -> None:
    User.objects.create_user("dong", PASSWORD, full_name="Đã đóng", is_active=False)
    answers = {
        page_after(person.username, "wrong"),
        page_after("nobody", "wrong"),
        page_after("dong", "wrong"),
    }
    assert len(answers) == 1


def test_unknown_name_is_hashed_too(person: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each answer costs one hash, whoever is asked for; time then tells nothing."""
    hashed: list[str] = []
    check, make = User.check_password, User.set_password
    monkeypatch.setattr(User, "check_password", lambda s, p: hashed.append("check") or check(s, p))
    monkeypatch.setattr(User, "set_password", lambda s, p: hashed.append("make") or make(s, p))
    page_after(person.username, "wrong")
    page_after("nobody", "wrong")
    assert hashed == ["check", "make"]


def test_time_is_the_same_with_the_real_hasher(person: User, settings: object) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    person.set_password(PASSWORD)
    person.save()

    def seconds(name: str, place: int) -> float:
        start = time.perf_counter()
        facts = {"REMOTE_ADDR": f"192.0.2.{place}"}
        Client().post("/login/", {"login": name, "password": "wrong"}, **facts)
        return time.perf_counter() - start

    known = statistics.median(seconds(person.username, place) for place in range(7))
    unknown = statistics.median(seconds(f"nobody{place}", place) for place in range(7))
    assert 0.5 < known / unknown < 2


@pytest.mark.parametrize(
    "target",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "https:evil.example",
        "http://testserver@evil.example/",
        "\thttps://evil.example",
    ],
)
def test_next_leads_nowhere_else(person: User, target: str) -> None:
    form = {"login": person.username, "password": PASSWORD, "next": target}
    assert Client().post(f"/login/?next={quote(target)}", form).url == "/"


def test_next_leads_on_inside(person: User) -> None:
    form = {"login": person.username, "password": PASSWORD, "next": "/assignments/?page=2"}
    assert Client().post("/login/", form).url == "/assignments/?page=2"


@pytest.mark.parametrize("path", ["/login/passkey/", "/account/confirm/", "/account/password/"])
def test_next_is_checked_on_every_page_that_takes_it(
    person: User, login: Callable[[User], Client], path: str
) -> None:
    answer = login(person).post(path, {"password": PASSWORD, "next": "https://evil.example/"})
    assert "evil" not in answer.headers.get("Location", "")


def test_session_key_changes_at_sign_in(person: User) -> None:
    client = Client()
    client.get("/login/passkey/")
    before = client.session.session_key
    client.post("/login/", {"login": person.username, "password": PASSWORD})
    assert client.session.session_key != before


@pytest.mark.parametrize("path", ["/login/", "/account/second-factor/code/"])
def test_pages_of_signing_in_are_not_kept(path: str, db: None) -> None:
    assert "no-store" in Client().get(path).headers["Cache-Control"]
