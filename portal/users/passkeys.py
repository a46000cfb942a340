"""Passkeys and security keys (WebAuthn): what the browser is asked, and whether its answer holds.

A question stands in the session for five minutes and takes one answer. That no two requests give the
same answer is held by the database, for a session may be read by both before either writes.
"""

import datetime as dt
import hashlib
import json
import re
from typing import Any

from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.core.cache import cache
from django.core.exceptions import ValidationError
from fido2.webauthn import ResidentKeyRequirement, UserVerificationRequirement

from portal.users.models import User

PATIENCE = dt.timedelta(minutes=5)
LONGEST_ANSWER = 16_384  # characters; some security keys explain themselves at length
_ASKED_KEY = "second_factor_asked"
_ANYONE = "anyone"


def invitation(user: User, *, at: dt.datetime) -> str:
    """Ask the browser for a new key; return the question as JSON.

    Preferred, not required: a key that knows its holder (fingerprint, face, PIN) and keeps the account
    becomes a passkey that signs in without a password; a plain security key stays a second factor.
    """
    options, state = auth.get_server().register_begin(
        user=auth.build_user_payload(user),
        credentials=auth.get_credentials(user),
        resident_key_requirement=ResidentKeyRequirement.PREFERRED,
        user_verification=UserVerificationRequirement.PREFERRED,
        extensions=auth.EXTENSIONS,
    )
    _stand(state, f"new key of {user.pk}", at)
    return json.dumps(dict(options))


def accept(user: User, answer: str, *, at: dt.datetime) -> dict[str, Any] | None:
    """Return the new key of a browser's answer; None when it does not answer the question."""
    credential = _parsed(answer)
    if credential is None or not _claim(f"new key of {user.pk}", at):
        return None
    try:
        auth.parse_registration_response(credential)
        auth.complete_registration(credential)
    except _BROKEN:
        return None
    finally:
        auth.clear_state()
    return credential


def question(user: User, *, at: dt.datetime) -> str:
    """Ask the user's keys for a proof; return the question as JSON, "" when they have no key."""
    if not Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.WEBAUTHN).exists():
        return ""
    options = auth.begin_authentication(user)
    _stand(auth.get_state(), f"key of {user.pk}", at)
    return json.dumps(options)


def question_to_anyone(*, at: dt.datetime) -> str:
    """Ask for a passkey without knowing whose; the key must have verified its holder."""
    options = auth.begin_authentication()
    _stand(auth.get_state(), _ANYONE, at)
    return json.dumps(options)


def is_answer(text: str) -> bool:
    """Return whether a text in the place of a code is a browser's answer."""
    return text.startswith("{")


def consume(user: User, answer: str, *, at: dt.datetime) -> Authenticator | None:
    """Check a browser's answer to the standing question and spend that; None when it does not hold."""
    response = _parsed(answer)
    if response is None or not _claim(f"key of {user.pk}", at):
        return None
    return _checked(response, user, at)


def identify(answer: str, *, at: dt.datetime) -> Authenticator | None:
    """Return the passkey that answered the question put to anyone; it names its owner itself.

    Only that question: the one put to somebody who gave a password does not insist on fingerprint or
    PIN, and with a key that was merely stolen its answer would open the account.
    """
    response = _parsed(answer)
    if response is None or not _claim(_ANYONE, at):
        return None
    return _checked(response, None, at)


_BROKEN = (ValidationError, ValueError, TypeError, KeyError, IndexError, AttributeError)
"""What hostile bytes raise below: fido2 decodes them without a schema."""


def _checked(response: dict[str, Any], user: User | None, at: dt.datetime) -> Authenticator | None:
    try:
        auth.parse_authentication_response(response)
        key = auth.complete_authentication(user or auth.extract_user_from_response(response), response)
    except _BROKEN:
        return None
    finally:
        auth.clear_state()
    Authenticator.objects.filter(pk=key.pk).update(last_used_at=at)
    return key


def _parsed(answer: str) -> dict[str, Any] | None:
    """Return a browser's answer, rebuilt from the parts that are used; None when one has another shape.

    Of a number where bytes belong, fido2 makes that many zeros: a stranger could fill the memory.
    """
    if len(answer) > LONGEST_ANSWER:
        return None
    try:
        value = json.loads(answer)
        response = {name: value["response"][name] for name in _PARTS if value["response"].get(name)}
        extensions = value.get("clientExtensionResults") or {}
        is_resident = bool(dict(dict(extensions).get("credProps") or {}).get("rk"))
        texts = {"id": value["id"], "rawId": value["rawId"], "type": value["type"]}
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError):
        return None
    if not all(
        isinstance(text, str) and _PLAIN.fullmatch(text) for text in (*texts.values(), *response.values())
    ):
        return None
    return {**texts, "response": response, "clientExtensionResults": {"credProps": {"rk": is_resident}}}


_PARTS = ("clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle")
_PLAIN = re.compile(r"[A-Za-z0-9_-]*")  # base64url, and the type


def _stand(state: dict[str, Any] | None, asks: str, at: dt.datetime) -> None:
    auth.set_state(state or {})
    context.request.session[_ASKED_KEY] = [asks, at.timestamp()]


def _claim(asks: str, at: dt.datetime) -> bool:
    """Take the standing question for one answer; False when it asks something else, is old, or taken."""
    if context.request is None:
        return False
    state, asked = auth.get_state(), context.request.session.get(_ASKED_KEY)
    if not state or not asked or asked[0] != asks or at.timestamp() - asked[1] > PATIENCE.total_seconds():
        return False
    mark = hashlib.sha256(state["challenge"].encode()).hexdigest()
    return bool(cache.add(f"portal.users.challenge:{mark}", True, PATIENCE.total_seconds()))
