"""What the pages of conferences show, worked out before the template."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from agreements import access as agreements_access
from agreements import attendances, discussions, minutes
from agreements import conference_access as access
from agreements.conference_forms import (
    AgreeForm,
    CallOffForm,
    DelegateForm,
    ExcuseForm,
    ReopenForm,
    SaidForm,
    SignForm,
    StepForm,
)
from agreements.conferences import version_of
from agreements.minutes import Part
from agreements.models import (
    AgendaItem,
    Attendance,
    Conclusion,
    Conference,
    Contribution,
    Document,
    InvitedAgency,
)
from agreements.states import ConferenceState
from portal.lib.templatetags.portal_ui import vn_datetime
from portal.papers.tables import Cell
from portal.users.models import User
from tasks import access as tasks_access
from tasks import group_plans
from tasks.models import Assignment, GroupPlanItem, Programme
from tasks.states import EDITABLE_PROGRAMME, ENDED_PROGRAMME, ProgrammeState

CALL_OFF_ID = "call_off_%s"
WIDTHS = (6, 44, 28, 28, 28, 22, 22)


@dataclass(frozen=True)
class Listing:
    """Everything that agreements/conferences.html reads."""

    conferences: list[Conference]
    preparable: list[Programme]


def listing(user: User) -> Listing:
    """Return the reader's conferences, and the programmes of which one may be prepared."""
    programmes = tasks_access.visible_programmes(user).select_related("host").order_by("-year")
    preparable = (
        [one for one in programmes if one.state not in ENDED_PROGRAMME and access.may_prepare(user, one)]
        if access.prepares(user)
        else []
    )
    return Listing(list(access.visible_conferences(user)), preparable)


# --- One conference -------------------------------------------------------------------------------------
@dataclass(frozen=True)
class Line:
    """An invited agency with those it sends."""

    invited: InvitedAgency
    delegates: list[Attendance]

    @property
    def present(self) -> int:
        return sum(1 for row in self.delegates if row.present_at)


@dataclass(frozen=True)
class Lists:
    """Everybody who is to come."""

    lines: list[Line]
    guests: list[Attendance]

    @property
    def present(self) -> int:
        """How many agencies are there."""
        return sum(1 for line in self.lines if line.present)

    @property
    def named(self) -> int:
        return sum(1 for line in self.lines if line.delegates)

    @property
    def people(self) -> int:
        return sum(len(line.delegates) for line in self.lines)

    @property
    def assents(self) -> list[tuple[str, int]]:
        """How many agencies agree how far, with the words; the silent ones last."""
        counts: list[tuple[str, int]] = [
            (str(one.label), sum(1 for line in self.lines if line.invited.assent == one))
            for one in InvitedAgency.Assent
        ]
        return [*counts, (_("not said yet"), sum(1 for line in self.lines if not line.invited.assent))]


def lists(conference: Conference, user: User) -> Lists:
    """Return who is to come, in protocol order. Two queries."""
    people: dict[int | None, list[Attendance]] = {}
    for row in access.visible_attendances(user).filter(conference=conference):
        people.setdefault(row.agency_id, []).append(row)
    invited = access.visible_invited(user).filter(conference=conference)
    lines = [Line(row, people.get(row.agency_id, [])) for row in invited]
    return Lists(lines, people.get(None, []))


@dataclass(frozen=True)
class Page:
    """Everything that agreements/conference.html reads; `lists` is for the command, `own` for the others."""

    conference: Conference
    agenda: list[AgendaItem]
    lists: Lists | None
    own: InvitedAgency | None
    invite: StepForm | None
    call_off: forms.Form | None
    may_prepare: bool
    has_list: bool  # of a briefing, that the reader may open
    has_minutes: bool  # drafted or frozen, that the reader may open
    compared_with: str  # what the text put before it is compared with: "signed", "today" or nothing


