"""The quick check of a would-be next revision, made while the document is locked.

Instead of pyHanko's full comparison (0.4 s and growing; a job does it afterwards) an allow-list: the
revision may hold the field, its signature, its drawing, and nothing else. Codes of CandidateRefused:

| code | the candidate |
| --- | --- |
| `not_on_head` | does not begin with the head's bytes |
| `nothing_added` | is the head |
| `revisions` | adds more or less than one revision |
| `unreadable` | cannot be parsed |
| `trailer` | changes the document's root, information or id |
| `wrong_field` | leaves the expected field empty, or it was signed already |
| `changed_object` | changes an object other than the field |
| `field_changed` | changes more of the field than value and appearance |
| `extra_object` | brings an object that belongs neither to the signature nor to its drawing |
| `appearance` | draws with something other than the frozen fonts and an image |
| `signature_shape` | has a signature of another kind than ours |
| `coverage` | leaves bytes outside the signature |
| `digest`, `value` | has a signature that does not fit the bytes, or the certificate |
| `certificate` | is signed with another certificate |
"""

import io

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import HistoricalResolver, PdfFileReader, process_data_at_eof
from pyhanko.sign.validation.errors import SignatureValidationError
from pyhanko.sign.validation.generic_cms import validate_sig_integrity
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel

from agreements.pades.changes import covers_all_but_itself
from agreements.pades.errors import CandidateRefused, UnreadablePdf
from agreements.pades.files import find_field, open_pdf

SIGNED = frozenset({"/V", "/AP"})
SIGNATURE = frozenset({"/Type", "/Filter", "/SubFilter", "/ByteRange", "/Contents", "/M"})
FORM = frozenset({"/Type", "/Subtype", "/BBox", "/Resources", "/Filter", "/Length"})
IMAGE = frozenset(
    {
        "/Type",
        "/Subtype",
        "/Width",
        "/Height",
        "/ColorSpace",
        "/BitsPerComponent",
        "/SMask",
        "/Filter",
        "/Length",
    }
)
TRAILER = ("/Root", "/Info", "/Encrypt")


def check_candidate(head: bytes, candidate: bytes, field: str, certificate: bytes) -> None:
    """Refuse unless the candidate is the head plus one signature in that field by that certificate (DER).

    Raises CandidateRefused.
    """
    if not candidate.startswith(head):
        raise CandidateRefused("not_on_head")
    if len(candidate) == len(head):
        raise CandidateRefused("nothing_added")
    try:
        _check(head, candidate, field, certificate)
    except CandidateRefused:
        raise
    except UnreadablePdf as error:
        raise CandidateRefused("unreadable", str(error)) from error
    except Exception as error:  # any parser exception is a refusal
        raise CandidateRefused("unreadable", repr(error)) from error


def _check(head: bytes, candidate: bytes, field: str, certificate: bytes) -> None:
    reader = open_pdf(candidate)
    check_one_revision(head, candidate, reader)
    before = reader.get_historical_resolver(reader.xrefs.total_revisions - 2)
    _check_trailer(reader, before)
    reference = find_field(reader, field)
    if reference is None or "/V" not in reference.get_object():
        raise CandidateRefused("wrong_field", field)
    allowed = {reference.reference}
    allowed |= _check_field(before(reference.reference), reference.get_object(), reader)
    new = reader.xrefs.explicit_refs_in_revision(reader.xrefs.total_revisions - 1)
    for found in sorted(new - allowed, key=lambda ref: ref.idnum):
        section = reader.xrefs.get_xref_container_info(reader.xrefs.total_revisions - 1)
        if found == section.stream_ref:
            continue
        known = reader.xrefs.get_historical_ref(found, before.revision) is not None
        raise CandidateRefused("changed_object" if known else "extra_object", f"{found.idnum} 0 obj")
    for found in allowed - {reference.reference}:
        if reader.xrefs.get_historical_ref(found, before.revision) is not None:
            raise CandidateRefused("changed_object", f"{found.idnum} 0 obj")
    _check_signature(reader, reference.get_object(), field, certificate)


def check_one_revision(head: bytes, candidate: bytes, reader: PdfFileReader) -> None:
    """The newest cross-reference continues the head's own, and the added bytes hold no second end."""
    if reader.xrefs.total_revisions < 2 or candidate.count(b"startxref", len(head)) != 1:
        raise CandidateRefused("revisions")
    end = io.BytesIO(head)
    end.seek(-1, io.SEEK_END)
    try:
        last = process_data_at_eof(end)
    except PdfReadError as error:
        raise CandidateRefused("not_on_head", str(error)) from error
    if reader.xrefs.get_startxref_for_revision(reader.xrefs.total_revisions - 2) != last:
        raise CandidateRefused("revisions")
    if reader.xrefs.refs_freed_in_revision(reader.xrefs.total_revisions - 1):
        raise CandidateRefused("changed_object", "freed")


