"""Seal what was signed, so that it can be checked when every certificate in it has ended, and renew the seal.

1. A round closes and every signature was checked: certificates, fresh revocation lists and an archive
time-stamp are appended. 2. Each signature is judged for today and for five years ahead, and the verdict
stored; only then is the file called B-LTA. 3. A year before the time-stamp's certificate ends, another one
follows. 4. With TSA_URL the other authority stamps last, over what the portal stamped.

Each step is one row more under the document's lock, so a job may run twice, side by side, and after a crash.
"""

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import NamedTuple

from django.db.models import Exists, F, OuterRef, QuerySet

from agreements import authorities, keys, pades, pki, reminders, timestamps
from agreements.models import Document, Revision, Seal, Signature
from agreements.states import DocumentState
from portal.audit.events import record
from portal.files import store
from portal.lib.actions import action
from portal.lib.errors import RuleError

log = logging.getLogger(__name__)

PDF = "application/pdf"
GOOD = pades.Reason.GOOD.value
JUDGED_AHEAD = dt.timedelta(days=5 * 365 + 1)
RENEWED_BEFORE = dt.timedelta(days=365)
LASTS = frozenset({DocumentState.CLOSED, DocumentState.ISSUED, DocumentState.SUPERSEDED})
COUNTS = LASTS | {DocumentState.FROZEN, DocumentState.SIGNING}

Refused = (pades.PadesError, store.FileDamaged, timestamps.ListAway, keys.KeysError, RuleError)


def go_on(*, at: dt.datetime, limit: int = 5) -> None:
    """Seal what is ready, let the other authority stamp what only the portal has, judge what was sealed."""
    for document in ready()[:limit]:
        _try(document, kind=Revision.Kind.SEAL, at=at)
    if timestamps.address():
        for document in _without_outside(at)[:limit]:
            _try(document, kind=Revision.Kind.RENEWAL, at=at, outside=True)
    judge_next(at=at, limit=limit)


def renew_due(*, at: dt.datetime, limit: int = 50) -> int:
    """Renew every archive time-stamp that ends within a year; return how many were renewed.

    One that has ended is lost for good: a new one proves nothing about the time before.
    """
    timestamps.rotate_if_due(at=at)
    return sum(_try(one, kind=Revision.Kind.RENEWAL, at=at) for one in due(at)[:limit])


def renew_all(*, at: dt.datetime) -> tuple[int, int]:
    """Renew every archive time-stamp that has not ended; return how many, and of how many."""
    return _stamp(_of(newest_seals().filter(ends_at__gt=at)), at)


def secure_all(*, at: dt.datetime) -> tuple[int, int]:
    """Stamp every document that counts, also between its signatures; return how many, and of how many.

    Before an authority is revoked: what was signed rightly until now stays checkable.
    """
    lost = newest_seals().filter(revision__document=OuterRef("pk"), ends_at__lte=at)
    return _stamp(Document.objects.filter(~Exists(lost), state__in=COUNTS).order_by("pk"), at)


def _stamp(documents: QuerySet[Document], at: dt.datetime) -> tuple[int, int]:
    return sum(_try(one, kind=Revision.Kind.RENEWAL, at=at) for one in documents), len(documents)


def ready() -> QuerySet[Document]:
    """Closed documents without a seal over their last signature, whose signatures were all found good."""
    doubtful = Signature.objects.filter(document=OuterRef("pk")).exclude(check_state=Signature.Check.GOOD)
    return Document.objects.filter(
        ~Exists(doubtful),
        ~Exists(newest_seals().filter(revision__document=OuterRef("pk"))),
        Exists(Signature.objects.filter(document=OuterRef("pk"))),
        state__in=LASTS,
    ).order_by("pk")


def newest_seals() -> QuerySet[Seal]:
    """The newest archive time-stamp of each document; also of one that is no longer in force."""
    return Seal.objects.filter(revision__seq=F("revision__document__head_seq"))


def due(at: dt.datetime) -> QuerySet[Document]:
    """Documents to be renewed now."""
    return _of(newest_seals().filter(ends_at__gt=at, ends_at__lte=at + RENEWED_BEFORE))


