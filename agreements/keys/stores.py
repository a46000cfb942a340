"""Where the authority's own keys are: files under the key-encryption key, or a token (see hardware)."""

from dataclasses import dataclass, field
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import ec

from agreements.keys.errors import KeyDamaged
from agreements.keys.sealing import generate_key, seal_file, unseal_file


class KeyStore(Protocol):
    """Makes and opens keys; what `make` returns beside the key is kept in a file and is enough to open it."""

    def make(self, role: str) -> tuple[ec.EllipticCurvePrivateKey, bytes]: ...

    def open(
        self, kept: bytes, *, role: str, public: ec.EllipticCurvePublicKey
    ) -> ec.EllipticCurvePrivateKey:
        """Return the private half of `public`. Raises KeyDamaged, AuthorityError."""

    def __hash__(self) -> int: ...


@dataclass(frozen=True)
class FileKeys:
    """Keys in files, sealed under the key-encryption key and bound to their role."""

    kek: bytes = field(repr=False)

    def make(self, role: str) -> tuple[ec.EllipticCurvePrivateKey, bytes]:
        key = generate_key()
        return key, seal_file(key, self.kek, purpose=role)

    def open(
        self, kept: bytes, *, role: str, public: ec.EllipticCurvePublicKey
    ) -> ec.EllipticCurvePrivateKey:
        key = unseal_file(kept, self.kek, purpose=role)
        if key.public_key() != public:
            raise KeyDamaged(f"{role}: another certificate's key")
        return key
