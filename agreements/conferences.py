"""What happens to a conference before it begins: prepared, changed, invitations sent.

Every step asks who may and looks again under the row's lock. `version` is the revision that the person
saw (version_of()); an older page is refused with StaleError, an empty one is not compared.
"""

import datetime as dt
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from agreements import conference_access as access
from agreements import conference_reminders as reminders
from agreements import drafts
from agreements.models import AgendaItem, Attendance, Conference, InvitedAgency
from agreements.states import CONFERENCE, ConferenceState
from portal.agencies.models import Agency
from portal.audit.events import record
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.lib.states import move
from portal.users.models import User
from tasks import groups
from tasks.models import Programme, StandingGroup
from tasks.states import EDITABLE_PROGRAMME, ENDED_PROGRAMME


@dataclass(frozen=True)
class Item:
    """A line of the agenda."""

    title: str
    starts: dt.time | None = None
    presenter: str = ""


@dataclass(frozen=True)
class Guest:
    """Somebody invited by name."""

    name: str
    position: str
    organisation: str = ""


@dataclass(frozen=True)
class Plan:
    """Everything that is prepared."""

    kind: str
    title: str
    starts_at: dt.datetime
    place: str
    chair: User
    secretary: User
    delegates_until: dt.date
    agenda: Sequence[Item] = field(default_factory=tuple)
    guests: Sequence[Guest] = field(default_factory=tuple)
    agencies: Collection[Agency] = field(default_factory=tuple)
    group: StandingGroup | None = None  # of a meeting of its members


FACTS = ("kind", "group", "title", "starts_at", "place", "chair", "secretary", "delegates_until")
SUBMITTED = "Bản trình hội nghị"
"""Name of the version that is kept when an annual conference is called about a text that may still change."""
TOLD = ("starts_at", "place")
"""What whoever was invited already has to hear when it changes."""


def version_of(conference: Conference) -> str:
    """Name the state of the row, to be carried by a form and compared when it comes back."""
    return str(conference.revision)


@action
def prepare(programme: Programme, *, by: User, at: dt.datetime, plan: Plan) -> Conference:
    """Make a conference of a programme; nobody hears of it yet."""
    if not access.may_prepare(by, programme):
        raise PermissionDenied
    if programme.state in ENDED_PROGRAMME:
        raise RuleError(_("The programme has ended; there is nothing to confer about."))
    _check(plan, programme, local_day(at))
    facts = {name: getattr(plan, name) for name in FACTS}
    row = Conference.objects.create(programme=programme, door_key=secrets.token_hex(16), **facts)
    _write(row, plan, by=by, at=at)
    leave_trace("conference.prepared", row, by=by, at=at, meeting=row.kind, starts_at=row.starts_at)
    return row


@action
def change(conference: Conference, *, by: User, at: dt.datetime, plan: Plan, version: str = "") -> None:
    """Write the plan anew. Who was invited hears of another time or place; nobody is uninvited."""
    begin(conference, access.may_prepare(by, conference.programme), version)
    _check(plan, conference.programme, local_day(at))
    kinds = {plan.kind, conference.kind}
    if conference.invited_at and len(kinds) == 2 and Conference.Kind.BRIEFING in kinds:
        raise RuleError(_("The invitations were sent; a briefing stays one, and nothing else becomes one."))
    if conference.invited_at and plan.group != conference.group:
        raise RuleError(_("The invitations were sent; whose meeting it is stays."))
    lies_ahead = conference.starts_at > at
    before = {name: getattr(conference, name) for name in FACTS}
    for name in FACTS:
        setattr(conference, name, getattr(plan, name))
    touch(conference, *FACTS)
    added = _write(conference, plan, by=by, at=at)
    changed = [name for name in FACTS if before[name] != getattr(conference, name)]
    if conference.state == ConferenceState.INVITED:
        reminders.tell_invited(added, by=by, at=at)
        if lies_ahead and set(changed) & set(TOLD):  # afterwards it is the record that is mended
            told = conference.invited.exclude(pk__in=[row.pk for row in added])
            reminders.tell_moved(list(told), by=by, at=at)
    leave_trace("conference.changed", conference, by=by, at=at, facts=changed)


@action
def invite(conference: Conference, *, by: User, at: dt.datetime, version: str = "") -> None:
    """Send the invitations: every agency is told and finds its paper in the portal.

    The draft that an annual conference discusses is kept as a version, to be compared with what is signed.
    """
    begin(conference, access.may_prepare(by, conference.programme), version)
    if not conference.invited.exists():
        raise RuleError(_("Choose at least one agency to invite."))
    if not conference.agenda.exists():
        raise RuleError(_("Write the agenda before the invitations are sent."))
    if conference.starts_at <= at:
        raise RuleError(_("The conference lies in the past."))
    if conference.delegates_until < local_day(at):
        raise RuleError(_("The day until which agencies name delegates has passed; choose another."))
    told: dict[str, Any] = {"invited_at": at, "revision": conference.revision + 1}
    if conference.kind == Conference.Kind.ANNUAL and conference.programme.state in EDITABLE_PROGRAMME:
        told["submitted"] = drafts.keep(conference.programme, by=by, at=at, label=SUBMITTED)
    move(conference, ConferenceState.INVITED, CONFERENCE, **told)
    rows = list(conference.invited.select_related("conference"))
    reminders.tell_invited(rows, by=by, at=at)
    leave_trace("conference.invited", conference, by=by, at=at, agencies=len(rows))


