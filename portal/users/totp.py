"""One-time codes (RFC 6238), spent in the database so that no process accepts one twice.

allauth keeps spent codes in the cache for one period only; with a tolerance of one step a code
lives for three. Here the step itself is spent, under a unique constraint.
"""

import datetime as dt

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt
from django.db import IntegrityError, transaction

from portal.users.models import UsedCode, User

LATELY = 20
"""Time steps, of half a minute: so long a form may have waited in a crowd before its code is looked at."""


def enrol(user: User) -> None:
    """Give the user a fresh random secret (demonstration and tests; people enrol by their phone)."""
    TOTP.activate(user, generate_totp_secret())


def is_enrolled(user: User) -> bool:
    """Return whether the user has an authenticator app."""
    return Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).exists()


def consume(user: User, code: str, *, at: dt.datetime) -> bool:
    """Spend a one-time code. False when it is wrong, expired or was used before.

    Commits by itself: a code that was shown to the portal stays spent whatever happens next.
    """
    step = step_of(user, code, at=at)
    return step is not None and _spend(user, step, at)


def step_of(user: User, code: str, *, at: dt.datetime) -> int | None:
    """Return the time step whose code this is, spent or not; None when it is no code of now."""
    secret = _secret(user)
    return None if secret is None else matching_step(secret, code, at=at)


def matching_step(secret: str, code: str, *, at: dt.datetime) -> int | None:
    """Return the time step in which a secret shows this code, of those accepted now."""
    return _step_among(_steps(at), secret, code)


def was_shown(user: User, code: str, *, at: dt.datetime) -> bool:
    """Return whether the user's app shows this code, or did a few minutes ago: then it is no guess."""
    secret, accepted = _secret(user), _steps(at)
    lately = range(accepted.start - LATELY, accepted.stop)
    return secret is not None and _step_among(lately, secret, code) is not None


def _step_among(steps: range, secret: str, code: str) -> int | None:
    for step in steps:
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, step))):
            return step
    return None


def next_code(user: User, *, at: dt.datetime) -> str | None:
    """Return a code of the user that is valid now and unused, None when all three are spent.

    For the demonstration only; the caller checks settings.DEMO.
    """
    secret = _secret(user)
    if secret is None:
        return None
    previous, current, following = _steps(at)
    used = set(UsedCode.objects.filter(user=user).values_list("step", flat=True))
    for step in (current, following, previous):
        if step not in used:
            return format_hotp_value(hotp_value(secret, step))
    return None


def _secret(user: User) -> str | None:
    row = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).first()
    return decrypt(row.data["secret"]) if row else None


def _steps(at: dt.datetime) -> range:
    now = int(at.timestamp()) // app_settings.TOTP_PERIOD
    return range(now - app_settings.TOTP_TOLERANCE, now + app_settings.TOTP_TOLERANCE + 1)


def _spend(user: User, step: int, at: dt.datetime) -> bool:
    oldest_of_use = _steps(at)[0]
    try:
        with transaction.atomic():
            UsedCode.objects.filter(user=user, step__lt=oldest_of_use).delete()
            UsedCode.objects.create(user=user, step=step, used_at=at)
    except IntegrityError:
        return False
    return True
