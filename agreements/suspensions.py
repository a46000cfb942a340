"""Suspend a certificate inside the portal while something is unclear; somebody else lifts that.

Never an entry of a revocation list: for whoever checks a paper elsewhere nothing has happened.
"""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from agreements import access, certificate_reminders
from agreements.models import Certificate, Suspension
from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.errors import RuleError
from portal.users.models import User


@action
def suspend(certificate: Certificate, *, by: User, reason: str, at: dt.datetime) -> Suspension:
    """Let nothing be signed with a certificate until another person lifts that."""
    if not access.may_suspend(by, certificate):
        raise PermissionDenied
    locked = Certificate.objects.select_for_update().get(pk=certificate.pk)  # two at once: one suspension
    if locked.revoked_at or locked.not_after <= at:
        raise RuleError(_("This certificate has ended already: there is nothing to suspend."))
    if locked.suspensions.filter(lifted_at=None).exists():
        raise RuleError(_("This certificate is suspended already."))
    made = Suspension.objects.create(certificate=locked, suspended_at=at, suspended_by=by, reason=reason)
    certificate_reminders.tell_holder(certificate_reminders.CERTIFICATE_SUSPENDED, locked, by=by, at=at)
    _record("certificate.suspended", locked, by=by, at=at, payload={"reason": reason})
    return made


@action
def lift(suspension: Suspension, *, by: User, at: dt.datetime) -> None:
    """Let the certificate sign again, as the second person."""
    if not access.may_lift(by, suspension):
        raise PermissionDenied
    locked = Certificate.objects.select_for_update().get(pk=suspension.certificate_id)
    open_row = Suspension.objects.filter(pk=suspension.pk, lifted_at=None)
    if not open_row.update(lifted_at=at, lifted_by=by):
        raise RuleError(_("This suspension was lifted already."))
    certificate_reminders.tell_holder(certificate_reminders.CERTIFICATE_RESTORED, locked, by=by, at=at)
    _record("certificate.restored", locked, by=by, at=at, payload={})


def _record(
    verb: str, certificate: Certificate, *, by: User, at: dt.datetime, payload: dict[str, str]
) -> None:
    payload = {"serial": certificate.serial, **payload}
    record(verb, certificate, by=by, at=at, agency_code=certificate.agency.code, payload=payload)
