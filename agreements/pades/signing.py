"""Certifying and signing: one incremental revision each, never a change of what stands before."""

import asyncio
import hashlib
from datetime import datetime

from asn1crypto import tsp, x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from pyhanko.pdf_utils import generic
from pyhanko.sign.attributes import CMSAttributeProvider, SignedAttributeProviderSpec
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers import Signer
from pyhanko.sign.signers.cms_embedder import SigMDPSetup
from pyhanko.sign.signers.pdf_byterange import SignatureObject
from pyhanko.sign.timestamps.common_utils import TimestampRequestError
from pyhanko_certvalidator.registry import SimpleCertificateStore

from agreements.keys import SigningKey, StampRefused
from agreements.pades.agency_appearances import draw_agency
from agreements.pades.appearances import draw
from agreements.pades.errors import SigningError, StampError
from agreements.pades.files import NAME, QuietWriter, find_field, open_pdf, parsing
from agreements.pades.freezing import CERTIFYING_FIELD
from agreements.pades.stamping import Stamp, stamper
from agreements.pades.values import AgencyAppearance, Appearance

DIGEST = "sha256"

# Hexadecimal digits kept free for the CMS, so twice its bytes. Two P-256 certificates with long
# Vietnamese names make about 2,200 bytes, a time-stamp with its certificate 1,400.
RESERVED = 10240


class LocalSigner(Signer):
    """pyHanko's signer over a key in memory: ECDSA, SHA-256."""

    def __init__(self, key: SigningKey) -> None:
        chain = SimpleCertificateStore()
        for certificate in key.chain:
            chain.register(x509.Certificate.load(certificate))
        # A root proves nothing by standing in the file; who verifies must have it already.
        super().__init__(
            signing_cert=x509.Certificate.load(key.certificate), cert_registry=chain, embed_roots=False
        )
        self.signed_attr_prov_spec = _SignedAttributes(key.certificate)
        self._private_key = key.private_key

    async def async_sign_raw(self, data: bytes, digest_algorithm: str, dry_run: bool = False) -> bytes:
        if digest_algorithm != DIGEST:
            raise SigningError("digest", digest_algorithm)
        return self._private_key.sign(data, ec.ECDSA(hashes.SHA256()))


class _SignedAttributes(SignedAttributeProviderSpec):
    """What a PAdES baseline signature signs beside type and digest: which certificate made it."""

    def __init__(self, certificate: bytes) -> None:
        self.certificate = certificate

    def signed_attr_providers(self, data_digest: bytes, digest_algorithm: str) -> list[CMSAttributeProvider]:
        return [_CertificateHash(self.certificate)]


class _CertificateHash(CMSAttributeProvider):
    """The certificate's hash alone. RFC 5035 leaves the issuer's name optional beside it, and asn1crypto
    spends half of the signing time on writing that name, and half of the verifying time on comparing it.
    """

    attribute_type = "signing_certificate_v2"

    def __init__(self, certificate: bytes) -> None:
        self.certificate = certificate

    async def build_attr_value(self, dry_run: bool = False) -> tsp.SigningCertificateV2:
        digest = hashlib.new(DIGEST, self.certificate).digest()
        reference = tsp.ESSCertIDv2({"hash_algorithm": {"algorithm": DIGEST}, "cert_hash": digest})
        return tsp.SigningCertificateV2({"certs": [reference]})


def certify(
    frozen: bytes,
    key: SigningKey,
    *,
    at: datetime,
    field: str = CERTIFYING_FIELD,
    stamp: Stamp | None = None,
) -> bytes:
    """The portal's own first signature: from now on only signatures may be added (DocMDP, P=2).

    With `stamp` an authority attests the time of it. Raises UnreadablePdf, SigningError, StampError.
    """
    return _append(
        frozen,
        field,
        key,
        at,
        stamp=stamp,
        mdp=SigMDPSetup(md_algorithm=DIGEST, certify=True, docmdp_perms=MDPPerm.FILL_FORMS),
    )


def sign(
    head: bytes,
    field: str,
    key: SigningKey,
    appearance: Appearance | AgencyAppearance,
    *,
    at: datetime,
    stamp: Stamp | None = None,
) -> bytes:
    """The head with one more revision: a PAdES signature in an empty field, drawn into its box.

    `at` is written into the signed dictionary (/M); PAdES forbids the CMS attribute for it
    (ETSI EN 319 142-1, 6.3). With `stamp` an authority attests the time.

    Raises UnreadablePdf, SigningError, AppearanceError, StampError.
    """
    return _append(head, field, key, at, appearance=appearance, stamp=stamp)


def _append(
    pdf: bytes,
    field: str,
    key: SigningKey,
    at: datetime,
    *,
    appearance: Appearance | AgencyAppearance | None = None,
    mdp: SigMDPSetup | None = None,
    stamp: Stamp | None = None,
) -> bytes:
    """1. Find the empty field. 2. Draw. 3. Write with a gap. 4. Sign the digest of all but the gap."""
    with parsing():
        reader = open_pdf(pdf)
        writer = QuietWriter(reader.stream, prev=reader)
        reference = find_field(writer, field)
    if reference is None:
        raise SigningError("no_such_field", field)
    widget = reference.get_object()
    if "/V" in widget:
        raise SigningError("already_signed", field)
    if appearance is not None:
        _show(writer, widget, appearance)
    placeholder = SignatureObject(timestamp=at, subfilter=SigSeedSubFilter.PADES, bytes_reserved=RESERVED)
    signature = writer.add_object(placeholder)
    widget[NAME("/V")] = signature
    writer.mark_update(reference)
    if mdp is not None:
        mdp.apply(signature, writer)
    return _filled(placeholder, writer, key, stamp)


def _filled(
    placeholder: SignatureObject, writer: QuietWriter, key: SigningKey, stamp: Stamp | None = None
) -> bytes:
    """Write the file with its gap, sign the digest of the rest, put the CMS into the gap."""
    steps = placeholder.fill(writer, DIGEST)
    prepared, out = next(steps)
    cms = asyncio.run(_cms(prepared.document_digest, key, stamp))
    if 2 * len(cms) > RESERVED:
        raise SigningError("cms_too_large", f"{len(cms)} bytes")
    steps.send(cms)
    return bytes(out.getvalue())


async def _cms(digest: bytes, key: SigningKey, stamp: Stamp | None) -> bytes:
    try:
        signed = await LocalSigner(key).async_sign(
            digest, DIGEST, use_pades=True, timestamper=stamper(stamp) if stamp else None
        )
    except (TimestampRequestError, StampRefused) as error:
        raise StampError("no_stamp", str(error)) from error
    return bytes(signed.dump())


def _show(
    writer: QuietWriter, widget: generic.DictionaryObject, appearance: Appearance | AgencyAppearance
) -> None:
    left, bottom, right, top = (float(edge) for edge in widget["/Rect"])
    width, height = right - left, top - bottom
    if isinstance(appearance, AgencyAppearance):
        form = draw_agency(writer, appearance, width, height)
    else:
        form = draw(writer, appearance, width, height)
    widget[NAME("/AP")] = generic.DictionaryObject({NAME("/N"): form})
