"""Signing in at an identity provider, over real HTTP with a real one: who gets in, and who does not."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from portal.audit.models import Event
from portal.users import invitations, totp
from portal.users.models import User
from portal.users.records import Invitation
from tests import oidc_provider
from tests.oidc_provider import Provider
from tests.portal.admin_pages import address, send

pytestmark = pytest.mark.django_db
START, HOME = "/login/oidc/", "/account/second-factor/"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    folder: Path = tmp_path_factory.mktemp("provider")
    with oidc_provider.running(folder) as provider:
        provider.allow("http://localhost/login/oidc/callback/")
        yield provider


@pytest.fixture
def provider(running: Provider, settings: Any) -> Provider:
    """The provider, named in the portal's settings."""
    for name, value in running.settings().items():
        setattr(settings, name, value)
    return running


def leave(client: Client, **form: str) -> str:
    """Press the button; return the provider's address that the page leads to."""
    answer = client.post(START, form)
    address = re.fullmatch(r"0; url=(.+)", answer.headers["Refresh"])[1]
    assert address.replace("&", "&amp;") in answer.content.decode()
    return address


@pytest.fixture
def sign_in(provider: Provider) -> Callable[..., tuple[Client, Any]]:
    """Return sign_in(name there, next): the browser and the portal's answer to the way back."""

    def walk(name: str, **form: str) -> tuple[Client, Any]:
        client = Client()
        back = provider.walk(leave(client, **form), name)
        return client, client.get(back.removeprefix("http://localhost"))

    return walk


def is_in(client: Client) -> bool:
    return client.get(HOME).status_code == 200


SignIn = Callable[..., tuple[Client, Any]]


# --- Who gets in -----------------------------------------------------------------------------------------
def test_person_known_by_name_comes_in_and_is_bound(
    provider: Provider, sign_in: SignIn, focal_point: User, django_capture_on_commit_callbacks: Any
) -> None:
    focal_point.email = "dau.moi@sxd.example"
    focal_point.save()
    provider.know(focal_point.username)
    client, answer = sign_in(focal_point.username, next="/assignments/")
    assert (answer.status_code, answer.url) == (302, "/assignments/")
    assert is_in(client)
    bound = SocialAccount.objects.get()
    assert (bound.user, bound.provider, bound.extra_data) == (focal_point, provider.issuer, {})
    assert Event.objects.get(verb="identity.bound").actor_id == focal_point.pk
    assert "tài khoản của tỉnh" in mail.outbox[0].body


def test_bound_person_comes_in_under_another_name(
    provider: Provider, sign_in: SignIn, focal_point: User
) -> None:
    provider.know(focal_point.username)
    sign_in(focal_point.username)
    provider.know(focal_point.username, preferred_username="ten-moi")
    client, _answer = sign_in(focal_point.username)
    assert is_in(client)


def test_second_factor_is_asked_here_all_the_same(provider: Provider, sign_in: SignIn, head: User) -> None:
    totp.enrol(head)
    provider.know(head.username, amr=["pwd", "mfa"])
    client, answer = sign_in(head.username)
    assert answer.url == "/account/second-factor/code/"
    assert not is_in(client)


@pytest.mark.parametrize(
    ("trusts", "said", "asked"),
    [
        (True, {"amr": ["pwd", "mfa"]}, False),
        (True, {"acr": "urn:two"}, False),
        (True, {"amr": ["pwd"]}, True),
        (True, {"amr": "mfa"}, True),
        (True, {"acr": "urn:one"}, True),
        (False, {"acr": "urn:two"}, True),
    ],
)
def test_providers_second_factor_counts_if_it_is_trusted(
    provider: Provider, sign_in: SignIn, head: User, settings: Any, trusts: bool, said: dict, asked: bool
) -> None:
    settings.OIDC_TRUSTS_MFA, settings.OIDC_MFA_ACR = trusts, "urn:two"
    totp.enrol(head)
    provider.know(head.username, **said)
    client, _answer = sign_in(head.username)
    assert is_in(client) is not asked


def test_person_known_by_verified_mail_comes_in(
    provider: Provider, sign_in: SignIn, focal_point: User, settings: Any
) -> None:
    settings.OIDC_CLAIM = "email"
    User.objects.filter(pk=focal_point.pk).update(email="dau.moi@sxd.example")
    provider.know("somebody", email="Dau.Moi@sxd.example", email_verified=True)
    client, _answer = sign_in("somebody")
    assert is_in(client)


def test_whoever_has_no_password_is_told_so(provider: Provider, sign_in: SignIn, focal_point: User) -> None:
    focal_point.set_unusable_password()
    focal_point.save()
    provider.know(focal_point.username)
    client, _answer = sign_in(focal_point.username)
    answer = client.get("/account/password/", follow=True)
    assert answer.redirect_chain[-1] == ("/account/second-factor/", 302)
    assert "không có mật khẩu" in answer.content.decode()


