"""Sign: the critical section where a document grows by one signature.

What is slow (PIN, one-time code) comes before the lock. Under the lock everything that was true
when the page was made is asked again, and the newest bytes are read: reading them earlier loses
signatures.
"""

import contextlib
import datetime as dt
import threading
import uuid
from collections.abc import Iterator

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.utils.translation import gettext as _

from agreements import access, pades, pki, reminders
from agreements.keys import SigningKey
from agreements.models import Document, Revision, Signature, SignatureField, SigningRequest
from agreements.states import DocumentState
from portal.audit.events import record
from portal.files import store
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import BusyError, RuleError, StaleError
from portal.users import totp
from portal.users.models import Role, User

PDF = "application/pdf"
WAITING_LIMIT = 32
NOTE = "Ký số bằng chứng thư do Cổng phối hợp QS-QP cấp"

_waiting = threading.BoundedSemaphore(WAITING_LIMIT)
_turn = threading.Lock()  # fair order inside one process; between processes the row lock decides


def capacity_of(user: User) -> Signature.Capacity:
    """Return how a post signs: a deputy signs KT., never TUQ. (Decree 30/2020, art. 13)."""
    return Signature.Capacity.KT if user.role == Role.DEPUTY_HEAD else Signature.Capacity.HEAD


def capacity_lines(block: str, capacity: str) -> tuple[str, ...]:
    """Return the lines above a name.

    `block` holds the head's lines, one a line: "GIÁM ĐỐC", or "TM. BAN THƯỜNG TRỰC" and "CHỦ TỊCH".
    A deputy adds KT. before the head's title and his own below it.
    Source: Decree 30/2020/NĐ-CP, art. 13 and Appendix I, II.7.
    """
    lines = tuple(line.strip() for line in block.splitlines() if line.strip())
    if capacity == Signature.Capacity.HEAD:
        return lines
    *collective, title = lines
    return (*collective, f"KT. {title}", f"PHÓ {title}")


def field_of(user: User, document: Document) -> SignatureField | None:
    """Return the field that the user's agency signs."""
    return document.fields.filter(agency_id=user.agency_id).first()


def first_result(request_key: uuid.UUID, *, by: User) -> Signature | None:
    """Return what an earlier sending of the same form did."""
    known = SigningRequest.objects.filter(key=request_key, user=by).select_related("signature").first()
    return known.signature if known else None


def sign(
    document: Document,
    *,
    by: User,
    pin: str,
    code: str,
    shown_sha256: str,
    request_key: uuid.UUID,
    at: dt.datetime,
) -> Signature:
    """Sign the document in the agency's field; a repeat of the same form gets the first result.

    1. Rights and rules, so that no code is spent on what cannot be. 2. PIN, then one-time code.
    3. Under the lock, all of it again, and the signature.

    Raises PermissionDenied, RuleError (wrong PIN or code, closed, already signed), StaleError (another
    text than the one shown), BusyError (too many wait; the same form may be sent again).
    """
    if not access.may_sign(by, document):
        raise PermissionDenied
    if known := first_result(request_key, by=by):
        return known
    _check_rules(document, by, shown_sha256, at)
    credential = pki.current_credential(by, at=at)
    if credential is None:
        raise RuleError(_("You have no valid signing certificate yet. Create one first."))
    key = pki.unlock(credential, pin, by=by, at=at)
    if not totp.consume(by, code, at=at):
        raise RuleError(
            _("The one-time code is wrong, expired or already used. Nothing was signed. Take a new code.")
        )
    with _queue():
        try:
            return append(document, by=by, key=key, shown_sha256=shown_sha256, request_key=request_key, at=at)
        except IntegrityError:
            # Lost a race against the same form sent twice: the first result is the answer.
            known = first_result(request_key, by=by)
            if known is None:
                raise
            return known


@contextlib.contextmanager
def _queue() -> Iterator[None]:
    if not _waiting.acquire(blocking=False):
        raise BusyError(_("Many are signing at this moment. Nothing is lost: send again."))
    try:
        with _turn:
            yield
    finally:
        _waiting.release()


def _check_rules(document: Document, by: User, shown_sha256: str, at: dt.datetime) -> SignatureField:
    if document.frozen_id != shown_sha256 or document.state == DocumentState.TERMINATED:
        raise StaleError(_("The text was replaced since you opened this page. Open it again and read it."))
    if document.state != DocumentState.SIGNING:
        raise RuleError(_("This document is not open for signing."))
    if local_day(at) > document.closes_on:
        raise RuleError(
            _("Signing closed on %(day)s. Ask the programme officer.")
            % {"day": f"{document.closes_on:%d/%m/%Y}"}
        )
    field = field_of(by, document)
    if field is None:
        raise PermissionDenied
    if Signature.objects.filter(field=field).exists():
        raise RuleError(_("Your agency has signed this document already."))
    return field


@action
def append(
    document: Document,
    *,
    by: User,
    key: SigningKey,
    shown_sha256: str,
    request_key: uuid.UUID,
    at: dt.datetime,
) -> Signature:
    """Append one signature in one transaction, with the document's row locked.

    1. Lock. 2. Ask rights and rules again. 3. Sign the newest bytes. 4. Check the candidate.
    5. Store the file durably. 6. Rows, head, audit. Called by sign() after the step-up.
    """
    locked = Document.objects.select_for_update().get(pk=document.pk)
    if not access.may_sign(by, locked):
        raise PermissionDenied
    field = _check_rules(locked, by, shown_sha256, at)
    credential = pki.current_credential(by, at=at)
    if credential is None or bytes(credential.certificate.der) != key.certificate:
        raise RuleError(_("Your signing certificate changed meanwhile. Try again."))

    capacity = capacity_of(by)
    lines = capacity_lines(field.signature_block, capacity)
    appearance = pades.Appearance(lines=lines, name=by.get_full_name(), signed_at=at, note=NOTE)
    head = store.read(locked.head_id)
    candidate = pades.sign(head, field.name, key, appearance, at=at)
    pades.check_candidate(head, candidate, field.name, key.certificate)

    file = store.put(candidate, media_type=PDF, at=at)
    seq = locked.head_seq + 1
    Revision.objects.create(document=locked, seq=seq, file=file, created_at=at)
    signature = Signature.objects.create(
        document=locked,
        field=field,
        seq=seq,
        capacity=capacity,
        signer=by,
        signer_name=by.get_full_name(),
        capacity_lines="\n".join(lines),
        certificate=credential.certificate,
        signed_at=at,
        file=file,
    )
    SigningRequest.objects.create(key=request_key, signature=signature, user=by)
    locked.head, locked.head_seq = file, seq
    locked.save(update_fields=["head", "head_seq"])
    reminders.settle([field], at=at)
    record(
        "signature.added",
        signature,
        by=by,
        at=at,
        agency_code=field.agency.code,
        payload={
            "document": locked.pk,
            "field": field.name,
            "seq": seq,
            "capacity": capacity,
            "certificate": credential.certificate.serial,
            "base_sha256": store.sha256_of(head),
            "sha256": file.sha256,
        },
    )
    return signature
