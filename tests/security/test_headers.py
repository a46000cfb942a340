"""Every answer carries the browser's rules: every address, every refusal, every file."""

import pytest
from django.contrib.auth import SESSION_KEY
from django.test import Client

from agreements import documents
from portal.lib import headers
from tests.addresses import ADDRESSES, share
from tests.factories import NOW

CSP = {
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
    "object-src 'none'",
}
SANDBOX = {"default-src 'none'", "sandbox"}
"""Of a file that is served to be kept, a workbook or a paper: it may do nothing at all."""
OTHERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": headers.RULES["Permissions-Policy"],
}
METHODS = ["GET", "HEAD", "POST", "OPTIONS", "TRACE", "DELETE"]
PEOPLE = ["admin", "commander"]
PATHS = [address.path() for address in ADDRESSES]


def policy(answer):
    return {part.strip() for part in answer.headers["Content-Security-Policy"].split(";")}


def serves_a_file(answer):
    return answer.headers.get("Content-Disposition", "").startswith("attachment;")


def assert_ruled(answer, *, csp=CSP):
    assert policy(answer) == csp, answer.status_code
    assert {name: answer.headers.get(name) for name in OTHERS} == OTHERS, answer.status_code


def assert_private(answer):
    assert "no-store" in answer.headers["Cache-Control"]


@pytest.fixture
def stubborn():
    """A client that sees the page of a fault, as a browser does."""
    return Client(raise_request_exception=False)


# --- Every address -----------------------------------------------------------------------------------
@pytest.mark.parametrize("method", METHODS)
def test_every_address_answers_anybody_by_the_rules(db, method):
    for path in share(PATHS, method, METHODS, parts=2):
        answer = Client().generic(method, path)
        assert_ruled(answer)
        assert_private(answer)


@pytest.mark.parametrize("who", PEOPLE)
def test_every_address_answers_who_is_signed_in_by_the_rules(who, cast, login):
    client = login(getattr(cast, who))
    for path in share(PATHS, who, PEOPLE):
        if SESSION_KEY not in client.session:  # an address signed out
            client = login(getattr(cast, who))
        for answer in (client.get(path), client.post(path)):
            assert_ruled(answer, csp=SANDBOX if serves_a_file(answer) else CSP)
            assert_private(answer)


def test_every_served_file_is_a_sandbox(document, login, head):
    answer = login(head).get(f"/agreements/{document.pk}/file/")
    assert answer.status_code == 200
    assert_ruled(answer, csp=SANDBOX)
    assert_private(answer)
    assert answer.headers["Content-Disposition"].startswith("attachment;")


def test_page_pictures_are_private_too(document, login, head):
    answer = login(head).get(f"/agreements/{document.pk}/pages/1/")
    assert answer.headers["Content-Type"] == "image/webp"
    assert_ruled(answer)
    assert_private(answer)


def test_static_files_carry_the_rules_and_may_be_kept():
    answer = Client().get("/static/css/base.css")
    assert answer.status_code == 200
    assert_ruled(answer)
    assert "no-store" not in answer.headers["Cache-Control"]


# --- Every refusal and fault ----------------------------------------------------------------------------
def test_400_of_a_foreign_host(client):
    answer = client.get("/login/", headers={"host": "attacker.example"})
    assert answer.status_code == 400
    assert_ruled(answer)


def test_403_of_a_form_without_token(db):
    answer = Client(enforce_csrf_checks=True).post("/login/", {"login": "a"})
    assert answer.status_code == 403
    assert_ruled(answer)


def test_403_of_a_wrong_post(login, focal_point):
    answer = login(focal_point).get("/admin/")
    assert answer.status_code == 403
    assert_ruled(answer)


@pytest.mark.parametrize("path", ["/no/such/page/", "/static/css/no-such.css", "/admin/no/such/"])
def test_404(db, client, path):
    answer = client.get(path)
    assert answer.status_code in {302, 404}
    assert_ruled(answer)


def test_405(login, focal_point):
    answer = login(focal_point).delete("/")
    assert answer.status_code == 405
    assert_ruled(answer)


def test_409(document, officer, enrolled, head, login):
    documents.withdraw(document, by=officer, at=NOW, reason="Sai căn cứ pháp lý")
    answer = login(head).get(f"/agreements/{document.pk}/sign/")
    assert answer.status_code == 409
    assert_ruled(answer)


def test_413(db, client):
    answer = client.post("/login/", b"a" * 3_000_000, content_type="application/x-www-form-urlencoded")
    assert answer.status_code == 413
    assert_ruled(answer)


def test_429(login, focal_point, settings):
    settings.ACCOUNT_RATE_LIMITS = {"reauthenticate": "1/m/user"}
    client = login(focal_point)
    answers = [client.post("/account/confirm/", {"password": "sai"}) for _attempt in range(2)]
    assert answers[1].status_code == 429
    assert_ruled(answers[1])


def test_500(programme, officer, login, failing):
    browser = login(officer)
    browser.raise_request_exception = False
    with failing("tasks_assignment", ValueError("a fault of ours")):
        answer = browser.get("/")
    assert answer.status_code == 500
    assert_ruled(answer)
    assert_private(answer)


@pytest.mark.parametrize("table", ["tasks_assignment", "django_session"])
def test_503(programme, officer, login, failing, table):
    browser = login(officer)
    browser.raise_request_exception = False
    with failing(table):
        answer = browser.get("/")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "10")
    assert_ruled(answer)
    assert_private(answer)


# --- What the rules say -----------------------------------------------------------------------------------
def test_only_passkeys_are_allowed():
    allowed = [part for part in headers.RULES["Permissions-Policy"].split(", ") if not part.endswith("=()")]
    assert allowed == ["publickey-credentials-create=(self)", "publickey-credentials-get=(self)"]
