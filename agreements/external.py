"""Authorities other than the portal's own: whom a signature made with a USB token may lead to."""

import logging
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings

from agreements.pades import Trust

log = logging.getLogger(__name__)

CERTIFICATES = {".pem", ".crt", ".cer"}
LISTS = {".crl"}
PEM_MARK = b"-----BEGIN"


def external_roots() -> Trust:
    """Return the certificates and revocation lists that the administrator put into EXTERNAL_ROOTS_DIR.

    A certificate that issued itself is a root, of signers and of time-stamps; the others only link to it. A
    file that cannot be read is left out and logged; what it would have vouched for is then refused.
    """
    folder = Path(settings.EXTERNAL_ROOTS_DIR)
    found: list[bytes] = []
    crls: list[bytes] = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            if path.suffix in CERTIFICATES:
                found += certificates(path.read_bytes())
            elif path.suffix in LISTS:
                crls.append(_list(path.read_bytes()))
        except (OSError, ValueError) as error:
            log.error("%s is left out of the external authorities: %s", path, error)
    roots = tuple(one for one in found if _is_root(one))
    return Trust(
        roots, tuple(crls), stamp_roots=roots, others=tuple(one for one in found if one not in roots)
    )


def _is_root(der: bytes) -> bool:
    certificate = x509.load_der_x509_certificate(der)
    return certificate.issuer == certificate.subject


def certificates(content: bytes) -> list[bytes]:
    """Return the certificates of a file, PEM or DER, as DER. Raises ValueError."""
    if PEM_MARK in content:
        found = x509.load_pem_x509_certificates(content)
    else:
        found = [x509.load_der_x509_certificate(content)]
    return [one.public_bytes(Encoding.DER) for one in found]


def _list(content: bytes) -> bytes:
    load = x509.load_pem_x509_crl if PEM_MARK in content else x509.load_der_x509_crl
    return load(content).public_bytes(Encoding.DER)
