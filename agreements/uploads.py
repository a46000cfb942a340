"""Signed with a USB token, on the signer's own computer: the file comes back and becomes the next revision.

1. Rights and rules, so that no hostile file is looked at for nobody. 2. The gate, without a lock: it takes
half a second. 3. Under the document's lock, all of it again: is the head still the one that was signed?
A genuine signature on an older state is kept beside the document and its signer told: never dropped,
never merged.
"""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from agreements import access, capacities, gate, pades, pki, signing, tokens
from agreements.models import Counterpart, Document, ExternalCertificate, Revision, Signature
from portal.audit.events import record
from portal.files import store
from portal.files.models import StoredFile
from portal.files.uploads import check_not_too_many
from portal.lib.actions import action
from portal.lib.errors import RuleError
from portal.users.models import User


def receive(
    document: Document,
    *,
    by: User,
    sent: UploadedFile,
    shown_sha256: str,
    at: dt.datetime,
    capacity: str = "",
    grounds: str = "",
) -> Signature | Counterpart:
    """Take the signed file; the same file sent again gets the first result.

    `capacity` and `grounds` are those of signing.sign().
    Raises PermissionDenied, RuleError (UploadRefused with its code), StaleError, BusyError.
    """
    if not access.may_sign(by, document):
        raise PermissionDenied
    check_not_too_many(by, at=at)
    try:
        with gate.received(sent) as signed:
            if known := first_result(document, signed.sha256, by=by):
                return known
            field = signing.check_rules(document, by, shown_sha256, at)
            capacities.chosen(field, by=by, key=capacity, grounds=grounds, at=at)
            certificate = _certificate(by, at)
            base = gate.base_of(document, signed)
            outside = pki.with_outside_roots(pades.Trust(()))
            stamped_at = gate.judge(signed, base, field, certificate, outside, at=at)
            return accept(
                document,
                by=by,
                signed=signed,
                base=base,
                certificate=certificate,
                shown_sha256=shown_sha256,
                at=at,
                stamped_at=stamped_at,
                capacity=capacity,
                grounds=grounds,
            )
    except gate.UploadRefused as refusal:
        _record_refusal(document, refusal, by=by, at=at)
        raise


def first_result(document: Document, sha256: str, *, by: User) -> Signature | Counterpart | None:
    """Return what an earlier sending of the same file did."""
    return (
        Signature.objects.filter(document=document, file=sha256, signer=by).first()
        or Counterpart.objects.filter(document=document, file=sha256, signer=by).first()
    )


def _certificate(by: User, at: dt.datetime) -> ExternalCertificate:
    certificate = tokens.current(by, at=at)
    if certificate is None:
        raise RuleError(_("No certificate on a USB token is released for you yet. Register yours first."))
    return certificate


@action
def accept(
    document: Document,
    *,
    by: User,
    signed: gate.Signed,
    base: Revision,
    certificate: ExternalCertificate,
    shown_sha256: str,
    at: dt.datetime,
    stamped_at: dt.datetime | None = None,
    capacity: str = "",
    grounds: str = "",
) -> Signature | Counterpart:
    """Make the judged file the document's newest revision; keep it as a counterpart when others were first.

    Called by receive() after the gate.
    """
    locked, signer, field = signing.lock(document, by=by, shown_sha256=shown_sha256, at=at)
    if tokens.current(signer, at=at) != certificate:
        raise RuleError(_("Your signing certificate changed meanwhile. Try again."))
    if base.file_id != locked.head_id:
        return _keep_beside(locked, signed, base, certificate, signer, at=at)
    signature = signing.new_signature(locked, field, signer, capacity=capacity, grounds=grounds, at=at)
    signature.kind, signature.stamped_at = Signature.Kind.UPLOAD, stamped_at
    signature.external_certificate = certificate
    signing.add(signature, _stored(signed, at), at=at)
    return signature


def _stored(signed: gate.Signed, at: dt.datetime) -> StoredFile:
    return store.put_file(signed.file, sha256=signed.sha256, size=signed.size, media_type=signing.PDF, at=at)


def _keep_beside(
    locked: Document,
    signed: gate.Signed,
    base: Revision,
    certificate: ExternalCertificate,
    signer: User,
    *,
    at: dt.datetime,
) -> Counterpart:
    counterpart = Counterpart.objects.create(
        document=locked,
        field=locked.parties.get(agency=signer.agency_id),
        signer=signer,
        certificate=certificate,
        file=_stored(signed, at),
        base_seq=base.seq,
        head_seq=locked.head_seq,
        received_at=at,
    )
    payload = {
        "document": locked.pk,
        "field": counterpart.field.name,
        "base_seq": base.seq,
        "seq": locked.head_seq,
        "sha256": signed.sha256,
    }
    code = counterpart.field.agency.code
    record("counterpart.kept", counterpart, by=signer, at=at, agency_code=code, payload=payload)
    return counterpart


@action
def _record_refusal(document: Document, refusal: gate.UploadRefused, *, by: User, at: dt.datetime) -> None:
    payload = {"reason": refusal.code, "sha256": refusal.sha256, "size": refusal.size}
    code = by.post.agency.code if by.post else ""
    record("signed_file.refused", document, by=by, at=at, agency_code=code, payload=payload)
