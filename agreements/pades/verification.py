"""Judging a finished file: each signature, and what was added after it."""

import asyncio
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESIndeterminate as Ades
from pyhanko.sign.ades.report import AdESSubIndic
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import (
    EmbeddedPdfSignature,
    async_validate_pdf_signature,
    async_validate_pdf_timestamp,
)
from pyhanko.sign.validation.status import (
    DocumentTimestampStatus,
    PdfSignatureStatus,
    SignatureCoverageLevel,
)
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.authority import AuthorityWithCert

from agreements.pades.changes import covers_all_but_itself, modifications, newest_modification
from agreements.pades.errors import UnreadablePdf
from agreements.pades.files import entry, open_pdf, parsing, revision_ends
from agreements.pades.longterm import findings_of, stored_lists
from agreements.pades.stamping import time_of
from agreements.pades.values import (
    CANNOT_TELL,
    DocumentReport,
    Level,
    Modification,
    Reason,
    Revision,
    Revocation,
    RootKind,
    SignatureReport,
    Trust,
)

Status = PdfSignatureStatus | DocumentTimestampStatus

COVERED = (SignatureCoverageLevel.ENTIRE_FILE, SignatureCoverageLevel.ENTIRE_REVISION)
TIMESTAMP = "/DocTimeStamp"
DOUBTS: dict[AdESSubIndic, Reason] = {
    Ades.NO_CERTIFICATE_CHAIN_FOUND: Reason.UNKNOWN_AUTHORITY,
    Ades.OUT_OF_BOUNDS_NO_POE: Reason.EXPIRED,
    Ades.CRYPTO_CONSTRAINTS_FAILURE: Reason.WEAK_ALGORITHM,
    Ades.CRYPTO_CONSTRAINTS_FAILURE_NO_POE: Reason.WEAK_ALGORITHM,
    Ades.CHAIN_CONSTRAINTS_FAILURE: Reason.WRONG_KEY_USAGE,
}


def verify(pdf: bytes, trust: Trust, *, at: datetime, diff: bool = True) -> DocumentReport:
    """Judge every signature of a file as of the moment `at`. Nothing is fetched from anywhere.

    `diff` compares the revisions after each signature, which costs most of the time; without it the
    verdict is never good, unless the caller vouches for it (`DocumentReport.with_changes_checked`).
    Without revocation lists in `trust` revocation is not checked, and each report says so. A signature
    whose certificate ended is good while the archive time-stamps of the file prove that it was good.

    Raises UnreadablePdf.
    """
    reader = open_pdf(pdf)
    with parsing():
        found = reader.embedded_signatures
        revisions = tuple(_revisions(pdf, revision_ends(pdf, reader)))
        page_count = int(reader.root["/Pages"]["/Count"])
    changes = modifications(reader, found) if diff else [Modification.NOT_CHECKED] * len(found)
    return DocumentReport(
        sha256=revisions[-1].sha256,
        page_count=page_count,
        revisions=revisions,
        signatures=asyncio.run(_reports(reader, found, changes, trust, at)),
    )


def verify_newest(pdf: bytes, trust: Trust, *, at: datetime) -> SignatureReport:
    """Judge the one signature that the newest revision brought, and what else that revision did.

    For the job after each signature: the cost of one comparison, not of all of them. If every signature
    was good when it was the newest one, the file is good. Its `modification` is the verdict on its own
    revision (in `verify` it is on the revisions after it).

    Raises UnreadablePdf, also (`no_new_signature`) when the newest revision signed no single field.
    """
    reader = open_pdf(pdf)
    with parsing():
        written = reader.xrefs.explicit_refs_in_revision(reader.xrefs.total_revisions - 1)
        form = entry(reader.root, "/AcroForm")
        fields = (entry(form, "/Fields") or ()) if form else ()
        changed = [reference.get_object() for reference in fields if reference.reference in written]
        if len(changed) != 1 or "/V" not in changed[0]:
            raise UnreadablePdf("no_new_signature")
        signature = EmbeddedPdfSignature(reader, changed[0], str(changed[0]["/T"]))
        if signature.signed_revision != reader.xrefs.total_revisions - 1:
            raise UnreadablePdf("no_new_signature")
    return asyncio.run(_Judge(trust, at).report(signature, newest_modification(reader)))


