"""The second factors that a person holds: adding, removing, and the spending of one answer of any kind.

Every page that asks for a fresh factor asks here: signing in, confirming again, signing, step-up.
Three kinds: an authenticator app (totp), a passkey or security key (passkeys), a printed sheet (sheets).
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allauth.core import context
from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError
from portal.users import mails, passkeys, sessions, sheets, throttle, totp
from portal.users.models import Membership, Role, SignIn, User

KEEPERS = frozenset({Role.PROGRAMME_OFFICER, Role.COMMANDER, Role.ADMINISTRATOR})
"""Posts of which two together can make up a signer; each hears of a new one."""

NEW_FOR = dt.timedelta(hours=24)
"""How long a second factor is new; see check_not_new()."""

Kind = Authenticator.Type
LONGEST_ANSWER = passkeys.LONGEST_ANSWER
"""Characters that the place of a code must let through: a key answers there, too."""

APP_DIGITS = 6  # a printed sheet's codes have more

NAMES: Mapping[str, str] = {
    Kind.TOTP: gettext_noop("Authenticator app"),
    Kind.WEBAUTHN: gettext_noop("Passkey or security key"),
    Kind.RECOVERY_CODES: gettext_noop("Printed sheet of codes"),
}


@dataclass(frozen=True)
class Held:
    """A factor as its holder sees it; `left` counts the unused codes of a sheet."""

    pk: int
    kind: str
    name: str
    added_at: dt.datetime
    used_at: dt.datetime | None
    left: int | None
    is_removable: bool


def is_enrolled(user: User) -> bool:
    """Return whether the user holds a second factor of any kind."""
    return Authenticator.objects.filter(user_id=user.pk).exists()


def held(user: User) -> list[Held]:
    """Return the user's factors, oldest first."""
    rows = list(Authenticator.objects.filter(user_id=user.pk).order_by("created_at", "pk"))
    return [
        Held(
            pk=row.pk,
            kind=row.type,
            name=_name(row),
            added_at=row.created_at,
            used_at=row.last_used_at,
            left=sheets.left(row) if row.type == Kind.RECOVERY_CODES else None,
            is_removable=_is_enough([other for other in rows if other != row]),
        )
        for row in rows
    ]


def own(user: User, pk: int) -> Authenticator | None:
    """Return a factor of the user's own, None when it is another's or gone."""
    return Authenticator.objects.filter(user_id=user.pk, pk=pk).first()


def codes_left(user: User) -> int | None:
    """Return how many codes of the user's sheet are unused, None without a sheet."""
    sheet = Authenticator.objects.filter(user_id=user.pk, type=Kind.RECOVERY_CODES).first()
    return None if sheet is None else sheets.left(sheet)


def spend(user: User, code: str, *, at: dt.datetime) -> Authenticator | None:
    """Spend one answer: the app's code, a code of the sheet, or a key's assertion (JSON) in its place.

    Return the factor it belongs to; None when it is wrong, expired or was used before. Commits by
    itself. Raises TooManyFailures after a few wrong ones; one that ran out while its form waited is none.
    """
    is_key = passkeys.is_answer(code)
    attempt = throttle.Attempt("second factor", user.pk, at=at, is_guessable=not is_key)
    if is_key:
        factor = passkeys.consume(user, code, at=at)
    elif totp.consume(user, code, at=at):
        Authenticator.objects.filter(user_id=user.pk, type=Kind.TOTP).update(last_used_at=at)
        factor = Authenticator.objects.get(user_id=user.pk, type=Kind.TOTP)
    else:
        factor = sheets.consume(user, code, at=at)
    if factor is not None or totp.was_shown(user, code, at=at):
        attempt.forgive()  # a code that was right once is no guess
    return factor


def is_out_of_date(user: User, code: str, *, at: dt.datetime) -> bool:
    """Return whether these are the digits of an app, but not those that the user's app shows now."""
    return len(code) == APP_DIGITS and code.isdecimal() and totp.step_of(user, code, at=at) is None


# --- Adding and removing: the holder's own acts -----------------------------------------------------
@action
def add_app(user: User, *, secret: str, code: str, at: dt.datetime) -> Authenticator:
    """Make an authenticator app a factor; there is one, the newest. The code that proved it is spent."""
    factor = _add(user, Kind.TOTP, {"secret": encrypt(secret)}, at=at, replaces=True)
    totp.consume(user, code, at=at)
    return factor


@action
def add_key(user: User, *, name: str, credential: Mapping[str, Any], at: dt.datetime) -> Authenticator:
    """Make a passkey or security key, whose answer was just checked, a factor; there may be many."""
    return _add(user, Kind.WEBAUTHN, {"name": name, "credential": credential}, at=at)


