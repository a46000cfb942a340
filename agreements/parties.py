"""What a party's head decides in a round, and what the officer notes of a party.

Each locks the document first: whoever signs at the same moment comes before or after, never between.
"""

import datetime as dt
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from agreements import access, reminders, waves
from agreements.models import Document, SignatureField
from agreements.states import DocumentState
from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError
from portal.users.models import Membership, Role, User

LEAST_REASON = 5  # characters


def deputies(field: SignatureField, *, by: User, at: dt.datetime) -> QuerySet[User]:
    """Return the deputies of a field's agency at a moment, but for a deputy who acts as head herself."""
    posts = Membership.objects.held_on(local_day(at)).filter(role=Role.DEPUTY_HEAD, agency=field.agency_id)
    people = User.objects.filter(is_active=True, pk__in=posts.values("user")).exclude(pk=by.pk)
    return people.order_by("name_sort_key", "pk")


@action
def delegate(field: SignatureField, *, by: User, at: dt.datetime, to: User) -> None:
    """Hand this document to a deputy, who signs KT.; the head may still sign it herself."""
    _check_head(field, by, at)
    _lock(field)
    if field.declined_at:
        raise RuleError(_("You declined to sign. Take that back first."))
    if not deputies(field, by=by, at=at).filter(pk=to.pk).exists():
        raise RuleError(_("Choose a deputy of your agency who holds the post today."))
    _change(field, delegate=to)
    reminders.tell_delegated(field, by=by, at=at)
    _record("signature.delegated", field, by=by, at=at, to=to.pk)


@action
def take_back(field: SignatureField, *, by: User, at: dt.datetime) -> None:
    """Take a document back that was handed to a deputy."""
    _check_head(field, by, at)
    _lock(field)
    if field.delegate_id is None:
        raise RuleError(_("The document is not handed to a deputy."))
    reminders.settle_delegation(field, at=at)
    _change(field, delegate=None)
    _record("signature.delegation_revoked", field, by=by, at=at)


@action
def decline(field: SignatureField, *, by: User, at: dt.datetime, reason: str) -> None:
    """Refuse to sign, with a reason; every party and the officers are told."""
    _check_head(field, by, at)
    document = _lock(field)
    if field.declined_at:
        raise RuleError(_("Your agency has declined already."))
    if len(reason.strip()) < LEAST_REASON:
        raise RuleError(_("Give a reason: every party reads it."))
    _change(field, declined_at=at, declined_by=by, decline_reason=reason.strip(), delegate=None)
    reminders.settle([field], at=at)
    reminders.tell_parties(reminders.DECLINED, document, field, by=by, at=at)
    _record("signature.declined", field, by=by, at=at, reason=reason.strip())
    waves.open_next(document, at=at)


@action
def reconsider(field: SignatureField, *, by: User, at: dt.datetime) -> None:
    """Take a refusal back, while the round is open; the agency may then sign."""
    _check_head(field, by, at)
    document = _lock(field)
    if field.declined_at is None:
        raise RuleError(_("Your agency has not declined."))
    _change(field, declined_at=None, declined_by=None, decline_reason="", left_out_at=None)
    reminders.tell_parties(reminders.RECONSIDERED, document, field, by=by, at=at)
    _record("signature.reconsidered", field, by=by, at=at)


@action
def mark_absent(field: SignatureField, *, by: User, at: dt.datetime) -> None:
    """Note that a party is absent at the conference; it can sign until the closing date."""
    document = _check_officer(field, by, counts_agencys=True)
    if field.absent_at or field.declined_at:
        raise RuleError(_("This agency is marked absent, or has declined, already."))
    _change(field, absent_at=at)
    _record("signature.marked_absent", field, by=by, at=at)
    waves.open_next(document, at=at)


@action
def mark_present(field: SignatureField, *, by: User, at: dt.datetime) -> None:
    """Take back that a party is absent."""
    _check_officer(field, by, counts_agencys=True)
    if field.absent_at is None:
        raise RuleError(_("This agency is not marked absent."))
    _change(field, absent_at=None)
    _record("signature.marked_present", field, by=by, at=at)


@action
def urge(field: SignatureField, *, by: User, at: dt.datetime) -> None:
    """Remind one party to sign, once a day: the deputy it was handed to, else head and deputies.

    Where only the agency's own signature is missing, those who keep its key.
    """
    document = _check_officer(field, by, counts_agencys=True)
    today = local_day(at)
    if field.declined_at or field.wave > document.wave:
        raise RuleError(_("Nothing is to be urged: the agency has declined, or is not on turn yet."))
    if today > document.closes_on:
        raise RuleError(_("The closing date has passed: nobody can sign any more."))
    if field.urged_on == today:
        raise RuleError(_("This agency was urged today already; once a day is enough."))
    _change(field, urged_on=today)
    reminders.tell_urged(field, by=by, at=at)
    _record("signature.urged", field, by=by, at=at)


def _check_head(field: SignatureField, by: User, at: dt.datetime) -> None:
    if not access.may_answer(by, field, today=local_day(at)):
        raise PermissionDenied


def _check_officer(field: SignatureField, by: User, *, counts_agencys: bool = False) -> Document:
    if not access.may_run_round(by, field.document):
        raise PermissionDenied
    return _lock(field, counts_agencys=counts_agencys)


def _lock(field: SignatureField, *, counts_agencys: bool = False) -> Document:
    """Lock the document, bring the field up to date, and see that it, or the agency's own, can be signed."""
    locked = Document.objects.select_for_update(of=("self",)).select_related("programme")
    document = locked.get(pk=field.document_id)
    field.refresh_from_db()
    field.document = document
    if document.state != DocumentState.SIGNING:
        raise RuleError(_("This document is not open for signing."))
    owed = Q(pk=field.pk) | Q(after=field.pk) if counts_agencys else Q(pk=field.pk)
    if not access.unsigned_fields().filter(owed).exists():
        raise RuleError(_("This agency has signed the document already."))
    return document


def _change(field: SignatureField, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(field, name, value)
    field.save(update_fields=list(changes))


def _record(verb: str, field: SignatureField, *, by: User, at: dt.datetime, **more: object) -> None:
    payload = {"document": field.document_id, "field": field.name, **more}
    record(verb, field, by=by, at=at, agency_code=field.agency.code, payload=payload)
