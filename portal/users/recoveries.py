"""A lost second factor, mended by two people together; docs/decisions/0013 says why this way.

No factor is taken away here: the person signs in once without it and does the rest themself.
"""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.errors import RuleError
from portal.users import access, codes, factors, mails, throttle
from portal.users.models import User
from portal.users.records import Recovery

OPEN_LIFE = dt.timedelta(minutes=60)
CODE_LIFE = dt.timedelta(minutes=10)
DIGITS = 8
SESSION_KEY = "recovered"
"""Set in a session that began with such a code, until its owner has set up a factor or kept the old one."""


@action
def open_for(person: User, *, note: str, by: User, at: dt.datetime) -> Recovery:
    """Open a recovery for a person whom the opener recognised, as the note says. Lives for an hour."""
    if not access.may_open_recovery(by, person):
        raise PermissionDenied
    note = " ".join(note.split())
    if not note:
        raise RuleError(_("Write how you recognised the person."))
    if not factors.is_enrolled(person):
        raise RuleError(
            _("%(name)s has no second factor yet: the portal asks for one after the password.")
            % {"name": person.get_full_name()}
        )
    factors.check_not_new(by, at=at)
    User.objects.select_for_update().get(pk=person.pk)  # two at once: the second meets the first
    if person.recoveries.alive(at).exists():
        raise RuleError(_("A recovery for this person is open already."))
    person.recoveries.open().update(cancelled_at=at)  # their time is over
    recovery = Recovery.objects.create(
        user=person, note=note, opened_by=by, opened_at=at, expires_at=at + OPEN_LIFE
    )
    record("recovery.opened", recovery, by=by, at=at, payload={"user": person.pk})
    return recovery


@action
def approve(recovery: Recovery, *, by: User, at: dt.datetime) -> None:
    """Agree, as the second person."""
    recovery = _locked(recovery)
    if not access.may_approve_recovery(by, recovery):
        raise PermissionDenied
    _check_alive(recovery, at)
    if recovery.approved_at:
        raise RuleError(_("This recovery is approved already."))
    factors.check_not_new(by, at=at)
    recovery.approved_by, recovery.approved_at = by, at
    recovery.save(update_fields=["approved_by", "approved_at"])
    record("recovery.approved", recovery, by=by, at=at, payload={"user": recovery.user_id})


@action
def show_code(recovery: Recovery, *, by: User, at: dt.datetime) -> str:
    """Return the code to read out to the person, to the first of the two who asks and never again."""
    recovery = _locked(recovery)
    if not access.may_show_code(by, recovery):
        raise PermissionDenied
    _check_alive(recovery, at)
    if not recovery.approved_at:
        raise RuleError(_("The other person has not approved yet."))
    if recovery.code_hash:
        raise RuleError(_("The code was shown already. Cancel this recovery and open a new one."))
    code = codes.new_digits()
    recovery.code_hash, recovery.expires_at = codes.hash_code(code), at + CODE_LIFE
    recovery.save(update_fields=["code_hash", "expires_at"])
    record("recovery.shown", recovery, by=by, at=at, payload={"user": recovery.user_id})
    return code


@action
def cancel(recovery: Recovery, *, by: User, at: dt.datetime) -> None:
    recovery = _locked(recovery)
    if not access.may_cancel_recovery(by, recovery):
        raise PermissionDenied
    _check_alive(recovery, at)
    recovery.cancelled_at = at
    recovery.save(update_fields=["cancelled_at"])
    record("recovery.cancelled", recovery, by=by, at=at, payload={"user": recovery.user_id})


def spend(user: User, code: str, *, at: dt.datetime) -> bool:
    """Spend the code that was read out to the person; signing in asks here before it asks the factors.

    Only signing in: a code from two other people must not sign a paper. Commits by itself and tells
    the person by mail. Raises TooManyFailures after a few wrong ones.
    """
    recovery = user.recoveries.alive(at).exclude(code_hash="").first()
    if recovery is None or len(code.replace(" ", "")) != DIGITS:
        return False
    attempt = throttle.Attempt("recovery code", user.pk, at=at, is_guessable=True)
    if not codes.is_code(code, recovery.code_hash):
        return False
    attempt.forgive()
    if not _use(recovery, by=user, at=at):
        return False
    mails.tell_owner(user, "users/email/recovered", at=at)
    return True


@action
def _use(recovery: Recovery, *, by: User, at: dt.datetime) -> bool:
    if not Recovery.objects.alive(at).filter(pk=recovery.pk).update(used_at=at):
        return False  # the same code, sent twice at once
    record("recovery.used", recovery, by=by, at=at, payload={"user": by.pk})
    return True


def _locked(recovery: Recovery) -> Recovery:
    rows = Recovery.objects.select_for_update(of=("self",)).select_related("user", "opened_by")
    return rows.get(pk=recovery.pk)


def _check_alive(recovery: Recovery, at: dt.datetime) -> None:
    if recovery.used_at or recovery.cancelled_at or recovery.expires_at <= at:
        raise RuleError(_("This recovery is over. Open a new one."))