def page(conference: Conference, user: User, *, refused: forms.Form | None = None) -> Page:
    """Put the page together; `refused` is the form that calls off, as it was sent."""
    sees_all, prepares = access.may_see_everybody(user), access.may_prepare(user, conference.programme)
    own = access.visible_invited(user).filter(conference=conference, agency=user.agency_id).first()
    waits = prepares and conference.state == ConferenceState.PREPARING
    may_end = prepares and conference.state in {ConferenceState.PREPARING, ConferenceState.INVITED}
    version = {"version": version_of(conference)}
    return Page(
        conference=conference,
        agenda=list(conference.agenda.all()),
        lists=lists(conference, user) if sees_all else None,
        own=own if conference.state != ConferenceState.PREPARING else None,
        invite=StepForm(initial=version) if waits else None,
        call_off=refused or (CallOffForm(initial=version, auto_id=CALL_OFF_ID) if may_end else None),
        may_prepare=prepares,
        has_list=conference.is_briefing
        and (sees_all or access.visible_briefing_lists(user).filter(conference=conference).exists()),
        has_minutes=conference.is_frozen
        or (access.may_read_draft(user, conference) and conference.state == ConferenceState.INVITED),
        compared_with=_compared_with(conference, user),
    )


def _compared_with(conference: Conference, user: User) -> str:
    """The paper for signing once there is one that the reader sees; until then today's text."""
    if conference.submitted is None or not access.may_compare(user):
        return ""
    papers = agreements_access.visible_documents(user).filter(kind=Document.Kind.PROGRAMME)
    return "signed" if papers.filter(programme=conference.programme_id).exists() else "today"


def table(conference: Conference, user: User) -> tuple[list[str], list[list[Cell]]]:
    """Return list B9 as a table: agencies in protocol order, then guests."""
    found = lists(conference, user)
    headings = [
        _("No."),
        _("Agency"),
        _("Full name"),
        _("Position"),
        _("In place of"),
        _("Present"),
        _("Note"),
    ]
    lines: list[list[Cell]] = []
    for n, line in enumerate(found.lines, 1):
        name = line.invited.agency.name
        lines += [[n, name, *_person(row), ""] for row in line.delegates]
        if not line.delegates:
            lines.append([n, name, "", "", "", "", line.invited.excuse or _("not named yet")])
    start = len(found.lines) + 1
    lines += [[n, row.organisation, *_person(row), _("guest")] for n, row in enumerate(found.guests, start)]
    return headings, lines


def _person(row: Attendance) -> list[Cell]:
    return [row.name, row.position, row.substitute_for, vn_datetime(row.present_at)]


# --- One agency -----------------------------------------------------------------------------------------
@dataclass(frozen=True)
class AgencyPage:
    """Everything that agreements/conference_agency.html reads; a form is None for who may not."""

    conference: Conference
    invited: InvitedAgency
    delegates: list[Attendance]
    contributions: list[Contribution]
    removable: set[int]
    names_itself: bool  # the agency's last day has not passed, or the reader runs the programme
    today: dt.date
    steps: dict[str, forms.Form]
    refused: forms.Form | None


def form_of(name: str, row: InvitedAgency, user: User, data: Any = None) -> Any:
    """Return one of the agency's forms, as typed or as it stands."""
    auto_id = f"{name}_%s"
    if name == "name":
        return DelegateForm(data, auto_id=auto_id)
    if name == "excuse":
        excused = {"reason": row.excuse, "version": attendances.version_of(row)}
        return ExcuseForm(data, initial=excused, auto_id=auto_id)
    if name == "agree":
        stands = {name: getattr(row, name) for name in ("assent", "reservation")}
        stands["version"] = discussions.version_of(row)
        return AgreeForm(data, initial=stands, auto_id=auto_id)
    return SaidForm(data, places=discussions.places(row.conference, user), auto_id=auto_id)


def agency_page(
    row: InvitedAgency, user: User, *, sent: Mapping[str, forms.Form], today: dt.date
) -> AgencyPage:
    """Put the page of an agency's part together; `sent` is a form that was refused."""
    conference = row.conference
    is_open = conference.state == ConferenceState.INVITED
    runs = access.may_prepare(user, conference.programme)
    offered: dict[str, forms.Form] = {}
    if is_open and access.may_answer(user, row):
        offered |= {name: form_of(name, row, user) for name in ("name", "excuse", "contribute")}
    if is_open and access.may_assent(user, row) and not conference.is_briefing:
        offered["agree"] = form_of("agree", row, user)
    said = list(access.visible_contributions(user).filter(conference=conference, agency=row.agency))
    people = access.visible_attendances(user).filter(conference=conference, agency=row.agency)
    return AgencyPage(
        conference=conference,
        invited=row,
        delegates=list(people),
        contributions=said,
        removable={one.pk for one in said if is_open and access.may_take_back(user, one)},
        names_itself=runs or today <= conference.delegates_until,
        today=today,
        steps=offered | dict(sent),
        refused=next(iter(sent.values()), None),
    )


