"""End an issued document: it is superseded by another, or terminated, by a decision that has a number."""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from agreements import access, reminders
from agreements.models import Document, Ending
from agreements.states import DOCUMENT, DocumentState
from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError
from portal.lib.states import Transitions, move
from portal.users.models import User
from tasks import programmes
from tasks.states import ProgrammeState

ISSUED_ONLY: Transitions = {DocumentState.ISSUED: DOCUMENT[DocumentState.ISSUED]}
"""What is not issued yet is withdrawn, which is another thing."""


@action
def supersede(
    document: Document, *, by: User, at: dt.datetime, reason: str, decision_number: str, decided_on: dt.date
) -> None:
    """Declare that another document has taken its place. The programme goes on."""
    _end(
        document,
        DocumentState.SUPERSEDED,
        by=by,
        at=at,
        reason=reason,
        decision_number=decision_number,
        decided_on=decided_on,
    )


@action
def terminate(
    document: Document, *, by: User, at: dt.datetime, reason: str, decision_number: str, decided_on: dt.date
) -> None:
    """Declare that it is no longer good; a programme in force ends with it."""
    _end(
        document,
        DocumentState.TERMINATED,
        by=by,
        at=at,
        reason=reason,
        decision_number=decision_number,
        decided_on=decided_on,
    )
    if document.programme.state == ProgrammeState.IN_FORCE:
        programmes.terminate(document.programme, by=by, at=at, reason=reason)


def _end(
    document: Document,
    to: DocumentState,
    *,
    by: User,
    at: dt.datetime,
    reason: str,
    decision_number: str,
    decided_on: dt.date,
) -> None:
    if not access.may_end(by, document):
        raise PermissionDenied
    if document.kind != Document.Kind.PROGRAMME:
        raise RuleError(_("What an amendment changed is changed back by another amendment."))
    if len(reason.strip()) < 5 or not decision_number.strip():
        raise RuleError(_("Give a reason and the number of the decision."))
    if document.issued_on is None or not document.issued_on <= decided_on <= local_day(at):
        raise RuleError(_("The decision is dated between the issue of the document and today."))
    move(document, to, ISSUED_ONLY)
    Ending.objects.create(
        document=document,
        reason=reason.strip(),
        decision_number=decision_number.strip(),
        decided_on=decided_on,
        by=by,
        at=at,
    )
    payload = {"reason": reason, "decision": decision_number, "decided_on": decided_on}
    verb = "document.superseded" if to == DocumentState.SUPERSEDED else "document.terminated"
    record(verb, document, by=by, at=at, payload=payload)
    kind = reminders.SUPERSEDED if to == DocumentState.SUPERSEDED else reminders.TERMINATED
    reminders.tell_parties(kind, document, code=decision_number.strip(), by=by, at=at)
