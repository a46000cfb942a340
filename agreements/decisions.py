"""The commander's decisions on a round that does not end by itself.

A party refused: the round goes on without it, or ends. The closing date passed before the command and
the Front signed: it ends. The text then goes back, settled, and can be changed and frozen again.
"""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from agreements import access, reminders
from agreements.documents import end_document, hosts_have_signed
from agreements.models import Document
from agreements.states import DocumentState
from portal.audit.events import record
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError
from portal.users.models import User
from tasks.states import ProgrammeState


@action
def go_on(document: Document, *, by: User, at: dt.datetime, reason: str) -> None:
    """Go on without the parties that refused. The command and the Front have to sign: not without them."""
    _check(document, by, reason)
    refused = document.fields.filter(declined_at__isnull=False, left_out_at=None).select_related("agency")
    fields = list(refused.select_for_update(of=("self",)))
    if not fields:
        raise RuleError(_("No party has refused, or it is decided already."))
    hosts = {document.programme.host_id, document.programme.co_host_id}
    if any(field.agency_id in hosts for field in fields):
        raise RuleError(_("The command and the Front have to sign: without them the round can only end."))
    for field in fields:
        field.left_out_at = at
        field.save(update_fields=["left_out_at"])
    reminders.tell_parties(reminders.WENT_ON, document, fields[0], by=by, at=at)
    left_out = [field.agency.code for field in fields]
    record("document.went_on", document, by=by, at=at, payload={"left_out": left_out, "reason": reason})


@action
def end(document: Document, *, by: User, at: dt.datetime, reason: str) -> None:
    """End the round without a signed document; every party is told."""
    _check(document, by, reason)
    if not may_end(document, at=at):
        raise RuleError(
            _("A round ends when a party refused, or when its closing date passed without command and Front.")
        )
    end_document(document, reminders.ENDED, by=by, at=at, reason=reason)
    record("document.ended", document, by=by, at=at, payload={"reason": reason})


def may_end(document: Document, *, at: dt.datetime) -> bool:
    """Return whether there is a reason to end: a refusal, or too late for the command and the Front."""
    if document.fields.filter(declined_at__isnull=False).exists():
        return True
    return local_day(at) > document.closes_on and not hosts_have_signed(document)


def is_stuck(document: Document, *, at: dt.datetime) -> bool:
    """Return whether a decision is due: there is a reason to end, and going on was not decided."""
    undecided = document.fields.filter(declined_at__isnull=False, left_out_at=None).exists()
    return undecided or (local_day(at) > document.closes_on and not hosts_have_signed(document))


def _check(document: Document, by: User, reason: str) -> None:
    if not access.may_decide_round(by, document):
        raise PermissionDenied
    document.refresh_from_db(from_queryset=Document.objects.select_for_update(of=("self",)))
    document.programme.refresh_from_db()
    if document.state != DocumentState.SIGNING or document.programme.state != ProgrammeState.FROZEN:
        raise RuleError(_("The round is over, or the programme is in force already."))
    reason = reasons.given(reason, least=reasons.SENTENCE)
