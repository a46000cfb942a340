"""A lost second factor: two people, a note, a code of ten minutes, and nothing taken away."""

import datetime as dt

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.test import Client

from portal.audit.models import Event
from portal.lib.errors import RuleError
from portal.users import factors, recoveries, throttle, totp
from portal.users.models import Role, User
from portal.users.records import Recovery
from tests.factories import NOW, PASSWORD, person

pytestmark = pytest.mark.django_db
NOTE = "Gặp trực tiếp tại hội nghị, đã xem căn cước."
MINUTE = dt.timedelta(minutes=1)
Stage = Recovery.Stage


@pytest.fixture
def victim(head: User) -> User:
    """A head whose phone is lost."""
    totp.enrol(head)
    return head


@pytest.fixture
def opened(victim, officer, admin) -> Recovery:
    return recoveries.open_for(victim, note=NOTE, by=officer, at=NOW)


def code_of(recovery: Recovery, approver: User, shown_to: User, at: dt.datetime = NOW) -> str:
    recoveries.approve(recovery, by=approver, at=at)
    return recoveries.show_code(recovery, by=shown_to, at=at)


def sign_in(user: User, code: str) -> tuple[Client, object]:
    client = Client()
    client.post("/login/", {"login": user.username, "password": PASSWORD})
    return client, client.post("/account/second-factor/code/", {"code": code})


# --- It works -----------------------------------------------------------------------------------------
def test_person_signs_in_with_the_code_and_is_told(opened, victim, officer, admin, now):
    code = code_of(opened, admin, officer)
    client, response = sign_in(victim, code)
    assert (response.status_code, client.get("/").url) == (302, "/account/second-factor/set-up/")
    (letter,) = mail.outbox
    assert letter.to == [victim.email]
    assert code not in letter.body
    assert list(Event.objects.order_by("seq").values_list("verb", "actor_id")) == [
        ("recovery.opened", officer.pk),
        ("recovery.approved", admin.pk),
        ("recovery.shown", officer.pk),
        ("recovery.used", victim.pk),
    ]


def test_nothing_is_taken_away_until_the_person_does(opened, victim, officer, admin, now):
    before = Authenticator.objects.get(user=victim).pk
    client, _response = sign_in(victim, code_of(opened, admin, officer))
    assert Authenticator.objects.get(user=victim).pk == before
    assert client.get("/assignments/").url == "/account/second-factor/set-up/"
    assert client.post("/account/second-factor/keep/").url.startswith("/account/second-factor/confirm/")
    assert client.get("/").url == "/account/second-factor/set-up/"
    assert Authenticator.objects.get(user=victim).pk == before


