"""Cooperation in an assignment: asked for by the lead, reported and approved in the agency, then rated.

Each step locks the assignment first, then the cooperation, and tells whoever is next. `version` is what the
person saw (version_of()); an older page is refused with StaleError, an empty one is not compared. Cooperation
neither moves the assignment's status nor its timeliness: the lead alone answers for the result.
"""

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from portal.audit import pictures
from portal.audit.events import record
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.lib.states import move
from portal.users.models import User
from tasks import access, acting, cooperation_access, cooperation_reminders
from tasks.models import Assignment, Cooperation, Coordination
from tasks.states import COOPERATION, DONE_ASSIGNMENT, OPEN_ASSIGNMENT, CooperationState, ProgrammeState

_S = CooperationState
RATED_ASSIGNMENT = OPEN_ASSIGNMENT | DONE_ASSIGNMENT
"""Cooperation is rated while the work goes on, and after the result was sent."""

_SEEN = ("request", "due_on", "submitted_on", "rating", "rating_note")
_WITHIN = ("text", "says_nothing", "note")


def version_of(row: Cooperation, reader: User) -> str:
    """Name what the page shows this reader of it, to be compared when a form comes back.

    A cooperation that nobody has begun is Cooperation(share=…).
    """
    shown = _SEEN + _WITHIN if cooperation_access.shows_report(reader, row) else _SEEN
    return pictures.version(pictures.take(row, shown))


@action
def ask(
    share: Coordination, *, by: User, at: dt.datetime, due_on: dt.date, request: str, version: str = ""
) -> Cooperation:
    """Say what is wanted of the agency and by when; what was delivered is asked for again."""
    row = _begin(share, cooperation_access.may_ask(by, share))
    _compare(row, by, version)
    if not request.strip():
        raise RuleError(_("Write what the agency is asked for."))
    latest = share.assignment.due_on
    if due_on < local_day(at) or (latest and due_on > latest):
        raise RuleError(_("Give a day from today to the deadline of the assignment."))
    told: dict[str, Any] = {"due_on": due_on, "request": request.strip(), "asked_by": by, "asked_at": at}
    if row.state == _S.AWAITING_HEAD:
        raise RuleError(_("The agency's head is looking at what it reports; wait for that."))
    if row.is_delivered:
        again: dict[str, Any] = {
            "submitted_on": None,
            "rating": None,
            "rating_note": "",
            "rated_by": None,
            "rated_at": None,
        }
        move(row, _S.ASKED, COOPERATION, note="", **again, **told)
    else:
        _write(row, note="", **told)
    cooperation_reminders.settle(row, at=at)
    cooperation_reminders.tell(cooperation_reminders.ASKED, row, by=by, at=at)
    _record("cooperation.asked", row, by=by, at=at, due_on=due_on)
    return row


@action
def report(
    share: Coordination, *, by: User, at: dt.datetime, text: str, nothing: bool = False, version: str = ""
) -> Cooperation:
    """Report what was delivered, or that there is nothing to contribute.

    To the agency's head; at once to the lead by the head's own hand, or by her leave.
    """
    row = _begin(share, cooperation_access.may_report(by, share))
    _compare(row, by, version)
    if not (text.strip() or nothing):
        raise RuleError(_("Write what was delivered, or say that there is nothing to contribute."))
    told: dict[str, Any] = {"text": text.strip(), "says_nothing": nothing, "reported_by": by, "note": ""}
    move(row, _S.AWAITING_HEAD, COOPERATION, **told)
    cooperation_reminders.settle(row, at=at)
    _record("cooperation.reported", row, by=by, at=at)
    leave = access.sending_grant(by, share.agency_id, local_day(at))
    if cooperation_access.may_approve(by, share) or leave:
        _deliver(row, by=by, at=at)
    else:
        cooperation_reminders.tell(cooperation_reminders.AWAITING_HEAD, row, by=by, at=at)
    return row


@action
def approve(share: Coordination, *, by: User, at: dt.datetime, version: str = "") -> None:
    """Send it to the lead in the agency's name; this day counts against the day it was wanted by."""
    row = _begin(share, cooperation_access.may_approve(by, share))
    _compare(row, by, version)
    _deliver(row, by=by, at=at)


