"""What the chair concludes, and how a conclusion becomes somebody's assignment."""

import datetime as dt
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Max, QuerySet
from django.utils.translation import gettext as _

from agreements import conference_access as access
from agreements import conferences
from agreements.models import AmendmentChange, Conclusion, Conference
from agreements.states import ConferenceState
from portal.agencies.models import Agency
from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.users.models import User
from tasks import additions, group_plans
from tasks.additions import TITLE_LENGTH
from tasks.models import Assignment, GroupPlanItem, PriorityTask


@dataclass(frozen=True)
class Concluded:
    """A conclusion; with an agency in charge, a task and a day it can become an assignment."""

    text: str
    owner: Agency | None = None
    task: PriorityTask | None = None
    due_on: dt.date | None = None


@action
def conclude(conference: Conference, *, by: User, at: dt.datetime, concluded: Concluded) -> Conclusion:
    """Add a conclusion at the end."""
    conferences.hold_invited(conference, access.may_prepare(by, conference.programme))
    if not concluded.text.strip():
        raise RuleError(_("Write the conclusion."))
    if concluded.due_on and concluded.due_on < local_day(conference.starts_at):
        raise RuleError(_("A conclusion is due after the conference."))
    last = conference.conclusions.aggregate(last=Max("order"))["last"] or 0
    row = Conclusion.objects.create(
        conference=conference,
        order=last + 1,
        **vars(concluded) | {"text": concluded.text.strip()},
    )
    _leave_trace("conclusion.added", row, by=by, at=at)
    return row


@action
def drop(conclusion: Conclusion, *, by: User, at: dt.datetime) -> None:
    """Take a conclusion out again, while it is nobody's assignment."""
    conference = conclusion.conference
    conferences.hold_invited(conference, access.may_prepare(by, conference.programme))
    row = _found(conference.conclusions.all(), conclusion)
    if additions.is_assigned(row.pk):
        raise RuleError(_("The conclusion is an assignment already; cancel that first."))
    if group_plans.is_planned(row.pk):
        raise RuleError(_("The decision stands in the group's plan already."))
    _leave_trace("conclusion.dropped", row, by=by, at=at)
    row.delete()


@action
def assign(conclusion: Conclusion, *, by: User, at: dt.datetime) -> Assignment:
    """Make a conclusion the assignment of its agency, also after the minutes are signed.

    Given out at once where the programme is in force; in a text that is still written a draft of it.
    """
    conference = conclusion.conference
    if not access.may_prepare(by, conference.programme):
        raise PermissionDenied
    _hold_given(conference)
    if conference.group:
        raise RuleError(_("What a group decides goes into its own plan, which only its members read."))
    row = _found(Conclusion.objects.select_related("owner", "task"), conclusion)
    if not (row.owner and row.task and row.due_on):
        raise RuleError(_("A conclusion becomes an assignment with an agency in charge, a task and a day."))
    return additions.from_conclusion(
        row.task,
        by=by,
        at=at,
        conclusion_id=row.pk,
        text=row.text,
        lead=row.owner,
        due_on=row.due_on,
        taken=_amended_codes(conference.programme_id),
    )


@action
def put_in_plan(conclusion: Conclusion, *, by: User, at: dt.datetime) -> GroupPlanItem:
    """Make a decision of a group's meeting an item of its plan, also after the minutes are signed."""
    conference = conclusion.conference
    if not access.may_prepare(by, conference.programme):
        raise PermissionDenied
    _hold_given(conference)
    if conference.group is None:
        raise RuleError(_("The meeting is no group's."))
    row = _found(Conclusion.objects.select_related("owner"), conclusion)
    if not (row.owner and row.due_on):
        raise RuleError(_("A decision goes into the plan with an agency in charge and a day."))
    title = " ".join(row.text.split())
    item = group_plans.Item(title[:TITLE_LENGTH], row.owner, row.due_on)
    return group_plans.add(conference.group, by=by, at=at, item=item, conclusion_id=row.pk)


def _hold_given(conference: Conference) -> None:
    """Lock a conference whose conclusions may be given out: from the invitations on, and not called off."""
    conferences.hold(conference)
    if conference.state == ConferenceState.PREPARING:
        raise RuleError(_("The invitations have not been sent yet."))
    if conference.is_called_off:
        raise RuleError(_("The conference was called off; nothing of it changes any more."))


def _amended_codes(programme_id: int) -> list[str]:
    """Return the codes that amendments speak of, issued or on their way."""
    changes = AmendmentChange.objects.filter(amendment__programme=programme_id)
    return list(changes.values_list("code", flat=True))


def _found(rows: QuerySet[Conclusion], conclusion: Conclusion) -> Conclusion:
    """Read the row under the conference's lock; it may have been taken out meanwhile."""
    row = rows.filter(pk=conclusion.pk).first()
    if row is None:
        raise StaleError(_("The conclusion was taken out meanwhile."))
    return row


def _leave_trace(verb: str, row: Conclusion, *, by: User, at: dt.datetime) -> None:
    programme = row.conference.programme
    payload = {"year": programme.year, "conference": row.conference_id, "place": row.order}
    record(verb, row, by=by, at=at, agency_code=programme.host.code, payload=payload)
