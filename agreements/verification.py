"""Is this file what the parties signed, and is what is tracked what they signed?

Three outcomes everywhere: good, bad, cannot tell. The third is never shown as one of the others.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from agreements import pades, pki
from agreements.models import Document, Revision, Signature
from agreements.states import DocumentState
from portal.audit.events import record
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


@dataclass(frozen=True)
class Recognition:
    """What the portal's own records say of a file, found by SHA-256 alone: nothing is parsed.

    `revision` is the file itself; `begins_with` the longest known revision that the file continues.
    """

    sha256: str
    size: int
    revision: Revision | None
    begins_with: Revision | None


def recognise(pdf: bytes) -> Recognition:
    """Look a file up by its SHA-256, and by the SHA-256 of its beginnings."""
    sha256 = store.sha256_of(pdf)
    known = _revisions().filter(file=sha256).first()
    if known:
        return Recognition(sha256, len(pdf), known, known)
    return Recognition(sha256, len(pdf), None, _longest_beginning(pdf))


def _longest_beginning(pdf: bytes) -> Revision | None:
    sizes = Revision.objects.filter(file__size__lt=len(pdf)).values_list("file__size", flat=True)
    running, done, hashes = hashlib.sha256(), 0, []
    for size in sorted(set(sizes)):
        running.update(pdf[done:size])
        done = size
        hashes.append(running.copy().hexdigest())
    return _revisions().filter(file__in=hashes).order_by("-file__size").first()


def _revisions() -> Any:
    return Revision.objects.select_related("document", "document__programme", "file")


@dataclass(frozen=True)
class StoredReport:
    """What was found of a known file when each of its signatures was checked."""

    revision: Revision
    signatures: tuple[Signature, ...]
    outcome: Exit


def stored_report(revision: Revision) -> StoredReport:
    """Answer for a file that the portal knows, from stored verdicts: no parsing, no waiting."""
    signatures = tuple(
        Signature.objects.filter(document=revision.document_id, seq__lte=revision.seq)
        .select_related("field", "certificate")
        .order_by("seq")
    )
    states = {signature.check_state for signature in signatures}
    if Signature.Check.BAD in states:
        outcome = Exit.BAD
    elif states == {Signature.Check.GOOD}:
        outcome = Exit.GOOD
    else:
        outcome = Exit.CANNOT_TELL
    return StoredReport(revision, signatures, outcome)


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
    """Check signatures that nobody checked yet, oldest first; return how many."""
    waiting = Signature.objects.filter(check_state=Signature.Check.CHECKING).order_by("pk")[:limit]
    count = 0
    for signature in waiting:
        check(signature, at=at)
        count += 1
    return count


def check(signature: Signature, *, at: dt.datetime) -> None:
    """Run the full difference check of one signature's own revision and store its verdict.

    A failed verdict stands in the record and the round's page; the head is never moved back silently.
    """
    detail = ""
    try:
        pdf = store.read(signature.file_id)
        own = pades.verify_newest(pdf, pki.trust(at=at), at=at)
        good = own.verdict is pades.Verdict.GOOD and own.field == signature.field.name
        detail = own.reason.value
    except (pades.PadesError, store.FileDamaged) as error:
        good, detail = False, str(error)[:200]
    _store_verdict(signature, good=good, detail=detail, at=at)


@action
def _store_verdict(signature: Signature, *, good: bool, detail: str, at: dt.datetime) -> None:
    state = Signature.Check.GOOD if good else Signature.Check.BAD
    changed = Signature.objects.filter(pk=signature.pk, check_state=Signature.Check.CHECKING).update(
        check_state=state, checked_at=max(at, signature.signed_at), check_detail=detail
    )
    if changed != 1:
        return  # another worker stored it first
    verb = "signature.checked" if good else "signature.check_failed"
    record(verb, signature, by=None, at=at, payload={"finding": detail})


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


def verify_programme(programme: Programme) -> ProgrammeReport:
    """Compare the database with the machine-readable attachment inside the frozen, signed file."""
    document = (
        Document.objects.filter(programme=programme)
        .exclude(state=DocumentState.TERMINATED)
        .order_by("-pk")
        .first()
    )
    if document is None:
        return ProgrammeReport(programme.year, Exit.CANNOT_TELL, "nothing was frozen for signing yet")
    try:
        signed = json.loads(_signed_bytes(document))
    except (store.FileDamaged, pades.PadesError, ValueError) as error:
        return ProgrammeReport(programme.year, Exit.BAD, f"the signed file cannot be read: {error}")
    found = list(_differences("", signed, content(programme)))
    renamed = tuple(row for row in found if row.path.startswith(NAMES))
    drifts = tuple(row for row in found if not row.path.startswith(NAMES))
    outcome = Exit.BAD if drifts else Exit.GOOD
    reason = "the database differs from the signed text" if drifts else "what is tracked is what was signed"
    return ProgrammeReport(programme.year, outcome, reason, document.head_id, drifts, renamed)


NAMES = "agencies["
"""An agency's name as signed stays in the paper; correcting it later in the register is no drift."""


def _signed_bytes(document: Document) -> bytes:
    attached = pades.attachment(store.read(document.head_id), "programme.json")
    if attached is None:
        raise ValueError("it carries no programme.json")
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
