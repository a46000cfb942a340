"""Signing in two steps: the revision is made here, the signature value elsewhere, where the key is."""

import asyncio
import hashlib
import io
from dataclasses import dataclass
from datetime import datetime

from asn1crypto import cms, x509
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers import ExternalSigner
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from agreements.keys import StampRefused
from agreements.pades.errors import SigningError, StampError
from agreements.pades.files import NAME, QuietWriter, find_field, open_pdf, parsing
from agreements.pades.signing import DIGEST, _show, _SignedAttributes
from agreements.pades.stamping import Stamp, stamper
from agreements.pades.values import Appearance

# Hexadecimal digits: other authorities' certificates, RSA keys and issuers in between need more room.
RESERVED = 24576
GAP = b"<" + b"0" * RESERVED + b">"


@dataclass(frozen=True)
class Prepared:
    """A revision that waits for its signature value.

    `tail` follows the head, with a gap for the CMS; `attributes` (DER) is what the key signs, with SHA-256.
    """

    tail: bytes
    attributes: bytes

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.attributes).digest()


def prepare(head: bytes, field: str, certificate: bytes, appearance: Appearance, *, at: datetime) -> Prepared:
    """The head's next revision, complete but for the signature value of that certificate's key.

    Raises UnreadablePdf, SigningError, AppearanceError.
    """
    with parsing():
        reader = open_pdf(head)
        writer = QuietWriter(reader.stream, prev=reader)
        reference = find_field(writer, field)
    if reference is None or "/V" in reference.get_object():
        raise SigningError("no_such_field" if reference is None else "already_signed", field)
    widget = reference.get_object()
    _show(writer, widget, appearance)
    placeholder = SignatureObject(timestamp=at, subfilter=SigSeedSubFilter.PADES, bytes_reserved=RESERVED)
    widget[NAME("/V")] = writer.add_object(placeholder)
    writer.mark_update(reference)
    steps = placeholder.fill(writer, DIGEST, output=io.BytesIO())
    document, out = next(steps)
    attributes = asyncio.run(
        _signer(certificate).signed_attrs(document.document_digest, DIGEST, use_pades=True)
    )
    return Prepared(bytes(out.getvalue())[len(head) :], attributes.dump())


def complete(
    head: bytes,
    prepared: Prepared,
    certificate: bytes,
    value: bytes,
    *,
    others: tuple[bytes, ...] = (),
    stamp: Stamp | None = None,
) -> bytes:
    """The head with the prepared revision and its signature value, which nobody has checked yet.

    `value`: PKCS#1 for RSA, DER for ECDSA. `others`: certificates that may stand between the signer's and
    its root. With `stamp` an authority attests the time of the value. Raises SigningError, StampError.
    """
    place = prepared.tail.find(GAP)
    if place < 0:
        raise SigningError("no_gap")
    signer = _signer(certificate, value, others)
    attributes = cms.CMSAttributes.load(prepared.attributes)
    timestamper = stamper(stamp) if stamp else None
    try:
        made = signer.async_sign_prescribed_attributes(DIGEST, attributes, timestamper=timestamper)
        signed = asyncio.run(made).dump()
    except (TimestampRequestError, StampRefused) as error:
        raise StampError("no_stamp", str(error)) from error
    if 2 * len(signed) > RESERVED:
        raise SigningError("cms_too_large", f"{len(signed)} bytes")
    filled = b"<" + signed.hex().encode("ascii").ljust(RESERVED, b"0") + b">"
    return head + prepared.tail[:place] + filled + prepared.tail[place + len(GAP) :]


def _signer(certificate: bytes, value: bytes = b"", others: tuple[bytes, ...] = ()) -> ExternalSigner:
    chain = SimpleCertificateStore()
    for other in others:
        chain.register(x509.Certificate.load(other))
    signer = ExternalSigner(x509.Certificate.load(certificate), chain, value, embed_roots=False)
    signer.signed_attr_prov_spec = _SignedAttributes(certificate)
    return signer