def _without_outside(at: dt.datetime) -> QuerySet[Document]:
    return _of(newest_seals().filter(is_outside=False, ends_at__gt=at))


def _of(seals: QuerySet[Seal]) -> QuerySet[Document]:
    return Document.objects.filter(pk__in=seals.values("revision__document")).order_by("pk")


def _try(document: Document, *, kind: Revision.Kind, at: dt.datetime, outside: bool = False) -> bool:
    """Grow a document; a refusal is logged and the next run tries again."""
    try:
        return grow(document, kind=kind, at=at, outside=outside)
    except Refused as refusal:
        log.error("document %s got no %s: %s", document.pk, kind, refusal)
        return False


def grow(document: Document, *, kind: Revision.Kind, at: dt.datetime, outside: bool = False) -> bool:
    """Append an archive time-stamp and what it needs; False when another worker was first.

    Raises pades.PadesError, store.FileDamaged, timestamps.ListAway, keys.KeysError, RuleError: nothing was
    appended then.
    """
    base = document.head_id
    head = store.read(base)
    trust = _trust(document, partial(_kept, document, at), outside=outside)
    stored = _stored(head, trust, at)
    sealed = pades.seal(head, certs=stored.certs, crls=stored.crls, source=_source(outside, at))
    pades.check_seal(head, sealed, trust, at=at)
    return _append(document, base, sealed, kind=kind, outside=outside, at=at)


def _trust(document: Document, own: Callable[[], pades.Trust], *, outside: bool = False) -> pades.Trust:
    """Return whom to believe; the other authority where it stamps now or has stamped before.

    It is asked first: while it is away, no list is issued of our own.
    """
    has_outside = Seal.objects.filter(revision__document=document, is_outside=True).exists()
    if not (outside or has_outside):
        return own()
    theirs, ours = timestamps.with_outside(pades.Trust(())), own()
    return replace(
        ours,
        crls=(*ours.crls, *theirs.crls),
        stamp_roots=(*ours.stamp_roots, *theirs.stamp_roots),
        stamp_kinds=(*ours.stamp_kinds, *theirs.stamp_kinds),
    )


def _kept(document: Document, at: dt.datetime) -> pades.Trust:
    """Return the portal's authorities, and the outside ones where somebody signed with a token of theirs."""
    own = pki.own_trust(at=at)
    has_tokens = document.signatures.exclude(kind=Signature.Kind.PORTAL).exists()
    return pki.with_outside_roots(own) if has_tokens else own


def _source(outside: bool, at: dt.datetime) -> pades.Stamp | str:
    return timestamps.address() if outside else timestamps.stamp(at=at)


class Stored(NamedTuple):
    """What a seal keeps in the file, DER."""

    certs: Sequence[bytes]
    crls: Sequence[bytes]


def _stored(head: bytes, trust: pades.Trust, at: dt.datetime) -> Stored:
    """Return everything above the signers, whose own certificates stand in their signatures, and its lists.

    Of the portal's issuing CAs only those that certified one of them: pyHanko, looking ahead, takes the
    list of another one for a fault.
    """
    signers = pades.signers(head)
    issuers = authorities.authority(at=at).issuers
    above = [one for one in issuers if any(keys.was_issued_by(der, one) for der in signers)]
    others = [one.certificate.subject for one in issuers if one not in above]
    known = (*trust.roots, *trust.others, *(one.der for one in above), *trust.stamp_roots)
    return Stored(
        certs=tuple(dict.fromkeys((*known, *timestamps.authority(at=at).certificates()))),
        crls=tuple(crl for crl in trust.crls if keys.list_issuer(crl) not in others),
    )


