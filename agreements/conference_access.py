"""WHO may see and do what with conferences.

Whoever is invited sees the conference, their own delegates, words and agreement, and the frozen minutes.
The secretary, who holds a post at the host, reads and writes the draft of the minutes.
The command sees all of it. The viewer reads the conference and its minutes; the administrator nothing.
"""

import datetime as dt
from typing import TypeVar

from django.db.models import Exists, OuterRef, Q, QuerySet

from agreements import consultation_access
from agreements.models import (
    Attendance,
    BriefingList,
    Conclusion,
    Conference,
    Contribution,
    DraftVersion,
    InvitedAgency,
)
from agreements.states import SHOWN_CONFERENCE, ConferenceState
from portal.agencies.models import Agency
from portal.users.models import COMMAND_ROLES, Membership, Role, User
from tasks import access as tasks_access
from tasks.models import Programme

T = TypeVar("T", InvitedAgency, Attendance, Contribution)
CHAIRS = frozenset({Role.COMMANDER, Role.DEPUTY_HEAD})
SECRETARIES = frozenset({Role.PROGRAMME_OFFICER, Role.RECORDS_CLERK, Role.FOCAL_POINT, Role.DEPUTY_HEAD})


def visible_conferences(user: User) -> QuerySet[Conference]:
    """Those in preparation for the command; from the invitations on for who is invited, and viewers."""
    rows = Conference.objects.select_related(
        "programme__host", "group__host", "submitted", "chair", "secretary"
    )
    if user.role in COMMAND_ROLES:
        return rows
    if user.post is None or user.role == Role.ADMINISTRATOR:
        return rows.none()
    shown = rows.filter(state__in=SHOWN_CONFERENCE, invited_at__isnull=False)
    if user.role == Role.VIEWER:
        return shown
    is_invited = InvitedAgency.objects.filter(conference=OuterRef("pk"), agency=user.agency_id)
    return shown.filter(Q(Exists(is_invited)) | Q(chair=user) | Q(secretary=user))


def visible_invited(user: User) -> QuerySet[InvitedAgency]:
    """All invited agencies for the command; one's own for the others."""
    return _own(InvitedAgency.objects.select_related("agency", "assent_by"), user)


def visible_attendances(user: User) -> QuerySet[Attendance]:
    """Everybody who is to come, for the command; one's own delegates for the others."""
    return _own(Attendance.objects.select_related("agency", "present_by"), user)


def visible_contributions(user: User) -> QuerySet[Contribution]:
    rows = Contribution.objects.select_related(
        "agency", "clause", "task", "solution", "by", "conference__programme__host"
    )
    return _own(rows, user)


def _own(rows: QuerySet[T], user: User) -> QuerySet[T]:
    rows = rows.filter(conference__in=visible_conferences(user).order_by())
    if user.role in COMMAND_ROLES:
        return rows
    return rows.none() if user.role == Role.VIEWER else rows.filter(agency=user.agency_id)


def visible_conclusions(user: User) -> QuerySet[Conclusion]:
    """The command's until they are minuted; then the minutes tell them."""
    rows = Conclusion.objects.select_related(
        "owner", "task", "conference__programme__host", "conference__group__host"
    )
    return rows if user.role in COMMAND_ROLES else rows.none()


def visible_briefing_lists(user: User) -> QuerySet[BriefingList]:
    """The frozen list of a briefing, for whoever was to be there: it says who is late, so not for viewers."""
    rows = BriefingList.objects.filter(conference__in=visible_conferences(user).order_by())
    return rows.none() if user.role == Role.VIEWER else rows


def may_prepare(user: User, programme: Programme) -> bool:
    """Prepare, invite, take attendance, conclude, freeze the minutes: those who run the programme."""
    return tasks_access.may_settle(user, programme)


def prepares(user: User) -> bool:
    """Whether preparing conferences is the user's business at all."""
    return user.role in tasks_access.RUNS


def may_compare(user: User) -> bool:
    """What was put before the conference beside what was signed: whoever reads drafts."""
    return consultation_access.may_see_versions(user)


def may_see_everybody(user: User) -> bool:
    """Lists over all agencies: the command's."""
    return user.role in COMMAND_ROLES


def may_answer(user: User, invited: InvitedAgency) -> bool:
    """Name delegates, excuse, speak: whoever works for the agency; who runs the programme for any."""
    if may_prepare(user, invited.conference.programme):
        return True
    return user.agency_id == invited.agency_id and user.role in tasks_access.WORKS


def may_take_back(user: User, contribution: Contribution) -> bool:
    """Take what was said back: whoever wrote it for the agency; who runs the programme any."""
    if may_prepare(user, contribution.conference.programme):
        return True
    is_own = user.pk == contribution.by_id and user.agency_id == contribution.agency_id
    return is_own and user.role in tasks_access.WORKS


def may_assent(user: User, invited: InvitedAgency) -> bool:
    """Say how far the agency agrees: its head or deputy; who runs the programme notes what was said."""
    if may_prepare(user, invited.conference.programme):
        return True
    return user.agency_id == invited.agency_id and user.role in tasks_access.APPROVES


def may_write_minutes(user: User, conference: Conference) -> bool:
    """Write the draft: whoever runs the programme, and the secretary, who holds a post at the host."""
    is_secretary = user.pk == conference.secretary_id and user.agency_id == conference.programme.host_id
    return (is_secretary and user.role in SECRETARIES) or may_prepare(user, conference.programme)


def may_read_draft(user: User, conference: Conference) -> bool:
    """Read the draft of the minutes, made of what everybody said: the command, and the secretary.

    The second wall shows it to the secretary from the invitations on, until it is frozen.
    """
    keeps_it = may_write_minutes(user, conference) and conference.state == ConferenceState.INVITED
    return may_see_everybody(user) or keeps_it


def may_sign_minutes(user: User, conference: Conference) -> bool:
    """The two who answer for the minutes, each once, while they hold a post at the host."""
    is_either = user.pk in {conference.chair_id, conference.secretary_id}
    return is_either and user.agency_id == conference.programme.host_id


def may_hold(host: Agency, roles: frozenset[Role], today: dt.date) -> QuerySet[User]:
    """The people of the host who may take the chair, or keep the minutes, by the post held today."""
    posts = Membership.objects.valid_on(today).filter(agency=host, role__in=roles)
    return User.objects.filter(pk__in=posts.values("user"), is_active=True).order_by("name_sort_key")


def may_be_invited(today: dt.date) -> QuerySet[Agency]:
    """Every agency that exists, in protocol order."""
    return Agency.objects.valid_on(today).order_by("protocol_order", "code")


def speaks_of(user: User, conference: Conference) -> Programme | None:
    """The programme whose clauses, tasks and solutions may be named: a draft is not shown to parties."""
    return tasks_access.visible_programmes(user).filter(pk=conference.programme_id).first()


def asked_about(user: User, conference: Conference) -> DraftVersion | None:
    """The draft of it that the user's agency was asked about last, as it was sent."""
    rounds = consultation_access.visible_consultations(user).filter(programme=conference.programme_id)
    newest = rounds.order_by("-round").first()
    return newest.version if newest else None
