"""Is this file what the parties signed?

Three outcomes everywhere: good, bad, cannot tell. The third is never shown as one of the others.
"""

import contextlib
import datetime as dt
import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum

from django.conf import settings
from django.db.models import F, QuerySet
from django.urls import reverse

from agreements import levels, pades, pki, reminders, timestamps
from agreements.models import Counterpart, Document, PaperSignature, Revision, Signature
from agreements.states import DocumentState, PaperState
from portal.audit.events import record
from portal.files import store
from portal.lib.actions import action


class Exit(IntEnum):
    """Exit codes of the verifying commands."""

    GOOD = 0
    BAD = 1
    CANNOT_TELL = 2


VERDICT_EXIT = {
    pades.Verdict.GOOD: Exit.GOOD,
    pades.Verdict.BAD: Exit.BAD,
    pades.Verdict.UNKNOWN: Exit.CANNOT_TELL,
}

SHA256 = re.compile("[0-9a-f]{64}")

CHECK_STATE = {
    pades.Verdict.GOOD: Signature.Check.GOOD,
    pades.Verdict.BAD: Signature.Check.BAD,
}


@dataclass(frozen=True)
class Recognition:
    """What the portal's own records say of a file, found by SHA-256 alone: nothing is parsed.

    `revision` is the file itself; `begins_with` the longest known revision that the file continues;
    `counterpart` says that the file is one that was signed on an older state and kept as evidence.
    """

    sha256: str
    size: int
    revision: Revision | None
    begins_with: Revision | None
    counterpart: Counterpart | None = None


def recognise(pdf: bytes) -> Recognition:
    """Look a file up by its SHA-256, and by the SHA-256 of its beginnings."""
    sha256 = store.sha256_of(pdf)
    known = _revisions().filter(file=sha256).first()
    if known:
        return Recognition(sha256, len(pdf), known, known)
    counterpart = Counterpart.objects.filter(file=sha256).first()
    return Recognition(sha256, len(pdf), None, _longest_beginning(pdf), counterpart)


def _longest_beginning(pdf: bytes) -> Revision | None:
    """Find the document by the frozen bytes it begins with, then the newest of its revisions."""
    frozen = Document.objects.filter(frozen__size__lt=len(pdf)).values_list("frozen__size", flat=True)
    documents = Document.objects.filter(frozen__in=_beginnings(pdf, frozen))
    sizes = Revision.objects.filter(document__in=documents, file__size__lt=len(pdf))
    found = _beginnings(pdf, sizes.values_list("file__size", flat=True))
    return _revisions().filter(file__in=found).order_by("-file__size").first()


def _beginnings(pdf: bytes, sizes: Iterable[int]) -> list[str]:
    """Return the SHA-256 of the file's beginnings of these sizes, reading it once."""
    running, done, hashes = hashlib.sha256(), 0, []
    for size in sorted(set(sizes)):
        running.update(memoryview(pdf)[done:size])
        done = size
        hashes.append(running.hexdigest())
    return hashes


def _revisions() -> QuerySet[Revision]:
    return Revision.objects.select_related("document", "document__programme", "document__ending", "file")


@dataclass(frozen=True)
class StoredReport:
    """What was found of a known file when each of its signatures was checked."""

    revision: Revision
    signatures: tuple[Signature, ...]
    outcome: Exit
    standing: levels.Standing
    newest_count: int  # signatures in the document's newest file
    papers: tuple[PaperSignature, ...] = ()
    """Who signed the same document on paper: in no file."""

    @property
    def is_older(self) -> bool:
        return self.revision.seq < self.revision.document.head_seq


def stored_report(revision: Revision, *, at: dt.datetime) -> StoredReport:
    """Answer for a file that the portal knows, from stored verdicts: no parsing, no waiting."""
    everyone = (
        Signature.objects.filter(document=revision.document_id)
        .select_related("field", "certificate", "external_certificate")
        .order_by("seq")
    )
    signatures = tuple(one for one in everyone if one.seq <= revision.seq)
    states = {signature.check_state for signature in signatures}
    if Signature.Check.BAD in states:
        outcome = Exit.BAD
    elif states == {Signature.Check.GOOD}:
        outcome = Exit.GOOD
    else:
        outcome = Exit.CANNOT_TELL
    standing = levels.standing(revision.document, at=at, seq=revision.seq, signatures=signatures)
    papers = papers_of(revision.document)
    return StoredReport(revision, signatures, outcome, standing, len(everyone), papers)


def address(document: Document) -> str:
    """Return the address that a document's QR code opens: the same from freezing on, told after issue."""
    return f"{settings.PUBLIC_URL}{reverse('verify')}?sha256={document.frozen_id}"


def papers_of(document: Document) -> tuple[PaperSignature, ...]:
    """Return the confirmed signatures on paper, which no file holds."""
    confirmed = PaperSignature.objects.filter(document=document, state=PaperState.CONFIRMED)
    return tuple(confirmed.select_related("field").order_by("field__order"))


