"""Sign: the critical section where a document grows by one signature.

What is slow (PIN, one-time code) comes before the lock. Under the lock everything that was true
when the page was made is asked again, and the newest bytes are read: reading them earlier loses
signatures.
"""

import contextlib
import datetime as dt
import logging
import threading
import time
import uuid
from collections.abc import Iterator

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from agreements import access, capacities, keys, marks, pades, pki, reminders, timestamps, waves
from agreements.documents import check_not_stopped
from agreements.models import Credential, Document, Revision, Signature, SignatureField, SigningRequest
from agreements.states import DocumentState
from portal.audit.events import record
from portal.files import store
from portal.files.models import StoredFile
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import BusyError, RuleError, StaleError
from portal.users import factors
from portal.users.models import User
from portal.users.step_up import CodeRefused

log = logging.getLogger(__name__)

PDF = "application/pdf"
NOTE = "Ký số bằng chứng thư do Cổng phối hợp QS-QP cấp"
AGENCY_NOTE = "Chữ ký số của cơ quan, chứng thư do Cổng phối hợp QS-QP cấp"
WAITING_LIMIT = 32  # of one process
PATIENCE = 10.0  # seconds that a repeated form waits for what its first sending does

_places = threading.BoundedSemaphore(WAITING_LIMIT)
# Between processes the document's row decides. Inside one, each takes a turn for code and signature: SQLite's
# writers poll for their lock, and who spends a code would starve behind those who sign.
_turn = threading.Lock()


def field_of(user: User, document: Document, *, for_agency: bool = False) -> SignatureField | None:
    """Return the field that the user's agency signs: its head's, or with `for_agency` its own."""
    fields = document.fields.filter(agency=user.agency_id, after__isnull=not for_agency)
    return fields.select_related("agency", "delegate", "after").first()


def _may_sign(user: User, document: Document, *, for_agency: bool) -> bool:
    ask = access.may_sign_for_agency if for_agency else access.may_sign
    return ask(user, document)


def first_result(request_key: uuid.UUID, *, by: User) -> Signature | None:
    """Return what an earlier sending of the same form did."""
    return Signature.objects.filter(request__key=request_key, request__user=by).first()


def sign(
    document: Document,
    *,
    by: User,
    pin: str | keys.DerivedPin,
    code: str,
    shown_sha256: str,
    request_key: uuid.UUID,
    at: dt.datetime,
    capacity: str = "",
    grounds: str = "",
    for_agency: bool = False,
) -> Signature:
    """Sign the document in the agency's field; a repeat of the same form gets the first result.

    1. Rights and rules, so that no code is spent on what cannot be; a code that has run out. 2. A place among
    those who sign. 3. PIN, then one-time code. 4. Under the lock, all of it again, and the signature.

    `capacity` is the key of a capacities.Choice, "" the usual one; `grounds` says why the head does not sign.
    `for_agency`: with the agency's own key, by who keeps it, after the head.
    Raises PermissionDenied, RuleError (closed, already signed; PinRefused and CodeRefused among them),
    StaleError (another text than the one shown), BusyError (the same form may be sent again).
    """
    begun = time.monotonic()
    if not _may_sign(by, document, for_agency=for_agency):
        raise PermissionDenied
    if known := first_result(request_key, by=by):
        return known
    try:
        field = check_rules(document, by, shown_sha256, at, for_agency=for_agency)
        if not for_agency:
            capacities.chosen(field, by=by, key=capacity, grounds=grounds, at=at)
        timestamps.check_ready(at=at)
        _check_code(request_key, by=by, code=code, at=at)
        with _place():
            key = pki.unlock(_credential(by, at, for_agency=for_agency), pin, by=by, at=at)
            with _turn, _claim(request_key, by=by, code=code, at=at) as is_first:
                if is_first:
                    return append(
                        document,
                        by=by,
                        key=key,
                        shown_sha256=shown_sha256,
                        request_key=request_key,
                        at=at,
                        since=begun,
                        capacity=capacity,
                        grounds=grounds,
                        for_agency=for_agency,
                    )
            return _result_of_first_sending(request_key, by=by)
    except RuleError:
        if known := first_result(request_key, by=by):  # the first sending came through since it was asked
            return known
        raise


def _check_code(request_key: uuid.UUID, *, by: User, code: str, at: dt.datetime) -> None:
    """Refuse a code that has run out before the PIN is stretched.

    In a crowd codes run out while their forms wait: if each of those cost as much as a signature, whoever
    waits would find theirs run out again.
    """
    if not factors.is_out_of_date(by, code, at=at):
        return
    if not SigningRequest.objects.filter(key=request_key, user=by).exists():
        factors.spend(by, code, at=at)  # counts it as wrong
        raise CodeRefused


