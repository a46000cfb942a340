"""An authenticator made of software (WebAuthn Level 2, 6): real keys and signatures, no browser."""

import hashlib
import json
import secrets
import struct
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.cose import ES256

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


def text_of(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()


def bytes_of(text: str) -> bytes:
    return urlsafe_b64decode(text + "=" * (-len(text) % 4))


@dataclass
class SoftKey:
    """One credential. `verifies`: it checked fingerprint or PIN, as a passkey does."""

    verifies: bool = True
    origin: str = "http://localhost"
    site: str = "localhost"
    handle: str = ""
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    identity: bytes = field(default_factory=lambda: secrets.token_bytes(16))

    def made(self, question: str) -> str:
        """Answer an invitation: the new public key, without attestation."""
        asked = json.loads(question)["publicKey"]
        self.handle = asked["user"]["id"]
        public = cbor.encode(ES256.from_cryptography_key(self.key.public_key()))
        credential = bytes(16) + struct.pack(">H", len(self.identity)) + self.identity + public
        attested = {"fmt": "none", "attStmt": {}, "authData": self._state(ATTESTED) + credential}
        response = {
            "clientDataJSON": text_of(self._client("webauthn.create", asked["challenge"])),
            "attestationObject": text_of(cbor.encode(attested)),
        }
        return self._answer(response)

    def proved(self, question: str) -> str:
        """Answer a question: sign its challenge."""
        client = self._client("webauthn.get", json.loads(question)["publicKey"]["challenge"])
        state = self._state()
        signature = self.key.sign(state + hashlib.sha256(client).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": text_of(client),
            "authenticatorData": text_of(state),
            "signature": text_of(signature),
            "userHandle": self.handle,
        }
        return self._answer(response)

    def _state(self, more: int = 0) -> bytes:
        flags = PRESENT | more | (VERIFIED if self.verifies else 0)
        return hashlib.sha256(self.site.encode()).digest() + bytes([flags]) + struct.pack(">I", 0)

    def _client(self, what: str, challenge: str) -> bytes:
        return json.dumps({"type": what, "challenge": challenge, "origin": self.origin}).encode()

    def _answer(self, response: dict[str, str]) -> str:
        facts = {"id": text_of(self.identity), "rawId": text_of(self.identity), "type": "public-key"}
        return json.dumps({**facts, "response": response, "clientExtensionResults": {}})
