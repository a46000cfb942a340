"""Documents of the who-may matrix: how they are put into a state, and how a round's actions are asked for."""

import datetime as dt
import hashlib
import io
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

from agreements import authorisations, decisions, documents, marks, parties, waves
from agreements.models import (
    Authorisation,
    Certificate,
    Document,
    MarkPicture,
    Signature,
    SignatureField,
)
from portal.agencies.models import Agency
from portal.files import uploads
from portal.files.models import StoredFile
from portal.files.worker.findings import Kind
from portal.users.models import User
from tasks.models import Assignment, Programme
from tests import factories
from tests.factories import NOW, TODAY

Ask = Callable[[User], Any]
REASON = "Lý do đủ dài"
AFTER_ROUND = {"closed", "issued", "superseded"}
"""A round ends when its programme is in force, never before."""


def in_state(obj: Any, state: str, field: str = "state") -> Any:
    """Put a row into a state directly, with what the database demands of that state."""
    changes: dict[str, Any] = {field: state}
    if isinstance(obj, Programme):
        changes["in_force_at"] = NOW
    if isinstance(obj, Document) and state == "issued":
        changes |= {"number": 1, "number_year": 2026, "issued_on": TODAY}
    if isinstance(obj, Assignment):
        changes |= {"due_on": TODAY, "submitted_on": TODAY, "confirmed_at": NOW}
    type(obj).objects.filter(pk=obj.pk).update(**changes)
    return type(obj).objects.get(pk=obj.pk)


def paper(world: SimpleNamespace) -> Document:
    """A document in rows alone, with a field for every party."""
    file = StoredFile.objects.create(sha256="0" * 64, size=1, media_type="application/pdf", stored_at=NOW)
    document = Document.objects.create(
        programme=world.programme, title="Chương trình", symbol="CTr", page_count=1, frozen_at=NOW,
        frozen=file, head=file, closes_on=TODAY,
    )  # fmt: skip
    for order, party in enumerate(world.programme.signatories.all(), 1):
        SignatureField.objects.create(
            document=document, agency=party.agency, name=f"KY_{order:03}", order=order, page=1,
            x=1, y=1, width=1, height=1, agency_name=str(party.agency), signature_block="GIÁM ĐỐC",
        )  # fmt: skip
    return document


def signed_by_hosts(world: SimpleNamespace, document: Document) -> Document:
    return _signed_by(world, document, (world.agencies["host"], world.front))


def signed_by_heads(world: SimpleNamespace, document: Document) -> Document:
    """By all of them, in rows alone; the document's head file goes on."""
    agencies = [field.agency for field in document.parties.select_related("agency")]
    _signed_by(world, document, agencies)
    Document.objects.filter(pk=document.pk).update(head_seq=len(agencies))
    return document


def _signed_by(world: SimpleNamespace, document: Document, agencies: Sequence[Agency]) -> Document:
    for seq, agency in enumerate(agencies, 1):
        user = world.people["host", "commander"]
        certificate = Certificate.objects.create(
            serial=f"{seq:048x}", user=user, agency=agency, common_name="x", der=b"", not_before=NOW,
            not_after=NOW + dt.timedelta(days=9),
        )  # fmt: skip
        Signature.objects.create(
            document=document, field=document.parties.get(agency=agency), seq=seq, capacity="head",
            signer=user, signer_name="x", capacity_lines="x", certificate=certificate, signed_at=NOW,
            file=document.head,
        )  # fmt: skip
    return document


def document_ask(
    act: Callable[..., Any], *, programme: str = "frozen", **given: Any
) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        document = paper(world)
        in_state(world.programme, "in_force" if state in AFTER_ROUND else programme)
        in_state(document, state)
        return lambda by: act(Document.objects.get(pk=document.pk), by=by, at=NOW, **given)

    return prepare


# --- Parties of a round, and papers on file -------------------------------------------------------------
def _withdraw_signed(world: SimpleNamespace, state: str) -> Ask:
    document = signed_by_hosts(world, paper(world))
    Document.objects.filter(pk=document.pk).update(head_seq=2)
    in_state(world.programme, "in_force" if state in AFTER_ROUND else "frozen")
    in_state(document, state)
    return lambda by: documents.withdraw(Document.objects.get(pk=document.pk), by=by, at=NOW, reason=REASON)


def _field(
    act: Callable[..., Any], *, delegate: str = "", absent: bool = False, refused: bool = False, **given: Any
) -> Callable[[SimpleNamespace, str], Ask]:
    """Ask about the lead's field."""

    def prepare(world: SimpleNamespace, state: str) -> Ask:
        document = paper(world)
        in_state(world.programme, "in_force" if state in AFTER_ROUND else "frozen")
        in_state(document, state)
        rows = document.fields.filter(agency=world.agencies["lead"])
        if delegate:
            rows.update(delegate=world.people["lead", delegate])
        if absent:
            rows.update(absent_at=NOW)
        if refused:
            _refuse(world, document)
        return lambda by: act(rows.get(), by=by, at=NOW, **given)

    return prepare


