"""Keys in a token that speaks PKCS#11, such as SoftHSM2 or a hardware module: they never leave it.

A kept file holds the key's number in the token, as a URI of RFC 7512. Each use opens a session of its own:
a token that was away is found again, and no process holds it. What is not in the token is a sealed file.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

import pkcs11
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from pkcs11.util.ec import (
    encode_ec_public_key,
    encode_ecdsa_signature,
    encode_named_curve_parameters,
)

from agreements.keys.errors import AuthorityError
from agreements.keys.stores import FileKeys

URI = b"pkcs11:id="
_one_at_a_time = threading.Lock()  # who is logged in is a fact of the process, not of a session
_loaded_by: dict[str, int] = {}


@dataclass(frozen=True)
class TokenKeys:
    """Keys in the token with this label; `module` is the path of its PKCS#11 library."""

    module: str
    label: str
    pin: str = field(repr=False)
    files: FileKeys

    def make(self, role: str) -> tuple[ec.EllipticCurvePrivateKey, bytes]:
        """A key that cannot be taken out. Raises AuthorityError when the token is away."""
        number = os.urandom(16)
        with self.session() as session:
            curve = session.create_domain_parameters(
                pkcs11.KeyType.EC,
                {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")},
                local=True,
            )
            stays = {pkcs11.Attribute.SENSITIVE: True, pkcs11.Attribute.EXTRACTABLE: False}
            pair = curve.generate_keypair(id=number, label=role, store=True, private_template=stays)
            public = serialization.load_der_public_key(bytes(encode_ec_public_key(pair[0])))
        if not isinstance(public, ec.EllipticCurvePublicKey):
            raise AuthorityError("not an elliptic-curve key")
        return TokenKey(self, number, public), URI + number.hex().encode()

    def open(
        self, kept: bytes, *, role: str, public: ec.EllipticCurvePublicKey
    ) -> ec.EllipticCurvePrivateKey:
        """The token itself is first asked when something is signed: without it the rest goes on."""
        if not kept.startswith(URI):
            return self.files.open(kept, role=role, public=public)
        try:
            number = bytes.fromhex(kept.removeprefix(URI).decode().strip())
        except ValueError as error:
            raise AuthorityError(f"{role}: not the number of a key") from error
        return TokenKey(self, number, public)

    def sign(self, number: bytes, digest: bytes) -> bytes:
        """The signature of a digest: r and s, one after the other."""
        with self.session() as session:
            key = session.get_key(object_class=pkcs11.ObjectClass.PRIVATE_KEY, id=number)
            return bytes(key.sign(digest, mechanism=pkcs11.Mechanism.ECDSA))

    @contextmanager
    def session(self) -> Iterator[Any]:
        """Raises AuthorityError for whatever the token does not do."""
        with _one_at_a_time:
            try:
                token = _library(self.module).get_token(token_label=self.label)
                with token.open(rw=True, user_pin=self.pin) as session:
                    yield session
            except (pkcs11.PKCS11Error, RuntimeError, OSError) as error:
                raise AuthorityError(f"token {self.label}: {error or type(error).__name__}") from error


def _library(module: str) -> Any:
    """Load it, anew in a process that was forked: what the parent opened is not the child's."""
    library = pkcs11.lib(module)
    if _loaded_by.setdefault(module, os.getpid()) != os.getpid():
        library.reinitialize()
        _loaded_by[module] = os.getpid()
    return library


class TokenKey(ec.EllipticCurvePrivateKey):
    """A private key as certificates, lists and papers are signed with, whose secret is in the token."""

    def __init__(self, token: TokenKeys, number: bytes, public: ec.EllipticCurvePublicKey) -> None:
        self._token, self._number, self._public = token, number, public

    def sign(self, data: Any, signature_algorithm: ec.EllipticCurveSignatureAlgorithm) -> bytes:
        """DER. The digest is made here: tokens differ in what they can hash."""
        algorithm = signature_algorithm.algorithm
        if isinstance(algorithm, Prehashed):
            digest = bytes(data)
        else:
            running = hashes.Hash(algorithm)
            running.update(data)
            digest = running.finalize()
        return bytes(encode_ecdsa_signature(self._token.sign(self._number, digest)))

    def public_key(self) -> ec.EllipticCurvePublicKey:
        return self._public

    @property
    def curve(self) -> ec.EllipticCurve:
        return self._public.curve

    @property
    def key_size(self) -> int:
        return self._public.key_size

    def exchange(self, algorithm: ec.ECDH, peer_public_key: ec.EllipticCurvePublicKey) -> NoReturn:
        raise _stays()

    def private_numbers(self) -> NoReturn:
        raise _stays()

    def private_bytes(self, *args: Any, **given: Any) -> NoReturn:
        raise _stays()

    def __copy__(self) -> "TokenKey":
        return self

    def __deepcopy__(self, memo: Any) -> "TokenKey":
        return self


def _stays() -> AuthorityError:
    return AuthorityError("this key is in a token and signs there; it cannot be taken out")
