"""What happens to the plan of a standing group: items added, changed, reported on, dropped."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db.models import Max
from django.utils.translation import gettext as _

from portal.agencies.models import Agency
from portal.audit import pictures
from portal.audit.events import record
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.lib.states import move
from portal.users.models import User
from tasks import access as tasks_access
from tasks import group_access as access
from tasks import group_reminders as reminders
from tasks import groups
from tasks.models import Assignment, GroupPlanItem, StandingGroup
from tasks.states import OPEN_PLAN_ITEM, PLAN_ITEM, PlanItemState


@dataclass(frozen=True)
class Item:
    """What an item says; it may be tied to an assignment of a programme, which is not changed by that."""

    title: str
    lead: Agency
    due_on: dt.date
    assignment: Assignment | None = None


@action
def add(
    group: StandingGroup, *, by: User, at: dt.datetime, item: Item, conclusion_id: int | None = None
) -> GroupPlanItem:
    """Add an item at the end of the plan of its year; the member in charge is told."""
    groups.hold(group, access.may_run(by, group))
    _check(group, item, by=by, today=local_day(at))
    if conclusion_id and is_planned(conclusion_id):
        raise RuleError(_("The decision stands in the plan already."))
    year = item.due_on.year
    last = group.items.filter(year=year).aggregate(last=Max("order"))["last"] or 0
    row = GroupPlanItem.objects.create(
        group=group, year=year, order=last + 1, conclusion_id=conclusion_id, **vars(item)
    )
    reminders.tell(reminders.GIVEN, row, by=by, at=at)
    _leave_trace("group_item.added", row, by=by, at=at, due_on=row.due_on)
    return row


def version_of(row: GroupPlanItem) -> str:
    """Name what a page shows of it, to be compared when a form comes back."""
    return pictures.version(pictures.take(row, ("title", "lead", "due_on", "assignment", "state", "result")))


@action
def change(row: GroupPlanItem, *, by: User, at: dt.datetime, item: Item, version: str = "") -> None:
    """Write an open item anew, within its year; a new member in charge is told."""
    groups.hold(row.group, access.may_run(by, row.group))  # its members stay who they are meanwhile
    _hold(row, version)
    _check(row.group, item, by=by, today=local_day(at))
    if item.due_on.year != row.year:
        raise RuleError(_("The item belongs to the plan of %(year)s.") % {"year": row.year})
    before = (row.lead_id, row.due_on)
    for name, value in vars(item).items():
        setattr(row, name, value)
    row.save(update_fields=list(vars(item)))
    if before != (row.lead_id, row.due_on):
        reminders.settle(row, at=at)
    if before[0] != row.lead_id:
        reminders.tell(reminders.GIVEN, row, by=by, at=at)
    _leave_trace("group_item.changed", row, by=by, at=at, due_on=row.due_on)


@action
def report(
    row: GroupPlanItem, *, by: User, at: dt.datetime, is_done: bool, result: str, version: str = ""
) -> None:
    """Say how an item goes; once it is done that stays."""
    if not access.may_report(by, row):
        raise PermissionDenied
    _hold(row, version)  # a member may not lock the group
    words = result.strip()
    if is_done:
        words = reasons.given(words)
        move(row, PlanItemState.DONE, PLAN_ITEM, result=words, done_on=local_day(at))
        reminders.settle(row, at=at)
    elif row.state == PlanItemState.PLANNED:
        move(row, PlanItemState.GOING, PLAN_ITEM, result=words)
    else:
        row.result = words
        row.save(update_fields=["result"])
    _leave_trace("group_item.reported", row, by=by, at=at, state=row.state)


@action
def drop(row: GroupPlanItem, *, by: User, at: dt.datetime, reason: str, version: str = "") -> None:
    """Give an item up, with the reason; it stays in the plan, with what had been reported on it."""
    groups.hold(row.group, access.may_run(by, row.group))
    _hold(row, version)
    move(row, PlanItemState.DROPPED, PLAN_ITEM, drop_reason=reasons.given(reason))
    reminders.settle(row, at=at)
    _leave_trace("group_item.dropped", row, by=by, at=at, reason=row.drop_reason)


# --- Facts that others ask too ------------------------------------------------------------------------
def is_planned(conclusion_id: int) -> bool:
    """Return whether a decision of a meeting stands in a plan, whatever became of it there."""
    return GroupPlanItem.objects.filter(conclusion_id=conclusion_id).exists()


def of_conclusions(keys: Iterable[int]) -> dict[int, GroupPlanItem]:
    """Return the items that these decisions became. One query."""
    rows = GroupPlanItem.objects.filter(conclusion_id__in=list(keys))
    return {row.conclusion_id: row for row in rows if row.conclusion_id}


def _check(group: StandingGroup, item: Item, *, by: User, today: dt.date) -> None:
    if not item.title.strip():
        raise RuleError(_("Say what is to be done."))
    if item.lead not in groups.members(group, today):
        raise RuleError(_("The agency in charge is no member of the group."))
    seen = tasks_access.visible_assignments(by)
    if item.assignment and not seen.filter(pk=item.assignment.pk).exists():
        raise PermissionDenied


def _hold(row: GroupPlanItem, version: str) -> None:
    """Lock the item and bring it up to date; refuse what is finished, a group that has ended, an old page."""
    rows = GroupPlanItem.objects.select_for_update(of=("self",)).select_related("group__host", "lead")
    row.refresh_from_db(from_queryset=rows)
    if row.group.ended_on:
        raise RuleError(_("The group has ended; nothing of it changes any more."))
    if row.state not in OPEN_PLAN_ITEM:
        raise RuleError(_("The item is finished; it stays as it is."))
    if version and version != version_of(row):
        raise StaleError(_("Someone changed this item after you opened the page."))


def _leave_trace(verb: str, row: GroupPlanItem, *, by: User, at: dt.datetime, **more: object) -> None:
    payload = {"group": row.group_id, "year": row.year, "place": row.order, **more}
    record(verb, row, by=by, at=at, agency_code=row.lead.code, payload=payload)