@action
def _append(
    document: Document, base: str, sealed: bytes, *, kind: Revision.Kind, outside: bool, at: dt.datetime
) -> bool:
    locked = Document.objects.select_for_update().get(pk=document.pk)
    if locked.head_id != base or (kind == Revision.Kind.SEAL and locked.state not in LASTS):
        return False
    stamped_at, ends_at = pades.newest_stamp(sealed)
    file = store.put(sealed, media_type=PDF, at=at)
    revision = Revision.objects.create(
        document=locked, seq=locked.head_seq + 1, kind=kind, file=file, created_at=at
    )
    Seal.objects.create(revision=revision, stamped_at=stamped_at, ends_at=ends_at, is_outside=outside)
    locked.head, locked.head_seq = file, revision.seq
    locked.save(update_fields=["head", "head_seq"])
    verb = "document.sealed" if kind == Revision.Kind.SEAL else "document.seal_renewed"
    payload = {"seq": revision.seq, "base_sha256": base, "sha256": file.sha256, "until": ends_at}
    record(verb, locked, by=None, at=at, payload=payload)
    return True


# --- Verdicts ---------------------------------------------------------------------------------------
def judge_next(*, at: dt.datetime, limit: int = 5) -> int:
    """Judge files that were sealed and not yet judged; return how many."""
    waiting = Seal.objects.filter(check_state=Seal.Check.CHECKING).order_by("pk")
    seals = list(waiting.select_related("revision__document__programme", "revision__file")[:limit])
    for seal in seals:
        judge(seal, at=at)
    return len(seals)


def judge(seal: Seal, *, at: dt.datetime) -> None:
    """Judge every signature of a sealed file, for now and for five years ahead, and store the verdict.

    A list of another authority that cannot be had leaves it open: the next run asks again.
    """
    at = max(at, seal.stamped_at)  # another authority has a clock of its own
    try:
        trust = _trust(seal.revision.document, partial(pki.trust, at=at))
        findings = _findings(store.read(seal.revision.file_id), trust, at, good_before=_good_before(seal))
    except timestamps.ListAway as away:
        log.error("%s is not judged yet: %s", seal, away)
    except (pades.PadesError, store.FileDamaged) as error:
        _store_verdict(seal, {"": str(error)[:200]}, at=at)
    else:
        _store_verdict(seal, findings, at=at)


def _good_before(seal: Seal) -> set[str]:
    """Return the fields that an earlier archive time-stamp of the document was found to keep."""
    earlier = Seal.objects.filter(revision__document=seal.revision.document_id, pk__lt=seal.pk)
    findings = [one.findings for one in earlier.filter(check_state=Seal.Check.GOOD)]
    return {field for found in findings for field, why in found.items() if why == GOOD}


def _findings(pdf: bytes, trust: pades.Trust, at: dt.datetime, *, good_before: set[str]) -> dict[str, str]:
    """Return why each signature would not last; "good" when it does.

    Looking ahead, pyHanko takes everything in the file as proven of today. Where a certificate above was
    revoked since an earlier stamp, that says nothing: what that stamp was found to keep, and what holds
    today through all of them, is kept.
    """
    ahead = pades.lasting(pdf, trust, at=at, ahead=at + JUDGED_AHEAD)
    findings = {}
    for one in pades.verify(pdf, trust, at=at).signatures:
        why = one.reason.value
        if why == GOOD and not one.is_timestamp:
            doubt = "" if one.field in good_before else ahead[one.field]
            why = doubt or (GOOD if one.level is pades.Level.B_LTA else "no_evidence")
        findings[one.field] = why
    return findings


@action
def _store_verdict(seal: Seal, findings: dict[str, str], *, at: dt.datetime) -> None:
    """Write the verdict where there is none yet: another worker may have been first."""
    is_good = set(findings.values()) == {GOOD}
    state = Seal.Check.GOOD if is_good else Seal.Check.BAD
    rows = Seal.objects.filter(pk=seal.pk, check_state=Seal.Check.CHECKING)
    if not rows.update(check_state=state, checked_at=max(at, seal.stamped_at), findings=findings):
        return
    document = seal.revision.document
    failed = {field: why for field, why in findings.items() if why != GOOD}
    verb = "document.seal_checked" if is_good else "document.seal_failed"
    record(verb, document, by=None, at=at, payload={"seq": seal.revision.seq, "failed": failed})
    if not is_good:
        reminders.tell_seal_failed(document, at=at)
