"""Printed sheets of single-use codes: a factor of its own where phones are forbidden.

A sheet is drawn first and printed; it counts from the moment one of its codes was typed from the
paper. It is shown that once and never again: who lost it draws another, and the old one dies.
"""

import datetime as dt
from typing import Any

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.utils import encrypt
from django.contrib.sessions.backends.base import SessionBase

from portal.users.models import User

FEW = 5
"""So many codes or fewer: time for a new sheet."""

_DRAWN_KEY = "second_factor_sheet"


def draw(session: SessionBase) -> list[str]:
    """Return the codes of the sheet being made in this session; reloading the page shows the same."""
    if _DRAWN_KEY not in session:
        session[_DRAWN_KEY] = encrypt(RecoveryCodes.generate_seed())
    return _codes(_drawn(session[_DRAWN_KEY]))


def take(session: SessionBase, user: User, code: str) -> Authenticator | None:
    """Return the drawn sheet, not saved, with the code that was typed from it spent; None for a wrong one."""
    if _DRAWN_KEY not in session:
        return None
    sheet = _drawn(session[_DRAWN_KEY], user)
    for place, right in enumerate(_codes(sheet)):
        if compare_user_code(actual=code, expected=right):
            sheet.data["used_mask"] = 1 << place
            return sheet
    return None


def forget(session: SessionBase) -> None:
    """Drop the drawn sheet from the session: it is never shown again."""
    session.pop(_DRAWN_KEY, None)


def consume(user: User, code: str, *, at: dt.datetime) -> Authenticator | None:
    """Spend a code of the user's sheet; None when it is wrong or was used before.

    allauth locks the sheet's row, so of many senders at once one wins.
    """
    sheet = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.RECOVERY_CODES).first()
    if sheet is None or not RecoveryCodes(sheet).validate_code(code):
        return None
    Authenticator.objects.filter(pk=sheet.pk).update(last_used_at=at)
    sheet.refresh_from_db()
    return sheet


def left(sheet: Authenticator) -> int:
    """Return how many codes of a sheet are unused."""
    return len(RecoveryCodes(sheet).get_unused_codes())


def _drawn(seed: str, user: User | None = None) -> Authenticator:
    data: dict[str, Any] = {"seed": seed, "used_mask": 0}
    return Authenticator(user=user, type=Authenticator.Type.RECOVERY_CODES, data=data)


def _codes(sheet: Authenticator) -> list[str]:
    return list(RecoveryCodes(sheet).generate_codes())
