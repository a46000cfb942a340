"""Signing with a token through the signing program: the portal prepares, the program returns a value.

A ticket that the signer was shown opens one signing task. Each preparation stands on the newest file and
under a lease of a minute. The lease holds nobody else off: who signs meanwhile makes the preparation
stale, the program is told so and asks for another one. docs/agent-protocol.md is the protocol.
"""

import datetime as dt
import hashlib
import logging
import secrets

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from agreements import access, capacities, pades, pki, signing, timestamps, tokens
from agreements.gate_words import words_of
from agreements.models import Document, PreparedSignature, Signature, SignatureField
from portal.audit.events import record
from portal.files import store
from portal.lib.actions import action
from portal.lib.errors import RuleError
from portal.users.models import User

log = logging.getLogger(__name__)

TICKET = dt.timedelta(minutes=10)
LEASE = dt.timedelta(seconds=60)
NOTE = "Ký số bằng USB token"


class AgentRefused(RuleError):
    """What the signing program is told; `code` is for it, the text for its user."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        super().__init__(text)


@action
def open_ticket(
    document: Document,
    *,
    by: User,
    shown_sha256: str,
    at: dt.datetime,
    capacity: str = "",
    grounds: str = "",
) -> tuple[PreparedSignature, str]:
    """Open one signing task for the signer's own token; return it with the ticket, which is kept nowhere.

    `capacity` and `grounds` are those of signing.sign().
    """
    if not access.may_sign(by, document):
        raise PermissionDenied
    field = signing.check_rules(document, by, shown_sha256, at)
    capacities.chosen(field, by=by, key=capacity, grounds=grounds, at=at)
    timestamps.check_ready(at=at)
    certificate = tokens.current(by, at=at)
    if certificate is None:
        raise RuleError(_("No certificate on a USB token is released for you yet. Register yours first."))
    ticket = secrets.token_urlsafe(32)
    task = PreparedSignature.objects.create(
        ticket_sha256=_hash(ticket),
        document=document,
        user=by,
        certificate=certificate,
        capacity=capacity,
        grounds=grounds.strip(),
        opened_at=at,
        ends_at=at + TICKET,
    )
    code = by.post.agency.code if by.post else ""
    record("signing_ticket.opened", task, by=by, at=at, agency_code=code, payload={"document": document.pk})
    return task, ticket


def find(ticket: str, *, at: dt.datetime) -> PreparedSignature:
    """Return the task of a ticket. Raises AgentRefused (`unknown_ticket`, `ticket_over`)."""
    task = (
        PreparedSignature.objects.select_related("document__head", "user", "certificate", "signature")
        .filter(ticket_sha256=_hash(ticket))
        .first()
    )
    if task is None:
        raise AgentRefused(
            "unknown_ticket", _("This ticket is not known. Open a new one in the signing room.")
        )
    if task.signature is None and at >= task.ends_at:
        raise AgentRefused("ticket_over", _("This ticket has run out. Open a new one in the signing room."))
    return task


def _hash(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()


@action
def prepare(task: PreparedSignature, *, at: dt.datetime) -> PreparedSignature:
    """Prepare the next revision on the newest file; an earlier preparation of the task is void.

    Raises PermissionDenied, RuleError (AgentRefused with its code).
    """
    task = PreparedSignature.objects.select_for_update(of=("self",)).get(pk=task.pk)
    document, signer = task.document, task.user
    if task.signature_id:
        raise AgentRefused("done", _("This task is signed already."))
    field = _check_may(task, at)
    timestamps.check_ready(at=at)
    signature = _signature(document, field, signer, task, at=at)
    try:
        appearance = signing.appearance_of(signature, note=NOTE)
        head = store.read(document.head_id)
        prepared = pades.prepare(head, field.name, bytes(task.certificate.der), appearance, at=at)
    except (pades.PadesError, store.FileDamaged) as error:
        log.exception("document %s: nothing prepared for %s", document.pk, field.name)
        raise AgentRefused(
            "not_prepared", _("The file could not be prepared. Tell the administrator.")
        ) from error
    task.base_seq, task.signed_at, task.lease_ends_at = document.head_seq, at, at + LEASE
    task.tail, task.attributes = prepared.tail, prepared.attributes
    task.save(update_fields=["base_seq", "signed_at", "lease_ends_at", "tail", "attributes"])
    return task


def _signature(
    document: Document,
    field: SignatureField,
    signer: User,
    task: PreparedSignature,
    *,
    at: dt.datetime,
) -> Signature:
    return signing.new_signature(document, field, signer, capacity=task.capacity, grounds=task.grounds, at=at)


def _check_may(task: PreparedSignature, at: dt.datetime) -> SignatureField:
    signer = task.user
    if not (signer.is_active and access.may_sign(signer, task.document)):
        raise PermissionDenied
    if tokens.current(signer, at=at) != task.certificate:
        raise AgentRefused("certificate", _("Your signing certificate changed meanwhile. Try again."))
    return signing.check_rules(task.document, signer, task.document.frozen_id, at)


def complete(task: PreparedSignature, *, value: bytes, at: dt.datetime) -> Signature:
    """Put the signature value into its place and make it the next revision; a repeat gets the first result.

    Raises PermissionDenied, RuleError (AgentRefused: `not_prepared`, `stale` and `lease_over` ask for a new
    preparation, any other code says what is wrong with the value).
    """
    if task.signature:
        return task.signature
    if task.tail is None or task.attributes is None or task.lease_ends_at is None:
        raise AgentRefused("not_prepared", _("Nothing is prepared. Ask for a preparation first."))
    if at >= task.lease_ends_at:
        raise AgentRefused("lease_over", _("The preparation has run out. It is prepared anew."))
    _check_newest(task, task.document)
    head = store.read(task.document.head_id)
    prepared = pades.Prepared(bytes(task.tail), bytes(task.attributes))
    stamp = timestamps.stamp(at=at)
    signed = _checked(task, head, prepared, value, stamp)
    return append(task, signed=signed, stamped_at=stamp.stamped_at, at=at)


def _check_newest(task: PreparedSignature, document: Document) -> None:
    if document.head_seq != task.base_seq:
        raise AgentRefused("stale", _("Another agency has signed meanwhile. It is prepared anew."))


def _checked(
    task: PreparedSignature,
    head: bytes,
    prepared: pades.Prepared,
    value: bytes,
    stamp: timestamps.Stamp,
) -> bytes:
    """Return the finished file, judged like an upload; the bytes are our own, so no sandbox is needed."""
    at, der = stamp.stamped_at, bytes(task.certificate.der)
    trust = timestamps.with_own(pki.with_outside_roots(pades.Trust(())), at=at)
    field = signing.field_of(task.user, task.document)
    if field is None:
        raise PermissionDenied
    try:
        signed = pades.complete(head, prepared, der, value, others=trust.others, stamp=stamp)
        pades.check_upload(head, signed, field.name, der, trust, at=at)
    except pades.CandidateRefused as refusal:
        raise AgentRefused(refusal.code, words_of(refusal.code)) from refusal
    except pades.StampError as error:
        log.exception("document %s: no time-stamp for %s", task.document_id, field.name)
        raise AgentRefused("not_prepared", words_of("timestamp")) from error
    except pades.SigningError as error:
        raise AgentRefused("value", words_of("value")) from error
    return signed


@action
def append(task: PreparedSignature, *, signed: bytes, at: dt.datetime, stamped_at: dt.datetime) -> Signature:
    """Make the judged file the document's newest revision, under its lock. Called by complete()."""
    document, signer = task.document, task.user
    locked, signer, field = signing.lock(document, by=signer, shown_sha256=document.frozen_id, at=at)
    task = PreparedSignature.objects.select_for_update(of=("self",)).get(pk=task.pk)
    if task.signature:
        return task.signature
    _check_newest(task, locked)
    if tokens.current(signer, at=at) != task.certificate:
        raise AgentRefused("certificate", _("Your signing certificate changed meanwhile. Try again."))
    signature = _signature(locked, field, signer, task, at=task.signed_at or at)
    signature.kind, signature.stamped_at = Signature.Kind.AGENT, stamped_at
    signature.external_certificate = task.certificate
    signing.add(signature, store.put(signed, media_type=signing.PDF, at=at), at=at)
    task.signature, task.tail, task.attributes = signature, None, None
    task.save(update_fields=["signature", "tail", "attributes"])
    return signature


def sweep(*, at: dt.datetime) -> int:
    """Let go of what was prepared under tickets that have run out; return how many there were.

    The row stays: it says that somebody opened a ticket. Its bytes are of no use any more.
    """
    over = PreparedSignature.objects.filter(signature=None, ends_at__lte=at).exclude(tail=None)
    return over.update(tail=None, attributes=None)
