"""Signatures on paper: one person vouches with a scan, another confirms, and then it counts.

They stand in no PDF and are never shown as digital.
"""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agreements import access, reminders, waves
from agreements.models import Document, PaperSignature, SignatureField
from agreements.states import PAPER, DocumentState, PaperState
from portal.audit.events import record
from portal.files.refusals import FileRefused
from portal.files.uploads import Upload, received
from portal.files.worker.findings import Kind, Reason
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError
from portal.lib.states import move
from portal.users.models import User

SCANS = frozenset({Kind.PDF, Kind.JPEG, Kind.PNG})
OPEN = frozenset({DocumentState.SIGNING})


def upload(
    field: SignatureField,
    *,
    by: User,
    at: dt.datetime,
    sent: UploadedFile,
    signer_name: str,
    signer_title: str,
    signed_on: dt.date,
) -> PaperSignature:
    """Look at the scan, and vouch for it. Raises PermissionDenied, RuleError (FileRefused for the file)."""
    _check_may_vouch(field, by, signed_on, at)
    with received(sent, title=signer_name, about=field.document, by=by, at=at) as scan:
        if scan.kind not in SCANS:
            raise FileRefused(Reason.UNKNOWN_KIND)
        return vouch(
            field,
            by=by,
            at=at,
            scan=scan,
            signer_name=signer_name,
            signer_title=signer_title,
            signed_on=signed_on,
        )


@action
def vouch(
    field: SignatureField,
    *,
    by: User,
    at: dt.datetime,
    scan: Upload,
    signer_name: str,
    signer_title: str,
    signed_on: dt.date,
) -> PaperSignature:
    """Record what was signed on paper; a second person confirms it."""
    Document.objects.select_for_update().get(pk=field.document_id)
    field.document.refresh_from_db()
    _check_may_vouch(field, by, signed_on, at)
    try:
        with transaction.atomic():
            paper = PaperSignature.objects.create(
                document=field.document,
                field=field,
                signer_name=signer_name.strip(),
                signer_title=signer_title.strip(),
                signed_on=signed_on,
                file=scan.keep(at=at),
                name=scan.name,
                vouched_by=by,
                vouched_at=at,
            )
    except IntegrityError as error:
        raise RuleError(_("A paper signature of this agency is recorded already.")) from error
    _record("paper_signature.vouched", paper, by=by, at=at)
    return paper


@action
def confirm(paper: PaperSignature, *, by: User, at: dt.datetime) -> None:
    """Confirm what another person vouches for: from now on the agency counts as signed, on paper."""
    if not access.may_confirm_paper(by, paper):
        raise PermissionDenied
    document = Document.objects.select_for_update().get(pk=paper.document_id)
    if document.state not in OPEN:
        raise RuleError(_("This document is not open for signing."))
    if not access.unsigned_fields().filter(pk=paper.field_id).exists():
        raise RuleError(_("This agency has signed already. Refuse the paper."))
    _check_not_declined(paper.field)
    move(paper, PaperState.CONFIRMED, PAPER, decided_by=by, decided_at=at)
    reminders.settle([paper.field], at=at)
    waves.open_next(document, at=at)
    _record("paper_signature.confirmed", paper, by=by, at=at)


@action
def refuse(paper: PaperSignature, *, by: User, reason: str, at: dt.datetime) -> None:
    """Refuse it, with a reason; another scan can be recorded."""
    if not access.may_confirm_paper(by, paper):
        raise PermissionDenied
    move(paper, PaperState.REFUSED, PAPER, decided_by=by, decided_at=at, reason=reason.strip())
    _record("paper_signature.refused", paper, by=by, at=at)


def _check_may_vouch(field: SignatureField, by: User, signed_on: dt.date, at: dt.datetime) -> None:
    document = field.document
    if not access.may_vouch(by, document):
        raise PermissionDenied
    if field.after_id:
        raise RuleError(
            _("An agency's own signature is digital. A scan stands for its head's, and shows the seal.")
        )
    if document.state not in OPEN:
        raise RuleError(_("This document is not open for signing."))
    if not access.unsigned_fields().filter(pk=field.pk).exists():
        raise RuleError(_("This agency has signed already."))
    _check_not_declined(field)
    if not local_day(document.frozen_at) <= signed_on <= local_day(at):
        raise RuleError(_("The day of signing lies between the freezing and today."))


def _check_not_declined(field: SignatureField) -> None:
    """Leave the last word to the agency's head; the column is read anew, under the document's lock."""
    field.refresh_from_db(fields=["declined_at"])
    if field.declined_at:
        raise RuleError(_("This agency declined to sign. Its head can take that back."))


def _record(verb: str, paper: PaperSignature, *, by: User, at: dt.datetime) -> None:
    payload: dict[str, object] = {
        "document": paper.document_id,
        "field": paper.field.name,
        "sha256": paper.file_id,
        "signed_on": paper.signed_on,
    }
    if paper.reason:
        payload["reason"] = paper.reason
    record(verb, paper, by=by, at=at, agency_code=paper.field.agency.code, payload=payload)