# --- Who does not ------------------------------------------------------------------------------------------
def refused(answer: Any, caplog: pytest.LogCaptureFixture, why: str) -> bool:
    return answer.status_code == 403 and why in caplog.text and why not in answer.content.decode()


def test_unknown_person_is_refused_and_no_account_is_made(
    provider: Provider, sign_in: SignIn, caplog: pytest.LogCaptureFixture
) -> None:
    provider.know("nguoi-la")
    client, answer = sign_in("nguoi-la")
    assert refused(answer, caplog, "no account carries the claimed name")
    assert not is_in(client)
    assert not User.objects.exists()


@pytest.mark.parametrize("verified", [False, None, "true", 1])
def test_unverified_mail_opens_nothing(
    provider: Provider, sign_in: SignIn, focal_point: User, settings: Any, verified: Any
) -> None:
    settings.OIDC_CLAIM = "email"
    User.objects.filter(pk=focal_point.pk).update(email="dau.moi@sxd.example")
    provider.know("somebody", email="dau.moi@sxd.example", email_verified=verified)
    assert sign_in("somebody")[1].status_code == 403


def test_mail_of_two_accounts_opens_neither(
    provider: Provider, sign_in: SignIn, focal_point: User, head: User, settings: Any
) -> None:
    settings.OIDC_CLAIM = "email"
    User.objects.update(email="van.thu@sxd.example")
    provider.know("somebody", email="van.thu@sxd.example", email_verified=True)
    assert sign_in("somebody")[1].status_code == 403


@pytest.mark.parametrize("bound", [False, True])
def test_inactive_account_is_not_opened(
    provider: Provider, sign_in: SignIn, focal_point: User, bound: bool
) -> None:
    provider.know(focal_point.username)
    if bound:
        sign_in(focal_point.username)
    User.objects.update(is_active=False)
    client, answer = sign_in(focal_point.username)
    assert answer.status_code == 403
    assert not is_in(client)


def test_second_person_with_the_same_name_there_is_refused(
    provider: Provider, sign_in: SignIn, focal_point: User, caplog: pytest.LogCaptureFixture
) -> None:
    provider.know(focal_point.username)
    sign_in(focal_point.username)
    provider.know("impostor", preferred_username=focal_point.username)
    assert refused(sign_in("impostor")[1], caplog, "is bound to another person")


@pytest.mark.parametrize(
    ("lie", "why"),
    [
        ({"iss": "http://localhost:1/o"}, "issuer"),
        ({"nonce": "of another attempt"}, "nonce"),
        ({"aud": "another-client"}, "udience"),
        ({"aud": ["portal", "other"], "azp": "other"}, "another client"),
        ({"exp": 1}, "expired"),
    ],
)
def test_wrong_answer_is_refused(
    provider: Provider,
    sign_in: SignIn,
    focal_point: User,
    caplog: pytest.LogCaptureFixture,
    lie: dict[str, Any],
    why: str,
) -> None:
    provider.know(focal_point.username, **lie)
    client, answer = sign_in(focal_point.username)
    assert answer.status_code == 403
    assert why in caplog.text
    assert not is_in(client)


def test_state_of_another_browser_is_refused(provider: Provider, focal_point: User) -> None:
    """A stranger's way back, put before a victim, signs nobody in (login CSRF)."""
    provider.know(focal_point.username)
    back = provider.walk(leave(Client()), focal_point.username).removeprefix("http://localhost")
    victim = Client()
    leave(victim)
    assert victim.get(back).status_code == 403
    assert not is_in(victim)


def test_way_back_works_once(provider: Provider, focal_point: User) -> None:
    provider.know(focal_point.username)
    client = Client()
    back = provider.walk(leave(client), focal_point.username).removeprefix("http://localhost")
    assert client.get(back).status_code == 302
    client.post("/logout/")
    assert client.get(back).status_code == 403


def test_code_of_another_attempt_is_refused(provider: Provider, focal_point: User) -> None:
    """Code injection: a stolen code with the thief's own state fails on the PKCE verifier."""
    provider.know(focal_point.username)
    stolen = parse_qs(urlsplit(provider.walk(leave(Client()), focal_point.username)).query)["code"][0]
    thief = Client()
    state = parse_qs(urlsplit(leave(thief)).query)["state"][0]
    assert thief.get("/login/oidc/callback/", {"code": stolen, "state": state}).status_code == 403


def test_answer_of_another_issuer_is_refused(provider: Provider, focal_point: User) -> None:
    client = Client()
    state = parse_qs(urlsplit(leave(client)).query)["state"][0]
    query = {"code": "x", "state": state, "iss": "https://evil.example"}
    assert client.get("/login/oidc/callback/", query).status_code == 403


