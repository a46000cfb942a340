"""What happens to a programme: settle, freeze, bring into force, close, terminate.

freeze() and unfreeze() belong to the signing of a document (agreements.documents), consult() and
end_consultation() to a consultation (agreements.consultations), and join their actions; the rest is
decided here.
"""

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.utils.translation import gettext as _

from portal.audit import pictures
from portal.audit.events import record
from portal.calendar.models import load_calendar
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.errors import RuleError, StaleError
from portal.lib.states import move, move_all
from portal.users.models import User
from tasks import access, due_days, lapses, leftovers, shells
from tasks.content import SCHEMA, ProgrammeContent, content
from tasks.models import Assignment, Coordination, Programme
from tasks.states import ASSIGNMENT, ENDED_PROGRAMME, PROGRAMME, AssignmentStatus, ProgrammeState

__all__ = [
    "SCHEMA",
    "ProgrammeContent",
    "bring_into_force",
    "close",
    "consult",
    "content",
    "end_consultation",
    "freeze",
    "gaps",
    "reopen",
    "settle",
    "terminate",
    "unfreeze",
]

WRITTEN = frozenset({ProgrammeState.DRAFT})
"""Settled by itself; a text that is out for comment when its consultation is closed."""

CONSULTED = frozenset({ProgrammeState.CONSULTING})


def gaps(programme: Programme) -> list[str]:
    """Say what a programme lacks before its text can be settled, one sentence each. Five queries."""
    parties = set(programme.signatories.values_list("agency_id", flat=True))
    missing = []
    if programme.host_id not in parties or (programme.co_host_id and programme.co_host_id not in parties):
        missing.append(_("Host and co-host have to be among the signatories."))
    if not programme.priority_tasks.exists():
        missing.append(_("There is no priority task yet."))
    rows = list(programme.assignments.order_by("code").values_list("code", "lead_id"))
    if not rows:
        missing.append(_("There is no assignment yet."))
    outside = [code for code, lead_id in rows if lead_id not in parties]
    if outside:
        missing.append(_("The lead agency is not a signatory in: %(codes)s.") % {"codes": ", ".join(outside)})
    elsewhere = programme.assignments.exclude(task__programme=programme).order_by("code")
    if codes := list(elsewhere.values_list("code", flat=True)):
        missing.append(
            _("The priority task belongs to another programme in: %(codes)s.") % {"codes": ", ".join(codes)}
        )
    both = Coordination.objects.filter(assignment__programme=programme, agency=F("assignment__lead"))
    if codes := list(both.order_by("assignment__code").values_list("assignment__code", flat=True)):
        missing.append(
            _("The lead agency also stands among the coordinating ones in: %(codes)s.")
            % {"codes": ", ".join(codes)}
        )
    return missing


@action
def settle(programme: Programme, *, by: User, at: dt.datetime) -> None:
    """Declare the text complete, ready for freezing. Raises RuleError naming everything that lacks."""
    if not access.may_settle(by, programme):
        raise PermissionDenied
    _settle(programme, by=by, at=at, sources=WRITTEN)


def _settle(programme: Programme, *, by: User, at: dt.datetime, sources: frozenset[str]) -> None:
    if missing := gaps(programme):
        raise RuleError(_("The text is not complete. %(gaps)s") % {"gaps": " ".join(missing)})
    _step(programme, ProgrammeState.SETTLED, "programme.settled", by=by, at=at, sources=sources)


@action
def reopen(programme: Programme, *, by: User, at: dt.datetime) -> None:
    """Take a settled text back to work on it."""
    if not access.may_settle(by, programme):
        raise PermissionDenied
    settled = frozenset({ProgrammeState.SETTLED})
    _step(programme, ProgrammeState.DRAFT, "programme.reopened", by=by, at=at, sources=settled)


def consult(programme: Programme, *, by: User, at: dt.datetime) -> None:
    """Send the text out for comment. Only within the action that opens the consultation."""
    if not access.may_settle(by, programme):
        raise PermissionDenied
    _step(programme, ProgrammeState.CONSULTING, "programme.consulted", by=by, at=at)


