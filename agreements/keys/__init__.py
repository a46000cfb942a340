"""Keys, certificates and time-stamps: cryptography only, no models, no PDF.

A signer's private key is encrypted twice: inside under her signing PIN, outside under the portal's
key-encryption key. Neither alone opens it. The authority's own keys are files under the key-encryption key.
"""

from agreements.keys.authority import (
    Authority,
    certifying_folder,
    create_authority,
    current_folder,
    is_demonstration,
)
from agreements.keys.carried import RootKey, read_key, sign_root_list, write_key
from agreements.keys.certificates import Issuer, key_id, serial_of, was_issued_by
from agreements.keys.errors import (
    AuthorityError,
    ForeignRefused,
    KeyDamaged,
    KeysError,
    PinTooWeak,
    StampRefused,
    WrongPin,
)
from agreements.keys.foreign import ForeignList, ForeignRoot, is_self_issued, read_list, read_root
from agreements.keys.hardware import TokenKeys
from agreements.keys.lists import Revoked, check_root_list, lines_of, list_issuer
from agreements.keys.pins import check_pin
from agreements.keys.sealing import DerivedPin, SigningKey, derive_pin, generate_key, seal, unseal
from agreements.keys.stores import FileKeys, KeyStore
from agreements.keys.timestamps import StampAuthority, add_stamp_key, create_stamp_authority, newest_stamp

__all__ = [
    "Authority",
    "AuthorityError",
    "DerivedPin",
    "FileKeys",
    "ForeignList",
    "ForeignRefused",
    "ForeignRoot",
    "Issuer",
    "KeyDamaged",
    "KeyStore",
    "KeysError",
    "PinTooWeak",
    "Revoked",
    "RootKey",
    "SigningKey",
    "StampAuthority",
    "StampRefused",
    "TokenKeys",
    "WrongPin",
    "add_stamp_key",
    "certifying_folder",
    "check_pin",
    "check_root_list",
    "create_authority",
    "create_stamp_authority",
    "current_folder",
    "derive_pin",
    "generate_key",
    "is_demonstration",
    "is_self_issued",
    "key_id",
    "lines_of",
    "list_issuer",
    "newest_stamp",
    "read_key",
    "read_list",
    "read_root",
    "seal",
    "serial_of",
    "sign_root_list",
    "unseal",
    "was_issued_by",
    "write_key",
]