@action
def send_back(share: Coordination, *, by: User, at: dt.datetime, reason: str, version: str = "") -> None:
    """Give it back to the focal point to be mended."""
    row = _begin(share, cooperation_access.may_approve(by, share))
    _compare(row, by, version)
    reason = reasons.given(reason)
    if row.state != _S.AWAITING_HEAD:  # elsewhere in the table asked is another step
        raise RuleError(_("There is nothing that waits for the head."))
    move(row, _S.ASKED, COOPERATION, note=reason)
    cooperation_reminders.settle(row, at=at)
    cooperation_reminders.tell(cooperation_reminders.SENT_BACK, row, by=by, at=at)
    acts = acting.capacity(by, share.agency)
    _record("cooperation.sent_back", row, by=by, at=at, **acting.facts(acts))


@action
def rate(
    share: Coordination, *, by: User, at: dt.datetime, rating: int, note: str = "", version: str = ""
) -> None:
    """Say how the cooperation was; poor cooperation needs a reason. It may be said anew."""
    row = _begin(share, cooperation_access.may_rate(by, share), statuses=RATED_ASSIGNMENT)
    _compare(row, by, version)
    if not row.is_delivered:
        raise RuleError(_("Cooperation is rated once it was delivered."))
    if rating not in Cooperation.Rating.values:
        raise RuleError(_("Choose a rating."))
    if rating == Cooperation.Rating.POOR and not note.strip():
        raise RuleError(_("Say why the cooperation was poor."))
    _write(row, rating=rating, rating_note=note.strip(), rated_by=by, rated_at=at)
    cooperation_reminders.tell(cooperation_reminders.RATED, row, by=by, at=at)
    _record("cooperation.rated", row, by=by, at=at, rating=rating)


# --- What every step does -------------------------------------------------------------------------------
def _begin(share: Coordination, allowed: bool, *, statuses: Collection[str] = OPEN_ASSIGNMENT) -> Cooperation:
    """Lock the assignment and the cooperation, which begins with its first step.

    Raises PermissionDenied, or RuleError when the programme or the assignment is not running.
    """
    if not allowed:
        raise PermissionDenied
    rows = Assignment.objects.select_for_update(of=("self",)).select_related("programme__host", "lead")
    share.assignment = rows.get(pk=share.assignment_id)
    if not Coordination.objects.filter(pk=share.pk, agency=share.agency_id).exists():
        raise RuleError(_("The agency coordinates here no more. Open the page again."))
    if not is_running(share, statuses):
        raise RuleError(_("The assignment is not being carried out; its cooperation does not move."))
    row, _is_new = Cooperation.objects.get_or_create(share=share)
    row = Cooperation.objects.select_for_update(of=("self",)).get(pk=row.pk)
    row.share = share
    return row


def _compare(row: Cooperation, by: User, version: str) -> None:
    """Refuse a step from a page that shows it otherwise than it is."""
    if version and version != version_of(row, by):
        raise StaleError(_("Someone changed this cooperation after you opened the page."))


def is_running(share: Coordination, statuses: Collection[str] = OPEN_ASSIGNMENT) -> bool:
    """Whether cooperation is still asked for and given: until the lead has sent its result."""
    running = share.assignment.programme.state == ProgrammeState.IN_FORCE
    return running and share.assignment.status in statuses


def _deliver(row: Cooperation, *, by: User, at: dt.datetime) -> None:
    to = _S.NOTHING if row.says_nothing else _S.DELIVERED
    move(row, to, COOPERATION, submitted_on=local_day(at))
    cooperation_reminders.settle(row, at=at)
    cooperation_reminders.tell(cooperation_reminders.DELIVERED, row, by=by, at=at)
    acts = acting.capacity(by, row.share.agency)
    _record("cooperation.delivered", row, by=by, at=at, **acting.facts(acts))


def _write(row: Cooperation, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(row, name, value)
    row.save(update_fields=list(changes))


def _record(verb: str, row: Cooperation, *, by: User, at: dt.datetime, **more: Any) -> None:
    share, assignment = row.share, row.share.assignment
    payload = {"code": assignment.code, "year": assignment.programme.year, "cooperation": row.state, **more}
    record(verb, row, by=by, at=at, agency_code=share.agency.code, payload=payload)
