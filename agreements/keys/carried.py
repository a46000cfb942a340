"""The root's key on its way: a file under a passphrase, for a carrier that is locked away; and its lists."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from agreements.keys import folders
from agreements.keys.certificates import Issuer
from agreements.keys.errors import AuthorityError
from agreements.keys.lists import ROOT_CRL_DAYS, Revoked, sign_list

RootKey = ec.EllipticCurvePrivateKey
LEAST_PASSPHRASE = 16  # characters


def write_key(key: ec.EllipticCurvePrivateKey, path: Path, *, passphrase: str) -> None:
    """Write a new file, for its owner alone. Raises AuthorityError: short passphrase, or a file is there."""
    if len(passphrase) < LEAST_PASSPHRASE:
        raise AuthorityError(f"the passphrase needs at least {LEAST_PASSPHRASE} characters")
    content = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.BestAvailableEncryption(passphrase.encode()),
    )
    try:
        folders.write(path, content, mode=0o600)
    except OSError as error:
        raise AuthorityError(f"{path}: {error.strerror}") from error


def read_key(path: Path, *, passphrase: str) -> ec.EllipticCurvePrivateKey:
    """Raises AuthorityError for a wrong passphrase or another kind of file."""
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), passphrase.encode())
    except (OSError, ValueError, TypeError) as error:
        raise AuthorityError(f"{path} does not open with this passphrase") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise AuthorityError(f"{path} holds another kind of key")
    return key


def sign_root_list(
    root: bytes,
    key: RootKey,
    revoked: Iterable[Revoked | tuple[int, datetime, str]] = (),
    *,
    number: int,
    at: datetime,
) -> bytes:
    """The root's list, DER, good for 180 days; `root` is its certificate in either writing.

    Raises AuthorityError when certificate and key do not belong together.
    """
    read = x509.load_pem_x509_certificate if root.startswith(b"-----") else x509.load_der_x509_certificate
    try:
        certificate = read(root)
    except ValueError as error:
        raise AuthorityError("this is no certificate") from error
    check_key(certificate, key)
    return sign_list(Issuer(certificate, key), revoked, number=number, at=at, days=ROOT_CRL_DAYS)


def check_key(root: x509.Certificate, key: RootKey) -> None:
    """Raises AuthorityError when it is another's."""
    if key.public_key() != root.public_key():
        raise AuthorityError("this is not the root's key")