async def _reports(
    reader: PdfFileReader,
    signatures: Sequence[EmbeddedPdfSignature],
    changes: Sequence[Modification],
    trust: Trust,
    at: datetime,
) -> tuple[SignatureReport, ...]:
    judge = _Judge(trust, at)
    reports = [
        await judge.report(signature, change) for signature, change in zip(signatures, changes, strict=True)
    ]
    with suppress(UnreadablePdf), parsing():  # a store that cannot be read proves nothing, and spoils nothing
        reports = await _with_store(reader, signatures, reports, trust, at)
    return tuple(reports)


async def _with_store(
    reader: PdfFileReader,
    signatures: Sequence[EmbeddedPdfSignature],
    reports: list[SignatureReport],
    trust: Trust,
    at: datetime,
) -> list[SignatureReport]:
    """The reports with what archive time-stamps and the lists in the file prove."""
    if trust.crls and any(one.is_timestamp for one in reports):
        lasting = await findings_of(reader, trust, at=at)
        reports = [_kept(one, lasting) for one in reports]
    if lists := tuple(stored_lists(reader)):
        alone = _Judge(replace(trust, crls=lists), at)
        reports = [await alone.with_own_lists(*both) for both in zip(signatures, reports, strict=True)]
    return reports


def _kept(report: SignatureReport, lasting: dict[str, str]) -> SignatureReport:
    """The report where archive time-stamps prove what the lists of today no longer can."""
    doubtful = report.reason in CANNOT_TELL - {Reason.CHANGES_NOT_CHECKED}
    if report.is_timestamp:
        holds = "" in lasting.values()  # each of them is needed to prove one signature
        return replace(report, reason=Reason.GOOD, trusted=True) if holds and doubtful else report
    if lasting[report.field]:
        return report
    kept = replace(report, level=Level.B_LTA)
    if not doubtful:
        return kept
    changes = report.modification is Modification.NOT_CHECKED
    return replace(kept, trusted=True, reason=Reason.CHANGES_NOT_CHECKED if changes else Reason.GOOD)


def _revisions(pdf: bytes, ends: list[int]) -> Iterator[Revision]:
    """Hash every saved state in one pass."""
    digest, start, view = hashlib.sha256(), 0, memoryview(pdf)
    for end in ends:
        if end < start:
            raise UnreadablePdf("malformed", "revisions out of order")
        digest.update(view[start:end])
        start = end
        yield Revision(end, digest.copy().hexdigest())


