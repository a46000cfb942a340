"""Sealing for the long term, and judging what was sealed.

A seal puts into the file what a verifier needs (certificates, revocation lists) and an archive time-stamp
over all of it. It is renewed by the same step before the time-stamp's certificate ends.
"""

import asyncio
import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from asn1crypto import crl, x509
from cryptography import x509 as certificates
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import load_der_public_key
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.ades.report import AdESPassed
from pyhanko.sign.general import extract_certificate_info
from pyhanko.sign.signers import PdfTimeStamper
from pyhanko.sign.validation import policy_decl
from pyhanko.sign.validation.ades import (
    AdESLTAValidationResult,
    ades_lta_validation,
    simulate_future_ades_lta_validation,
)
from pyhanko.sign.validation.dss import DocumentSecurityStore
from pyhanko.sign.validation.errors import NoDSSFoundError
from pyhanko.sign.validation.generic_cms import extract_tst_data_iter
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, async_validate_pdf_timestamp
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator.context import CertValidationPolicySpec, ValidationContext
from pyhanko_certvalidator.ltv.types import ValidationTimingInfo
from pyhanko_certvalidator.policy_decl import (
    CertRevTrustPolicy,
    DisallowWeakAlgorithmsPolicy,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.registry import SimpleTrustManager
from pyhanko_certvalidator.revinfo.archival import CRLContainer

from agreements.pades.changes import changes_are_clean
from agreements.pades.errors import StampError
from agreements.pades.files import QuietWriter, open_pdf, parsing
from agreements.pades.freezing import INVISIBLE
from agreements.pades.stamping import Stamp, stamper, time_of
from agreements.pades.values import Trust

DIGEST = "sha256"
OWN_RESERVED = 8192  # hexadecimal digits for a token of our own; another authority is asked for the size
NO_EVIDENCE = "no_archive_stamp"
NO_STAMP = "no_signature_stamp"
OLD_LIST = "list_older_than_signature"


def seal(pdf: bytes, *, certs: Sequence[bytes], crls: Sequence[bytes], source: Stamp | str) -> bytes:
    """The file with certificates and lists (DER) in its security store, and an archive time-stamp on top.

    Two incremental revisions. Raises UnreadablePdf, StampError.
    """
    with parsing():
        writer = _writer(pdf)
        DocumentSecurityStore.supply_dss_in_writer(
            writer,
            None,
            certs=[x509.Certificate.load(one) for one in certs],
            crls=[crl.CertificateList.load(one) for one in crls],
        )
        stored = io.BytesIO()
        writer.write(stored)
        writer = _writer(stored.getvalue())
    try:
        out = PdfTimeStamper(stamper(source), invis_settings=INVISIBLE).timestamp_pdf(
            writer,
            DIGEST,
            bytes_reserved=None if isinstance(source, str) else OWN_RESERVED,
        )
    except Exception as error:  # the network, a refusal, and whatever a parser of foreign bytes raises
        raise StampError("no_stamp", str(error) or repr(error)) from error
    return bytes(out.getvalue())


def _writer(pdf: bytes) -> QuietWriter:
    reader = open_pdf(pdf)
    return QuietWriter(reader.stream, prev=reader)


def check_seal(head: bytes, sealed: bytes, trust: Trust, *, at: datetime) -> None:
    """Refuse unless the file is the head with a seal on top: a good time-stamp over all, and clean changes.

    Raises StampError.
    """
    if not sealed.startswith(head):
        raise StampError("not_on_head")
    with parsing():
        reader = open_pdf(sealed)
        stamps = reader.embedded_timestamp_signatures
        first = open_pdf(head).xrefs.total_revisions
        if not stamps or stamps[-1].signed_revision != reader.xrefs.total_revisions - 1:
            raise StampError("no_stamp")
        context = ValidationContext(
            trust_roots=[x509.Certificate.load(root) for root in trust.stamp_roots],
            moment=at,
            allow_fetching=False,
            crls=list(trust.crls),
            revocation_mode="require",
        )
        status = asyncio.run(async_validate_pdf_timestamp(stamps[-1], context, skip_diff=True))
        if not (status.intact and status.valid and status.trusted):
            raise StampError("stamp_not_good", status.summary())
        if stamps[-1].coverage is not SignatureCoverageLevel.ENTIRE_FILE:
            raise StampError("coverage")
        if not changes_are_clean(reader, since=first - 1):
            raise StampError("changes")


def newest_stamp(pdf: bytes) -> tuple[datetime, datetime]:
    """What the newest archive time-stamp says, and when its certificate ends: renewal after that is too late.

    Raises StampError for a file without one.
    """
    with parsing():
        found = open_pdf(pdf).embedded_timestamp_signatures
        if not found:
            raise StampError("no_stamp")
        return time_of(found[-1].signed_data), found[-1].signer_cert.not_valid_after


def lasting(pdf: bytes, trust: Trust, *, at: datetime, ahead: datetime | None = None) -> dict[str, str]:
    """Say of each signature, by its field, why it would not last; an empty text is: it does.

    At `at`, with the lists of that day in `trust`; with `ahead` as it would be judged then, by the lists in
    the file alone, if the archive time-stamp is renewed until then. Changes of pages are not looked at
    here: see changes.py. `at` is now or in the past: pyHanko asks the clock, too.

    Raises UnreadablePdf.
    """
    reader = open_pdf(pdf)
    with parsing():
        return asyncio.run(findings_of(reader, trust, at=at, ahead=ahead))


async def findings_of(
    reader: PdfFileReader, trust: Trust, *, at: datetime, ahead: datetime | None = None
) -> dict[str, str]:
    """The same of a file that is open: what pyHanko hashes once, it keeps with the reader."""
    rules = _rules(trust if ahead is None else replace(trust, crls=()))
    authorities = [x509.Certificate.load(one) for one in (*trust.stamp_roots, *trust.others)]
    findings = {}
    for signature in reader.embedded_regular_signatures:
        result = await _result(signature, rules, at, ahead)
        findings[signature.field_name] = _why_not(reader, signature, result, authorities)
    return findings


async def _result(
    signature: EmbeddedPdfSignature,
    rules: policy_decl.PdfSignatureValidationSpec,
    at: datetime,
    ahead: datetime | None,
) -> AdESLTAValidationResult:
    if ahead is not None:
        return await simulate_future_ades_lta_validation(signature, rules, ahead, at)
    now = ValidationTimingInfo(at, at, point_in_time_validation=False)
    return await ades_lta_validation(signature, rules, now)


def _why_not(
    reader: PdfFileReader,
    signature: EmbeddedPdfSignature,
    result: AdESLTAValidationResult,
    authorities: Sequence[x509.Certificate],
) -> str:
    """Never one field alone: a passed indication says nothing of a missing archive time-stamp."""
    status = result.api_status
    if result.ades_subindic is not AdESPassed.OK:
        return str(result.ades_subindic).rpartition(".")[2].lower()
    if result.oldest_evidence_record_timestamp is None:
        return NO_EVIDENCE
    if status is None or not (status.intact and status.valid):
        return "altered"
    token = next(extract_tst_data_iter(signature.signer_info, signed=False), None)
    if token is None:
        return NO_STAMP
    signers = status.validation_path.find_issuing_authority(signature.signer_cert).public_key.dump()
    stamper = extract_certificate_info(token).signer_cert
    stampers = [one.public_key.dump() for one in authorities if one.subject == stamper.issuer]
    stored, stamped_at = stored_lists(reader), time_of(token)
    is_shown = _list_follows(stored, stamped_at, [signers]) and _list_follows(stored, stamped_at, stampers)
    return "" if is_shown else OLD_LIST


def _list_follows(stored: Sequence[bytes], stamped_at: datetime, issuers: Sequence[bytes]) -> bool:
    """Whether one of these keys signed a list in the file that is not older than the signature.

    pyHanko does not ask for it: it would believe a list from before a revocation that came before signing.
    """
    keys = [load_der_public_key(one) for one in issuers]
    return any(
        crl.CertificateList.load(der)["tbs_cert_list"]["this_update"].native >= stamped_at
        for der in stored
        for key in keys
        if isinstance(key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey)
        if certificates.load_der_x509_crl(der).is_signature_valid(key)
    )


def signers(pdf: bytes) -> tuple[bytes, ...]:
    """The certificates with which a file was signed, DER. Raises UnreadablePdf."""
    with parsing():
        return tuple(one.signer_cert.dump() for one in open_pdf(pdf).embedded_regular_signatures)


def stored_lists(reader: PdfFileReader) -> list[bytes]:
    """The revocation lists in the file's security store, DER."""
    try:
        return [found.get_object().data for found in DocumentSecurityStore.read_dss(reader).crls]
    except NoDSSFoundError:
        return []


def _rules(trust: Trust) -> policy_decl.PdfSignatureValidationSpec:
    """Lists are demanded, nothing is fetched, and weak algorithms do not count."""
    demanded = RevocationCheckingRule.CRL_REQUIRED
    revocation = CertRevTrustPolicy(RevocationCheckingPolicy(demanded, demanded), retroactive_revinfo=True)

    def chain(roots: Sequence[bytes]) -> CertValidationPolicySpec:
        anchors = [x509.Certificate.load(root) for root in roots]
        return CertValidationPolicySpec(
            SimpleTrustManager.build(anchors),
            revocation,
            algorithm_usage_policy=DisallowWeakAlgorithmsPolicy(),
        )

    lists = [CRLContainer(crl.CertificateList.load(one)) for one in trust.crls]
    return policy_decl.PdfSignatureValidationSpec(
        policy_decl.SignatureValidationSpec(
            cert_validation_policy=chain(trust.roots),
            ts_cert_validation_policy=chain(trust.stamp_roots),
            revinfo_gathering_policy=policy_decl.RevocationInfoGatheringSpec(
                policy_decl.RevinfoOnlineFetchingRule.LOCAL_ONLY
            ),
            local_knowledge=policy_decl.LocalKnowledge(
                known_crls=lists, known_certs=[x509.Certificate.load(one) for one in trust.others]
            ),
        ),
        diff_policy=None,
    )
