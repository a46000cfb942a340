"""What the pages of standing groups show, worked out before the template."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django import forms

from agreements import conference_access
from agreements.group_forms import AdmitForm, DropForm, ReleaseForm, ReportForm
from agreements.models import Conclusion, Conference
from portal.users.models import User
from tasks import access as tasks_access
from tasks import group_access as access
from tasks import group_plans
from tasks.models import Assignment, GroupMember, GroupPlanItem, Programme, StandingGroup
from tasks.states import ENDED_PROGRAMME, OPEN_PLAN_ITEM, PlanItemState


@dataclass(frozen=True)
class Line:
    """An item of the plan, with how it stands, and its assignment where the reader sees that."""

    item: GroupPlanItem
    is_late: bool
    assignment: Assignment | None


@dataclass(frozen=True)
class Page:
    """Everything that agreements/group.html reads; `steps` holds the forms of who runs the group."""

    group: StandingGroup
    members: list[GroupMember]
    gone: list[GroupMember]
    year: int
    years: list[int]
    lines: list[Line]
    meetings: list[Conference]
    decisions: list[Conclusion]
    programme: Programme | None  # of which a meeting can be prepared
    may_run: bool
    steps: dict[str, forms.Form]
    refused: forms.Form | None

    @property
    def open(self) -> int:
        return sum(1 for line in self.lines if line.item.state in OPEN_PLAN_ITEM)

    @property
    def late(self) -> int:
        return sum(1 for line in self.lines if line.is_late)

    @property
    def done(self) -> int:
        return sum(1 for line in self.lines if line.item.state == PlanItemState.DONE)


def page(
    group: StandingGroup, user: User, *, today: dt.date, year: int, sent: Mapping[str, forms.Form]
) -> Page:
    """Put the page together; `sent` is a form that was refused."""
    runs = access.may_run(user, group) and not group.ended_on
    rows = list(group.members.select_related("agency").order_by("agency__protocol_order", "valid_from"))
    items = list(access.visible_items(user, today).filter(group=group).order_by("order"))
    meetings = list(conference_access.visible_conferences(user).filter(group=group))
    offered: dict[str, forms.Form] = {}
    if runs:
        offered["admit"] = AdmitForm(group=group, today=today, auto_id="admit_%s")
        offered["release"] = ReleaseForm(initial={"until_on": today}, auto_id="release_%s")
    return Page(
        group=group,
        members=[row for row in rows if _holds(row, today)],
        gone=[row for row in rows if not _holds(row, today)],
        year=year,
        years=sorted({today.year, year, *(item.year for item in items)}, reverse=True),
        lines=_lines([item for item in items if item.year == year], user, today),
        meetings=meetings,
        decisions=_open_decisions(meetings, user),
        programme=_programme(user) if runs else None,
        may_run=runs,
        steps=offered | dict(sent),
        refused=next(iter(sent.values()), None),
    )


def _lines(items: list[GroupPlanItem], user: User, today: dt.date) -> list[Line]:
    seen = _assignments(items, user)
    return [Line(item, is_late(item, today), seen.get(item.assignment_id)) for item in items]


def _assignments(items: list[GroupPlanItem], user: User) -> dict[int | None, Assignment]:
    """Those beside the items that the reader sees: not every member is a party, and drafts are secret."""
    keys = [item.assignment_id for item in items if item.assignment_id]
    return {row.pk: row for row in tasks_access.visible_assignments(user).filter(pk__in=keys)}


def _holds(row: GroupMember, today: dt.date) -> bool:
    return row.valid_from <= today and (row.valid_to is None or today <= row.valid_to)


def is_late(item: GroupPlanItem, today: dt.date) -> bool:
    return item.state in OPEN_PLAN_ITEM and item.due_on < today


def _open_decisions(meetings: list[Conference], user: User) -> list[Conclusion]:
    """Decisions with somebody in charge that are in no plan yet; the command's, as conclusions are."""
    rows = conference_access.visible_conclusions(user).filter(conference__in=meetings, owner__isnull=False)
    found = list(rows.order_by("due_on", "pk"))
    planned = group_plans.of_conclusions(row.pk for row in found)
    return [row for row in found if row.pk not in planned]


def _programme(user: User) -> Programme | None:
    """The newest programme that goes on: its host, place and layout are those of the meeting's papers."""
    rows = tasks_access.visible_programmes(user).exclude(state__in=ENDED_PROGRAMME)
    return rows.filter(host=user.agency_id).order_by("-year").first()


# --- One item -------------------------------------------------------------------------------------------
@dataclass(frozen=True)
class ItemPage:
    """Everything that agreements/group_item.html reads."""

    group: StandingGroup
    item: GroupPlanItem
    is_late: bool
    assignment: Assignment | None
    meeting: Conference | None  # whose decision it is
    may_run: bool
    steps: dict[str, forms.Form]
    refused: forms.Form | None


def item_page(item: GroupPlanItem, user: User, *, today: dt.date, sent: Mapping[str, forms.Form]) -> ItemPage:
    is_open = item.state in OPEN_PLAN_ITEM and not item.group.ended_on
    runs = is_open and access.may_run(user, item.group)
    offered: dict[str, forms.Form] = {}
    if is_open and access.may_report(user, item):
        offered["report"] = ReportForm(row=item, auto_id="report_%s")
    if runs:
        offered["drop"] = DropForm(row=item, auto_id="drop_%s")
    return ItemPage(
        group=item.group,
        item=item,
        is_late=is_late(item, today),
        assignment=_assignments([item], user).get(item.assignment_id),
        meeting=_decided_at(item, user),
        may_run=runs,
        steps=offered | dict(sent),
        refused=next(iter(sent.values()), None),
    )


def _decided_at(item: GroupPlanItem, user: User) -> Conference | None:
    if item.conclusion_id is None:
        return None
    return conference_access.visible_conferences(user).filter(conclusions__pk=item.conclusion_id).first()