def end_consultation(programme: Programme, *, by: User, at: dt.datetime, again: bool) -> None:
    """Settle the text, or with `again` take it back to be written.

    Only within the action that closes the consultation. Raises RuleError naming everything that lacks.
    """
    if not access.may_settle(by, programme):
        raise PermissionDenied
    if again:
        _step(programme, ProgrammeState.DRAFT, "programme.reopened", by=by, at=at, sources=CONSULTED)
    else:
        _settle(programme, by=by, at=at, sources=CONSULTED)


def freeze(programme: Programme, *, by: User, at: dt.datetime) -> None:
    """Lock the text for signing. Only within the action that freezes the document.

    Raises RuntimeError outside of an action, because the event cannot be recorded.
    """
    if not access.may_freeze(by, programme):
        raise PermissionDenied
    _step(programme, ProgrammeState.FROZEN, "programme.frozen", by=by, at=at)


def unfreeze(programme: Programme, *, by: User, at: dt.datetime) -> None:
    """Give the text back, settled. Only within the action that withdraws the unsigned document."""
    if not access.may_freeze(by, programme):
        raise PermissionDenied
    frozen = frozenset({ProgrammeState.FROZEN})
    _step(programme, ProgrammeState.SETTLED, "programme.unfrozen", by=by, at=at, sources=frozen)


@action
def bring_into_force(programme: Programme, *, by: User, at: dt.datetime) -> None:
    """Record the commander's decision; every assignment is given out, every report is there to be written.

    That the command and the Front have signed is checked by the caller, who knows the document.
    """
    if not access.may_bring_into_force(by, programme):
        raise PermissionDenied
    _step(programme, ProgrammeState.IN_FORCE, "programme.brought_into_force", by=by, at=at, in_force_at=at)
    rows = programme.assignments.all()
    move_all(
        rows.filter(status=AssignmentStatus.DRAFT), AssignmentStatus.ASSIGNED, ASSIGNMENT, field="status"
    )
    due_days.refresh(rows, calendar=load_calendar())
    shells.make(programme)


@action
def close(programme: Programme, *, by: User, at: dt.datetime) -> None:
    """End the year: nothing of the programme changes any more."""
    if not access.may_close(by, programme):
        raise PermissionDenied
    programme.refresh_from_db(from_queryset=Programme.objects.select_for_update(of=("self",)))
    if hindrances := leftovers.hindrances(programme):
        raise RuleError(" ".join(hindrances))
    _step(programme, ProgrammeState.CLOSED, "programme.closed", by=by, at=at)


def version_of(programme: Programme) -> str:
    """Name the step at which a page showed the programme."""
    return pictures.version({"state": programme.state})


@action
def terminate(programme: Programme, *, by: User, at: dt.datetime, reason: str, version: str = "") -> None:
    """End the programme before its time. Its assignments stay as they stood; nobody is reminded.

    `version` is what the page showed (version_of()); an empty one is not compared. Raises StaleError.
    """
    if not access.may_terminate(by, programme):
        raise PermissionDenied
    programme.refresh_from_db(from_queryset=Programme.objects.select_for_update(of=("self",)))
    if version and version != version_of(programme):
        raise StaleError(_("The programme took a step after you opened the page. Look at it again first."))
    reason = reasons.given(reason)
    _step(
        programme, ProgrammeState.TERMINATED, "programme.terminated", by=by, at=at, payload={"reason": reason}
    )


def _step(
    programme: Programme,
    to: ProgrammeState,
    verb: str,
    *,
    by: User,
    at: dt.datetime,
    sources: frozenset[str] = frozenset(PROGRAMME),
    payload: dict[str, str] | None = None,
    **changes: Any,
) -> None:
    """Move the state. `sources` narrows the table where two steps lead to the same state: settling a
    draft must not also take a frozen text back."""
    table = {state: targets for state, targets in PROGRAMME.items() if state in sources}
    move(programme, to, table, **changes)
    if to in ENDED_PROGRAMME:
        lapses.lapse(Assignment.objects.filter(programme=programme), by=by, at=at)
    record(verb, programme, by=by, at=at, agency_code=programme.host.code, payload=payload)
