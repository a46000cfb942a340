"""What a thief of a password, of a session or of a mailbox tries between two of the portal's rules."""

import datetime as dt
import json

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client

from portal.audit.models import Event
from portal.lib.errors import RuleError
from portal.users import carried, invitations, recoveries, throttle, totp
from portal.users.models import Role, SignIn, User
from portal.users.records import Invitation, Recovery
from tests.factories import NOW, PASSWORD, person

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("now")]
SET_UP, CODE = "/account/second-factor/set-up/", "/account/second-factor/code/"
WRONG = "000000"
NOTE = "Gặp trực tiếp tại hội nghị, đã xem căn cước."


def give_password(user: User) -> Client:
    client = Client()
    client.post("/login/", {"login": user.username, "password": PASSWORD})
    return client


def set_up_app(client: Client) -> None:
    secret = client.get(f"{SET_UP}app/").context["secret"]
    code = format_hotp_value(hotp_value(secret, int(NOW.timestamp()) // 30))
    client.post(f"{SET_UP}app/", {"code": code})


# --- A session that began before there was a factor --------------------------------------------------
def test_password_thief_does_not_wait_for_the_owner_to_set_up_a_factor(head):
    thief, owner = give_password(head), give_password(head)
    assert thief.get("/").url == SET_UP
    set_up_app(owner)
    assert owner.get("/").status_code == 200
    assert thief.get("/").url.startswith("/login/")
    assert json.loads(Event.objects.get(verb="session.ended").payload)["count"] == 1


def test_spare_factor_ends_no_sign_in(head):
    first = give_password(head)
    set_up_app(first)
    second = give_password(head)
    second.post(CODE, {"code": totp.next_code(head, at=NOW)})
    set_up_app(second)
    assert first.get("/").status_code == 200


# --- A session that began with a code of two other people ---------------------------------------------
@pytest.fixture
def recovered(head, officer, admin) -> Client:
    totp.enrol(head)
    recovery = recoveries.open_for(head, note=NOTE, by=officer, at=NOW)
    recoveries.approve(recovery, by=admin, at=NOW)
    client = give_password(head)
    client.post(CODE, {"code": recoveries.show_code(recovery, by=officer, at=NOW)})
    return client


def test_who_keeps_the_old_factor_shows_it(recovered, head):
    assert recovered.get("/").url == SET_UP
    answer = recovered.post("/account/second-factor/keep/")
    assert answer.url.startswith("/account/second-factor/confirm/"), (
        "the code of two others is not the factor"
    )
    assert recovered.get("/").url == SET_UP
    recovered.post(answer.url, {"code": totp.next_code(head, at=NOW)})
    assert recovered.post("/account/second-factor/keep/").url == "/account/second-factor/"
    assert recovered.get("/").status_code == 200


# --- Guesses from many addresses ------------------------------------------------------------------------
def test_codes_are_not_guessed_from_a_thousand_addresses(head):
    totp.enrol(head)
    clients = [give_password(head) for _ in range(2)]
    for n in range(throttle.OF_GUESSABLE):
        clients[0].post(CODE, {"code": WRONG}, REMOTE_ADDR=f"2001:db8:0:{n:x}::1")
    code = totp.next_code(head, at=NOW)
    clients[1].post(CODE, {"code": code}, REMOTE_ADDR="2001:db8:1::1")
    assert clients[1].get("/").url.startswith("/login/")


def test_an_invitation_dies_of_guesses_from_everywhere(focal_point, admin):
    issued = invitations.invite(focal_point, way=Invitation.Way.MAIL, by=admin, at=NOW)
    path = f"/activate/{issued.token}/"
    form = {"activation_code": "AAAA-AAAA", "password1": "x", "password2": "x"}
    for n in range(throttle.OF_GUESSABLE):
        assert Client().post(path, form, REMOTE_ADDR=f"198.51.100.{n}").status_code == 400
    assert Client().post(path, form, REMOTE_ADDR="198.51.101.1").status_code == 404
    event = Event.objects.get(verb="invitation.revoked")
    assert (event.actor_id, json.loads(event.payload)["why"]) == (None, "guessed")


# --- Secrets on the way --------------------------------------------------------------------------------
def test_password_of_a_step_up_is_kept_nowhere_when_the_session_is_over(login, officer):
    client = login(officer)
    SignIn.objects.all().delete()
    facts = client.session
    facts["sign_in"] = facts["sign_in"] | {"seen": NOW.timestamp() - 3600}
    facts.save()
    form = {"for": "users", "next": "/people/", "answer": "bon tu dai", "code": "1", "text": "hai tu"}
    answer = client.post("/account/step-up/", form, headers={"Referer": "http://testserver/account/step-up/"})
    assert "hai tu" in answer.content.decode()
    assert "bon tu dai" not in answer.content.decode()
    (kept,) = [row.get_decoded()["waiting_form"]["form"] for row in Session.objects.all()]
    assert dict(carried.unpack(kept, user_id=officer.pk).fields).keys() == {"for", "next", "text"}


def test_activation_code_is_not_shown_by_a_refused_form():
    client = Client(enforce_csrf_checks=True)
    form = {"activation_code": "K7PM 29QX", "password1": "mot hai ba bon"}
    answer = client.post("/activate/abcdef/", form, headers={"Origin": "http://testserver"})
    assert answer.status_code == 403
    assert "K7PM 29QX" not in answer.content.decode()


# --- An administrator who makes up a colleague ----------------------------------------------------------
def test_made_up_officer_opens_and_approves_no_recovery(head, officer, admin, commander, host):
    for user in (head, officer, admin, commander):
        totp.enrol(user)
    Authenticator.objects.update(created_at=NOW - dt.timedelta(days=30))
    puppet = person("bu-nhin", Role.PROGRAMME_OFFICER, host)
    totp.enrol(puppet)
    Authenticator.objects.filter(user=puppet).update(created_at=NOW)
    with pytest.raises(RuleError):
        recoveries.open_for(head, note=NOTE, by=puppet, at=NOW)
    recovery = recoveries.open_for(head, note=NOTE, by=admin, at=NOW)
    with pytest.raises(RuleError):
        recoveries.approve(recovery, by=puppet, at=NOW)
    recoveries.approve(recovery, by=officer, at=NOW)
    assert Recovery.objects.get().approved_by == officer


# --- A password that somebody else reset ------------------------------------------------------------------
def test_owner_hears_that_an_invitation_gave_their_account_a_new_password(head, admin):
    totp.enrol(head)
    issued = invitations.invite(head, way=Invitation.Way.PRESENT, by=admin, at=NOW)
    words = "ngua trang qua cau sat"
    form = {"activation_code": issued.code, "password1": words, "password2": words}
    assert Client().post(f"/activate/{issued.token}/", form).status_code == 302
    assert [letter.to for letter in mail.outbox] == [[head.email]]