def _check_trailer(reader: PdfFileReader, before: HistoricalResolver) -> None:
    now, then = reader.trailer.flatten(), reader.trailer.flatten(before.revision)
    same = all((key not in now and key not in then) or _same(now, then, key) for key in TRAILER)
    if not same or now["/ID"][0].original_bytes != then["/ID"][0].original_bytes:
        raise CandidateRefused("trailer")


def _same(now: generic.DictionaryObject, then: generic.DictionaryObject, key: str) -> bool:
    """Equal as written: references are compared, not what they lead to."""
    return key in now and key in then and now.raw_get(key) == then.raw_get(key)


def _check_field(
    then: generic.DictionaryObject, now: generic.DictionaryObject, reader: PdfFileReader
) -> set[generic.Reference]:
    """Only value and appearance are new. Returns the references that these two bring."""
    if "/V" in then:
        raise CandidateRefused("wrong_field", "signed already")
    if then.keys() | SIGNED != now.keys() | SIGNED or not all(
        _same(now, then, key) for key in then.keys() - SIGNED
    ):
        raise CandidateRefused("field_changed")
    value = now.raw_get("/V")
    if not isinstance(value, generic.IndirectObject):
        raise CandidateRefused("signature_shape", "a direct value")
    brought = {value.reference}
    if ("/AP" in then) != ("/AP" in now):
        raise CandidateRefused("appearance")
    if "/AP" in now and now.raw_get("/AP") != then.raw_get("/AP"):
        brought |= _check_drawing(now, reader)
    return brought


def _check_drawing(widget: generic.DictionaryObject, reader: PdfFileReader) -> set[generic.Reference]:
    """A form of the box's own size with the frozen fonts and at most one image."""
    drawings = widget.raw_get("/AP")
    if not isinstance(drawings, generic.DictionaryObject) or drawings.keys() != {"/N"}:
        raise CandidateRefused("appearance", "other than a normal drawing")
    reference = drawings.raw_get("/N")
    form = drawings["/N"]
    left, bottom, right, top = (float(edge) for edge in widget["/Rect"])
    box = [float(edge) for edge in form["/BBox"]]
    if (
        not isinstance(form, generic.StreamObject)
        or not form.keys() <= FORM
        or form["/Subtype"] != "/Form"
        or any(abs(a - b) > 0.02 for a, b in zip(box, (0, 0, right - left, top - bottom), strict=True))
    ):
        raise CandidateRefused("appearance", "not a plain form of the box's size")
    resources = form["/Resources"]
    frozen = {font.reference for font in _raw_values(reader.root["/AcroForm"]["/DR"]["/Font"])}
    fonts = {font.reference for font in _raw_values(resources.get("/Font", generic.DictionaryObject()))}
    if not resources.keys() <= {"/Font", "/XObject"} or not fonts <= frozen:
        raise CandidateRefused("appearance", "resources")
    return {reference.reference} | _check_images(resources.get("/XObject", generic.DictionaryObject()))


def _check_images(images: generic.DictionaryObject) -> set[generic.Reference]:
    brought: set[generic.Reference] = set()
    for reference in _raw_values(images):
        image = reference.get_object()
        if (
            not isinstance(image, generic.StreamObject)
            or not image.keys() <= IMAGE
            or image["/Subtype"] != "/Image"
        ):
            raise CandidateRefused("appearance", "not an image")
        brought.add(reference.reference)
        if "/SMask" in image:
            mask = image.raw_get("/SMask")
            if not mask.get_object().keys() <= IMAGE - {"/SMask"}:
                raise CandidateRefused("appearance", "mask")
            brought.add(mask.reference)
    return brought


def _raw_values(dictionary: generic.DictionaryObject) -> list[generic.IndirectObject]:
    return [dictionary.raw_get(key) for key in dictionary]


def _check_signature(
    reader: PdfFileReader, widget: generic.DictionaryObject, field: str, certificate: bytes
) -> None:
    """It covers the whole file, was made by this certificate, and fits."""
    signature = EmbeddedPdfSignature(reader, widget, field)
    dictionary = signature.sig_object
    if dictionary.keys() - SIGNATURE or dictionary.get("/SubFilter") != "/ETSI.CAdES.detached":
        raise CandidateRefused("signature_shape", " ".join(sorted(dictionary.keys() - SIGNATURE)))
    level = signature.evaluate_signature_coverage()
    if level is not SignatureCoverageLevel.ENTIRE_FILE or not covers_all_but_itself(signature):
        raise CandidateRefused("coverage")
    if signature.md_algorithm != "sha256":
        raise CandidateRefused("signature_shape", signature.md_algorithm)
    try:
        signer = signature.signer_cert
        if signer.dump() != certificate:
            raise CandidateRefused("certificate")
        intact, valid = validate_sig_integrity(
            signature.signer_info,
            signer,
            expected_content_type="data",
            actual_digest=signature.compute_digest(),
        )
    except SignatureValidationError as error:
        raise CandidateRefused("value", str(error)) from error
    if not intact:
        raise CandidateRefused("digest")
    if not valid:
        raise CandidateRefused("value")