def _refuse(world: SimpleNamespace, document: Document) -> None:
    head = world.people["lead", "agency_head"]
    rows = document.fields.filter(agency=world.agencies["lead"])
    rows.update(declined_at=NOW, declined_by=head, decline_reason=REASON)


def _of_refused_field(act: Callable[..., Any]) -> Callable[[SimpleNamespace, str], Ask]:
    return _field(act, refused=True)


def _of_refused(act: Callable[..., Any]) -> Callable[[SimpleNamespace, str], Ask]:
    """A round that the lead has refused to sign."""

    def prepare(world: SimpleNamespace, state: str) -> Ask:
        document = paper(world)
        _refuse(world, document)
        in_state(world.programme, "in_force" if state in AFTER_ROUND else "frozen")
        in_state(document, state)
        return lambda by: act(Document.objects.get(pk=document.pk), by=by, at=NOW, reason=REASON)

    return prepare


def _delegate(world: SimpleNamespace, state: str) -> Ask:
    return _field(parties.delegate, to=world.people["lead", "deputy_head"])(world, state)


def _grant(capacity: str) -> Callable[[SimpleNamespace, str], Ask]:
    """A paper for the lead's focal point."""

    def prepare(world: SimpleNamespace, state: str) -> Ask:
        content = b"%PDF-1.7 paper"
        sha256 = hashlib.sha256(content).hexdigest()
        scan = uploads.Upload(io.BytesIO(content), "a.pdf", sha256, len(content), Kind.PDF)
        facts = {
            "capacity": capacity,
            "title": "" if capacity == "q" else "Chánh Văn phòng",
            "reference": "1/GUQ",
            "dated_on": TODAY,
            "valid_from": TODAY,
        }
        person = world.people["lead", "focal_point"]
        return lambda by: authorisations.grant(person, by=by, at=NOW, paper=scan, **facts)

    return prepare


def _revoke_authorisation(world: SimpleNamespace, state: str) -> Ask:
    head = world.people["lead", "agency_head"]
    row = factories.AuthorisationFactory(
        person=world.people["lead", "focal_point"], recorded_by=head, programme=world.programme
    )
    if state == "revoked":
        authorisations.revoke(row, by=head, at=NOW, reason=REASON)
    return lambda by: authorisations.revoke(
        Authorisation.objects.get(pk=row.pk), by=by, at=NOW, reason=REASON
    )


def _keep(kind: str) -> Callable[[SimpleNamespace, str], Ask]:
    """Of one's own hand or agency."""
    ink = marks.Ink(1, 1, b"\xff")
    width_mm = 36 if kind == "seal" else None

    def prepare(world: SimpleNamespace, state: str) -> Ask:
        return lambda by: marks.keep(MarkPicture.Kind(kind), ink, by=by, at=NOW, width_mm=width_mm)

    return prepare


def _withdraw_seal(world: SimpleNamespace, state: str) -> Ask:
    head = world.people["lead", "agency_head"]
    mark = factories.SealFactory(provided_by=head)
    if state == "withdrawn":
        marks.withdraw(mark, by=head, at=NOW)
    return lambda by: marks.withdraw(MarkPicture.objects.get(pk=mark.pk), by=by, at=NOW)


PREPARE: dict[str, Callable[[SimpleNamespace, str], Ask]] = {
    "agreements.documents.withdraw signed": _withdraw_signed,
    "agreements.waves.choose": document_ask(waves.choose, order="host_last"),
    "agreements.decisions.go_on": _of_refused(decisions.go_on),
    "agreements.decisions.end": _of_refused(decisions.end),
    "agreements.parties.delegate": _delegate,
    "agreements.parties.take_back": _field(parties.take_back, delegate="deputy_head"),
    "agreements.parties.decline": _field(parties.decline, reason=REASON),
    "agreements.parties.reconsider": _of_refused_field(parties.reconsider),
    "agreements.parties.mark_absent": _field(parties.mark_absent),
    "agreements.parties.mark_present": _field(parties.mark_present, absent=True),
    "agreements.parties.urge": _field(parties.urge),
    "agreements.authorisations.grant of the head": _grant("tl"),
    "agreements.authorisations.grant acting head": _grant("q"),
    "agreements.marks.keep signature": _keep("signature"),
    "agreements.marks.keep seal": _keep("seal"),
    "agreements.marks.withdraw": _withdraw_seal,
    "agreements.authorisations.revoke": _revoke_authorisation,
}
"""As in tests/test_who_may.py."""
