"""Private keys at rest.

A sealed signer's key, version 1: `QDK1`, log2 of scrypt's n, r, p (a byte each), salt (16), inner nonce
(12), outer nonce (12), then the ciphertext. Both layers are AES-256-GCM and bind the header and the
caller's context, so that a record moved to another credential does not open.
"""

import os
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from agreements.keys.errors import KeyDamaged, WrongPin
from agreements.keys.pins import normalize_pin

MAGIC = b"QDK1"
FILE_MAGIC = b"QDF1"
SALT, NONCE = 16, 12
HEADER = len(MAGIC) + 3 + SALT
SCRYPT_N, SCRYPT_R, SCRYPT_P = 2**17, 8, 1  # 128 MB and about 0.3 s a guess
LEAST_KEK = 32


@dataclass(frozen=True)
class SigningKey:
    """What signs: DER certificate, its private key, DER issuers from the nearest on."""

    certificate: bytes
    private_key: ec.EllipticCurvePrivateKey = field(repr=False)
    chain: tuple[bytes, ...]


@dataclass(frozen=True)
class DerivedPin:
    """A PIN stretched once, for loading many credentials with the same PIN. Keep it in memory only."""

    key: bytes = field(repr=False)
    salt: bytes
    n: int


def generate_key() -> ec.EllipticCurvePrivateKey:
    """A new P-256 key."""
    return ec.generate_private_key(ec.SECP256R1())


def derive_pin(pin: str, *, n: int = SCRYPT_N, salt: bytes | None = None) -> DerivedPin:
    """Stretch a PIN with scrypt: slow by design. `n` is a power of two."""
    salt = os.urandom(SALT) if salt is None else salt
    key = Scrypt(salt=salt, length=32, n=n, r=SCRYPT_R, p=SCRYPT_P).derive(normalize_pin(pin).encode())
    return DerivedPin(key, salt, n)


def seal(
    private_key: ec.EllipticCurvePrivateKey,
    pin: str | DerivedPin,
    kek: bytes,
    *,
    context: bytes,
    n: int = SCRYPT_N,
) -> bytes:
    """Encrypt a signer's key under her PIN, and again under the key-encryption key.

    `context` is the credential's id: `unseal` needs the same. With a DerivedPin its own n counts.
    """
    derived = pin if isinstance(pin, DerivedPin) else derive_pin(pin, n=n)
    header = MAGIC + bytes([derived.n.bit_length() - 1, SCRYPT_R, SCRYPT_P]) + derived.salt
    inner_nonce, outer_nonce = os.urandom(NONCE), os.urandom(NONCE)
    inner = AESGCM(derived.key).encrypt(inner_nonce, _pkcs8(private_key), header + context)
    outer = _outer(kek).encrypt(outer_nonce, inner_nonce + inner, header + context)
    return header + outer_nonce + outer


def unseal(sealed: bytes, pin: str | DerivedPin, kek: bytes, *, context: bytes) -> ec.EllipticCurvePrivateKey:
    """The private key again. A DerivedPin opens what was sealed with it, without stretching anew.

    Raises WrongPin; KeyDamaged for everything that is not the PIN. The outer layer proves the record
    whole before the PIN is tried, and costs nothing beside scrypt.
    """
    if len(sealed) < HEADER + 2 * NONCE or not sealed.startswith(MAGIC):
        raise KeyDamaged("not a sealed key")
    header, nonce, outer = sealed[:HEADER], sealed[HEADER : HEADER + NONCE], sealed[HEADER + NONCE :]
    try:
        content = _outer(kek).decrypt(nonce, outer, header + context)
    except InvalidTag as error:
        raise KeyDamaged("altered, of another credential, or under another key") from error
    # n, r and p are authentic now: no altered record can make scrypt take all memory.
    log_n, r, p = header[len(MAGIC) : len(MAGIC) + 3]
    if (r, p) != (SCRYPT_R, SCRYPT_P):
        raise KeyDamaged("unknown parameters")
    derived = (
        pin if isinstance(pin, DerivedPin) else derive_pin(pin, n=1 << log_n, salt=header[len(MAGIC) + 3 :])
    )
    try:
        plain = AESGCM(derived.key).decrypt(content[:NONCE], content[NONCE:], header + context)
    except InvalidTag as error:
        raise WrongPin from error
    return _load(plain)


def seal_file(private_key: ec.EllipticCurvePrivateKey, kek: bytes, *, purpose: str) -> bytes:
    """Encrypt one of the portal's own keys under the key-encryption key, bound to its purpose."""
    nonce = os.urandom(NONCE)
    return FILE_MAGIC + nonce + _outer(kek).encrypt(nonce, _pkcs8(private_key), FILE_MAGIC + purpose.encode())


def unseal_file(sealed: bytes, kek: bytes, *, purpose: str) -> ec.EllipticCurvePrivateKey:
    """Raises KeyDamaged."""
    start = len(FILE_MAGIC) + NONCE
    try:
        plain = _outer(kek).decrypt(
            sealed[len(FILE_MAGIC) : start], sealed[start:], FILE_MAGIC + purpose.encode()
        )
    except (InvalidTag, ValueError) as error:
        raise KeyDamaged(f"{purpose}: altered, or under another key") from error
    return _load(plain)


def _outer(kek: bytes) -> AESGCM:
    """The portal's layer, under a key of its own, so that other uses of the same secret stay apart."""
    if len(kek) < LEAST_KEK:
        raise ValueError(f"the key-encryption key needs at least {LEAST_KEK} bytes")
    return AESGCM(HKDF(hashes.SHA256(), 32, salt=None, info=b"agreements.keys private key v1").derive(kek))


def _pkcs8(private_key: ec.EllipticCurvePrivateKey) -> bytes:
    return private_key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _load(pkcs8: bytes) -> ec.EllipticCurvePrivateKey:
    key = serialization.load_der_private_key(pkcs8, password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise KeyDamaged("not an elliptic-curve key")
    return key
