"""What happens to a head's leave to send without her approval: given, revoked.

It is used where a report or a result is sent: reports.submit, assignments.submit_to_head.
"""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from portal.agencies.models import Agency
from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError
from portal.users.models import User
from tasks import access
from tasks.models import SendingGrant


@action
def give(agency: Agency, *, by: User, at: dt.datetime, valid_until: dt.date | None = None) -> SendingGrant:
    """Let the focal points of one's agency send in its name, until a day or until it is revoked.

    One that no longer counts, for its day is over or its head has left, makes room for the new one.
    """
    if not access.may_grant_sending(by, agency):
        raise PermissionDenied
    Agency.objects.select_for_update().get(pk=agency.pk)
    if valid_until and valid_until < local_day(at):
        raise RuleError(_("The last day lies in the past."))
    open_ones = SendingGrant.objects.filter(agency=agency, revoked_at=None)
    if open_ones.counting_on(local_day(at)).exists():
        raise RuleError(_("The focal points may send already. Revoke that first to change it."))
    open_ones.update(revoked_at=at, revoked_by=by)
    row = SendingGrant.objects.create(agency=agency, granted_by=by, granted_at=at, valid_until=valid_until)
    _record("sending.granted", row, by=by, at=at, valid_until=valid_until)
    return row


@action
def revoke(grant: SendingGrant, *, by: User, at: dt.datetime) -> None:
    """Take the leave back: from now on everything goes to the head again."""
    if not access.may_grant_sending(by, grant.agency):
        raise PermissionDenied
    rows = SendingGrant.objects.select_for_update(of=("self",)).select_related("agency")
    grant.refresh_from_db(from_queryset=rows)
    if grant.revoked_at:
        raise RuleError(_("It was revoked already."))
    grant.revoked_at, grant.revoked_by = at, by
    grant.save(update_fields=["revoked_at", "revoked_by"])
    _record("sending.revoked", grant, by=by, at=at)


def _record(verb: str, row: SendingGrant, *, by: User, at: dt.datetime, **more: object) -> None:
    record(verb, row, by=by, at=at, agency_code=row.agency.code, payload=more)
