"""Keys, certificates and time-stamps: cryptography only, no models, no PDF.

A signer's private key is encrypted twice: inside under her signing PIN, outside under the portal's
key-encryption key. Neither alone opens it. The authority's own keys are files under the key-encryption key.
"""

from agreements.keys.authority import Authority, Revoked, create_authority, is_demonstration
from agreements.keys.errors import AuthorityError, KeyDamaged, KeysError, PinTooWeak, StampRefused, WrongPin
from agreements.keys.pins import check_pin
from agreements.keys.sealing import DerivedPin, SigningKey, derive_pin, generate_key, seal, unseal
from agreements.keys.timestamps import StampAuthority, add_stamp_key, create_stamp_authority, newest_stamp

__all__ = [
    "Authority",
    "AuthorityError",
    "DerivedPin",
    "KeyDamaged",
    "KeysError",
    "PinTooWeak",
    "Revoked",
    "SigningKey",
    "StampAuthority",
    "StampRefused",
    "WrongPin",
    "add_stamp_key",
    "check_pin",
    "create_authority",
    "create_stamp_authority",
    "derive_pin",
    "generate_key",
    "is_demonstration",
    "newest_stamp",
    "seal",
    "unseal",
]
