"""Certificates of other authorities, as their files hold them."""

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

PEM_MARK = b"-----BEGIN"


def certificates(content: bytes) -> list[bytes]:
    """Return the certificates of a file, PEM or DER, as DER. Raises ValueError."""
    if PEM_MARK in content:
        found = x509.load_pem_x509_certificates(content)
    else:
        found = [x509.load_der_x509_certificate(content)]
    return [one.public_bytes(Encoding.DER) for one in found]
