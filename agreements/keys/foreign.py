"""Certificates and revocation lists of other authorities, as they were uploaded: read and checked."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from agreements.keys.errors import ForeignRefused

LEAST_RSA_BITS = 2048
PEM = b"-----BEGIN"
T = TypeVar("T")


@dataclass(frozen=True)
class ForeignRoot:
    """A CA certificate of today: self-signed, or signed by one that is believed."""

    der: bytes
    sha256: str
    common_name: str
    not_before: datetime
    not_after: datetime


@dataclass(frozen=True)
class ForeignList:
    """A revocation list, checked against its issuer. `number` is empty where it has none."""

    der: bytes
    issuer_sha256: str
    issuer_name: str
    number: str
    this_update: datetime
    next_update: datetime


def read_root(content: bytes, *, above: Iterable[bytes] = (), at: datetime) -> ForeignRoot:
    """Read a root, or what stands below one of the authorities `above`.

    Raises ForeignRefused (`not_a_certificate`, `no_authority`, `not_a_root`, `weak`, `not_valid_now`).
    """
    certificate = _certificate(content)
    _check_authority(certificate, at=at)
    signers = (certificate, *map(x509.load_der_x509_certificate, above))
    if not any(_is_issued_by(certificate, signer) for signer in signers):
        raise ForeignRefused("not_a_root")
    return ForeignRoot(
        certificate.public_bytes(serialization.Encoding.DER),
        certificate.fingerprint(hashes.SHA256()).hex(),
        _name(certificate.subject),
        certificate.not_valid_before_utc,
        certificate.not_valid_after_utc,
    )


def is_self_issued(der: bytes) -> bool:
    """Whether a certificate is a root, and not one that another authority signed."""
    certificate = x509.load_der_x509_certificate(der)
    return certificate.issuer == certificate.subject


def read_list(content: bytes, *, root: bytes, issuer: bytes = b"", at: datetime) -> ForeignList:
    """Read a list that the root signed, or an `issuer` just below the root.

    Raises ForeignRefused (`not_a_certificate`, `no_authority`, `not_below`, `weak`, `not_valid_now`,
    `not_a_list`, `not_its_list`, `delta`, `list_not_valid_now`).
    """
    by = above = x509.load_der_x509_certificate(root)
    if issuer:
        by = _certificate(issuer)
        _check_authority(by, at=at)
        if not _is_issued_by(by, above):
            raise ForeignRefused("not_below")
    found = _parsed(x509.load_pem_x509_crl, x509.load_der_x509_crl, content, "not_a_list")
    public_key = by.public_key()
    if not isinstance(public_key, ec.EllipticCurvePublicKey | rsa.RSAPublicKey):
        raise ForeignRefused("weak")
    if found.issuer != by.subject or not found.is_signature_valid(public_key):
        raise ForeignRefused("not_its_list")
    if any(one.value.oid == x509.DeltaCRLIndicator.oid for one in found.extensions):
        raise ForeignRefused("delta")
    ends = found.next_update_utc
    if ends is None or not found.last_update_utc <= at < ends:
        raise ForeignRefused("list_not_valid_now")
    numbers = [one.value.crl_number for one in found.extensions if isinstance(one.value, x509.CRLNumber)]
    return ForeignList(
        found.public_bytes(serialization.Encoding.DER),
        by.fingerprint(hashes.SHA256()).hex(),
        _name(by.subject),
        str(numbers[0]) if numbers else "",
        found.last_update_utc,
        ends,
    )


def _is_issued_by(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature, UnsupportedAlgorithm):
        return False
    return True


def _certificate(content: bytes) -> x509.Certificate:
    return _parsed(
        x509.load_pem_x509_certificate, x509.load_der_x509_certificate, content, "not_a_certificate"
    )


def _parsed(pem: Callable[[bytes], T], der: Callable[[bytes], T], content: bytes, code: str) -> T:
    """Read either way of writing it; whatever else is in there is nobody's business."""
    try:
        return pem(content) if content.lstrip().startswith(PEM) else der(content)
    except (ValueError, TypeError, x509.InvalidVersion, UnsupportedAlgorithm) as error:
        raise ForeignRefused(code) from error


def _check_authority(certificate: x509.Certificate, *, at: datetime) -> None:
    key = certificate.public_key()
    is_strong = (isinstance(key, rsa.RSAPublicKey) and key.key_size >= LEAST_RSA_BITS) or (
        isinstance(key, ec.EllipticCurvePublicKey) and key.key_size >= ec.SECP256R1().key_size
    )
    if not is_strong:
        raise ForeignRefused("weak")
    try:
        is_authority = certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError) as error:
        raise ForeignRefused("no_authority") from error
    if not is_authority:
        raise ForeignRefused("no_authority")
    if not certificate.not_valid_before_utc <= at < certificate.not_valid_after_utc:
        raise ForeignRefused("not_valid_now")


def _name(name: x509.Name) -> str:
    for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME, NameOID.ORGANIZATION_NAME):
        for attribute in name.get_attributes_for_oid(oid):
            return str(attribute.value)[:200]
    return name.rfc4514_string()[:200]
