"""What is secret reaches no log, no event and no page, also when everything goes wrong."""

import logging
import uuid

import pytest
from django.test import Client
from django.utils import timezone

from portal.audit.models import Event
from portal.lib.logs import JsonFormatter, TextFormatter
from portal.users import invitations, totp
from portal.users.records import Invitation
from tests.factories import PASSWORD
from tests.portal.admin_pages import address

CANARY = "Hoang-Yen-7319-4826-secret"
DIGITS = "73194826"


class Ear(logging.Handler):
    """Hears what the portal's handler would write, in both formats."""

    def __init__(self) -> None:
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        is_written = record.levelno >= logging.WARNING or record.name.startswith(
            ("portal", "tasks", "agreements")
        )
        if is_written and record.levelno >= logging.INFO:
            self.lines += [JsonFormatter().format(record), TextFormatter().format(record)]


@pytest.fixture
def ear():
    hearing = Ear()
    logging.getLogger().addHandler(hearing)
    yield hearing
    logging.getLogger().removeHandler(hearing)


@pytest.fixture
def nothing_told(ear):
    """Return check(answer, *more): neither log nor events nor the page tell the canary or what is given."""

    def check(answer, *more: str) -> None:
        page = answer.content.decode() + str(answer.headers)
        events = " ".join(Event.objects.values_list("payload", flat=True))
        for secret in (CANARY, DIGITS, *more):
            assert secret not in page
            assert secret not in events
            assert not [line for line in ear.lines if secret in line]

    return check


SIGN = {"pin": DIGITS, "code": DIGITS, "read": "on"}
PASSWORDS = {"oldpassword": CANARY, "password1": CANARY, "password2": CANARY + "x"}
FORMS = {
    "login": ("focal_point", "/login/", {"login": "sxd.daumoi", "password": CANARY}),
    "confirm": ("focal_point", "/account/confirm/", {"password": CANARY}),
    "password": ("focal_point", "/account/password/", PASSWORDS),
    "password, weak": ("focal_point", "/account/password/", {"oldpassword": PASSWORD, "password1": DIGITS}),
    "code to confirm": ("head", "/account/second-factor/confirm/", {"code": DIGITS}),
    "first phone": ("focal_point", "/account/second-factor/activate/", {"code": DIGITS}),
    "certificate": ("head", "/agreements/certificate/", {"pin": DIGITS, "again": CANARY, "code": DIGITS}),
    "signature": ("head", "/agreements/{pk}/sign/", SIGN | {"sha256": "0" * 64, "key": str(uuid.uuid4())}),
    "new person": (
        "admin",
        "/admin/users/user/add/",
        {"username": "x", "password1": CANARY, "password2": DIGITS},
    ),
    "new password": (
        "admin",
        "/admin/users/user/{user}/password/",
        {"password1": CANARY, "password2": DIGITS},
    ),
    "wrong page": (
        "focal_point",
        "/assignments/1/accept/",
        {"password": CANARY, "code": DIGITS, "pin": DIGITS},
    ),
}
TROUBLES = {
    "none": None,
    "a fault of ours": ("SELECT", ValueError("a fault of ours")),
    "the database": ("UPDATE", None),
}


def send(name, request, login, document):
    who, path, fields = FORMS[name]
    user = request.getfixturevalue(who)
    client = Client() if name == "login" else login(user)
    client.raise_request_exception = False
    path = path.format(pk=document.pk, user=user.pk)
    return client, client.cookies, path, fields


@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("name", FORMS)
def test_no_form_tells_what_was_typed(name, trouble, request, login, document, failing, nothing_told):
    client, cookies, path, fields = send(name, request, login, document)
    session = [cookies["session"].value] if "session" in cookies else []
    if TROUBLES[trouble]:
        with failing(*TROUBLES[trouble]):
            answer = client.post(path, fields)
    else:
        answer = client.post(path, fields)
    nothing_told(answer, *session)


def test_a_form_whose_session_ran_out_keeps_no_secret(document, nothing_told):
    fields = {"pin": DIGITS, "code": DIGITS, "password": CANARY, "reason": "Lý do được viết ra"}
    answer = Client().post("/agreements/1/sign/", fields, headers={"origin": "http://testserver"})
    assert "Lý do được viết ra" in answer.content.decode()
    nothing_told(answer)


def test_a_form_with_a_bad_token_keeps_no_secret(db, nothing_told):
    strict = Client(enforce_csrf_checks=True)
    answer = strict.post("/login/", {"password": CANARY + " x"}, headers={"origin": "http://testserver"})
    nothing_told(answer)


def test_link_that_still_opens_is_in_no_log(focal_point, admin, ear):
    """A wrong code is answered with 400, which Django tells with the whole address."""
    issued = invitations.invite(focal_point, way=Invitation.Way.PRESENT, by=admin, at=timezone.now())
    answer = Client().post(f"/activate/{issued.token}/", {"activation_code": "AAAA-AAAA"})
    assert answer.status_code == 400
    assert any("/activate/" in line for line in ear.lines)
    assert not [line for line in ear.lines if issued.token in line]


def test_right_password_and_code_stay_untold(head, nothing_told, ear):
    totp.enrol(head)
    client = Client()
    client.post("/login/", {"login": "sxd.head", "password": PASSWORD})
    code = totp.next_code(head, at=timezone.now())
    answer = client.post("/account/second-factor/code/", {"code": code})
    assert answer.status_code == 302
    nothing_told(answer, PASSWORD)
    assert not [line for line in ear.lines if code in line.replace(line[:40], "")]
    assert any("signed in" in line for line in ear.lines)


def test_new_password_of_a_person_stays_untold(admin, login, focal_point, nothing_told):
    client = login(admin)
    path = f"{address(type(focal_point), 'change', focal_point.pk)}"
    nothing_told(client.get(path), focal_point.password)


# --- What must be told -------------------------------------------------------------------------------------
def test_foreign_and_missing_things_are_told_with_who_asked(document, stranger, login, ear):
    client = login(stranger)
    for path in (f"/agreements/{document.pk}/", "/agreements/999999/"):
        assert client.get(path).status_code == 404
        assert any(f"not found: user {stranger.pk}, GET '{path}'" in line for line in ear.lines)
