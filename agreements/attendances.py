"""Who comes: delegates named and withdrawn, agencies excused, who is present, by list or at the door.

Audit events name rows, agencies and times, never people.
"""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from agreements import conference_access as access
from agreements import conference_reminders as reminders
from agreements import conferences
from agreements.models import Attendance, Conference, InvitedAgency
from portal.audit import pictures
from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.users.models import User

MOST = 10
"""Delegates of one agency; a hall has so many chairs."""


@dataclass(frozen=True)
class Delegate:
    """Somebody an agency sends, perhaps in the place of another."""

    name: str
    position: str
    substitute_for: str = ""


@action
def name(invited: InvitedAgency, *, by: User, at: dt.datetime, delegate: Delegate) -> Attendance:
    """Name a delegate. The agency does until its last day, who runs the programme until the minutes."""
    _begin(invited, by, at)
    rows = Attendance.objects.filter(conference=invited.conference, agency=invited.agency)
    if rows.count() >= MOST:
        raise RuleError(_("An agency sends at most %(count)s delegates.") % {"count": MOST})
    facts = vars(delegate)
    if rows.filter(name=delegate.name).exists():
        raise RuleError(_("This delegate is named already."))
    row = Attendance.objects.create(
        conference=invited.conference, agency=invited.agency, named_by=by, named_at=at, **facts
    )
    if invited.excuse:
        _excuse(invited, "")
    reminders.settle_delegates(invited, at=at)
    _leave_trace("delegate.named", row, by=by, at=at, replaces=bool(delegate.substitute_for))
    return row


@action
def withdraw(attendance: Attendance, *, by: User, at: dt.datetime) -> None:
    """Take a delegate off the list; not somebody who was seen."""
    invited = InvitedAgency.objects.select_related("conference__programme__host", "agency")
    _begin(invited.get(conference=attendance.conference_id, agency=attendance.agency_id), by, at)
    row = _found(attendance)
    if row.present_at:
        raise RuleError(_("A delegate who is present stays on the list; take back the attendance first."))
    _leave_trace("delegate.withdrawn", row, by=by, at=at)
    row.delete()


def version_of(invited: InvitedAgency) -> str:
    """Name why nobody comes on a page, to be compared when its form comes back."""
    return pictures.version(pictures.take(invited, ("excuse",)))


@action
def excuse(invited: InvitedAgency, *, by: User, at: dt.datetime, reason: str, version: str = "") -> None:
    """Say that the agency sends nobody, and why; no reason takes that back. Raises RuleError, StaleError."""
    _begin(invited, by, at, last_day=False)
    if version and version != version_of(invited):
        raise StaleError(_("Somebody has said meanwhile why nobody of the agency comes, or taken it back."))
    present = Attendance.objects.filter(conference=invited.conference, agency=invited.agency)
    if reason.strip() and present.exists():
        raise RuleError(_("The agency has named delegates; take them off the list first."))
    _excuse(invited, reason.strip())
    reminders.settle_delegates(invited, at=at)
    payload = {"year": invited.conference.programme.year, "excused": bool(invited.excuse)}
    verb = "invitation.excused"
    record(verb, invited.conference, by=by, at=at, agency_code=invited.agency.code, payload=payload)


def _excuse(invited: InvitedAgency, reason: str) -> None:
    invited.excuse = reason
    invited.save(update_fields=["excuse"])


@action
def take(
    conference: Conference, *, by: User, at: dt.datetime, ticked: Collection[int], seen: Collection[int]
) -> int:
    """Note who is present by a list; return how many rows changed.

    `seen` are those whom the page showed as present, so that who came by the door meanwhile stays.
    A tick that is taken away is a correction and tells the time that stood there.
    """
    conferences.hold_invited(conference, access.may_prepare(by, conference.programme))
    if local_day(at) < local_day(conference.starts_at):
        raise RuleError(_("Attendance is taken on the day of the conference."))
    rows = Attendance.objects.filter(conference=conference).select_related("agency")
    came = list(rows.filter(pk__in=set(ticked) - set(seen), present_at=None))
    gone = list(rows.filter(pk__in=set(seen) - set(ticked), present_at__isnull=False))
    times = {str(row.pk): row.present_at for row in gone}
    for row in came:
        row.present_at, row.present_by, row.how = at, by, Attendance.How.LIST
    for row in gone:
        row.present_at, row.present_by, row.how = None, None, ""
    Attendance.objects.bulk_update([*came, *gone], ["present_at", "present_by", "how"])
    if came:
        rows_came = [row.pk for row in came]
        conferences.leave_trace("attendance.taken", conference, by=by, at=at, attendances=rows_came)
    if gone:
        conferences.leave_trace("attendance.corrected", conference, by=by, at=at, taken_back=times)
    return len(came) + len(gone)


@action
def arrive(attendance: Attendance, *, by: User, at: dt.datetime) -> None:
    """Note that a delegate is there, by the code at the door: somebody of the same agency says so."""
    invited = InvitedAgency.objects.select_related("conference__programme__host", "agency")
    own = invited.get(conference=attendance.conference_id, agency=attendance.agency_id)
    if by.agency_id != own.agency_id:
        raise PermissionDenied
    conferences.hold_invited(own.conference, access.may_answer(by, own))
    if local_day(at) != local_day(own.conference.starts_at):
        raise RuleError(_("The code at the door counts on the day of the conference."))
    row = _found(attendance)
    if row.present_at:
        raise RuleError(_("This delegate is marked present already."))
    row.present_at, row.present_by, row.how = at, by, Attendance.How.DOOR
    row.save(update_fields=["present_at", "present_by", "how"])
    _leave_trace("attendance.arrived", row, by=by, at=at)


# --- What every step does -----------------------------------------------------------------------------
def _begin(invited: InvitedAgency, by: User, at: dt.datetime, *, last_day: bool = True) -> None:
    """Lock the conference; an agency's own time ends with the day until which it names delegates."""
    conferences.hold_invited(invited.conference, access.may_answer(by, invited))
    invited.refresh_from_db(fields=["excuse"])
    if not last_day or access.may_prepare(by, invited.conference.programme):
        return
    if local_day(at) > invited.conference.delegates_until:
        raise RuleError(
            _("Delegates were named until %(day)s. Ask the programme officer, who can still change the list.")
            % {"day": f"{invited.conference.delegates_until:%d/%m/%Y}"}
        )


def _found(attendance: Attendance) -> Attendance:
    """Read the row under the conference's lock; it may have been taken off the list meanwhile."""
    rows = Attendance.objects.select_related("conference__programme__host", "agency")
    row = rows.filter(pk=attendance.pk).first()
    if row is None:
        raise StaleError(_("This delegate is no longer on the list."))
    return row


def _leave_trace(verb: str, row: Attendance, *, by: User, at: dt.datetime, **more: object) -> None:
    payload = {"year": row.conference.programme.year, "conference": row.conference_id, **more}
    code = row.agency.code if row.agency else ""
    record(verb, row, by=by, at=at, agency_code=code, payload=payload)
