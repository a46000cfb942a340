"""The portal's own time-stamp authority: a root of its own, and keys that follow one another.

A folder with `root` and `stamp-1`, `stamp-2` …, each a certificate and an encrypted key. A key stamps for
two years; its certificate lives for six, so that what it stamped can be judged, and stamped again, until
then. The key that a newer one follows is destroyed.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec

from agreements.keys import folders, tokens
from agreements.keys.authority import ROOT
from agreements.keys.certificates import Issuer, der, issue_ca, issue_stamp, pem, subject
from agreements.keys.errors import AuthorityError, StampRefused
from agreements.keys.lists import Revoked, sign_list
from agreements.keys.sealing import generate_key, seal_file, unseal_file

UNIT_ROOT, UNIT_STAMP = "CA gốc dấu thời gian", "Dấu thời gian"
STAMP = re.compile(r"stamp-(\d+)\.(pem|key)")
CRL_DAYS = 30
KEY_DAYS = 730
"""How long a key stamps before the next one follows."""

LEAST_LEFT = timedelta(days=2 * 365)
"""A certificate that ends sooner stamps nothing more: what it stamped would have to be renewed at once."""


def create_stamp_authority(folder: Path, kek: bytes, *, common_name: str, at: datetime, demo: bool) -> None:
    """Make the root and the first key, all or nothing.

    Raises AuthorityError if there is one already.
    """
    organization = f"{common_name} (TRÌNH DIỄN)" if demo else common_name
    with folders.appearing(folder) as draft:
        key = generate_key()
        name = subject(common_name, organization=organization, unit=UNIT_ROOT)
        root = Issuer(issue_ca(name, key, None, at=at), key)
        folders.write(draft / f"{ROOT}.key", seal_file(key, kek, purpose=_purpose(ROOT)), mode=0o600)
        folders.write(draft / f"{ROOT}.pem", pem(root.certificate), mode=0o644)
        _write_stamp(draft, kek, root, 1, at=at)


def add_stamp_key(folder: Path, kek: bytes, *, at: datetime) -> None:
    """Let a new key follow, and destroy those before it.

    1. Key. 2. Certificate: from here on it stamps. 3. Older keys go. A crash in between leaves a number
    unused, or an old key that the next change destroys. Raises AuthorityError when another process is
    doing the same.
    """
    root = Issuer(_certificate(folder, ROOT), _private_key(folder, ROOT, kek))
    number = max(_numbers(folder, "key") | _numbers(folder, "pem")) + 1
    try:
        _write_stamp(folder, kek, root, number, at=at)
    except FileExistsError as error:
        raise AuthorityError(f"stamp-{number} is being made") from error
    for older in _numbers(folder, "key") - {number}:
        (folder / f"stamp-{older}.key").unlink(missing_ok=True)
    folders.flush(folder)


def newest_stamp(folder: Path) -> int:
    """The number of the key that stamps now; 0 where there is none."""
    return max(_numbers(folder, "pem"), default=0)


@dataclass(frozen=True)
class StampAuthority:
    """An opened authority. It holds the newest key in memory; the root's only while it is used."""

    folder: Path
    root_certificate: x509.Certificate
    certificate: x509.Certificate
    private_key: ec.EllipticCurvePrivateKey = field(repr=False)

    @classmethod
    def load(cls, folder: Path, kek: bytes) -> "StampAuthority":
        """Raises AuthorityError when files are missing, KeyDamaged for a wrong key-encryption key."""
        try:
            name = f"stamp-{newest_stamp(folder)}"
            return cls(
                folder,
                _certificate(folder, ROOT),
                _certificate(folder, name),
                _private_key(folder, name, kek),
            )
        except (OSError, ValueError) as error:
            raise AuthorityError(f"{folder}: {error}") from error

    @property
    def root(self) -> bytes:
        """DER of the root: whom a verifier believes about time."""
        return der(self.root_certificate)

    @property
    def rotates_at(self) -> datetime:
        """When the next key should follow."""
        return self.certificate.not_valid_before_utc + timedelta(days=KEY_DAYS)

    def certificates(self) -> tuple[bytes, ...]:
        """DER of every certificate that ever stamped here, oldest first."""
        numbers = sorted(_numbers(self.folder, "pem"))
        return tuple(der(_certificate(self.folder, f"stamp-{number}")) for number in numbers)

    def check_may_stamp(self, at: datetime) -> None:
        """Raises StampRefused outside of the certificate's life, or too near its end."""
        if not self.certificate.not_valid_before_utc <= at.replace(microsecond=0):
            raise StampRefused("time_not_available", f"{at} lies before the certificate")
        if at > self.certificate.not_valid_after_utc - LEAST_LEFT:
            raise StampRefused("time_not_available", f"{at} is too near the end of the certificate")

    def answer(self, request: bytes, *, serial: int, at: datetime) -> bytes:
        """Answer a request, with a token or with why not. `serial` is never used twice."""
        try:
            read = tokens.read_request(request)
            self.check_may_stamp(at)
        except StampRefused as refusal:
            return tokens.refused(refusal)
        return tokens.granted(
            read, certificate=der(self.certificate), private_key=self.private_key, serial=serial, at=at
        )

    def crl(self, kek: bytes, revoked: Iterable[Revoked] = (), *, number: int, at: datetime) -> bytes:
        """The root's list, DER, good for 30 days. The one use of the root's key but a new stamping key."""
        root = Issuer(self.root_certificate, _private_key(self.folder, ROOT, kek))
        return sign_list(root, revoked, number=number, at=at, days=CRL_DAYS)


def _write_stamp(folder: Path, kek: bytes, root: Issuer, number: int, *, at: datetime) -> None:
    name, key = f"stamp-{number}", generate_key()
    attributes = {row.oid: row.value for row in root.certificate.subject}
    certificate = issue_stamp(
        subject(
            str(attributes[x509.oid.NameOID.COMMON_NAME]),
            organization=str(attributes[x509.oid.NameOID.ORGANIZATION_NAME]),
            unit=UNIT_STAMP,
            label=str(number),
        ),
        key.public_key(),
        root,
        at=at,
    )
    folders.write(folder / f"{name}.key", seal_file(key, kek, purpose=_purpose(name)), mode=0o600)
    folders.write(folder / f"{name}.pem", pem(certificate), mode=0o644)
    folders.flush(folder)


def _certificate(folder: Path, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / f"{name}.pem").read_bytes())


def _private_key(folder: Path, name: str, kek: bytes) -> ec.EllipticCurvePrivateKey:
    return unseal_file((folder / f"{name}.key").read_bytes(), kek, purpose=_purpose(name))


def _purpose(name: str) -> str:
    return f"tsa {name}"


def _numbers(folder: Path, kind: str) -> set[int]:
    matches = (STAMP.fullmatch(path.name) for path in folder.glob(f"stamp-*.{kind}"))
    return {int(match[1]) for match in matches if match}