class _Judge:
    """One set of roots and lists, one moment, any number of signatures."""

    def __init__(self, trust: Trust, at: datetime) -> None:
        self.trust = trust
        self.revocation = Revocation.CHECKED if trust.crls else Revocation.NOT_CHECKED
        self.contexts = Contexts.of(trust, at, mode="require" if trust.crls else "soft-fail")
        self.without_revocation = Contexts.of(replace(trust, crls=()), at, mode="soft-fail")

    async def report(self, signature: EmbeddedPdfSignature, modification: Modification) -> SignatureReport:
        certificate = signature.signer_cert
        is_timestamp = signature.sig_object_type == TIMESTAMP
        signed_at = time_of(signature.signed_data) if is_timestamp else signature.self_reported_timestamp
        stamped_at = None
        intact = valid = covered = False
        kind = None
        try:
            status = await _validate(signature, self.contexts)
        except SignatureValidationError:
            doubt = Reason.UNSUPPORTED
        else:
            intact, valid = status.intact, status.valid
            covered = signature.coverage in COVERED and covers_all_but_itself(signature)
            stamped_at = _stamped_at(status)
            doubt = await self._doubt(signature, status, signed_at, stamped_at)
            kind = self._kind(status)
        return SignatureReport(
            field=signature.field_name,
            signer=_named(certificate.subject, "common_name"),
            organization=_named(certificate.subject, "organization_name"),
            issuer=_named(certificate.issuer, "common_name"),
            serial=certificate.serial_number,
            certificate=certificate.dump(),
            signed_at=signed_at,
            is_certification=signature.docmdp_level is not None,
            is_timestamp=is_timestamp,
            revision=signature.signed_revision,
            intact=intact,
            valid=valid,
            trusted=None if doubt in CANNOT_TELL else doubt is Reason.GOOD,
            revocation=self.revocation,
            covers_revision=covered,
            modification=modification,
            reason=_first(
                (doubt is Reason.UNSUPPORTED, doubt),
                (not intact, Reason.ALTERED),
                (not valid, Reason.INVALID),
                (not covered, Reason.NOT_COVERED),
                (modification is Modification.SUSPICIOUS, Reason.CHANGED_LATER),
                (doubt is not Reason.GOOD, doubt),
                (modification is Modification.NOT_CHECKED, Reason.CHANGES_NOT_CHECKED),
            ),
            stamped_at=stamped_at,
            level=Level.B_B if stamped_at is None else Level.B_T,
            kind=kind,
        )

    def _kind(self, status: Status) -> RootKind | None:
        path = status.validation_path
        anchor = path.trust_anchor.authority if path else None
        return (
            self.trust.kind_of(anchor.certificate.dump()) if isinstance(anchor, AuthorityWithCert) else None
        )

    async def with_own_lists(
        self, signature: EmbeddedPdfSignature, report: SignatureReport
    ) -> SignatureReport:
        """The report at its level, where these lists, those in the file, are all that it takes."""
        if report.is_timestamp or report.level is not Level.B_T:
            return report
        own = await self.report(signature, report.modification)
        is_enough = own.trusted and own.stamped_at is not None
        return replace(report, level=Level.B_LT) if is_enough else report

    async def _doubt(
        self,
        signature: EmbeddedPdfSignature,
        status: Status,
        signed_at: datetime | None,
        stamped_at: datetime | None,
    ) -> Reason:
        """What speaks against the certificate at the moment it signed; GOOD if nothing does.

        The time of signing is the signer's word, but for a time-stamp: where the answer hangs on that word
        alone, we cannot tell.
        """
        certificate, problem = signature.signer_cert, status.trust_problem_indic
        if signed_at is not None and not (
            certificate.not_valid_before <= signed_at <= certificate.not_valid_after
        ):
            return Reason.OUTSIDE_VALIDITY
        if problem is None:
            return Reason.GOOD
        if status.revocation_details is not None:
            return _beside_revocation(status.revocation_details.revocation_date, signed_at, stamped_at)
        if problem in DOUBTS:
            return DOUBTS[problem]
        # pyHanko gives one answer for a broken chain and for a missing list: ask again without lists.
        if self.revocation is Revocation.CHECKED:
            again = await _validate(signature, self.without_revocation)
            if again.trust_problem_indic is None:
                return Reason.REVOCATION_UNKNOWN
        return Reason.CHAIN_INVALID


@dataclass(frozen=True)
class Contexts:
    """Whom pyHanko believes about signers, and whom about time."""

    signers: ValidationContext
    stamps: ValidationContext

    @classmethod
    def of(cls, trust: Trust, at: datetime, *, mode: str) -> "Contexts":
        others = [x509.Certificate.load(other) for other in trust.others]
        signers, stamps = (
            ValidationContext(
                trust_roots=[x509.Certificate.load(root) for root in roots],
                other_certs=others,
                moment=at,
                allow_fetching=False,
                crls=list(trust.crls),
                revocation_mode=mode,
            )
            for roots in (trust.roots, trust.stamp_roots)
        )
        return cls(signers, stamps)


async def _validate(signature: EmbeddedPdfSignature, contexts: Contexts) -> Status:
    if signature.sig_object_type == TIMESTAMP:
        return await async_validate_pdf_timestamp(signature, contexts.stamps, skip_diff=True)
    return await async_validate_pdf_signature(
        signature, contexts.signers, ts_validation_context=contexts.stamps, skip_diff=True
    )


def _stamped_at(status: Status) -> datetime | None:
    """What a time-stamp on the signature says, if it is to be believed."""
    found = status if isinstance(status, DocumentTimestampStatus) else status.timestamp_validity
    return found.timestamp if found and found.intact and found.valid and found.trusted else None


def _beside_revocation(
    revoked_at: datetime, signed_at: datetime | None, stamped_at: datetime | None
) -> Reason:
    if stamped_at is not None:
        return Reason.GOOD if stamped_at < revoked_at else Reason.REVOKED
    later = signed_at is not None and signed_at < revoked_at
    return Reason.REVOKED_LATER if later else Reason.REVOKED


def _first(*findings: tuple[bool, Reason]) -> Reason:
    """The first finding that is true: what is proven comes before what is doubtful."""
    return next((reason for is_found, reason in findings if is_found), Reason.GOOD)


def _named(name: x509.Name, attribute: str) -> str:
    value = name.native.get(attribute, "")
    return value if isinstance(value, str) else ", ".join(value)