@action
def call_off(conference: Conference, *, by: User, at: dt.datetime, reason: str, version: str = "") -> None:
    """Call the conference off, with the reason. Who was invited is told; nothing of it changes any more."""
    begin(conference, access.may_prepare(by, conference.programme), version)
    reason = reasons.given(reason)
    if conference.attendances.filter(present_at__isnull=False).exists():
        raise RuleError(_("Somebody is marked present: the conference takes place."))
    revision = conference.revision + 1
    move(
        conference,
        ConferenceState.CANCELLED,
        CONFERENCE,
        called_off_at=at,
        called_off_because=reason,
        revision=revision,
    )
    if conference.invited_at:
        rows = list(conference.invited.select_related("conference"))
        reminders.settle_invitations(rows, at=at)
        reminders.tell_called_off(rows, by=by, at=at)
    leave_trace("conference.called_off", conference, by=by, at=at, reason=reason)


# --- What every step does -----------------------------------------------------------------------------
def begin(conference: Conference, allowed: bool, version: str = "") -> None:
    """Lock the row, bring it up to date; refuse the wrong person or page, and what no longer changes."""
    if not allowed:
        raise PermissionDenied
    hold(conference, version)
    if conference.is_frozen:
        raise RuleError(_("The minutes are frozen; nothing of the conference changes any more."))
    if conference.is_called_off:
        raise RuleError(_("The conference was called off; nothing of it changes any more."))


def hold(conference: Conference, version: str = "") -> None:
    rows = Conference.objects.select_for_update(of=("self",))
    rows = rows.select_related("programme__host", "group__host", "chair", "secretary")
    conference.refresh_from_db(from_queryset=rows)
    if version and version != version_of(conference):
        raise StaleError(_("Someone changed this conference after you opened the page."))


def hold_invited(conference: Conference, allowed: bool, version: str = "") -> None:
    """begin() of what happens from the invitations on."""
    begin(conference, allowed, version)
    if conference.state != ConferenceState.INVITED:
        raise RuleError(_("The invitations have not been sent yet."))


def touch(conference: Conference, *columns: str) -> None:
    conference.revision += 1
    conference.save(update_fields=[*columns, "revision"])


def leave_trace(verb: str, conference: Conference, *, by: User, at: dt.datetime, **more: object) -> None:
    """Record an event about a conference."""
    programme = conference.programme
    payload = {"year": programme.year, **more}
    record(verb, conference, by=by, at=at, agency_code=programme.host.code, payload=payload)


def _check(plan: Plan, programme: Programme, today: dt.date) -> None:
    """Chair and secretary are two people of the host; delegates are named before the day."""
    if plan.chair.pk == plan.secretary.pk:
        raise RuleError(_("Chair and secretary are the same person."))
    for person, roles in ((plan.chair, access.CHAIRS), (plan.secretary, access.SECRETARIES)):
        if not access.may_hold(programme.host, roles, today).filter(pk=person.pk).exists():
            raise RuleError(_("Chair and secretary hold a post at the host agency."))
    if plan.group:
        _check_group(plan, plan.group, programme, today)
    if plan.delegates_until > local_day(plan.starts_at):
        raise RuleError(_("Delegates are named before the conference begins."))


def _check_group(plan: Plan, group: StandingGroup, programme: Programme, today: dt.date) -> None:
    """A group's meeting is its members' alone."""
    if group.host_id != programme.host_id or group.ended_on:
        raise RuleError(_("The group has ended, or another agency is in its chair."))
    strangers = {agency.pk for agency in plan.agencies} - {one.pk for one in groups.members(group, today)}
    if strangers:
        raise RuleError(_("Only members are invited to a meeting of the group."))


def _write(conference: Conference, plan: Plan, *, by: User, at: dt.datetime) -> list[InvitedAgency]:
    """Store agenda, guests and agencies; return the agencies that are new."""
    conference.agenda.all().delete()
    AgendaItem.objects.bulk_create(
        AgendaItem(conference=conference, order=n, **vars(item)) for n, item in enumerate(plan.agenda, 1)
    )
    _write_guests(conference, plan.guests, by=by, at=at)
    return _write_agencies(conference, plan.agencies)


def _write_guests(conference: Conference, guests: Sequence[Guest], *, by: User, at: dt.datetime) -> None:
    """Who stays keeps the row, and with it when they were seen."""
    have = {
        Guest(row.name, row.position, row.organisation): row
        for row in conference.attendances.filter(agency=None)
    }
    gone = [row.pk for guest, row in have.items() if guest not in guests]
    if Attendance.objects.filter(pk__in=gone, present_at__isnull=False).exists():
        raise RuleError(_("A guest who is present stays on the list; take back the attendance first."))
    Attendance.objects.filter(pk__in=gone).delete()
    new = [guest for guest in dict.fromkeys(guests) if guest not in have]
    Attendance.objects.bulk_create(
        Attendance(conference=conference, named_by=by, named_at=at, **vars(guest)) for guest in new
    )


def _write_agencies(conference: Conference, agencies: Collection[Agency]) -> list[InvitedAgency]:
    have = {row.agency_id: row for row in conference.invited.all()}
    wanted = {agency.pk for agency in agencies}
    if conference.state != ConferenceState.PREPARING and set(have) - wanted:
        raise RuleError(_("The invitations were sent; an agency that was invited stays invited."))
    if conference.programme.host_id in wanted - set(have):
        raise RuleError(_("The host gives the conference; it is not invited to it."))
    conference.invited.exclude(agency__in=wanted).delete()
    ordered = sorted(agencies, key=lambda agency: (agency.protocol_order, agency.code))
    places = {agency.pk: n for n, agency in enumerate(ordered, 1)}
    for row in have.values():
        row.order = places.get(row.agency_id, row.order)
    InvitedAgency.objects.bulk_update([row for row in have.values() if row.agency_id in wanted], ["order"])
    return InvitedAgency.objects.bulk_create(
        InvitedAgency(conference=conference, agency=agency, order=places[agency.pk])
        for agency in ordered
        if agency.pk not in have
    )
