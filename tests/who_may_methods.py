"""How the actions of signing methods are put into a state and asked for, for tests/test_who_may.py."""

import hashlib
import io
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from agreements import agents, gate, paper_signatures
from agreements import uploads as uploads_of_tokens
from agreements.models import ExternalCertificate, PaperSignature, Revision
from portal.files import uploads
from portal.files.worker.findings import Kind
from portal.users.models import User
from tests import factories
from tests.factories import NOW, TODAY
from tests.who_may_rounds import REASON, Ask, in_state, paper


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
            grounds=REASON,
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
        agents.open_ticket(document, by=by, shown_sha256=document.frozen_id, at=NOW, grounds=REASON)

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
