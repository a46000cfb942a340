"""What a home says of conferences: to who is invited, who prepares them, and who confirms the minutes."""

import datetime as dt

from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from agreements import conference_access as access
from agreements.models import Conference, InvitedAgency
from agreements.states import ConferenceState
from portal.dashboards.todos import Entry, Todo
from portal.lib.dates import local_day
from portal.users.models import User
from tasks.deadlines import DUE_SOON_DAYS, Timeliness
from tasks.states import ENDED_PROGRAMME

OVER = frozenset({ConferenceState.SIGNED, ConferenceState.CANCELLED})


def rows(user: User, today: dt.date) -> list[Todo]:
    """Return what waits about conferences whose minutes are not confirmed yet. Two queries at most."""
    seen = access.visible_conferences(user).exclude(state__in=OVER)
    ended = Q(programme__state__in=ENDED_PROGRAMME) & ~Q(state=ConferenceState.FROZEN)  # still confirmed
    found = list(seen.exclude(ended).order_by("starts_at"))
    if not found:
        return []
    to_sign = [_sign(row) for row in found if row.state == ConferenceState.FROZEN and _is_asked(user, row)]
    if access.prepares(user):
        return to_sign + [todo for row in found if (todo := _prepare(row, today))]
    to_write = [_write(row) for row in found if _is_held(row, today) and access.may_write_minutes(user, row)]
    return to_sign + to_write + _answers(user, found, today)


def _is_asked(user: User, row: Conference) -> bool:
    if not access.may_sign_minutes(user, row):
        return False
    as_chair = row.chair_id == user.pk and row.chair_signed_at is None
    return as_chair or (row.secretary_id == user.pk and row.secretary_signed_at is None)


def _sign(row: Conference) -> Todo:
    return Todo(
        what=_("Confirm the minutes: %(title)s") % {"title": row.title},
        url=reverse("conferences:minutes", args=[row.pk]),
        button=_("Read and confirm"),
        icon="pen",
    )


def _prepare(row: Conference, today: dt.date) -> Todo | None:
    """Invitations that are not sent, and minutes that are not frozen after the day."""
    if row.state == ConferenceState.PREPARING:
        return _about(row, _("Send the invitations: %(title)s"), _("Open"), row.get_absolute_url())
    return _write(row) if _is_held(row, today) else None


def _is_held(row: Conference, today: dt.date) -> bool:
    return row.state == ConferenceState.INVITED and local_day(row.starts_at) <= today


def _write(row: Conference) -> Todo:
    url = reverse("conferences:minutes", args=[row.pk])
    return _about(row, _("Write the minutes: %(title)s"), pgettext("minutes", "Write"), url)


def _about(row: Conference, what: str, button: str, url: str) -> Todo:
    return Todo(
        what=what % {"title": row.title},
        url=url,
        button=button,
        on=local_day(row.starts_at),
        when=_("Conference"),
        icon="calendar-event",
        entry=Entry(f"conference-{row.pk}", _("Conference")),
    )


def _answers(user: User, found: list[Conference], today: dt.date) -> list[Todo]:
    """What the reader's agency has not answered yet."""
    people = access.visible_attendances(user).filter(
        conference=OuterRef("conference"), agency=OuterRef("agency")
    )
    mine = access.visible_invited(user).filter(
        Q(conference__in=found), conference__state=ConferenceState.INVITED, agency=user.agency_id
    )
    annotated = mine.annotate(is_named=Exists(people)).select_related("conference__programme__host")
    todos = []
    for row in annotated.order_by("conference__starts_at"):
        conference = row.conference
        is_silent = not row.is_named and not row.excuse
        if is_silent and today <= conference.delegates_until and access.may_answer(user, row):
            todos.append(_name(row, today))
        is_asked = not row.assent and not row.excuse and local_day(conference.starts_at) <= today
        if is_asked and not conference.is_briefing and access.may_assent(user, row):
            todos.append(_agree(row))
    return todos


def _name(row: InvitedAgency, today: dt.date) -> Todo:
    until = row.conference.delegates_until
    return Todo(
        what=_("Name delegates: %(title)s") % {"title": row.conference.title},
        why=_("The conference is on %(day)s.") % {"day": f"{local_day(row.conference.starts_at):%d/%m/%Y}"},
        state=Timeliness.DUE_SOON if (until - today).days <= DUE_SOON_DAYS else "active",
        on=until,
        url=_part(row),
        button=_("Name"),
        icon="people",
        entry=Entry(f"delegates-{row.pk}", _("Last day to name delegates")),
    )


def _agree(row: InvitedAgency) -> Todo:
    return Todo(
        what=_("Say how far your agency agrees: %(title)s") % {"title": row.conference.title},
        url=_part(row),
        button=_("Open"),
        icon="check-circle",
    )


def _part(row: InvitedAgency) -> str:
    return reverse("conferences:agency", args=[row.conference_id, row.agency.code])
