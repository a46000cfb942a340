"""Set the light of an assignment by hand, with a reason and a last day; lift it before that."""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from portal.audit.events import record
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.users.models import User
from tasks import light_access, light_reminders
from tasks.models import Assignment, Colour, LightOverride
from tasks.states import OPEN_ASSIGNMENT, ProgrammeState

LONGEST_DAYS = 92
"""A quarter: a light set by hand is looked at again, and does not outlive what it speaks of."""


@action
def put(
    assignment: Assignment,
    *,
    by: User,
    at: dt.datetime,
    colour: str,
    reason: str,
    until_on: dt.date,
    seen: int = 0,
) -> LightOverride:
    """Let a light stand beside the computed one until the end of a day.

    `seen` is the key of the light set by hand that the person saw, 0 for none: another one is not
    replaced unseen. Raises PermissionDenied, RuleError, StaleError.
    """
    _begin(assignment, by)
    if assignment.status not in OPEN_ASSIGNMENT:
        raise RuleError(_("A light is set by hand only while the result is owed."))
    reason = reasons.given(reason)
    today = local_day(at)
    if until_on < today:
        raise RuleError(_("The last day has passed."))
    if (until_on - today).days > LONGEST_DAYS:
        raise RuleError(_("A light is set by hand for at most %(days)d days.") % {"days": LONGEST_DAYS})
    earlier = LightOverride.objects.filter(assignment=assignment, lifted_at=None).first()
    standing = earlier if earlier and earlier.until_on >= today else None
    if (standing.pk if standing else 0) != seen:
        raise StaleError(_("Another light was set by hand meanwhile."))
    if earlier:
        _lift(earlier, by=by, at=at)
    row = LightOverride.objects.create(
        assignment=assignment,
        colour=Colour(colour),
        reason=reason,
        on=today,
        until_on=until_on,
        by=by,
        at=at,
    )
    _record("light.set", row, assignment, by=by, at=at)
    light_reminders.tell(row, assignment, by=by, at=at)
    return row


@action
def lift(override: LightOverride, *, by: User, at: dt.datetime) -> None:
    """Take a light set by hand away before its day."""
    assignment = override.assignment
    _begin(assignment, by)
    override.refresh_from_db()
    if override.lifted_at or override.until_on < local_day(at):
        raise RuleError(_("This light no longer stands."))
    _lift(override, by=by, at=at)
    _record("light.lifted", override, assignment, by=by, at=at)


def _begin(assignment: Assignment, by: User) -> None:
    """Lock the assignment, so that two lights are set one after the other."""
    if not light_access.may_set_light(by, assignment):
        raise PermissionDenied
    rows = Assignment.objects.select_for_update(of=("self",)).select_related("programme__host", "lead")
    assignment.refresh_from_db(from_queryset=rows)
    if assignment.programme.state != ProgrammeState.IN_FORCE:
        raise RuleError(_("The programme is not in force; its assignments do not move."))


def _lift(override: LightOverride, *, by: User, at: dt.datetime) -> None:
    override.lifted_by, override.lifted_at = by, at
    override.save(update_fields=["lifted_by", "lifted_at"])
    light_reminders.settle(override, at=at)


def _record(verb: str, row: LightOverride, assignment: Assignment, *, by: User, at: dt.datetime) -> None:
    payload = {
        "code": assignment.code,
        "year": assignment.programme.year,
        "colour": row.colour,
        "until": row.until_on,
    }
    record(verb, assignment, by=by, at=at, agency_code=assignment.lead.code, payload=payload)
