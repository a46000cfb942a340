"""The second factors that a person holds, and the spending of one answer of any of them.

Every page that asks for a fresh factor asks here: signing in, confirming again, signing, step-up.
"""

import datetime as dt

from allauth.mfa.models import Authenticator

from portal.users import throttle, totp
from portal.users.models import User


def is_enrolled(user: User) -> bool:
    """Return whether the user holds a second factor."""
    return totp.is_enrolled(user)


def spend(user: User, code: str, *, at: dt.datetime) -> Authenticator | None:
    """Spend a one-time code, of the phone or of the printed sheet; return the factor it belongs to.

    None when it is wrong, expired or was used before. Commits by itself. Raises TooManyFailures after
    a few wrong ones.
    """
    code = code.replace(" ", "")
    if totp.consume(user, code, at=at):
        return Authenticator.objects.get(user_id=user.pk, type=Authenticator.Type.TOTP)
    attempt = throttle.Attempt("recovery", user)
    sheet = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES).first()
    if sheet is None or not sheet.wrap().validate_code(code):
        return None
    attempt.forgive()
    return sheet