@contextlib.contextmanager
def _place() -> Iterator[None]:
    """Take a place before a code is spent: who is told to come again can use the same one."""
    if not _places.acquire(blocking=False):
        raise BusyError(_("Many are signing at this moment. Nothing is lost: send again."))
    try:
        yield
    finally:
        _places.release()


def _credential(by: User, at: dt.datetime, *, for_agency: bool) -> Credential:
    credential = pki.current_credential(by, at=at, for_agency=for_agency)
    if credential is None and for_agency:
        raise RuleError(_("You keep no valid key of your agency. Request one first."))
    if credential is None:
        raise RuleError(_("You have no valid signing certificate yet. Create one first."))
    return credential


@contextlib.contextmanager
def _claim(request_key: uuid.UUID, *, by: User, code: str, at: dt.datetime) -> Iterator[bool]:
    """Spend the code for this form; free the form again when no signature comes of it.

    Yields False when another sending of the same form has spent the code. Raises CodeRefused.
    """
    sending = SigningRequest.objects.filter(key=request_key, user=by)
    with transaction.atomic():
        is_first = factors.spend(by, code, at=at) is not None
        if is_first:
            SigningRequest.objects.get_or_create(key=request_key, user=by)
    if not is_first and not sending.exists():
        raise CodeRefused
    try:
        yield is_first
    except BaseException:
        sending.filter(signature=None).delete()
        raise


def _result_of_first_sending(request_key: uuid.UUID, *, by: User) -> Signature:
    """Wait for the other sending of this form: a double click must not hear “nothing was signed”."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        sending = SigningRequest.objects.select_related("signature").filter(key=request_key, user=by).first()
        if sending is None:
            raise CodeRefused
        if sending.signature:
            return sending.signature
        time.sleep(0.1)
    raise BusyError(_("Your first sending is still under way. Nothing is lost: send again."))


def check_rules(
    document: Document, by: User, shown_sha256: str, at: dt.datetime, *, for_agency: bool = False
) -> SignatureField:
    """Return the field that the signer's agency can sign now. Raises RuleError, StaleError."""
    if document.frozen_id != shown_sha256 or document.state == DocumentState.TERMINATED:
        raise StaleError(_("The text was replaced since you opened this page. Open it again and read it."))
    if document.state != DocumentState.SIGNING:
        raise RuleError(_("This document is not open for signing."))
    if local_day(at) > document.closes_on:
        raise RuleError(
            _("Signing closed on %(day)s. Ask the programme officer.")
            % {"day": f"{document.closes_on:%d/%m/%Y}"}
        )
    check_not_stopped(document)
    field = field_of(by, document, for_agency=for_agency)
    if field is None:
        raise PermissionDenied
    if field.after and not Signature.objects.filter(field=field.after).exists():
        raise RuleError(
            _("The head of your agency has not signed in the file yet; the agency signs after that.")
        )
    if not access.unsigned_fields().filter(pk=field.pk).exists():
        raise RuleError(_("Your agency has signed this document already."))
    if field.declined_at:
        raise RuleError(_("Your agency declined to sign. Its head can take that back."))
    if field.wave > document.wave:
        raise RuleError(_("It is not your agency's turn yet. You will be told when it is."))
    return field


@action
def append(
    document: Document,
    *,
    by: User,
    key: keys.SigningKey,
    shown_sha256: str,
    request_key: uuid.UUID,
    at: dt.datetime,
    since: float | None = None,
    capacity: str = "",
    grounds: str = "",
    for_agency: bool = False,
) -> Signature:
    """Append one signature in one transaction, with the document's row locked.

    1. Lock. 2. Ask rights and rules again. 3. Sign the newest bytes. 4. Check the candidate.
    5. Store the file durably. 6. Rows, head, audit. Called by sign() after the step-up. `since` is when
    the clock showed `at`, in time.monotonic(): the time-stamp tells the moment behind the lock.
    """
    begun = time.monotonic() if since is None else since
    locked, signer, field = lock(document, by=by, shown_sha256=shown_sha256, at=at, for_agency=for_agency)
    credential = pki.current_credential(signer, at=at, for_agency=for_agency)
    if credential is None or bytes(credential.certificate.der) != key.certificate:
        raise RuleError(_("Your signing certificate changed meanwhile. Try again."))
    if for_agency:
        signature = _agency_signature(locked, field, signer, at=at)
    else:
        signature = new_signature(locked, field, signer, capacity=capacity, grounds=grounds, at=at)
    signature.certificate = credential.certificate
    stamp = timestamps.stamp(at=at, since=begun)
    signature.stamped_at = stamp.stamped_at
    file = store.put(_signed(locked, signature, key, stamp), media_type=PDF, at=at)
    add(signature, file, at=at)
    SigningRequest.objects.update_or_create(key=request_key, user=signer, defaults={"signature": signature})
    return signature


