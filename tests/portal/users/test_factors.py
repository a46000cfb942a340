"""Second factors: held, spent through one door, added with a check, never the last one removed."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.utils import timezone

from portal.audit.models import Event
from portal.lib.errors import RuleError
from portal.users import factors, sheets, totp
from portal.users.models import User
from tests.factories import NOW

Kind = Authenticator.Type
LIST, SET_UP = "/account/second-factor/", "/account/second-factor/set-up/"
SHEET, CODE = f"{SET_UP}sheet/", "/account/second-factor/code/"
PASSWORD = "mot-mat-khau-rat-dai"


@pytest.fixture
def person(head: User) -> User:
    head.set_password(PASSWORD)
    head.email = "gd@sxd.example"
    head.save()
    return head


@pytest.fixture
def sheet_of() -> Callable[..., list[str]]:
    """Return sheet_of(user): a fresh sheet of theirs; its codes, the first one used."""

    def make(user: User) -> list[str]:
        session: dict[str, str] = {}
        codes = sheets.draw(session)
        sheet = sheets.take(session, user, codes[0])
        factors.add_sheet(user, sheet=sheet, at=NOW)
        return codes

    return make


def give_password(user: User) -> Client:
    client = Client()
    client.post("/login/", {"login": user.username, "password": PASSWORD})
    return client


def events(verb: str) -> list[Event]:
    return list(Event.objects.filter(verb=verb))


# --- The one door --------------------------------------------------------------------------------------
def test_phone_is_spent_and_named(person: User) -> None:
    totp.enrol(person)
    code = totp.next_code(person, at=NOW)
    assert factors.spend(person, code, at=NOW).type == Kind.TOTP
    assert factors.spend(person, code, at=NOW) is None
    assert Authenticator.objects.get().last_used_at == NOW


def test_sheet_is_spent_and_named(person: User, sheet_of: Callable[..., list[str]]) -> None:
    codes = sheet_of(person)
    typed = f"{codes[1][:4]} {codes[1][4:]}"
    assert factors.spend(person, typed, at=NOW).type == Kind.RECOVERY_CODES
    assert factors.spend(person, typed, at=NOW) is None
    assert factors.codes_left(person) == 18


def test_another_persons_sheet_is_wrong(
    person: User, deputy: User, sheet_of: Callable[..., list[str]]
) -> None:
    sheet_of(person)
    assert factors.spend(person, sheet_of(deputy)[1], at=NOW) is None


@pytest.mark.parametrize("code", ["", " ", "0", "00000000", "{}", "\x00", "١٢٣٤٥٦", "9" * 20_000])
def test_anything_else_is_wrong(person: User, sheet_of: Callable[..., list[str]], code: str) -> None:
    sheet_of(person)
    totp.enrol(person)
    assert factors.spend(person, code, at=NOW) is None


@pytest.mark.parametrize("kind", [Kind.TOTP, Kind.RECOVERY_CODES, Kind.WEBAUTHN])
def test_any_kind_counts_as_enrolled(person: User, kind: str) -> None:
    assert not factors.is_enrolled(person)
    Authenticator.objects.create(user=person, type=kind, data={})
    assert factors.is_enrolled(person)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_many_senders_of_one_sheet_code_one_wins(person: User, sheet_of: Callable[..., list[str]]) -> None:
    code, start, wins = sheet_of(person)[1], threading.Barrier(8), []

    def send() -> None:
        try:
            start.wait()
            wins.append(factors.spend(person, code, at=NOW) is not None)
        finally:
            connection.close()

    run_together(send, 8)
    assert sorted(wins) == [False] * 7 + [True]


def run_together(act: Callable[[], None], count: int) -> None:
    threads = [threading.Thread(target=act) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


# --- A sheet alone ---------------------------------------------------------------------------------------
def test_sheet_alone_is_asked_at_sign_in(person: User, sheet_of: Callable[..., list[str]]) -> None:
    codes = sheet_of(person)
    client = give_password(person)
    assert client.get("/").url.startswith("/login/")
    assert client.post(CODE, {"code": codes[1]}).status_code == 302
    assert client.get(LIST).status_code == 200


def test_new_sheet_kills_the_old_one(person: User, sheet_of: Callable[..., list[str]]) -> None:
    old, new = sheet_of(person), sheet_of(person)
    assert factors.spend(person, old[1], at=NOW) is None
    assert factors.spend(person, new[1], at=NOW)
    assert Authenticator.objects.count() == 1


def test_drawn_sheet_counts_only_once_a_code_was_typed(person: User) -> None:
    client = give_password(person)
    codes = client.get(SHEET).context["codes"]
    assert not factors.is_enrolled(person)
    assert client.post(SHEET, {"code": "0000 0000"}).context["form"].errors["code"]
    assert not factors.is_enrolled(person)
    assert client.post(SHEET, {"code": codes[0]}).url == "/account/second-factor/spare/"
    assert factors.codes_left(person) == 19


def test_sheet_is_never_shown_again(person: User) -> None:
    client = give_password(person)
    codes = client.get(SHEET).context["codes"]
    client.post(SHEET, {"code": codes[0]})
    assert not set(client.get(SHEET).context["codes"]) & set(codes)
    assert codes[1] not in client.get(LIST).content.decode()


def test_few_codes_are_told_at_sign_in(person: User, sheet_of: Callable[..., list[str]]) -> None:
    codes = sheet_of(person)
    for code in codes[1 : 20 - sheets.FEW]:
        factors.spend(person, code, at=NOW)
    client = give_password(person)
    client.post(CODE, {"code": codes[-1]})
    assert "chỉ còn 4 mã" in client.get(LIST).content.decode()


def test_secrets_lie_encrypted(person: User, sheet_of: Callable[..., list[str]]) -> None:
    sheet_of(person)
    totp.enrol(person)
    app, sheet = Authenticator.objects.get(type=Kind.TOTP), Authenticator.objects.get(type="recovery_codes")
    assert app.data["secret"].startswith("sealed:")
    assert sheet.data["seed"].startswith("sealed:")
    assert "sealed:" in give_password_and_draw(person)


def give_password_and_draw(user: User) -> str:
    Authenticator.objects.all().delete()
    client = give_password(user)
    client.get(SHEET)
    return str(dict(client.session.items()))


# --- Adding and removing -----------------------------------------------------------------------------------
def test_adding_is_kept_and_told(person: User, django_capture_on_commit_callbacks: Callable) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        factors.add_app(person, secret="JBSWY3DPEHPK3PXP", code="000000", at=NOW)
    (event,) = events("factor.added")
    assert (event.actor_id, '"kind":"totp"' in event.payload) == (person.pk, True)
    assert "JBSWY" not in event.payload
    (told,) = mail.outbox
    assert told.to == [person.email]
    assert "Ứng dụng xác thực" in told.body


def test_keepers_hear_of_a_new_one_by_its_first_factor(
    officer: User, commander: User, admin: User, person: User, django_capture_on_commit_callbacks: Callable
) -> None:
    for user in (officer, commander, admin):
        User.objects.filter(pk=user.pk).update(email=f"{user.username}@bchqs.example")
    officer.refresh_from_db()

    def told_of(user: User, secret: str) -> list[str]:
        mail.outbox.clear()
        with django_capture_on_commit_callbacks(execute=True):
            factors.add_app(user, secret=secret, code="000000", at=NOW)
        return sorted(m.to[0] for m in mail.outbox if "quản lý Cổng" in m.subject)

    others = sorted(f"{user.username}@bchqs.example" for user in (commander, admin))
    assert told_of(officer, "JBSWY3DPEHPK3PXP") == others
    assert officer.get_full_name() in mail.outbox[0].body + mail.outbox[-1].body
    assert told_of(officer, "KBSWY3DPEHPK3PXQ") == []
    assert told_of(person, "LBSWY3DPEHPK3PXR") == []


def test_code_that_set_the_phone_up_is_spent(person: User) -> None:
    client = give_password(person)
    secret = client.get(f"{SET_UP}app/").context["secret"]
    now = timezone.now()
    code = totp.format_hotp_value(totp.hotp_value(secret, int(now.timestamp()) // 30))
    assert client.post(f"{SET_UP}app/", {"code": code}).status_code == 302
    assert not totp.consume(person, code, at=now)


def test_removing_is_kept_and_told(
    person: User, sheet_of: Callable[..., list[str]], django_capture_on_commit_callbacks: Callable
) -> None:
    totp.enrol(person)
    sheet_of(person)
    app = Authenticator.objects.get(type=Kind.TOTP)
    with django_capture_on_commit_callbacks(execute=True):
        factors.remove(app, by=person, at=NOW)
    assert [event.actor_id for event in events("factor.removed")] == [person.pk]
    assert "bị gỡ" in mail.outbox[-1].subject
    assert not totp.is_enrolled(person)


def test_mail_server_away_stops_nothing(
    person: User, settings: object, django_capture_on_commit_callbacks: Callable
) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_PORT = 9
    with django_capture_on_commit_callbacks(execute=True):
        factors.add_app(person, secret="JBSWY3DPEHPK3PXP", code="000000", at=NOW)
    assert factors.is_enrolled(person)


def test_last_one_stays(person: User) -> None:
    totp.enrol(person)
    with pytest.raises(RuleError):
        factors.remove(Authenticator.objects.get(), by=person, at=NOW)
    assert factors.is_enrolled(person)
    assert not factors.held(person)[0].is_removable


def test_used_up_sheet_does_not_stand_in_for_the_last_one(
    person: User, sheet_of: Callable[..., list[str]]
) -> None:
    totp.enrol(person)
    for code in sheet_of(person)[1:]:
        factors.spend(person, code, at=NOW)
    with pytest.raises(RuleError):
        factors.remove(Authenticator.objects.get(type=Kind.TOTP), by=person, at=NOW)


def test_wrong_person_removes_nothing(person: User, deputy: User, sheet_of: Callable) -> None:
    totp.enrol(person)
    sheet_of(person)
    with pytest.raises(PermissionDenied):
        factors.remove(Authenticator.objects.get(type=Kind.TOTP), by=deputy, at=NOW)


def test_factor_that_is_gone_is_refused_with_words(person: User, sheet_of: Callable) -> None:
    totp.enrol(person)
    sheet_of(person)
    app = Authenticator.objects.get(type=Kind.TOTP)
    factors.remove(app, by=person, at=NOW)  # in another tab
    with pytest.raises(RuleError):
        factors.remove(app, by=person, at=NOW)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_tabs_do_not_remove_both(person: User, sheet_of: Callable[..., list[str]]) -> None:
    totp.enrol(person)
    sheet_of(person)
    rows, start = list(Authenticator.objects.all()), threading.Barrier(2)

    def remove() -> None:
        try:
            start.wait()
            factors.remove(rows.pop(), by=person, at=NOW)
        except RuleError:
            pass
        finally:
            connection.close()

    run_together(remove, 2)
    assert Authenticator.objects.count() == 1


# --- The pages ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", [f"{SET_UP}app/", f"{SET_UP}key/", SHEET])
def test_who_has_a_factor_is_asked_for_it_before_adding(person: User, path: str) -> None:
    totp.enrol(person)
    client = Client()
    client.force_login(person)
    assert client.get(path).url.startswith("/account/second-factor/confirm/?next=")


def test_password_alone_does_not_confirm_who_has_a_factor(person: User) -> None:
    totp.enrol(person)
    client = Client()
    client.force_login(person)
    assert client.get("/account/confirm/").url == "/account/second-factor/confirm/"
    assert client.post("/account/confirm/", {"password": PASSWORD}).url.startswith("/account/second-factor/")
    assert client.get(SHEET).status_code == 302


def test_removing_asks_again_and_then_asks_whether(person: User, sheet_of: Callable) -> None:
    totp.enrol(person)
    codes = sheet_of(person)
    path = f"{LIST}{Authenticator.objects.get(type=Kind.TOTP).pk}/remove/"
    client = Client()
    client.force_login(person)
    confirm = client.get(path).url
    assert client.post(confirm, {"code": codes[1]}).url == path
    assert "Gỡ Ứng dụng xác thực" in client.get(path).content.decode()
    assert client.post(path).url == LIST
    assert not totp.is_enrolled(person)


def test_confirmation_grows_old(person: User) -> None:
    totp.enrol(person)
    client = give_password(person)
    client.post(CODE, {"code": totp.next_code(person, at=timezone.now())})
    assert client.get(SHEET).status_code == 200
    session = client.session
    for entry in session["account_authentication_methods"]:
        entry["at"] -= 301
    session.save()
    assert client.get(SHEET).status_code == 302


def test_another_persons_factor_is_404(person: User, deputy: User, login: Callable) -> None:
    totp.enrol(person)
    path = f"{LIST}{Authenticator.objects.get().pk}/remove/"
    assert login(deputy).get(path).status_code == 404
    assert login(deputy).post(path).status_code == 404


def test_list_shows_added_and_used(person: User, sheet_of: Callable, login: Callable) -> None:
    totp.enrol(person)
    codes = sheet_of(person)
    factors.spend(person, codes[1], at=NOW + dt.timedelta(hours=1))
    page = login(person).get(LIST).content.decode()
    assert "dùng gần nhất" in page
    assert "chưa dùng" in page
    assert "18 mã" in page


def test_list_takes_a_fixed_number_of_queries(
    person: User, sheet_of: Callable, login: Callable, django_assert_max_num_queries: Callable
) -> None:
    totp.enrol(person)
    sheet_of(person)
    client = login(person)
    client.get(LIST)
    with django_assert_max_num_queries(8):
        client.get(LIST)


def test_post_without_obligation_reads_what_it_may_do(focal_point: User, login: Callable) -> None:
    assert "Chưa cài cách nào" in login(focal_point).get(LIST).content.decode()
