"""Old tricks on requests: tokens, hosts, methods, paths, cookies, ways back."""

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from portal.users import totp
from tests.addresses import ADDRESSES, share
from tests.factories import PASSWORD

ELSEWHERE = (
    "https://elsewhere.example/",
    "//elsewhere.example",
    "/\\elsewhere.example",
    "https:elsewhere.example",
    "javascript:alert(1)",
    "http://testserver@elsewhere.example/",
    "/\t/elsewhere.example",
)


TICKETS = {"/agreements/agent/v1/prepare/", "/agreements/agent/v1/complete/"}
"""Asked by a program that has no cookie: its ticket decides, and a browser's cookies mean nothing there."""


# --- Characters that no database holds ---------------------------------------------------------------
@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/verify/?sha256=%00", 200),
        ("/verify/%00/", 404),
        ("/hand-overs/new/?agency=%00&role=viewer", 404),
    ],
)
def test_null_character_in_an_address_is_no_fault(admin, login, path, status):
    assert login(admin).get(path).status_code == status


# --- Forms of other sites ----------------------------------------------------------------------------
PEOPLE = ["nobody", "officer", "admin"]


@pytest.mark.parametrize("who", PEOPLE)
def test_no_address_takes_a_form_without_token(cast, login, document, who):
    taken = []
    for address in share(ADDRESSES, who, PEOPLE):
        strict = Client(enforce_csrf_checks=True)
        if who != "nobody":
            strict.cookies = login(getattr(cast, who)).cookies
        path = address.path(lambda name: {"year": 2026, "code": "SXD", "pk": document.pk}.get(name, 1))
        status = strict.post(path, {"login": "a", "reason": "b", "_save": "1"}).status_code
        if status not in {403, 404, 405} and path not in TICKETS:
            taken.append((path, status))
    assert taken == []


@pytest.mark.parametrize(
    "origin", ["https://elsewhere.example", "null", "http://testserver.elsewhere.example"]
)
def test_a_token_does_not_help_another_origin(officer, login, origin):
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = login(officer).cookies
    token = strict.get("/notices/").cookies["csrf"].value
    answer = strict.post("/notices/read/", {"csrfmiddlewaretoken": token}, headers={"origin": origin})
    assert answer.status_code == 403


# --- Names of the host ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "host",
    [
        "elsewhere.example",
        "testserver.elsewhere.example",
        "elsewhere.example:80@testserver",
        "testserver\n.elsewhere.example",
        "127.0.0.1.elsewhere.example",
        "",
    ],
)
@pytest.mark.parametrize("path", ["/", "/login/", "/admin/", "/healthz", "/no/such/page/"])
def test_foreign_host_is_refused_everywhere(db, host, path):
    answer = Client().get(path, headers={"host": host})
    assert answer.status_code == 400
    assert "elsewhere" not in answer.content.decode()


def test_forwarded_host_is_not_believed(db):
    answer = Client().get("/", headers={"x-forwarded-host": "elsewhere.example"})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/login/?next=/")


# --- Ways back -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("target", ELSEWHERE)
def test_login_leads_to_our_own_pages_only(focal_point, target):
    answer = Client().post("/login/", {"login": "sxd.daumoi", "password": PASSWORD, "next": target})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/")


@pytest.mark.parametrize("target", ELSEWHERE)
@pytest.mark.parametrize("path", ["/logout/", "/i18n/setlang/"])
def test_other_forms_lead_to_our_own_pages_only(focal_point, login, path, target):
    answer = login(focal_point).post(path, {"next": target, "language": "en"})
    assert "elsewhere" not in answer.headers.get("Location", "")
    assert "javascript" not in answer.headers.get("Location", "")


@pytest.mark.parametrize("target", ELSEWHERE)
def test_a_refused_button_leads_back_to_our_own_pages_only(programme, officer, login, target):
    answer = login(officer).post("/programmes/2026/settle/", headers={"referer": target})
    assert answer.status_code in {302, 403}
    assert answer.headers.get("Location", "/") == "/"


def test_a_line_break_splits_no_answer(db):
    answer = Client().get("/programmes/%0d%0aSet-Cookie:%20a=b/")
    assert "a" not in answer.cookies
    assert not any("\n" in value or "\r" in value for value in answer.headers.values())


