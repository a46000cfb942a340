"""What a home says of cooperation: to the agency that is asked, to its head, to the lead that may rate it."""

import datetime as dt

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.dashboards.todos import Entry, Todo
from portal.users.models import COMMAND_ROLES, User
from tasks import cooperation_access, cooperations
from tasks.deadlines import DUE_SOON_DAYS, Timeliness
from tasks.models import Cooperation, Programme
from tasks.states import CooperationState, ProgrammeState

_S = CooperationState
SHOWN = 3
"""Deliveries that are named one by one; of more the number is said."""


def rows(user: User, programme: Programme | None, today: dt.date) -> list[Todo]:
    """Return what the reader's agency is asked for, and what it may rate; one query."""
    if programme is None or programme.state != ProgrammeState.IN_FORCE:
        return []
    found = cooperation_access.visible_cooperations(user).filter(
        share__assignment__programme=programme,
        share__assignment__status__in=cooperations.RATED_ASSIGNMENT,
        rating=None,
    )
    if user.role in COMMAND_ROLES:  # who sees every agency's still answers for one
        found = found.filter(share__agency=user.agency_id) | found.filter(
            share__assignment__lead=user.agency_id
        )
    by_day = list(found.order_by("due_on", "pk"))
    wanted = [row for row in by_day if _waits(row, _S.ASKED) and _reports(user, row)]
    asked = [_ask(row, today, approves=_approves(user, row)) for row in wanted]
    heads = [_approve(row) for row in by_day if _waits(row, _S.AWAITING_HEAD) and _approves(user, row)]
    rated = [row for row in by_day if row.is_delivered and cooperation_access.may_rate(user, row.share)]
    return heads + asked + _rate(rated)


def _waits(row: Cooperation, state: CooperationState) -> bool:
    """What nobody asked for is nobody's duty."""
    return row.state == state and cooperations.is_running(row.share) and row.due_on is not None


def _reports(user: User, row: Cooperation) -> bool:
    return cooperation_access.may_report(user, row.share)


def _approves(user: User, row: Cooperation) -> bool:
    return cooperation_access.may_approve(user, row.share)


def _ask(row: Cooperation, today: dt.date, *, approves: bool) -> Todo:
    is_returned = bool(row.note) and not approves  # whoever sent it back waits for another
    mend = _("Mend the cooperation that your head sent back: assignment %(code)s")
    what = mend if is_returned else _("Cooperate in assignment %(code)s")
    due_on = row.due_on or today
    is_near = (due_on - today).days <= DUE_SOON_DAYS
    state = Timeliness.OVERDUE if due_on < today else Timeliness.DUE_SOON if is_near else Timeliness.NOT_DUE
    why = _("%(agency)s: %(reason)s") % {"agency": row.share.assignment.lead.name, "reason": row.request}
    return Todo(
        what=what % {"code": row.share.assignment.code},
        why=why,
        state=state,
        on=row.due_on,
        url=row.get_absolute_url(),
        button=_("See why") if is_returned else _("Report"),
        is_first=is_returned,
        entry=_entry(row),
    )


def _approve(row: Cooperation) -> Todo:
    return Todo(
        what=_("Approve the cooperation in assignment %(code)s") % {"code": row.share.assignment.code},
        why=row.text,
        on=row.due_on,
        url=row.get_absolute_url(),
        button=_("Read and approve"),
        entry=_entry(row),
    )


def _entry(row: Cooperation) -> Entry:
    text = _("Cooperation in assignment %(code)s due") % {"code": row.share.assignment.code}
    return Entry(f"cooperation-{row.pk}", text)


def _rate(found: list[Cooperation]) -> list[Todo]:
    if len(found) > SHOWN:
        words = ngettext(
            "Rate the cooperation of %(count)s agency",
            "Rate the cooperation of %(count)s agencies",
            len(found),
        )
        url = f"{reverse('assignments:list')}?part=lead"
        return [Todo(what=words % {"count": len(found)}, url=url, button=_("Open"))]
    return [
        Todo(
            what=_("Rate the cooperation of %(agency)s in assignment %(code)s")
            % {"agency": row.share.agency.name, "code": row.share.assignment.code},
            url=row.get_absolute_url(),
            button=_("Rate it"),
        )
        for row in found
    ]