def methods_of(document: Document) -> dict[str, str]:
    """Return how each field was signed, by its name: with which kind of certificate."""
    return dict(document.signatures.values_list("field__name", "kind"))


def public_state(sha256: str) -> Revision | None:
    """Return the revision of an issued document, for the QR code; nothing before issue."""
    if not SHA256.fullmatch(sha256):  # whatever a stranger typed: PostgreSQL compares no null character
        return None
    ended = {DocumentState.ISSUED, DocumentState.SUPERSEDED, DocumentState.TERMINATED}
    issued = _revisions().filter(document__number__isnull=False, document__state__in=ended)
    return issued.filter(file=sha256).first()


def report(pdf: bytes, *, at: dt.datetime) -> pades.DocumentReport:
    """Verify every signature of a file in full. For commands and jobs: seconds of work, parses the file.

    Raises pades.UnreadablePdf.
    """
    return pades.verify(pdf, everyone_believed(at=at), at=at, diff=True)


def everyone_believed(*, at: dt.datetime) -> pades.Trust:
    """Return whom a whole report believes: also the other time-stamp authority, when its lists can be had."""
    trust = pki.trust(at=at)
    with contextlib.suppress(timestamps.ListAway):  # what it stamped cannot be told then
        return timestamps.with_outside(trust)
    return trust


# --- Verdicts of signatures, stored by a job right after each signature ------------------------


def check_next(*, at: dt.datetime, limit: int = 20) -> int:
    """Check signatures that have no verdict yet, those never looked at first; return how many."""
    waiting = Signature.objects.filter(check_state=Signature.Check.CHECKING).order_by(
        F("checked_at").asc(nulls_first=True), "pk"
    )
    rows = list(waiting.select_related("field", "certificate", "external_certificate")[:limit])
    for signature in rows:
        check(signature, at=at)
    return len(rows)


def check(signature: Signature, *, at: dt.datetime) -> None:
    """Run the full difference check of one signature's own revision and store its verdict.

    A failed verdict stands in the record and stops the round; the head is never moved back silently.
    What cannot be told is left open and looked at again.
    """
    try:
        found = pades.verify_newest(store.read(signature.file_id), pki.trust(at=at), at=at)
        verdict, detail, kind = found.verdict, found.reason.value, found.kind
        if wrong := _not_as_recorded(found, signature):
            verdict, detail = pades.Verdict.BAD, wrong
        elif verdict is pades.Verdict.GOOD and found.stamped_at != signature.stamped_at:
            verdict, detail = pades.Verdict.UNKNOWN, "the time-stamp is not good"
    except (pades.PadesError, store.FileDamaged) as error:
        verdict, detail, kind = pades.Verdict.BAD, str(error), None
    _store_verdict(signature, verdict, detail[:200], kind, at=at)


def _not_as_recorded(found: pades.SignatureReport, signature: Signature) -> str:
    """Say what of a signature in the file is not what its row says: where it stands, or whose it is."""
    if found.field != signature.field.name:
        return f"another field: {found.field}"
    if found.certificate != bytes(signature.any_certificate.der):
        return f"another certificate: {found.serial:x}"
    return ""


def check_document(document: Document, *, at: dt.datetime) -> None:
    """Give every signature of a document that has none its verdict, in one pass over the newest file.

    Says the same as check() for each, since the whole file holds every revision; forty of them take
    two seconds instead of twenty. Raises pades.PadesError, store.FileDamaged.
    """
    found = {one.field: one for one in report(store.read(document.head_id), at=at).signatures}
    rows = document.signatures.filter(check_state=Signature.Check.CHECKING)
    for signature in rows.select_related("field", "certificate", "external_certificate").order_by("seq"):
        own = found[signature.field.name]
        wrong = _not_as_recorded(own, signature)
        verdict = pades.Verdict.BAD if wrong else own.verdict
        _store_verdict(signature, verdict, wrong or own.reason.value, own.kind, at=at)


@action
def _store_verdict(
    signature: Signature,
    verdict: pades.Verdict,
    detail: str,
    kind: pades.RootKind | None,
    *,
    at: dt.datetime,
) -> None:
    """Write the verdict where there is none yet: another worker may have been first."""
    open_row = Signature.objects.filter(pk=signature.pk, check_state=Signature.Check.CHECKING)
    told = {
        "checked_at": max(at, signature.signed_at),
        "check_detail": detail,
        "root_kind": kind.value if kind else "",
    }
    if verdict is pades.Verdict.UNKNOWN:
        open_row.update(**told)
    elif open_row.update(check_state=CHECK_STATE[verdict], **told):
        verb = "signature.checked" if verdict is pades.Verdict.GOOD else "signature.check_failed"
        record(verb, signature, by=None, at=at, payload={"finding": detail})
        if verdict is pades.Verdict.BAD:
            reminders.tell_failed(signature.field, at=at)
