"""The second factors that a person holds, and the spending of one answer of any of them.

Every page that asks for a fresh factor asks here: signing in, confirming again, signing, step-up.
"""

import datetime as dt

from allauth.mfa.models import Authenticator
from django.db.models import QuerySet

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


def holders_since(moment: dt.datetime, users: QuerySet[User]) -> QuerySet[User]:
    """Return those of the users whose oldest second factor was set up at the moment or before."""
    rows = Authenticator.objects.filter(created_at__lte=moment)
    return users.filter(pk__in=rows.values("user_id"))
