"""The gate's look at a file that was signed elsewhere: the base plus one genuine signature, nothing else.

What signs at home decides how it writes: other dictionaries, other drawings, its own fonts, a new
modification date. So this is no list of our own shapes, as candidates.py has, but of what may change at
all: the signer's field (value, drawing, two flags), what only that field leads to, and the date and
program in the file's properties. pyHanko's comparison and its `bottom_line` are asked as well.
Codes of CandidateRefused, beside those of candidates.py:

| code | the file |
| --- | --- |
| `too_complex` | is nested too deeply, or leads to too many objects |
| `encrypted` | is locked with a password |
| `properties` | changes title, author or anything but date and program in its properties |
| `no_signature` | has no new signature in any field |
| `page`, `annotation`, `script`, `attachment` | changes what the name says |
| `other_field`, `field_added`, `earlier_signature`, `ltv` | changes what the name says |
| `field_moved` | changes the box of the signer's field |
| `locks` | forbids the signatures that follow |
| `byte_range` | does not say which bytes it signs |
| `weak_digest`, `weak_key` | is signed with less than SHA-256, RSA 2048 or P-256 |
| `key_usage`, `expired`, `revoked` | is signed with a certificate that is not good now |
| `revocation_unknown`, `untrusted`, `chain` | is signed with a certificate that is not good now |
| `timestamp` | carries a time-stamp that cannot be trusted |
| `comparison`, `bottom_line` | is refused by pyHanko, whatever else was found |
"""

import asyncio
from datetime import datetime
from typing import Any
from xml.etree import ElementTree

from asn1crypto import x509
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature, async_validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from agreements.pades.candidates import check_one_revision
from agreements.pades.changes import covers_all_but_itself
from agreements.pades.drawings import check_drawing, check_values, equal
from agreements.pades.errors import CandidateRefused, UnreadablePdf
from agreements.pades.files import find_field, open_pdf
from agreements.pades.naming import name_of_change
from agreements.pades.values import Modification, Reason, Trust
from agreements.pades.verification import Contexts, verify_newest

PRINTED = (4, 132)  # flags of a widget: print; print and locked
DATED = {"/ModDate", "/Producer"}
DATED_XMP = ("ModifyDate", "MetadataDate", "Producer", "InstanceID")
XMP_BYTES = 200_000
RDF, TOOLKIT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}", "{adobe:ns:meta/}"
SIGNATURE = {
    *("/Type", "/Filter", "/SubFilter", "/ByteRange", "/Contents", "/M", "/Name", "/Reason", "/Location"),
    *("/ContactInfo", "/Prop_Build", "/Prop_AuthTime", "/Prop_AuthType"),
}
LOCKS = {"/Reference", "/Changes"}
KINDS = ("/ETSI.CAdES.detached", "/adbe.pkcs7.detached")
DIGESTS = ("sha256", "sha384", "sha512")
CURVES = ("secp256r1", "secp384r1", "secp521r1")
RSA_BITS = 2048
UNREADABLE = {"encrypted": "encrypted", "too_complex": "too_complex", "not_a_pdf": "not_a_pdf"}
DOUBTS = {
    Reason.ALTERED: "digest",
    Reason.INVALID: "value",
    Reason.NOT_COVERED: "coverage",
    Reason.CHANGED_LATER: "comparison",
    Reason.REVOKED: "revoked",
    Reason.REVOKED_LATER: "revoked",
    Reason.OUTSIDE_VALIDITY: "expired",
    Reason.EXPIRED: "expired",
    Reason.WRONG_KEY_USAGE: "key_usage",
    Reason.UNKNOWN_AUTHORITY: "untrusted",
    Reason.WEAK_ALGORITHM: "weak_key",
    Reason.REVOCATION_UNKNOWN: "revocation_unknown",
    Reason.CHAIN_INVALID: "chain",
    Reason.UNSUPPORTED: "signature_shape",
}


def check_upload(
    base: bytes, signed: bytes, field: str, certificate: bytes, trust: Trust, *, at: datetime
) -> datetime | None:
    """Refuse unless the file is the base plus one good signature in that field by that certificate (DER).

    Return what a time-stamp on the signature says.

    The certificate must lead to a root of `trust` and be good at `at`; without a current revocation list
    for it the answer is no. Raises CandidateRefused.
    """
    if not signed.startswith(base):
        raise CandidateRefused("not_on_head")
    if len(signed) == len(base):
        raise CandidateRefused("nothing_added")
    try:
        reader = open_pdf(signed)
        check_one_revision(base, signed, reader)
        signature = _check_shape(reader, _check_changes(reader, field), field)
        _check_signer(signature, certificate)
        return _check_trust(signature, signed, trust, at)
    except CandidateRefused:
        raise
    except UnreadablePdf as error:
        raise CandidateRefused(UNREADABLE.get(error.code, "unreadable"), str(error)) from error
    except RecursionError as error:
        raise CandidateRefused("too_complex", repr(error)) from error
    except Exception as error:  # any parser exception is a refusal
        raise CandidateRefused("unreadable", repr(error)) from error