# --- Conclusions and minutes ------------------------------------------------------------------------------
@dataclass(frozen=True)
class Concluded:
    """A conclusion, with the assignment that it became."""

    row: Conclusion
    assignment: Assignment | None
    item: GroupPlanItem | None
    is_assignable: bool
    is_plannable: bool


@dataclass(frozen=True)
class ConclusionsPage:
    """What agreements/conference_conclusions.html reads besides its form."""

    conference: Conference
    conclusions: list[Concluded]
    contributions: list[Contribution]
    may_write: bool
    may_add: bool


def conclusions_page(conference: Conference, user: User) -> ConclusionsPage:
    rows = list(access.visible_conclusions(user).filter(conference=conference))
    made = tasks_access.visible_assignments(user).filter(conclusion_id__in=[row.pk for row in rows])
    by_origin = {one.conclusion_id: one for one in made}
    items = group_plans.of_conclusions(row.pk for row in rows) if conference.group else {}
    writes = access.may_prepare(user, conference.programme)
    return ConclusionsPage(
        conference=conference,
        conclusions=[
            Concluded(row, by_origin.get(row.pk), items.get(row.pk), _is_assignable(row), _is_plannable(row))
            for row in rows
        ],
        contributions=list(access.visible_contributions(user).filter(conference=conference)),
        may_write=writes,
        may_add=writes and conference.state == ConferenceState.INVITED,
    )


def _is_plannable(row: Conclusion) -> bool:
    """Whether it is a group's, and says all that an item of its plan needs."""
    group = row.conference.group
    return bool(group and not group.ended_on and row.owner_id and row.due_on)


def _is_assignable(row: Conclusion) -> bool:
    """Whether it says all that an assignment needs, and the programme takes one now."""
    if row.conference.group_id:
        return False
    takes = row.conference.programme.state in EDITABLE_PROGRAMME | {ProgrammeState.IN_FORCE}
    return takes and bool(row.owner_id and row.task_id and row.due_on)


@dataclass(frozen=True)
class MinutesPage:
    """Everything that agreements/conference_minutes.html reads."""

    conference: Conference
    content: Mapping[str, Any]
    parts: list[Part]
    is_intact: bool
    may_write: bool
    has_begun: bool
    steps: dict[str, forms.Form]
    refused: forms.Form | None


def minutes_page(
    conference: Conference, user: User, *, sent: Mapping[str, forms.Form], now: dt.datetime
) -> MinutesPage:
    """Put the page of the minutes together: the draft, or what is frozen, with the steps that follow."""
    prepares, frozen = access.may_prepare(user, conference.programme), conference.is_frozen
    is_open = not frozen and not conference.is_called_off
    has_begun = conference.starts_at <= now
    version = {"version": version_of(conference)}
    offered: dict[str, forms.Form] = {}
    if prepares and is_open and has_begun:
        offered["freeze"] = StepForm(initial=version, auto_id="freeze_%s")
    if prepares and conference.state == ConferenceState.FROZEN:
        offered["reopen"] = ReopenForm(initial=version, auto_id="reopen_%s")
    may_sign = access.may_sign_minutes(user, conference) and user.pk in _missing(conference)
    if conference.state == ConferenceState.FROZEN and may_sign:
        offered["sign"] = SignForm(initial={"sha256": conference.content_sha256}, auto_id="sign_%s")
    return MinutesPage(
        conference=conference,
        content=minutes.written(conference),
        parts=[] if frozen else minutes.parts(conference),
        is_intact=not frozen or minutes.is_intact(conference),
        may_write=is_open and has_begun and access.may_write_minutes(user, conference),
        has_begun=has_begun,
        steps=offered | dict(sent),
        refused=next(iter(sent.values()), None),
    )


def _missing(row: Conference) -> set[int]:
    """Return who has not confirmed yet."""
    both = ((row.chair_id, row.chair_signed_at), (row.secretary_id, row.secretary_signed_at))
    return {user_id for user_id, signed_at in both if not signed_at}


# --- What pages share -----------------------------------------------------------------------------------
def keys(typed: Sequence[str]) -> set[int]:
    """Return the keys of rows that a list sent; what is no number is left out."""
    return {int(key) for key in typed if key.isascii() and key.isdigit() and len(key) < 19}
