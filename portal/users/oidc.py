"""Signing in at the province's own identity provider (OpenID Connect), when the settings name one.

It opens accounts that exist and makes none. The first time, a claim of the provider's signed answer
finds the account; from then on the provider's unchangeable `sub` does, and no other for that account
until the administrator unbinds it.
Source: OpenID Connect Core 1.0, 3.1; RFC 7636 (PKCE); RFC 8176 (amr).
"""

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import jwt
from allauth.account.internal.flows.login import get_authentication_records
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.internal import statekit
from allauth.socialaccount.models import SocialAccount
from allauth.socialaccount.providers.oauth2.utils import generate_code_challenge
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from requests import RequestException

from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.errors import RuleError
from portal.users import access, mails, sessions
from portal.users.models import User

ALGORITHMS = ("RS256", "PS256", "ES256")
LEEWAY = 60  # seconds that two clocks may differ
METHOD = "oidc"

Claims = Mapping[str, Any]


class Refused(RuleError):
    """The provider's answer opens no account. `why` is for the log; the person hears no details."""

    def __init__(self, why: str) -> None:
        super().__init__(_("The other sign-in did not open an account here."))
        self.why = why


def is_offered() -> bool:
    return bool(settings.OIDC_ISSUER)


def begin(request: HttpRequest, *, next_url: str | None) -> str:
    """Return the provider's address to go to; state, nonce and PKCE verifier stay in the session."""
    pkce = generate_code_challenge()
    state = {"nonce": secrets.token_urlsafe(32), "verifier": pkce.pop("code_verifier"), "next": next_url}
    state_id = statekit.stash_state(request, provider_id=METHOD, state=state)
    asked = {
        "response_type": "code",
        "client_id": settings.OIDC_CLIENT_ID,
        "redirect_uri": _callback_address(),
        "scope": "openid profile email",
        "state": state_id,
        "nonce": state["nonce"],
        **pkce,
    }
    return f"{_configuration()['authorization_endpoint']}?{urlencode(asked)}"


def complete(request: HttpRequest) -> tuple[Claims, str | None]:
    """Return what the provider says of the person who comes back, and where they wanted to go.

    1. The state must be one of this session, and is spent.
    2. The code is exchanged by us, directly, with the PKCE verifier.
    3. The signed answer must be of this issuer, for us, for this attempt (nonce), and not expired.
    Raises Refused.
    """
    state = statekit.unstash_state(request, provider_id=METHOD, state_id=request.GET.get("state", ""))
    if state is None:
        raise Refused("the state is not of this session, or is old")
    if request.GET.get("iss", settings.OIDC_ISSUER) != settings.OIDC_ISSUER:  # RFC 9207
        raise Refused("the answer names another issuer")
    if "code" not in request.GET:
        raise Refused(f"the provider says {request.GET.get('error', 'nothing')!r}")
    configuration = _configuration()
    token = _id_token(configuration, request.GET["code"], state["verifier"])
    claims = _verified(configuration, token)
    if not secrets.compare_digest(str(claims.get("nonce", "")), state["nonce"]):
        raise Refused("the nonce is not of this attempt")
    return claims, state["next"]


def account_of(claims: Claims, *, at: dt.datetime) -> User:
    """Return the account that the claims open, bound to their `sub` the first time. Raises Refused."""
    bound = SocialAccount.objects.filter(provider=settings.OIDC_ISSUER, uid=claims["sub"])
    found = bound.select_related("user").first()
    if found:
        if not found.user.is_active:
            raise Refused(f"user {found.user.pk} may not sign in")
        return found.user
    user = _named(claims)
    if user is None:
        raise Refused("no account carries the claimed name")
    return bind(user, claims["sub"], at=at)


@action
def bind(user: User, sub: str, *, at: dt.datetime) -> User:
    """Tie an account to one person at the provider. Raises Refused."""
    User.objects.select_for_update().get(pk=user.pk)
    if binding_of(user) is not None:
        raise Refused(f"user {user.pk} is bound to another person at the provider")
    tie = SocialAccount.objects.create(user=user, provider=settings.OIDC_ISSUER, uid=sub)
    record("identity.bound", user, by=user, at=at, payload={"binding": tie.pk})
    mails.tell_owner(user, "account/email/identity_bound", at=at, provider=settings.OIDC_NAME)
    return user


def binding_of(user: User) -> SocialAccount | None:
    """Return what ties the account to a person at the provider that the settings name."""
    return SocialAccount.objects.filter(provider=settings.OIDC_ISSUER, user=user).first()