# --- Methods and paths --------------------------------------------------------------------------------------
@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "PROPFIND"])
def test_unknown_methods_echo_nothing(db, method):
    for path in ("/login/", "/verify/", "/healthz"):
        answer = Client().generic(method, path, headers={"x-canary": "canary-7319"})
        assert b"canary-7319" not in answer.content


def test_head_answers_as_get_without_a_body(programme, officer, login):
    browser = login(officer)
    for path in ("/", "/assignments/", "/programmes/2026/", "/healthz"):
        answer = browser.head(path)
        assert (answer.status_code, answer.content) == (200, b""), path


@pytest.mark.parametrize(
    "path",
    [
        "//admin/",
        "/./admin/",
        "/x/../admin/",
        "/%2e%2e/admin/",
        "/%2e/admin/",
        "/admin/.",
        "/admin/..;/",
        "/admin;/",
        "/admin%00/",
        "/admin%2fusers%2fuser%2f",
        "/ADMIN/",
        "/static/../admin/",
        "/static/%2e%2e/%2e%2e/manage.py",
        "/static/..%5c..%5cmanage.py",
    ],
)
@pytest.mark.parametrize("who", ["nobody", "focal_point"])
def test_no_path_trick_opens_the_administration_or_a_file(cast, login, path, who):
    client = login(cast.focal_point) if who == "focal_point" else Client()
    answer = client.get(path, follow=True)
    content = b"".join(answer.streaming_content) if answer.streaming else answer.content
    assert answer.status_code in {200, 403, 404}
    assert b"DJANGO_SETTINGS_MODULE" not in content
    assert 'id="user-tools"' not in content.decode()


# --- Cookies and sessions ----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "path", ["/", "/verify/", "/healthz", "/readyz", "/no/such/page/", "/static/css/base.css"]
)
def test_reading_without_signing_in_leaves_no_session(db, path):
    answer = Client().get(path)
    assert "session" not in answer.cookies
    assert Session.objects.count() == 0


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(focal_point):
    client = Client()
    client.get("/login/")
    answer = client.post("/login/", {"login": "sxd.daumoi", "password": PASSWORD})
    for name in ("session", "csrf"):
        cookie = (answer.cookies if name in answer.cookies else client.cookies)[name]
        assert (bool(cookie["httponly"]), cookie["samesite"], cookie["domain"]) == (True, "Lax", ""), name


def test_session_that_was_planted_is_not_carried_on(focal_point):
    client = Client()
    client.session.save()
    client.cookies["session"] = "planted0planted0planted0planted0"
    answer = client.post("/login/", {"login": "sxd.daumoi", "password": PASSWORD})
    assert answer.cookies["session"].value != "planted0planted0planted0planted0"
    assert not Session.objects.filter(pk="planted0planted0planted0planted0").exists()


def test_session_is_a_new_one_after_the_last_factor(head):
    totp.enrol(head)
    client = Client()
    before_password = client.session.session_key
    client.post("/login/", {"login": "sxd.head", "password": PASSWORD})
    before_code = client.cookies["session"].value
    client.post("/account/second-factor/code/", {"code": totp.next_code(head, at=timezone.now())})
    after = client.cookies["session"].value
    assert after not in {before_password, before_code}
    assert list(Session.objects.filter(pk=before_code)) == []


def test_session_that_was_signed_out_opens_nothing(focal_point, login):
    client = login(focal_point)
    key = client.cookies["session"].value
    client.post("/logout/")
    again = Client()
    again.cookies["session"] = key
    assert again.get("/").status_code == 302


def test_https_gives_host_cookies_and_hsts_to_every_answer(db, settings):
    settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME = "__Host-session", "__Host-csrf"
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.LANGUAGE_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS = 31_536_000
    for path in ("/login/", "/no/such/page/", "/static/css/base.css"):
        answer = Client().get(path, secure=True)
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000", path
    cookie = Client().get("/login/", secure=True).cookies["__Host-csrf"]
    assert (cookie["secure"], cookie["path"], cookie["domain"]) == (True, "/", "")
    chosen = Client().post("/i18n/setlang/", {"language": "en"}, secure=True).cookies["language"]
    assert chosen["secure"]
