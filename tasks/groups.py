"""What happens to standing groups: founded, members in and out, ended, and passed on with agencies."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from portal.agencies.models import Agency
from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError
from portal.users.models import User
from tasks import group_access as access
from tasks.models import GroupMember, GroupPlanItem, LegalBasis, StandingGroup
from tasks.states import OPEN_PLAN_ITEM

DAY = dt.timedelta(days=1)


@dataclass(frozen=True)
class Facts:
    """What a group is founded with; the agency in the chair is a member without being named."""

    name: str
    basis: LegalBasis
    begins_on: dt.date
    about: str = ""
    members: Collection[Agency] = ()


@action
def found(host: Agency, *, by: User, at: dt.datetime, facts: Facts) -> StandingGroup:
    """Found a group whose chair is the founder's own agency."""
    if not access.may_found(by) or by.agency_id != host.pk:
        raise PermissionDenied
    if facts.begins_on > local_day(at):
        raise RuleError(_("A group is entered from the day on which it begins."))
    if StandingGroup.objects.filter(name=facts.name, ended_on=None).exists():
        raise RuleError(_("A group of this name stands already."))
    if not {agency.pk for agency in facts.members} - {host.pk}:
        raise RuleError(_("Choose at least one member besides the chair."))
    group = StandingGroup.objects.create(
        name=facts.name, basis=facts.basis, host=host, about=facts.about.strip(), begins_on=facts.begins_on
    )
    for agency in dict.fromkeys([host, *facts.members]):
        GroupMember.objects.create(group=group, agency=agency, valid_from=facts.begins_on)
    _leave_trace("group.founded", group, by=by, at=at, members=_codes(group, facts.begins_on))
    return group


@action
def admit(
    group: StandingGroup, *, by: User, at: dt.datetime, agency: Agency, since_on: dt.date
) -> GroupMember:
    """Let an agency be a member from a day on, which may lie in the past and not before the group."""
    hold(group, access.may_run(by, group))
    if not group.begins_on <= since_on <= local_day(at):
        raise RuleError(_("An agency becomes a member from a day between the group's beginning and today."))
    if not Agency.objects.valid_on(since_on).filter(pk=agency.pk).exists():
        raise RuleError(_("The agency does not exist on that day."))
    rows = GroupMember.objects.filter(group=group, agency=agency)
    if rows.filter(valid_to=None).exists() or rows.filter(valid_to__gte=since_on).exists():
        raise RuleError(_("The agency is a member already."))
    row = GroupMember.objects.create(group=group, agency=agency, valid_from=since_on)
    _leave_trace("group.member_admitted", group, by=by, at=at, member=agency.code, since=since_on)
    return row


@action
def release(member: GroupMember, *, by: User, at: dt.datetime, until_on: dt.date) -> None:
    """Let a membership end with a day; not the chair's, and not while the agency has items to do."""
    group = member.group
    hold(group, access.may_run(by, group))
    member.refresh_from_db()
    if member.valid_to:
        raise RuleError(_("The membership has ended already."))
    if member.agency_id == group.host_id:
        raise RuleError(_("The agency in the chair stays a member."))
    if not member.valid_from <= until_on <= local_day(at):
        raise RuleError(_("The membership ends on a day between its beginning and today."))
    if group.items.filter(lead=member.agency_id, state__in=OPEN_PLAN_ITEM).exists():
        raise RuleError(_("The agency is in charge of items of the plan that are still open."))
    member.valid_to = until_on
    member.save(update_fields=["valid_to"])
    _leave_trace("group.member_released", group, by=by, at=at, member=member.agency.code, until=until_on)


@action
def end(group: StandingGroup, *, by: User, at: dt.datetime) -> None:
    """End the group today; its members go on reading what was, and nothing of it changes any more."""
    hold(group, access.may_run(by, group))
    if group.items.filter(state__in=OPEN_PLAN_ITEM).exists():
        raise RuleError(_("Items of the plan are still open; finish or drop them first."))
    group.ended_on = local_day(at)
    group.save(update_fields=["ended_on"])
    _leave_trace("group.ended", group, by=by, at=at)


# --- A change of agencies -----------------------------------------------------------------------------
def pass_on(
    gone: Collection[Agency], heirs: Mapping[int, Agency | None], *, on: dt.date, by: User, at: dt.datetime
) -> None:
    """Let who takes over come into the place of members that end, with the items they were in charge of.

    An agency without an heir leaves; its open items go to the chair. Only within the action that carries out
    the change; `on` is the first day of the heirs.
    """
    rows = GroupMember.objects.filter(agency__in=[agency.pk for agency in gone], valid_to=None)
    groups = StandingGroup.objects.select_for_update(of=("self",)).filter(pk__in=rows.values("group"))
    held = {group.pk: group for group in groups.select_related("host").order_by("pk")}
    for row in rows.filter(group__in=held).select_related("agency").order_by("pk"):
        group, heir = held[row.group_id], heirs.get(row.agency_id)
        row.valid_to = max(on - DAY, row.valid_from)
        row.save(update_fields=["valid_to"])
        if heir and not group.members.filter(agency=heir, valid_to=None).exists():
            GroupMember.objects.create(group=group, agency=heir, valid_from=on)
        if row.agency_id == group.host_id and heir:
            group.host = heir
            group.save(update_fields=["host"])
        items = GroupPlanItem.objects.filter(group=group, lead=row.agency_id, state__in=OPEN_PLAN_ITEM)
        count = items.update(lead=heir or group.host)
        codes = {"member": row.agency.code, "heir": heir.code if heir else ""}
        _leave_trace("group.member_succeeded", group, by=by, at=at, **codes, items=count)


# --- What every step does -----------------------------------------------------------------------------
def hold(group: StandingGroup, allowed: bool) -> None:
    """Lock the group; refuse the wrong person, and a group that has ended."""
    if not allowed:
        raise PermissionDenied
    rows = StandingGroup.objects.select_for_update(of=("self",)).select_related("host", "basis")
    group.refresh_from_db(from_queryset=rows)
    if group.ended_on:
        raise RuleError(_("The group has ended; nothing of it changes any more."))


def members(group: StandingGroup, today: dt.date) -> list[Agency]:
    """Return the agencies that are members on a day, in protocol order. One query."""
    rows = access.members_on(today).filter(group=group).select_related("agency")
    return [row.agency for row in rows.order_by("agency__protocol_order", "agency__code")]


def _codes(group: StandingGroup, day: dt.date) -> list[str]:
    return [agency.code for agency in members(group, day)]


def _leave_trace(verb: str, group: StandingGroup, *, by: User, at: dt.datetime, **more: object) -> None:
    record(verb, group, by=by, at=at, agency_code=group.host.code, payload={"group": group.pk, **more})
