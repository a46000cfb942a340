"""Revocation lists: what stands in one, and how it is signed."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from agreements.keys.certificates import Issuer, subject_key
from agreements.keys.errors import AuthorityError

CRL_DAYS = 7  # issued daily, at each revocation, and before each sealing
ROOT_CRL_DAYS = 180

# Suspending a signer is a lock on her credential, never an entry here; entries are never taken back.
FORBIDDEN_REASONS = {x509.ReasonFlags.certificate_hold, x509.ReasonFlags.remove_from_crl}


class Revoked(NamedTuple):
    """A line of a revocation list. `revoked_at` is the moment of the report, never backdated.

    `reason`: a name of `cryptography.x509.ReasonFlags`, such as `key_compromise` or `superseded`.
    """

    serial: int
    revoked_at: datetime
    reason: str = "unspecified"


def sign_list(
    issuer: Issuer,
    revoked: Iterable[Revoked | tuple[int, datetime, str]],
    *,
    number: int,
    at: datetime,
    days: int,
) -> bytes:
    """A full list, DER: number and authority key identifier, no delta, no issuing distribution point."""
    this_update = at.replace(microsecond=0)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(this_update)
        .next_update(this_update + timedelta(days=days))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(subject_key(issuer.certificate)),
            critical=False,
        )
    )
    for line in revoked:
        builder = builder.add_revoked_certificate(_entry(Revoked(*line)))
    return builder.sign(issuer.private_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def lines_of(content: bytes) -> tuple[Revoked, ...]:
    """Return what stands in a list, DER."""
    return tuple(
        Revoked(entry.serial_number, entry.revocation_date_utc, _reason(entry))
        for entry in x509.load_der_x509_crl(content)
    )


def list_issuer(content: bytes) -> x509.Name:
    """Return whose list it is, DER."""
    return x509.load_der_x509_crl(content).issuer


def _reason(entry: x509.RevokedCertificate) -> str:
    try:
        return entry.extensions.get_extension_for_class(x509.CRLReason).value.reason.name
    except x509.ExtensionNotFound:
        return "unspecified"


def check_root_list(
    root: x509.Certificate,
    content: bytes,
    revoked: Iterable[int] = (),
    *,
    newer_than: int,
    at: datetime,
) -> int:
    """Return the number of a list that the root signed elsewhere; `revoked` are the serials it must name.

    Raises AuthorityError.
    """
    try:
        found = x509.load_der_x509_crl(content)
        number = found.extensions.get_extension_for_class(x509.CRLNumber).value.crl_number
    except (ValueError, x509.ExtensionNotFound) as error:
        raise AuthorityError("this is no revocation list with a number") from error
    public_key = root.public_key()
    if not isinstance(public_key, ec.EllipticCurvePublicKey) or not found.is_signature_valid(public_key):
        raise AuthorityError("the root did not sign this list")
    ends = found.next_update_utc
    if ends is None or not found.last_update_utc <= at < ends:
        raise AuthorityError("this list is not valid today")
    if missing := set(revoked) - {entry.serial_number for entry in found}:
        raise AuthorityError(f"it does not name {', '.join(f'{one:x}' for one in sorted(missing))}")
    if number <= newer_than:
        raise AuthorityError(f"its number is {number}, and number {newer_than} is here already")
    return number


def _entry(line: Revoked) -> x509.RevokedCertificate:
    reason = x509.ReasonFlags[line.reason]
    if reason in FORBIDDEN_REASONS:
        raise ValueError(f"{line.reason} has no place in a revocation list here")
    builder = (
        x509.RevokedCertificateBuilder()
        .serial_number(line.serial)
        .revocation_date(line.revoked_at.replace(microsecond=0))
    )
    if reason is not x509.ReasonFlags.unspecified:  # RFC 5280, 5.3.1: leave out rather than write it
        builder = builder.add_extension(x509.CRLReason(reason), critical=False)
    return builder.build()