# --- What changed ----------------------------------------------------------------------------------
def _check_changes(reader: PdfFileReader, field: str) -> generic.DictionaryObject:
    """Walk over every object that the new revision writes; return the signer's field."""
    reference = find_field(reader, field)
    if reference is None:
        raise CandidateRefused("wrong_field", field)
    own, newest = reference.reference, reader.xrefs.total_revisions - 1
    before = reader.get_historical_resolver(newest - 1)
    written = reader.xrefs.explicit_refs_in_revision(newest)
    fresh = {one for one in written if reader.xrefs.get_historical_ref(one, newest - 1) is None}
    allowed = {own} | _check_properties(reader, before, fresh)
    allowed |= fresh & reader.xrefs.object_streams_used_in(newest)
    allowed |= fresh & {reader.xrefs.get_xref_container_info(newest).stream_ref}
    for found in sorted(written - fresh - allowed, key=lambda ref: ref.idnum):
        then, now = before(found), reader.get_object(found)
        if not equal(then, now) and (name := name_of_change(found, then, now, before)):
            raise CandidateRefused(name, f"{found.idnum} 0 obj")
    then, now = before(own), reference.get_object()
    _check_field(then, now, reader)
    brought = check_values(now.raw_get("/V"), fresh)
    if "/AP" in now and ("/AP" not in then or now.raw_get("/AP") != then.raw_get("/AP")):
        brought |= check_drawing(now.raw_get("/AP"), fresh, _frozen_fonts(before))
    for found in sorted(fresh - allowed - brought, key=lambda ref: ref.idnum):
        raise CandidateRefused("extra_object", f"{found.idnum} 0 obj")
    return now


def _frozen_fonts(before: HistoricalResolver) -> set[generic.Reference]:
    fonts = before.root["/AcroForm"]["/DR"]["/Font"]
    return {fonts.raw_get(key).reference for key in fonts}


def _check_field(
    then: generic.DictionaryObject, now: generic.DictionaryObject, reader: PdfFileReader
) -> None:
    if "/V" in then:
        raise CandidateRefused("wrong_field", "signed already")
    changed = {key for key in then.keys() | now.keys() if not _same(then, now, key)} - {"/V", "/AP"}
    if "/Rect" in changed:
        raise CandidateRefused("field_moved")
    if changed & {"/A", "/AA"}:
        raise CandidateRefused("script", "in the field")
    if changed - {"/F"} or int(now.get("/F", 4)) not in PRINTED:
        raise CandidateRefused("field_changed", " ".join(sorted(changed)))
    if "/V" not in now:
        others = reader.embedded_signatures
        is_elsewhere = any(one.signed_revision == reader.xrefs.total_revisions - 1 for one in others)
        raise CandidateRefused("wrong_field" if is_elsewhere else "no_signature")
    if not isinstance(now.raw_get("/V"), generic.IndirectObject):
        raise CandidateRefused("signature_shape", "a direct value")


def _same(then: generic.DictionaryObject, now: generic.DictionaryObject, key: str) -> bool:
    return key in then and key in now and bool(then.raw_get(key) == now.raw_get(key))


def _check_properties(
    reader: PdfFileReader, before: HistoricalResolver, fresh: set[generic.Reference]
) -> set[generic.Reference]:
    """Compare trailer, document information and XMP; return what of these was rewritten, in place or anew."""
    now, then = reader.trailer.flatten(), before.trailer_view
    if "/Encrypt" in now or not _same(then, now, "/Root"):
        raise CandidateRefused("trailer")
    if now["/ID"][0].original_bytes != then["/ID"][0].original_bytes:
        raise CandidateRefused("trailer", "id")
    allowed: set[generic.Reference] = set()
    for key, is_same, old_holder, new_holder in (
        ("/Info", _is_same_but_dated, then, now),
        ("/Metadata", _has_same_words, before.root, reader.root),
    ):
        if key not in old_holder and key not in new_holder:
            continue
        if key not in old_holder or key not in new_holder:
            raise CandidateRefused("properties", key)
        # By reference: as a value pyHanko's historical view cannot read the stream of metadata.
        was, is_now = old_holder.raw_get(key).reference, new_holder.raw_get(key).reference
        # No other object may take their place.
        if is_now not in fresh | {was} or not is_same(before(was), reader.get_object(is_now)):
            raise CandidateRefused("properties", key)
        allowed.add(is_now)
    return allowed


