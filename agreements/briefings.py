"""The list of a briefing (giao ban): drafted from what stands open, frozen on the day it is held.

It speaks of the agencies that are invited, and of the host; of nobody else, for everybody there reads it.
Source: the levels of urging end with the list that is read at the briefing.
"""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _

from agreements import conference_access as access
from agreements import conference_reminders as reminders
from agreements import conferences
from agreements.models import BriefingList, Conference
from portal.agencies.models import Agency
from portal.audit.events import canonical
from portal.files.store import sha256_of
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError
from portal.users.models import User
from tasks import report_reminders, urging_letters
from tasks.models import Assignment, ExtensionRequest, GroupPlanItem, Programme, Progress, Report, Urging
from tasks.states import OPEN_ASSIGNMENT, OPEN_PLAN_ITEM, SENT_REPORT, ExtensionState

Row = dict[str, Any]
Content = Mapping[str, Any]
PARTS = ("duties", "reports", "extensions", "urgings", "plan")
"""The last is of meetings of a standing group: what its own plan owes."""


@action
def hold(conference: Conference, *, by: User, at: dt.datetime, version: str = "") -> BriefingList:
    """Freeze the list as it stands now; agencies that stand on it are told. On the day, or after it."""
    conferences.hold_invited(conference, access.may_prepare(by, conference.programme), version)
    today = local_day(at)
    if not conference.is_briefing:
        raise RuleError(_("Only a briefing has a list of what stands open."))
    if today < local_day(conference.starts_at):
        raise RuleError(
            _("The list is frozen on the day of the briefing; until then it follows what happens.")
        )
    if frozen(conference):
        raise RuleError(_("The list is frozen already."))
    content = gather(conference, today)
    row = BriefingList.objects.create(
        conference=conference,
        taken_on=today,
        content=content,
        content_sha256=sha256_of(canonical(content).encode()),
        frozen_by=by,
        frozen_at=at,
    )
    conferences.touch(conference)
    listed = {line["agency_id"] for part in PARTS for line in content[part]}
    reminders.tell_listed(list(conference.invited.filter(agency__in=listed)), by=by, at=at)
    counts = {part: len(content[part]) for part in PARTS}
    sha256 = row.content_sha256
    conferences.leave_trace("briefing.listed", conference, by=by, at=at, **counts, content_sha256=sha256)
    return row


# --- What it says -------------------------------------------------------------------------------------
def frozen(conference: Conference) -> BriefingList | None:
    """Return the frozen list, if there is one. One query."""
    return BriefingList.objects.filter(conference=conference).select_related("frozen_by").first()


def written(conference: Conference, today: dt.date) -> Content:
    """Return what the list says: what is frozen, or what stands open now."""
    row = frozen(conference)
    return row.content if row else gather(conference, today)


def is_intact(row: BriefingList) -> bool:
    """Whether the frozen content still has the hash that the audit trail knows."""
    return sha256_of(canonical(row.content).encode()) == row.content_sha256


def gather(conference: Conference, today: dt.date) -> dict[str, Any]:
    """Read what stands open on a day, part by part, each with the oldest first. A fixed number of queries."""
    programme = conference.programme
    there = {programme.host_id, *conference.invited.values_list("agency", flat=True)}
    agencies = Agency.objects.in_bulk(there)
    duties = programme.assignments.filter(lead__in=there, status__in=OPEN_ASSIGNMENT)
    reports = Report.objects.filter(period__programme=programme, agency__in=there)
    return {
        "on": today.isoformat(),
        "agencies": len(there),
        "duties": [
            _row(one, one.lead_id, one.due_on, today, agencies)
            for one in duties.filter(due_on__lt=today).order_by("due_on", "code")
        ],
        "reports": [
            _row(one, one.agency_id, one.due_on, today, agencies)
            for one in urging_letters.silent(reports, today)
        ],
        "extensions": _asked(programme, agencies, today),
        "urgings": _urged(duties, reports.exclude(state__in=SENT_REPORT), agencies, today),
        "plan": _planned(conference, agencies, today),
    }


def _planned(conference: Conference, agencies: Mapping[int, Agency], today: dt.date) -> list[Row]:
    if conference.group is None:
        return []
    rows = conference.group.items.filter(state__in=OPEN_PLAN_ITEM, due_on__lt=today, lead__in=agencies)
    return [_row(one, one.lead_id, one.due_on, today, agencies) for one in rows.order_by("due_on", "pk")]


def _asked(programme: Programme, agencies: Mapping[int, Agency], today: dt.date) -> list[Row]:
    rows = ExtensionRequest.objects.filter(
        assignment__programme=programme, agency__in=agencies, state=ExtensionState.PENDING
    ).select_related("assignment")
    return [
        _row(one.assignment, one.agency_id, one.due_on, today, agencies)
        | {"new_on": one.new_on.isoformat(), "since": local_day(one.requested_at).isoformat()}
        for one in rows.order_by("requested_at", "pk")
    ]


def _urged(
    duties: QuerySet[Assignment],
    reports: QuerySet[Report],
    agencies: Mapping[int, Agency],
    today: dt.date,
) -> list[Row]:
    """Return the newest urging of each thing that is still owed and of which nothing was heard since."""
    heard = Progress.objects.filter(assignment=OuterRef("assignment"), at__gte=OuterRef("at"))
    asked = ExtensionRequest.objects.filter(
        assignment=OuterRef("assignment"), requested_at__gte=OuterRef("at")
    )
    rows = Urging.objects.filter(Q(assignment__in=duties) | Q(report__in=reports)).filter(
        ~Exists(heard), ~Exists(asked)
    )
    rows = rows.select_related("assignment", "report__period").order_by("-at", "-pk")
    newest: dict[tuple[int | None, int | None], Urging] = {}
    for one in rows:
        newest.setdefault((one.assignment_id, one.report_id), one)
    return [
        _row(thing, one.agency_id, thing.due_on, today, agencies)
        | {"since": one.on.isoformat(), "level": one.level}
        for one in reversed(newest.values())
        if (thing := one.assignment or one.report) and one.agency_id in agencies
    ]


def _row(
    thing: Assignment | Report | GroupPlanItem,
    agency_id: int,
    due_on: dt.date | None,
    today: dt.date,
    agencies: Mapping[int, Agency],
) -> Row:
    """Return what is owed by whom, in Vietnamese, as it is printed."""
    if isinstance(thing, Assignment):
        kind, code, title = "assignment", thing.code, thing.title_vi
    elif isinstance(thing, GroupPlanItem):
        kind, code, title = "plan", str(thing), thing.title
    else:
        kind, code, title = "report", thing.period.code, report_reminders.titles(thing.period)[0]
    return {
        "kind": kind,
        "id": thing.pk,
        "code": code,
        "title": title[:1].upper() + title[1:],
        "agency_id": agency_id,
        "agency": agencies[agency_id].name_vi,
        "due_on": due_on.isoformat() if due_on else "",
        "days": max((today - due_on).days, 0) if due_on else 0,
    }