def test_new_phone_takes_the_place_of_the_lost_one(opened, victim, officer, admin, now):
    client, _response = sign_in(victim, code_of(opened, admin, officer))
    secret = client.get("/account/second-factor/set-up/app/").context["secret"]
    new_code = format_hotp_value(hotp_value(secret, int(NOW.timestamp()) // 30))
    client.post("/account/second-factor/set-up/app/", {"code": "000000"})
    assert client.get("/").url == "/account/second-factor/set-up/"
    assert client.post("/account/second-factor/set-up/app/", {"code": new_code}).status_code == 302
    assert client.get("/").status_code == 200
    assert (
        Authenticator.objects.get(user=victim)
        .wrap()
        .validate_code(format_hotp_value(hotp_value(secret, int(NOW.timestamp()) // 30 + 1)))
    )
    assert Event.objects.filter(verb="factor.removed", actor_id=victim.pk).count() == 1


def test_who_takes_longer_is_asked_for_the_password_and_not_for_what_was_lost(opened, victim, officer, admin):
    page = "/account/second-factor/set-up/app/"
    with time_machine.travel(NOW, tick=False):
        client, _response = sign_in(victim, code_of(opened, admin, officer))
    with time_machine.travel(NOW + 6 * MINUTE, tick=False):
        asked = client.get(page).url
        assert asked.startswith("/account/confirm/")
        assert client.get(asked).status_code == 200
        assert client.post(asked, {"password": "sai"}).status_code == 200
        assert client.get(page).status_code == 302
        assert client.post(asked, {"password": PASSWORD}).url == page
        assert client.get(page).status_code == 200


def test_whoever_has_the_factor_is_still_asked_for_it(victim, login):
    with time_machine.travel(NOW, tick=False):
        client = login(victim)
    with time_machine.travel(NOW + 6 * MINUTE, tick=False):
        asked = client.get("/account/second-factor/set-up/app/").url
    assert asked.startswith("/account/second-factor/confirm/")


# --- Nothing but the sign-in --------------------------------------------------------------------------
def test_code_is_no_second_factor_for_anything_else(opened, victim, officer, admin):
    code = code_of(opened, admin, officer)
    assert factors.spend(victim, code, at=NOW) is None
    opened.refresh_from_db()
    assert opened.stage(NOW) == Stage.SHOWN


def test_code_works_once(opened, victim, officer, admin, now):
    code = code_of(opened, admin, officer)
    sign_in(victim, code)
    client, _response = sign_in(victim, code)
    assert client.get("/").url.startswith("/login/")


def test_code_lives_ten_minutes(opened, victim, officer, admin):
    code = code_of(opened, admin, officer)
    assert not recoveries.spend(victim, code, at=NOW + 10 * MINUTE)
    assert recoveries.spend(victim, code, at=NOW + 10 * MINUTE - dt.timedelta(seconds=1))


def test_code_is_the_persons_own(opened, officer, admin, front_head):
    assert not recoveries.spend(front_head, code_of(opened, admin, officer), at=NOW)


def test_right_code_after_five_wrong_ones_is_not_looked_at(opened, victim, officer, admin, now):
    code = code_of(opened, admin, officer)
    client = Client()
    client.post("/login/", {"login": victim.username, "password": PASSWORD})
    wrong = f"{(int(code.replace(' ', '')) + 1) % 10**8:08}"
    for _ in range(5):
        client.post("/account/second-factor/code/", {"code": wrong})
    client.post("/account/second-factor/code/", {"code": code})
    assert client.get("/").url.startswith("/login/")


def test_code_is_not_guessed_from_thousands_of_addresses(opened, victim, officer, admin, now):
    code = code_of(opened, admin, officer)
    wrong = f"{(int(code.replace(' ', '')) + 1) % 10**8:08}"
    client = Client()
    client.post("/login/", {"login": victim.username, "password": PASSWORD})
    for number in range(throttle.OF_GUESSABLE):
        client.post("/account/second-factor/code/", {"code": wrong}, REMOTE_ADDR=f"192.0.2.{number}")
    client.post("/account/second-factor/code/", {"code": code}, REMOTE_ADDR="198.51.100.1")
    assert client.get("/").url.startswith("/login/")


def test_phone_works_on_while_a_recovery_is_open(opened, victim, officer, admin, now):
    code_of(opened, admin, officer)
    client, response = sign_in(victim, totp.next_code(victim, at=NOW))
    assert (response.status_code, client.get("/").status_code) == (302, 200)


def test_code_is_shown_once_and_only_its_hash_is_kept(opened, officer, admin):
    code = code_of(opened, admin, officer)
    for user in (officer, admin):
        with pytest.raises(RuleError):
            recoveries.show_code(opened, by=user, at=NOW)
    row = " ".join(map(str, Recovery.objects.values().get().values()))
    assert code.replace(" ", "") not in row
    assert code not in row


# --- Rules --------------------------------------------------------------------------------------------
@pytest.mark.parametrize("note", ["", "   ", "\n"])
def test_a_note_is_compulsory(victim, officer, note):
    with pytest.raises(RuleError):
        recoveries.open_for(victim, note=note, by=officer, at=NOW)


def test_who_has_no_second_factor_has_lost_none(focal_point, officer):
    with pytest.raises(RuleError):
        recoveries.open_for(focal_point, note=NOTE, by=officer, at=NOW)


def test_one_is_open_at_a_time_and_a_late_one_makes_room(opened, victim, admin):
    with pytest.raises(RuleError):
        recoveries.open_for(victim, note=NOTE, by=admin, at=NOW + 59 * MINUTE)
    again = recoveries.open_for(victim, note=NOTE, by=admin, at=NOW + 60 * MINUTE)
    assert Recovery.objects.open().get() == again


def test_no_code_before_the_approval(opened, officer):
    with pytest.raises(RuleError):
        recoveries.show_code(opened, by=officer, at=NOW)


@pytest.mark.parametrize("step", ["approve", "show_code", "cancel"])
def test_what_is_over_stays_over(opened, officer, admin, step):
    recoveries.cancel(opened, by=officer, at=NOW)
    with pytest.raises(RuleError):
        getattr(recoveries, step)(opened, by=officer if step == "show_code" else admin, at=NOW)


@pytest.mark.parametrize("step", ["approve", "show_code", "cancel"])
def test_who_may_not_is_not_told_that_it_is_over(opened, cast, step):
    recoveries.cancel(opened, by=cast.officer, at=NOW)
    with pytest.raises(PermissionDenied):
        getattr(recoveries, step)(opened, by=cast.head, at=NOW)


def test_cancelled_code_is_dead(opened, victim, officer, admin):
    code = code_of(opened, admin, officer)
    recoveries.cancel(opened, by=admin, at=NOW)
    assert not recoveries.spend(victim, code, at=NOW)


# --- Who with whom ------------------------------------------------------------------------------------
@pytest.fixture
def people(cast, host) -> dict[str, User]:
    """The cast, and a second officer and administrator."""
    everybody = dict(vars(cast))
    everybody["officer2"] = person("bchqs.troly2", Role.PROGRAMME_OFFICER, host)
    everybody["admin2"] = person("quantri2", Role.ADMINISTRATOR, host)
    return everybody


PAIRS = {
    "head": {("officer", "admin"), ("officer", "admin2"), ("officer2", "admin"), ("officer2", "admin2")},
    "commander": {("officer", "admin"), ("officer", "admin2"), ("officer2", "admin"), ("officer2", "admin2")},
    "admin": {("officer", "admin2"), ("officer2", "admin2")},
    "officer": {("admin", "officer2"), ("admin2", "officer2")},
}
BY_COMMANDER = {
    "head": set(),
    "commander": set(),
    "admin": {"officer", "officer2", "admin2"},
    "officer": {"admin", "admin2", "officer2"},
}


@pytest.mark.parametrize("name", PAIRS)
def test_two_people_of_two_posts_and_never_the_person(people, name):
    """Every opener with every approver."""
    lost, passed = people[name], set()
    totp.enrol(lost)
    for opener, by in people.items():
        try:
            row = recoveries.open_for(lost, note=NOTE, by=by, at=NOW)
        except PermissionDenied:
            continue
        for approver, other in people.items():
            with transaction.atomic():
                try:
                    recoveries.approve(row, by=other, at=NOW)
                    passed.add((opener, approver))
                except PermissionDenied:
                    pass
                transaction.set_rollback(True)
        recoveries.cancel(row, by=by, at=NOW)
    mirrored = PAIRS[name] | {(b, a) for a, b in PAIRS[name]}
    assert passed == mirrored | {(opener, "commander") for opener in BY_COMMANDER[name]}


@pytest.mark.parametrize(
    "change",
    [
        lambda user: User.objects.filter(pk=user.pk).update(is_active=False),
        lambda user: user.memberships.update(valid_to=NOW.date() - dt.timedelta(days=1)),
        lambda user: user.memberships.update(role=Role.VIEWER),
    ],
    ids=["account closed", "post ended", "another post"],
)
def test_administrator_who_sends_the_officers_away_makes_up_no_officer(people, change):
    """Who closes the officers' accounts for a minute would be both of the two: by one of their own making."""
    for user in (people["officer"], people["head"]):
        totp.enrol(user)
        Authenticator.objects.filter(user_id=user.pk).update(created_at=NOW - dt.timedelta(days=300))
    totp.enrol(people["officer2"])
    Authenticator.objects.filter(user_id=people["officer2"].pk).update(created_at=NOW)
    change(people["officer"])
    with pytest.raises(RuleError):
        recoveries.open_for(people["head"], note=NOTE, by=people["officer2"], at=NOW)


def test_code_is_shown_to_the_two_only(opened, people, admin):
    recoveries.approve(opened, by=admin, at=NOW)
    for name, user in people.items():
        if name not in {"officer", "admin"}:
            with pytest.raises(PermissionDenied):
                recoveries.show_code(opened, by=user, at=NOW)
    assert recoveries.show_code(opened, by=admin, at=NOW)


def test_the_database_refuses_one_person_for_two(opened, officer, victim):
    for by in (officer, victim):
        with pytest.raises(IntegrityError), transaction.atomic():
            Recovery.objects.filter(pk=opened.pk).update(approved_by=by, approved_at=NOW)


# --- Pages --------------------------------------------------------------------------------------------
PAGE = "/people/lost-factors/"


def test_officer_and_administrator_mend_it_on_their_pages(victim, officer, admin, login, now):
    theirs, ours = login(officer), login(admin)
    form = {"person": victim.pk, "note": NOTE}
    assert theirs.post(PAGE, form).url == PAGE
    pk = Recovery.objects.get().pk
    assert f"{PAGE}{pk}/approve/" not in theirs.get(PAGE).content.decode()
    assert PAGE in [todo.url for todo in ours.get("/").context["home"].todos]
    assert f"{PAGE}{pk}/approve/" in ours.get(PAGE).content.decode()
    ours.post(f"{PAGE}{pk}/approve/")
    shown = theirs.post(f"{PAGE}{pk}/code/")
    client, _response = sign_in(victim, shown.context["code"])
    assert client.get("/").url == "/account/second-factor/set-up/"


def test_officer_is_asked_when_the_administrator_opens(victim, officer, admin, login, now):
    login(admin).post(PAGE, {"person": victim.pk, "note": NOTE})
    assert login(officer).get("/").context["home"].todos[0].url == PAGE
    assert PAGE not in [todo.url for todo in login(admin).get("/").context["home"].todos]


def test_commander_sees_those_of_officers_and_administrators(opened, admin, officer, commander, login):
    assert not login(commander).get(PAGE).context["rows"]
    assert login(commander).post(PAGE, {"person": admin.pk, "note": NOTE}).status_code == 403
    totp.enrol(admin)
    recoveries.open_for(admin, note=NOTE, by=officer, at=NOW)
    assert [row.recovery.user for row in login(commander).get(PAGE).context["rows"]] == [admin]


def test_empty_note_keeps_what_was_chosen(victim, officer, login):
    response = login(officer).post(PAGE, {"person": victim.pk, "note": " "})
    assert response.status_code == 400
    assert response.context["form"]["person"].value() == str(victim.pk)


def test_empty_list_says_so(officer, login):
    assert "Không có ai mất thiết bị xác thực" in login(officer).get(PAGE).content.decode()


def test_list_takes_a_fixed_number_of_queries(people, officer, login, django_assert_max_num_queries):
    admin = people["admin"]
    for name in ("head", "front_head", "commander", "deputy", "officer2"):
        totp.enrol(people[name])
        recoveries.open_for(people[name], note=NOTE, by=admin, at=NOW)
    client = login(officer)
    client.get(PAGE)
    with django_assert_max_num_queries(20):
        client.get(PAGE)