def lock(
    document: Document, *, by: User, shown_sha256: str, at: dt.datetime, for_agency: bool = False
) -> tuple[Document, User, SignatureField]:
    """Lock the document's row and ask rights and rules again; return it with the signer and her field."""
    locked = Document.objects.select_for_update().get(pk=document.pk)
    signer = User.objects.get(pk=by.pk)  # read anew: a post may have ended since the page was made
    if not (signer.is_active and _may_sign(signer, locked, for_agency=for_agency)):
        raise PermissionDenied
    return locked, signer, check_rules(locked, signer, shown_sha256, at, for_agency=for_agency)


def new_signature(
    locked: Document,
    field: SignatureField,
    signer: User,
    *,
    capacity: str = "",
    grounds: str = "",
    at: dt.datetime,
) -> Signature:
    """Return the next signature of a document in the chosen capacity, without certificate and file yet.

    Raises RuleError (GroundsMissing among them) when the capacity is not open to the signer.
    """
    choice, why = capacities.chosen(field, by=signer, key=capacity, grounds=grounds, at=at)
    return Signature(
        document=locked,
        field=field,
        seq=locked.head_seq + 1,
        capacity=choice.capacity,
        signer=signer,
        signer_name=signer.get_full_name(),
        capacity_lines="\n".join(choice.lines),
        authorisation=choice.authorisation,
        grounds=why,
        signed_at=at,
    )


def _agency_signature(locked: Document, field: SignatureField, signer: User, *, at: dt.datetime) -> Signature:
    """Return the next signature of a document as the agency's own, without certificate and file yet."""
    return Signature(
        document=locked,
        field=field,
        seq=locked.head_seq + 1,
        capacity=Signature.Capacity.AGENCY,
        signer=signer,
        signer_name=field.agency_name[:160],
        signed_at=at,
    )


def add(signature: Signature, file: StoredFile, *, at: dt.datetime) -> None:
    """Write the rows of a signature whose file is stored, and move the locked document's head to it."""
    locked, field = signature.document, signature.field
    base_sha256 = locked.head_id
    signature.file = file
    signature.save()
    Revision.objects.create(document=locked, seq=signature.seq, file=file, created_at=at)
    locked.head, locked.head_seq = file, signature.seq
    locked.save(update_fields=["head", "head_seq"])
    reminders.settle([field], at=at)
    if locked.agency_marks and field.after is None:
        reminders.tell_agency_turn(field, by=signature.signer, at=at)
    waves.open_next(locked, at=at)
    record(
        "signature.added",
        signature,
        by=signature.signer,
        at=at,
        agency_code=field.agency.code,
        payload={
            "document": locked.pk,
            "field": field.name,
            "seq": signature.seq,
            "method": signature.kind,
            "capacity": signature.capacity,
            "grounds": signature.grounds,
            "authorisation": signature.authorisation_id,
            "certificate": signature.any_certificate.serial,
            "base_sha256": base_sha256,
            "sha256": signature.file_id,
        },
    )


def appearance_of(signature: Signature, *, note: str) -> pades.Appearance:
    """Return what a head's signature shows on the paper. Raises FileDamaged.

    No seal where the agency signs itself: its own signature shows it.
    """
    pictures = marks.shown(signature.signer)
    return pades.Appearance(
        lines=tuple(signature.capacity_lines.splitlines()),
        name=signature.signer_name,
        signed_at=signature.signed_at,
        note=note,
        image=pictures.signature,
        seal=None if signature.document.agency_marks else pictures.seal,
    )


def _drawn(signature: Signature) -> pades.Appearance | pades.AgencyAppearance:
    if not signature.is_agencys:
        return appearance_of(signature, note=NOTE)
    return pades.AgencyAppearance(
        name=signature.signer_name,
        signed_at=signature.signed_at,
        note=AGENCY_NOTE,
        seal=marks.shown(signature.signer).seal,
    )


def _signed(document: Document, signature: Signature, key: keys.SigningKey, stamp: pades.Stamp) -> bytes:
    """Return the document's newest bytes with this signature after them, checked."""
    try:
        appearance = _drawn(signature)
        head = store.read(document.head_id)
        candidate = pades.sign(
            head, signature.field.name, key, appearance, at=signature.signed_at, stamp=stamp
        )
        pades.check_candidate(head, candidate, signature.field.name, key.certificate)
    except pades.AppearanceError as error:
        raise RuleError(
            _("The paper's font has no letter “%(letter)s” of your name. Ask the administrator to mend it.")
            % {"letter": error.character}
        ) from error
    except (pades.PadesError, store.FileDamaged) as error:
        log.exception("document %s: no signature in %s", document.pk, signature.field.name)
        raise RuleError(
            _("The file could not be signed; it is unchanged. Tell the administrator: %(code)s.")
            % {"code": error}
        ) from error
    return candidate
