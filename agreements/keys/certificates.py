"""Which certificate says what.

| | life | key usage | extended | path |
| --- | --- | --- | --- | --- |
| root | 20 years | certificates, CRLs | | any |
| issuing CA | 20 years, issues for 3 | certificates, CRLs | | 0 |
| certifier (the portal) | 2 years | non-repudiation | document signing | end |
| signer | 2 years | non-repudiation | document signing | end |
| root of time-stamps | 20 years | certificates, CRLs | | any |
| time-stamps | 6 years, stamps for 2 | digital signature | time-stamping, critical | end |

All P-256 with SHA-256, subject and authority key identifiers everywhere. The long life of the issuing CA
keeps old signatures checkable; its short issuing life limits what one key can do.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA_YEARS = 20
END_DAYS = 730
STAMP_DAYS = 6 * 365 + 1

# RFC 9336. E-mail protection beside it: NSS, and so pdfsig, wants it where any extended usage stands.
SIGNS_DOCUMENTS = (x509.ObjectIdentifier("1.3.6.1.5.5.7.3.36"), ExtendedKeyUsageOID.EMAIL_PROTECTION)


@dataclass(frozen=True)
class Issuer:
    """A CA certificate with its private key. `published_at`: the address below which its list is served."""

    certificate: x509.Certificate
    private_key: ec.EllipticCurvePrivateKey
    published_at: str = ""

    @property
    def der(self) -> bytes:
        return der(self.certificate)


def subject(common_name: str, *, organization: str, unit: str = "", label: str = "") -> x509.Name:
    """Raises ValueError when the common name is longer than 64 bytes of UTF-8."""
    attributes = [
        x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
        x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
        x509.NameAttribute(NameOID.COMMON_NAME, common_name),
    ]
    if unit:
        attributes.insert(2, x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit))
    if label:
        attributes.append(x509.NameAttribute(NameOID.SERIAL_NUMBER, label))
    return x509.Name(attributes)


def issue_ca(
    name: x509.Name,
    private_key: ec.EllipticCurvePrivateKey,
    issuer: Issuer | None,
    *,
    at: datetime,
) -> x509.Certificate:
    """A CA certificate: self-signed without an issuer, else one that issues end certificates only."""
    end = at.replace(microsecond=0) + timedelta(days=CA_YEARS * 365 + CA_YEARS // 4)
    if issuer is not None:
        end = min(end, issuer.certificate.not_valid_after_utc)
    builder = (
        _builder(name, private_key.public_key(), issuer, start=at, end=end)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0 if issuer else None), critical=True)
        .add_extension(_key_usage(key_cert_sign=True, crl_sign=True), critical=True)
    )
    return builder.sign(issuer.private_key if issuer else private_key, hashes.SHA256())


def issue_end(
    name: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    issuer: Issuer,
    *,
    at: datetime,
    days: int = END_DAYS,
    serial: int | None = None,
) -> x509.Certificate:
    """A certificate that signs documents and nothing else. Never outlives its issuer."""
    end = min(at.replace(microsecond=0) + timedelta(days=days), issuer.certificate.not_valid_after_utc)
    builder = (
        _builder(name, public_key, issuer, start=at, end=end, serial=serial)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(content_commitment=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage(SIGNS_DOCUMENTS), critical=False)
    )
    return builder.sign(issuer.private_key, hashes.SHA256())


def issue_stamp(
    name: x509.Name, public_key: ec.EllipticCurvePublicKey, issuer: Issuer, *, at: datetime
) -> x509.Certificate:
    """A certificate that says when, and nothing else. Source: RFC 3161, 2.3."""
    end = min(at.replace(microsecond=0) + timedelta(days=STAMP_DAYS), issuer.certificate.not_valid_after_utc)
    builder = (
        _builder(name, public_key, issuer, start=at, end=end)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(digital_signature=True), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    )
    return builder.sign(issuer.private_key, hashes.SHA256())


def _builder(
    name: x509.Name,
    public_key: ec.EllipticCurvePublicKey,
    issuer: Issuer | None,
    *,
    start: datetime,
    end: datetime,
    serial: int | None = None,
) -> x509.CertificateBuilder:
    own = x509.SubjectKeyIdentifier.from_public_key(public_key)
    above = own if issuer is None else subject_key(issuer.certificate)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(public_key)
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(start.replace(microsecond=0))
        .not_valid_after(end)
        .add_extension(own, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(above), critical=False)
    )
    if issuer is None or not issuer.published_at:
        return builder
    return builder.add_extension(_where_revoked(issuer), critical=False)


def _where_revoked(issuer: Issuer) -> x509.CRLDistributionPoints:
    """For verifiers elsewhere; the portal's own knows its lists and fetches nothing."""
    address = x509.UniformResourceIdentifier(f"{issuer.published_at}/{key_id(issuer.certificate)}.crl")
    return x509.CRLDistributionPoints([x509.DistributionPoint([address], None, None, None)])


def serial_of(content: bytes) -> int:
    """The number of a certificate, DER."""
    return x509.load_der_x509_certificate(content).serial_number


def subject_key(certificate: x509.Certificate) -> x509.SubjectKeyIdentifier:
    return certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value


def is_issuer(above: x509.Certificate, below: x509.Certificate) -> bool:
    """Whether the upper one's key is what the lower one says it was made with."""
    named = below.extensions.get_extension_for_class(x509.AuthorityKeyIdentifier).value.key_identifier
    return named == subject_key(above).digest


def was_issued_by(content: bytes, issuer: Issuer) -> bool:
    """Whether a certificate, DER, says that this issuer made it."""
    below = x509.load_der_x509_certificate(content)
    return below.issuer == issuer.certificate.subject and is_issuer(issuer.certificate, below)


def key_id(certificate: x509.Certificate) -> str:
    """The subject key identifier, hex: what a CA's addresses are named by."""
    return subject_key(certificate).digest.hex()


def _key_usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )


def der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)