def _is_same_but_dated(then: generic.DictionaryObject, now: generic.DictionaryObject) -> bool:
    return all(_same(then, now, key) for key in (then.keys() | now.keys()) - DATED)


def _has_same_words(then: generic.StreamObject, now: generic.StreamObject) -> bool:
    return equal(then, now) or _words(then) == _words(now)


def _words(xmp: generic.StreamObject) -> list[tuple[str, str]]:
    """What a metadata packet says, but for date and program."""
    if len(xmp.data) > XMP_BYTES or b"<!" in xmp.data:  # no comments, no document type
        raise CandidateRefused("properties", "XMP")
    root = ElementTree.fromstring(xmp.data.strip(b"\0 \r\n\t"))  # noqa: S314 - in the sandbox, no entities
    found = []
    for one in root.iter():  # a value stands in an element or an attribute, as the program likes
        found.append((one.tag, one.get(f"{RDF}resource", one.text or "").strip()))
        found += [pair for pair in one.attrib.items() if not pair[0].startswith((RDF, TOOLKIT))]
    return sorted((tag, text) for tag, text in found if text and not tag.endswith(DATED_XMP))


# --- The signature ---------------------------------------------------------------------------------
def _check_shape(reader: PdfFileReader, widget: generic.DictionaryObject, field: str) -> EmbeddedPdfSignature:
    """Of a kind we know, without locks, over every byte of the file but its own value."""
    dictionary: Any = widget["/V"]
    if not isinstance(dictionary, generic.DictionaryObject):
        raise CandidateRefused("signature_shape")
    if dictionary.keys() & LOCKS:
        raise CandidateRefused("locks")
    if (
        dictionary.keys() - SIGNATURE
        or dictionary.get("/Type", "/Sig") != "/Sig"
        or dictionary.get("/SubFilter") not in KINDS
    ):
        raise CandidateRefused("signature_shape", " ".join(sorted(dictionary.keys() - SIGNATURE)))
    if not _is_byte_range(dictionary.get("/ByteRange")):
        raise CandidateRefused("byte_range")
    signature = EmbeddedPdfSignature(reader, widget, field)
    level = signature.evaluate_signature_coverage()
    if level is not SignatureCoverageLevel.ENTIRE_FILE or not covers_all_but_itself(signature):
        raise CandidateRefused("coverage")
    return signature


def _is_byte_range(value: Any) -> bool:
    return (
        isinstance(value, generic.ArrayObject)
        and len(value) == 4
        and all(isinstance(number, generic.NumberObject) and int(number) >= 0 for number in value)
    )


def _check_signer(signature: EmbeddedPdfSignature, certificate: bytes) -> None:
    """Made by this certificate, with algorithms that hold."""
    try:
        signer = signature.signer_cert
    except SignatureValidationError as error:
        raise CandidateRefused("signature_shape", str(error)) from error
    if signer.dump() != certificate:
        raise CandidateRefused("certificate")
    _check_key(signer)
    used = {signature.md_algorithm}
    mechanism = signature.signer_info["signature_algorithm"]
    if mechanism["algorithm"].native != "rsassa_pkcs1v15":  # says no digest of its own
        used.add(mechanism.hash_algo)
    if not used <= set(DIGESTS):
        raise CandidateRefused("weak_digest", " ".join(sorted(used)))


def _check_key(certificate: x509.Certificate) -> None:
    key = certificate.public_key
    if key.algorithm == "rsa" and key.bit_size >= RSA_BITS:
        return
    if key.algorithm == "ec" and key.curve[0] == "named" and key.curve[1] in CURVES:
        return
    raise CandidateRefused("weak_key", f"{key.algorithm} {key.bit_size}")


def _check_trust(
    signature: EmbeddedPdfSignature, signed: bytes, trust: Trust, at: datetime
) -> datetime | None:
    """Ask pyHanko: what it compares, what it thinks of certificate and time-stamp, and its bottom line."""
    found = verify_newest(signed, trust, at=at)
    if found.modification is not Modification.CLEAN:
        raise CandidateRefused("comparison")
    if found.reason is not Reason.GOOD:
        raise CandidateRefused(DOUBTS.get(found.reason, "bottom_line"), found.reason)
    # Hard fail: also without any list, where the portal's own verification says "cannot tell".
    contexts = Contexts.of(trust, at, mode="require")
    status = asyncio.run(
        async_validate_pdf_signature(signature, contexts.signers, ts_validation_context=contexts.stamps)
    )
    if any(
        stamp is not None and not (stamp.valid and stamp.intact and stamp.trusted)
        for stamp in (status.timestamp_validity, status.content_timestamp_validity)
    ):
        raise CandidateRefused("timestamp")
    if not status.bottom_line:
        raise CandidateRefused("bottom_line" if trust.crls else "revocation_unknown")
    return found.stamped_at