def test_provider_that_says_no_leads_back_to_the_sign_in(provider: Provider) -> None:
    client = Client()
    state = parse_qs(urlsplit(leave(client)).query)["state"][0]
    answer = client.get("/login/oidc/callback/", {"error": "access_denied", "state": state})
    assert answer.status_code == 403
    assert 'href="/login/"' in answer.content.decode()


def test_provider_that_does_not_answer_is_no_fault(settings: Any) -> None:
    settings.OIDC_ISSUER = "http://localhost:9/o"
    assert Client().post(START).status_code == 403


def test_provider_of_another_name_is_refused(provider: Provider, settings: Any) -> None:
    settings.OIDC_ISSUER = provider.issuer + "/"
    assert Client().post(START).status_code == 403


# --- The way there ---------------------------------------------------------------------------------------
def test_without_the_setting_there_is_no_such_way() -> None:
    assert Client().post(START).status_code == 404
    assert Client().get("/login/oidc/callback/").status_code == 404
    assert START not in Client().get("/login/").content.decode()


def test_button_says_whose_sign_in_it_is(provider: Provider) -> None:
    assert "Đăng nhập bằng tài khoản của tỉnh" in Client().get("/login/").content.decode()


def test_strange_destination_is_not_kept(provider: Provider, sign_in: SignIn, focal_point: User) -> None:
    provider.know(focal_point.username)
    assert sign_in(focal_point.username, next="https://evil.example/")[1].url == "/"


def test_policy_of_forms_stays_strict(provider: Provider) -> None:
    policy = Client().post(START).headers["Content-Security-Policy"]
    assert "form-action 'self';" in policy + ";"


# --- Unbound by the administrator -------------------------------------------------------------------------
def test_unbinding_lets_a_new_identity_in_and_ends_what_was_open(
    provider: Provider,
    sign_in: SignIn,
    focal_point: User,
    login: Callable[..., Client],
    admin: User,
) -> None:
    provider.know(focal_point.username)
    old, _answer = sign_in(focal_point.username)
    provider.know("new account", preferred_username=focal_point.username)
    assert not is_in(sign_in("new account")[0])

    page, unbind = f"/people/{focal_point.pk}/", f"/people/{focal_point.pk}/unbind/"
    browser = login(admin)
    assert f'action="{unbind}"' in browser.get(page).content.decode()
    assert browser.post(unbind, follow=True).redirect_chain == [(page, 302)]
    assert f'action="{unbind}"' not in browser.get(page).content.decode()

    assert not is_in(old)
    assert is_in(sign_in("new account")[0])
    assert not is_in(sign_in(focal_point.username)[0])
    assert Event.objects.get(verb="identity.unbound").actor_id == admin.pk


def test_administrator_gives_no_account_the_name_of_their_own_identity(
    provider: Provider, sign_in: SignIn, head: User, admin: User, login: Any, settings: Any
) -> None:
    """Unbound and renamed, a head's account would open to the administrator's identity, and ask no factor."""
    settings.OIDC_TRUSTS_MFA = True
    totp.enrol(head)
    provider.know("the administrator's", preferred_username="ten-cua-quan-tri", amr=["mfa"])
    send(login(admin), address(User, "change", head.pk), username="ten-cua-quan-tri")
    browser, _answer = sign_in("the administrator's")
    assert not is_in(browser)
    assert User.objects.get(pk=head.pk).username == head.username


def test_who_comes_in_by_the_provider_alone_is_not_invited_as_if_never_in(
    provider: Provider, sign_in: SignIn, focal_point: User, head: User, officer: User
) -> None:
    """A head adds focal points and knows their codes; what they set would be a second way in, their own."""
    focal_point.set_unusable_password()
    focal_point.save()
    provider.know(focal_point.username, preferred_username=focal_point.username)
    browser, _answer = sign_in(focal_point.username)
    assert is_in(browser)
    for user, way in ((head, Invitation.Way.MAIL), (officer, Invitation.Way.PRESENT)):
        with pytest.raises(PermissionDenied):
            invitations.invite(User.objects.get(pk=focal_point.pk), way=way, by=user, at=timezone.now())


def test_what_is_not_bound_is_not_unbound(
    provider: Provider, focal_point: User, login: Callable[..., Client], admin: User
) -> None:
    answer = login(admin).post(f"/people/{focal_point.pk}/unbind/", follow=True)
    assert "chưa liên kết với hệ thống định danh" in answer.content.decode()
    assert not Event.objects.filter(verb="identity.unbound").exists()


def test_nobody_but_the_administrator_unbinds(
    provider: Provider, sign_in: SignIn, focal_point: User, head: User, login: Callable[..., Client]
) -> None:
    provider.know(focal_point.username)
    sign_in(focal_point.username)
    browser = login(head)
    assert "/unbind/" not in browser.get(f"/people/{focal_point.pk}/").content.decode()
    assert browser.post(f"/people/{focal_point.pk}/unbind/").status_code == 403
    assert SocialAccount.objects.exists()