@action
def add_sheet(user: User, *, sheet: Authenticator, at: dt.datetime) -> Authenticator:
    """Make a drawn sheet, from which a code was just typed, a factor; the old sheet dies."""
    return _add(user, Kind.RECOVERY_CODES, sheet.data, at=at, replaces=True)


@action
def remove(factor: Authenticator, *, by: User, at: dt.datetime) -> None:
    """Take away a factor of one's own; never the last one that works."""
    if factor.user_id != by.pk:
        raise PermissionDenied
    _lock(by)
    rows = list(Authenticator.objects.filter(user_id=by.pk))
    if factor not in rows:
        raise RuleError(_("This way is gone already. Nothing else was changed."))
    if not _is_enough([row for row in rows if row != factor]):
        raise RuleError(_("This is your last way to confirm that it is you. Set up another one first."))
    _take_away(factor, by=by, at=at)
    _tell(by, "factor_removed", signals.authenticator_removed, factor, at)


def _add(
    user: User, kind: str, data: Mapping[str, Any], *, at: dt.datetime, replaces: bool = False
) -> Authenticator:
    _lock(user)
    if not is_enrolled(user):
        _end_other_sign_ins(user, at=at)
        _tell_colleagues(user, at=at)
    if replaces:
        for old in Authenticator.objects.filter(user_id=user.pk, type=kind):
            _take_away(old, by=user, at=at)
    factor = Authenticator.objects.create(user=user, type=kind, data=dict(data), created_at=at)
    record("factor.added", user, by=user, at=at, payload=_picture(factor))
    _tell(user, "factor_added", signals.authenticator_added, factor, at)
    return factor


def _end_other_sign_ins(user: User, *, at: dt.datetime) -> None:
    """Let whoever gave the password alone, before there was a factor, sign in anew and show it."""
    own = sessions.own_id(context.request.session) if context.request else 0
    sessions.end(SignIn.objects.exclude(pk=own), of=user, by=user, at=at)


def _lock(user: User) -> None:
    """Let changes of one person's factors happen one after another."""
    User.objects.select_for_update().get(pk=user.pk)


def _take_away(factor: Authenticator, *, by: User, at: dt.datetime) -> None:
    record("factor.removed", by, by=by, at=at, payload=_picture(factor))
    Authenticator.objects.filter(pk=factor.pk).delete()


def _tell(user: User, what: str, signal: Any, factor: Authenticator, at: dt.datetime) -> None:
    """Tell the log and the holder once it is certain; a thief's new factor must not stay unseen."""

    def told() -> None:
        signal.send(sender=Authenticator, request=context.request, user=user, authenticator=factor)
        mails.tell_owner(user, f"mfa/email/{what}", at=at, factor=_name(factor))

    transaction.on_commit(told)


def _tell_colleagues(user: User, *, at: dt.datetime) -> None:
    """Tell the others who keep the portal of one more: a made-up one must not stay unseen."""
    if user.role not in KEEPERS:
        return
    posts = Membership.objects.valid_on(local_day(at)).filter(role__in=KEEPERS)
    others = list(User.objects.filter(is_active=True, pk__in=posts.values("user")).exclude(pk=user.pk))

    def told() -> None:
        for other in others:
            mails.tell_owner(other, "users/email/keeper_begun", at=at, newcomer=user)

    transaction.on_commit(told)


def _is_enough(rows: list[Authenticator]) -> bool:
    return any(row.type != Kind.RECOVERY_CODES or sheets.left(row) for row in rows)


def _name(factor: Authenticator) -> str:
    given = factor.data.get("name") if factor.type == Kind.WEBAUTHN else ""
    return str(given or _(NAMES[factor.type]))


def _picture(factor: Authenticator) -> dict[str, Any]:
    return {"factor": factor.pk, "kind": factor.type}


def check_not_new(by: User, *, at: dt.datetime) -> None:
    """Refuse who has had a second factor for less than a day, in a portal where anybody has an older one.

    Else an administrator could make up an officer, and be both of two persons who decide together.
    Whose the older one is does not count: an administrator closes accounts and ends posts, and a second
    factor is what they cannot take away. In a new portal nobody's is older, and the first may.
    """
    old = Authenticator.objects.filter(created_at__lte=at - NEW_FOR)
    if old.exists() and not old.filter(user_id=by.pk).exists():
        raise RuleError(
            _("Your second factor is not 24 hours old yet. Wait until it is, or let another person do it.")
        )
