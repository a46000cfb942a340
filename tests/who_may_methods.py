"""How the actions of signing methods are put into a state and asked for, for tests/test_who_may.py."""

import hashlib
import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from agreements import agents, gate, paper_signatures
from agreements import uploads as uploads_of_tokens
from agreements.models import Document, ExternalCertificate, PaperSignature, Revision, SignatureField
from portal.files import uploads
from portal.files.models import StoredFile
from portal.files.worker.findings import Kind
from portal.users.models import User
from tasks.models import Assignment, Programme
from tests import factories
from tests.factories import NOW, TODAY

REASON = "Lý do đủ dài"
Ask = Callable[[User], Any]


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


def _accept(world: SimpleNamespace, state: str) -> Ask:
    """A file that the gate has judged already, with a certificate that is released for whoever asks."""
    document = paper(world)
    base = Revision.objects.create(document=document, seq=0, file=document.frozen, created_at=NOW)
    document = in_state(document, state)
    content = b"signed elsewhere"
    signed = gate.Signed(io.BytesIO(content), hashlib.sha256(content).hexdigest(), len(content))

    def ask(by: User) -> None:
        certificate = _token(by)
        uploads_of_tokens.accept(
            document,
            by=by,
            signed=signed,
            base=base,
            certificate=certificate,
            shown_sha256=document.frozen_id,
            at=NOW,
        )

    return ask


def _token(user: User) -> ExternalCertificate:
    return ExternalCertificate.objects.create(
        user=user, agency=user.post.agency, kind="public", state="released", common_name="x", issuer_name="x",
        serial="1", der=b"", fingerprint=f"{user.pk:064x}", not_before=NOW, not_after=NOW, asked_at=NOW,
        decided_at=NOW,
    )  # fmt: skip


def _ticket(world: SimpleNamespace, state: str) -> Ask:
    document = in_state(paper(world), state)

    def ask(by: User) -> None:
        _token(by)
        agents.open_ticket(document, by=by, shown_sha256=document.frozen_id, at=NOW)

    return ask


def _vouch(world: SimpleNamespace, state: str) -> Ask:
    document = in_state(paper(world), state)
    field = document.fields.get(agency=world.agencies["lead"])
    file = io.BytesIO(b"scan")
    scan = uploads.Upload(file, "a.png", hashlib.sha256(b"scan").hexdigest(), 4, Kind.PNG)
    given = {"signer_name": "Lý Văn Kế", "signer_title": "Giám đốc", "signed_on": TODAY}
    return lambda by: paper_signatures.vouch(field, by=by, at=NOW, scan=scan, **given)


def _paper_signature(act: Callable[..., Any], **given: Any) -> Callable[[SimpleNamespace, str], Ask]:
    def prepare(world: SimpleNamespace, state: str) -> Ask:
        document = in_state(paper(world), "signing")
        decided = {} if state == "waiting" else {"decided_at": NOW, "decided_by": factories.UserFactory()}
        row = PaperSignature.objects.create(
            document=document, field=document.fields.get(agency=world.agencies["lead"]), state=state,
            signer_name="Lý Văn Kế", signer_title="Giám đốc", signed_on=TODAY, file=document.head,
            name="a.png", vouched_by=factories.UserFactory(), vouched_at=NOW, **decided,
        )  # fmt: skip
        return lambda by: act(PaperSignature.objects.get(pk=row.pk), by=by, at=NOW, **given)

    return prepare


METHODS: dict[str, Callable[[SimpleNamespace, str], Ask]] = {
    "agreements.uploads.accept": _accept,
    "agreements.agents.open_ticket": _ticket,
    "agreements.paper_signatures.vouch": _vouch,
    "agreements.paper_signatures.confirm": _paper_signature(paper_signatures.confirm),
    "agreements.paper_signatures.refuse": _paper_signature(paper_signatures.refuse, reason=REASON),
}
