"""Is this file what the parties signed, and is what is tracked what they signed?

Three outcomes everywhere: good, bad, cannot tell. The third is never shown as one of the others.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from django.db.models import F, QuerySet

from agreements import pades, pki, reminders
from agreements.documents import ATTACHMENT
from agreements.models import Counterpart, Document, PaperSignature, Revision, Signature
from agreements.states import DocumentState, PaperState
from portal.audit.events import canonical, record
from portal.files import store
from portal.lib.actions import action
from tasks.content import content
from tasks.models import Programme


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
    return Revision.objects.select_related("document", "document__programme", "file")


@dataclass(frozen=True)
class StoredReport:
    """What was found of a known file when each of its signatures was checked."""

    revision: Revision
    signatures: tuple[Signature, ...]
    outcome: Exit
    papers: tuple[PaperSignature, ...] = ()
    """Who signed the same document on paper: in no file."""


def stored_report(revision: Revision) -> StoredReport:
    """Answer for a file that the portal knows, from stored verdicts: no parsing, no waiting."""
    signatures = tuple(
        Signature.objects.filter(document=revision.document_id, seq__lte=revision.seq)
        .select_related("field", "certificate", "external_certificate")
        .order_by("seq")
    )
    states = {signature.check_state for signature in signatures}
    if Signature.Check.BAD in states:
        outcome = Exit.BAD
    elif states == {Signature.Check.GOOD}:
        outcome = Exit.GOOD
    else:
        outcome = Exit.CANNOT_TELL
    return StoredReport(revision, signatures, outcome, papers_of(revision.document))


def papers_of(document: Document) -> tuple[PaperSignature, ...]:
    """Return the confirmed signatures on paper, which no file holds."""
    confirmed = PaperSignature.objects.filter(document=document, state=PaperState.CONFIRMED)
    return tuple(confirmed.select_related("field").order_by("field__order"))


def kinds_of(document: Document) -> dict[str, str]:
    """Return how each field was signed, by its name: with which kind of certificate."""
    return dict(document.signatures.values_list("field__name", "kind"))


def public_state(sha256: str) -> Revision | None:
    """Return the revision of an issued document, for the QR code; nothing before issue."""
    issued = {DocumentState.ISSUED, DocumentState.SUPERSEDED}
    return _revisions().filter(file=sha256, document__state__in=issued).first()


def report(pdf: bytes, *, at: dt.datetime) -> pades.DocumentReport:
    """Verify every signature of a file in full. For commands and jobs: seconds of work, parses the file.

    Raises pades.UnreadablePdf.
    """
    return pades.verify(pdf, pki.trust(at=at), at=at, diff=True)


# --- Verdicts of signatures, stored by a job right after each signature ------------------------


def check_next(*, at: dt.datetime, limit: int = 20) -> int:
    """Check signatures that have no verdict yet, those never looked at first; return how many."""
    waiting = Signature.objects.filter(check_state=Signature.Check.CHECKING).order_by(
        F("checked_at").asc(nulls_first=True), "pk"
    )
    rows = list(waiting.select_related("field")[:limit])
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
        verdict, detail = found.verdict, found.reason.value
        if found.field != signature.field.name:
            verdict, detail = pades.Verdict.BAD, f"another field: {found.field}"
    except (pades.PadesError, store.FileDamaged) as error:
        verdict, detail = pades.Verdict.BAD, str(error)
    _store_verdict(signature, verdict, detail[:200], at=at)


def check_document(document: Document, *, at: dt.datetime) -> None:
    """Give every signature of a document that has none its verdict, in one pass over the newest file.

    Says the same as check() for each, since the whole file holds every revision; forty of them take
    two seconds instead of twenty. Raises pades.PadesError, store.FileDamaged.
    """
    found = {one.field: one for one in report(store.read(document.head_id), at=at).signatures}
    rows = document.signatures.filter(check_state=Signature.Check.CHECKING).select_related("field")
    for signature in rows.order_by("seq"):
        own = found[signature.field.name]
        _store_verdict(signature, own.verdict, own.reason.value, at=at)


@action
def _store_verdict(signature: Signature, verdict: pades.Verdict, detail: str, *, at: dt.datetime) -> None:
    """Write the verdict where there is none yet: another worker may have been first."""
    open_row = Signature.objects.filter(pk=signature.pk, check_state=Signature.Check.CHECKING)
    told = {"checked_at": max(at, signature.signed_at), "check_detail": detail}
    if verdict is pades.Verdict.UNKNOWN:
        open_row.update(**told)
    elif open_row.update(check_state=CHECK_STATE[verdict], **told):
        verb = "signature.checked" if verdict is pades.Verdict.GOOD else "signature.check_failed"
        record(verb, signature, by=None, at=at, payload={"finding": detail})
        if verdict is pades.Verdict.BAD:
            reminders.tell_failed(signature.field, at=at)


# --- The signed text is what is tracked ---------------------------------------------------------


@dataclass(frozen=True)
class Drift:
    """One place where the database says something else than the signed text."""

    path: str
    signed: Any
    tracked: Any


@dataclass(frozen=True)
class ProgrammeReport:
    """Comparison of what is tracked with what was signed."""

    year: int
    outcome: Exit
    reason: str
    sha256: str = ""
    drifts: tuple[Drift, ...] = ()
    renamed: tuple[Drift, ...] = ()


def verify_programme(programme: Programme, *, at: dt.datetime) -> ProgrammeReport:
    """Compare the database with the machine-readable attachment inside the signed file.

    The file is believed as far as its signatures are good. Seconds of work: it is verified in full.
    """
    document = (
        Document.objects.filter(programme=programme)
        .exclude(state=DocumentState.TERMINATED)
        .order_by("-pk")
        .first()
    )
    if document is None:
        return ProgrammeReport(programme.year, Exit.CANNOT_TELL, "nothing was frozen for signing yet")
    try:
        pdf = store.read(document.head_id)
        verdict = report(pdf, at=at).verdict
        signed = json.loads(_attached(pdf))
    except (store.FileDamaged, pades.PadesError, ValueError) as error:
        return ProgrammeReport(programme.year, Exit.BAD, f"the signed file cannot be read: {error}")
    tracked = json.loads(canonical(content(programme)))  # the same spelling as in the file
    found = list(_differences("", signed, tracked))
    drifts = tuple(row for row in found if not row.path.startswith(NAMES))
    renamed = tuple(row for row in found if row.path.startswith(NAMES))
    outcome, reason = _conclusion(verdict, is_signed=document.head_seq > 0, has_drifts=bool(drifts))
    return ProgrammeReport(programme.year, outcome, reason, document.head_id, drifts, renamed)


def _conclusion(verdict: pades.Verdict, *, is_signed: bool, has_drifts: bool) -> tuple[Exit, str]:
    if verdict is pades.Verdict.BAD:
        return Exit.BAD, "the signatures of the file do not hold: see verify_document"
    if has_drifts:
        return Exit.BAD, "the database differs from the signed text"
    if verdict is pades.Verdict.UNKNOWN:
        return Exit.CANNOT_TELL, "the database equals the text, but its signatures cannot be judged"
    if not is_signed:
        return Exit.CANNOT_TELL, "the database equals the frozen text, which nobody has signed yet"
    return Exit.GOOD, "what is tracked is what was signed"


NAMES = "agencies["
"""An agency's name as signed stays in the paper; correcting it later in the register is no drift."""


def _attached(pdf: bytes) -> bytes:
    attached = pades.attachment(pdf, ATTACHMENT)
    if attached is None:
        raise ValueError(f"it carries no {ATTACHMENT}")
    return attached


def _differences(path: str, signed: Any, tracked: Any) -> Iterator[Drift]:
    """Walk both values side by side; rows with a code or number are matched by it, not by place."""
    if isinstance(signed, dict) and isinstance(tracked, dict):
        for key in sorted(signed.keys() | tracked.keys()):
            yield from _differences(f"{path}.{key}".lstrip("."), signed.get(key), tracked.get(key))
    elif _is_keyed(signed) and _is_keyed(tracked):
        ours, theirs = _by_key(signed), _by_key(tracked)
        for key in sorted(ours.keys() | theirs.keys()):
            yield from _differences(f"{path}[{key}]", ours.get(key), theirs.get(key))
    elif signed != tracked:
        yield Drift(path, signed, tracked)


_KEYS = ("code", "number")


def _is_keyed(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(row, dict) and any(key in row for key in _KEYS) for row in value)
        and len(_by_key(value)) == len(value)
    )


def _by_key(rows: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {str(next(row[key] for key in _KEYS if key in row)): row for row in rows}