@action
def unbind(user: User, *, by: User, at: dt.datetime) -> None:
    """Take the tie away, and end what was opened with it: the next claimed name is bound anew.

    For a person whom the provider gave a new `sub`, and for a wrong person who came first.
    Raises RuleError when nothing is tied.
    """
    if not access.may_unbind(by, user):
        raise PermissionDenied
    User.objects.select_for_update().get(pk=user.pk)
    tie = binding_of(user)
    if tie is None:
        raise RuleError(_("This account is not bound to the identity provider."))
    record("identity.unbound", user, by=by, at=at, payload={"binding": tie.pk})
    tie.delete()
    sessions.end(sessions.current(user, at=at), of=user, by=by, at=at)
    mails.tell_owner(user, "account/email/identity_unbound", at=at, provider=settings.OIDC_NAME)


def says_second_factor(claims: Claims) -> bool:
    """Return whether the provider says it asked for two factors, and the settings believe it."""
    methods = claims.get("amr")
    by_method = isinstance(methods, list) and "mfa" in methods
    by_class = bool(settings.OIDC_MFA_ACR) and claims.get("acr") == settings.OIDC_MFA_ACR
    return bool(settings.OIDC_TRUSTS_MFA and (by_method or by_class))


def gave_second_factor(request: HttpRequest, user: User) -> bool:
    """Return whether this session came in by a provider that is believed to have asked."""
    records = get_authentication_records(request, user)
    return any(record["method"] == METHOD and record.get("second_factor") for record in records)


def _named(claims: Claims) -> User | None:
    """Find the one active account whose name, or verified e-mail, the provider's answer claims."""
    claimed = claims.get(settings.OIDC_CLAIM)
    if not claimed or not isinstance(claimed, str):
        return None
    people = User.objects.filter(is_active=True)
    if settings.OIDC_CLAIM != "email":
        return people.filter(username=claimed).first()
    if claims.get("email_verified") is not True:  # else anybody writes a head's address into a profile
        return None
    matches = list(people.filter(email__iexact=claimed)[:2])
    return matches[0] if len(matches) == 1 else None


# --- The provider, over the wire ---------------------------------------------------------------------
def _configuration() -> dict[str, Any]:
    """Return the provider's own description, after seeing that it is the one the settings name."""
    found = _fetch("GET", f"{settings.OIDC_ISSUER.rstrip('/')}/.well-known/openid-configuration")
    if found.get("issuer") != settings.OIDC_ISSUER:  # OpenID Connect Discovery 1.0, 4.3
        raise Refused("the provider calls itself by another name than the settings")
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
        if urlsplit(str(found.get(name))).scheme != urlsplit(settings.OIDC_ISSUER).scheme:
            raise Refused(f"the provider's {name} is missing or not as safe as its own address")
    return found


def _id_token(configuration: Claims, code: str, verifier: str) -> str:
    asked = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": _callback_address(),
        "client_id": settings.OIDC_CLIENT_ID,
        "client_secret": settings.OIDC_CLIENT_SECRET,
        "code_verifier": verifier,
    }
    return str(_fetch("POST", configuration["token_endpoint"], data=asked).get("id_token", ""))


def _verified(configuration: Claims, token: str) -> Claims:
    try:
        keys = jwt.PyJWKSet.from_dict(_fetch("GET", configuration["jwks_uri"]))
        key = keys[jwt.get_unverified_header(token)["kid"]]
        claims: Claims = jwt.decode(
            token,
            key,
            algorithms=ALGORITHMS,
            audience=settings.OIDC_CLIENT_ID,
            issuer=settings.OIDC_ISSUER,
            leeway=LEEWAY,
            options={"require": ["iss", "sub", "aud", "exp", "iat"]},
        )
    except (jwt.PyJWTError, TypeError, ValueError, KeyError) as error:
        raise Refused(f"the answer's signature or content is wrong: {error}") from error
    if claims.get("azp", settings.OIDC_CLIENT_ID) != settings.OIDC_CLIENT_ID:
        raise Refused("the answer was made for another client")
    return claims


def _fetch(method: str, address: str, **facts: Any) -> dict[str, Any]:
    try:
        with get_adapter().get_requests_session() as session:
            answer = session.request(method, address, allow_redirects=False, **facts)
            answer.raise_for_status()
            value = answer.json()
    except (RequestException, ValueError) as error:
        raise Refused(f"the provider does not answer: {error}") from error
    return value if isinstance(value, dict) else {}


def _callback_address() -> str:
    return settings.PUBLIC_URL + reverse("login_oidc_callback")
