"""The portal's own certificate authority: a folder of certificates and encrypted keys."""

import os
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from agreements.keys.certificates import (
    END_DAYS,
    Issuer,
    der,
    issue_ca,
    issue_end,
    pem,
    subject,
    subject_key,
)
from agreements.keys.errors import AuthorityError
from agreements.keys.sealing import SigningKey, generate_key, seal_file, unseal_file

ROOT, ISSUING, CERTIFIER = "root", "issuing", "certifier"
MARK = "mark"
DEMO = "DEMO"
UNITS = {ROOT: "CA gốc", ISSUING: "CA cấp phát", CERTIFIER: "Chứng thực tài liệu"}

CRL_DAYS = 7  # issued daily, at each revocation, and before each sealing
ROOT_CRL_DAYS = 180

# Suspending a signer is a lock on her credential, never an entry here; entries are never taken back.
FORBIDDEN_REASONS = {x509.ReasonFlags.certificate_hold, x509.ReasonFlags.remove_from_crl}


class Revoked(NamedTuple):
    """A line of a revocation list. `revoked_at` is the moment of the report, never backdated.

    `reason`: a name of `cryptography.x509.ReasonFlags`, such as `key_compromise` or `superseded`.
    """

    serial: int
    revoked_at: datetime
    reason: str = "unspecified"


def create_authority(
    folder: Path,
    kek: bytes,
    *,
    common_name: str,
    at: datetime,
    demo: bool,
    certifier_days: int = END_DAYS,
    published_at: str = "",
) -> None:
    """Make root, issuing CA and the portal's certifier, all or nothing.

    `published_at`: the address below which revocation lists are served; without it certificates name none.

    1. Write everything into a folder beside the target, flushed to disk. 2. Rename it. A second caller,
    or a crash in between, never leaves half an authority. Raises AuthorityError if there is one already;
    ValueError when the common name is longer than 64 bytes of UTF-8.
    """
    folder = Path(folder)
    if folder.exists() and any(folder.iterdir()):
        raise AuthorityError(f"{folder} is not empty")
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.with_name(f".{folder.name}.{os.urandom(6).hex()}")
    draft.mkdir(mode=0o700)
    names = _names(common_name, demo)
    try:
        made = _make_all(names, at=at, certifier_days=certifier_days, published_at=published_at)
        _write_all(draft, kek, made)
        if demo:
            _write(draft / MARK, DEMO.encode() + b"\n", mode=0o644)
        _flush_folder(draft)
        try:
            draft.rename(folder)
        except OSError as error:
            raise AuthorityError(f"{folder} is not empty") from error
        _flush_folder(folder.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def is_demonstration(folder: Path) -> bool:
    """Return whether the authority in a folder says of itself that it is made up."""
    mark = Path(folder) / MARK
    return mark.exists() and mark.read_text(encoding="ascii").strip() == DEMO


def _names(common_name: str, demo: bool) -> dict[str, x509.Name]:
    organization = f"{common_name} (TRÌNH DIỄN)" if demo else common_name
    return {role: subject(common_name, organization=organization, unit=unit) for role, unit in UNITS.items()}


def _make_all(
    names: dict[str, x509.Name], *, at: datetime, certifier_days: int, published_at: str
) -> dict[str, Issuer]:
    keys = {role: generate_key() for role in UNITS}
    root = Issuer(issue_ca(names[ROOT], keys[ROOT], None, at=at), keys[ROOT], published_at)
    issuing = Issuer(issue_ca(names[ISSUING], keys[ISSUING], root, at=at), keys[ISSUING], published_at)
    certifier = issue_end(names[CERTIFIER], keys[CERTIFIER].public_key(), issuing, at=at, days=certifier_days)
    return {ROOT: root, ISSUING: issuing, CERTIFIER: Issuer(certifier, keys[CERTIFIER])}


def _write_all(folder: Path, kek: bytes, made: dict[str, Issuer]) -> None:
    for role, one in made.items():
        _write(folder / f"{role}.key", seal_file(one.private_key, kek, purpose=role), mode=0o600)
        _write(folder / f"{role}.pem", pem(one.certificate), mode=0o644)


@dataclass(frozen=True)
class Authority:
    """An opened authority. It holds the issuing key in memory; the root's key only while it is used."""

    folder: Path
    root_certificate: x509.Certificate
    issuer: Issuer
    certifying: SigningKey
    is_demo: bool

    @classmethod
    def load(cls, folder: Path, kek: bytes, *, published_at: str = "") -> "Authority":
        """Raises AuthorityError when files are missing, KeyDamaged for a wrong key-encryption key."""
        folder = Path(folder)
        try:
            certificates = {role: _certificate(folder, role) for role in UNITS}
            issuing_key = _private_key(folder, ISSUING, kek)
            certifier_key = _private_key(folder, CERTIFIER, kek)
        except (OSError, ValueError) as error:
            raise AuthorityError(f"{folder}: {error}") from error
        chain = (der(certificates[ISSUING]),)
        return cls(
            folder=folder,
            root_certificate=certificates[ROOT],
            issuer=Issuer(certificates[ISSUING], issuing_key, published_at),
            certifying=SigningKey(der(certificates[CERTIFIER]), certifier_key, chain),
            is_demo=is_demonstration(folder),
        )

    @cached_property
    def root(self) -> bytes:
        """DER of the root: what a verifier is told to trust."""
        return der(self.root_certificate)

    @cached_property
    def issuing(self) -> bytes:
        """DER of the issuing CA: what stands beside every signer's certificate."""
        return der(self.issuer.certificate)

    def certifier(self) -> SigningKey:
        """What certifies a frozen document in the portal's name."""
        return self.certifying

    def issue(
        self,
        public_key: ec.EllipticCurvePublicKey,
        *,
        common_name: str,
        organization: str,
        at: datetime,
        serial_label: str = "",
        days: int = END_DAYS,
        serial: int | None = None,
    ) -> bytes:
        """A signer's certificate, DER. `serial_label` tells two people of one name apart.

        `serial` is the certificate's number, drawn at random when none is given.

        Raises ValueError when the common name is longer than 64 bytes of UTF-8.
        """
        name = subject(common_name, organization=organization, label=serial_label)
        return der(issue_end(name, public_key, self.issuer, at=at, days=days, serial=serial))

    def crl(
        self, revoked: Iterable[Revoked | tuple[int, datetime, str]], *, number: int, at: datetime
    ) -> bytes:
        """The issuing CA's full revocation list, DER, good for 7 days. `number` only ever grows.

        Entries stay after their certificate has expired.
        """
        return _crl(self.issuer, revoked, number=number, at=at, days=CRL_DAYS)

    def root_crl(
        self,
        kek: bytes,
        revoked: Iterable[Revoked | tuple[int, datetime, str]] = (),
        *,
        number: int,
        at: datetime,
    ) -> bytes:
        """The root's list (of issuing CAs), DER, good for 180 days. The one use of the root's key.

        Raises AuthorityError when that key is not here.
        """
        try:
            root = Issuer(self.root_certificate, _private_key(self.folder, ROOT, kek))
        except OSError as error:
            raise AuthorityError(f"the root's key is not here: {error}") from error
        return _crl(root, revoked, number=number, at=at, days=ROOT_CRL_DAYS)


def _crl(
    issuer: Issuer,
    revoked: Iterable[Revoked | tuple[int, datetime, str]],
    *,
    number: int,
    at: datetime,
    days: int,
) -> bytes:
    this_update = at.replace(microsecond=0)
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(this_update)
        .next_update(this_update + timedelta(days=days))
        .add_extension(x509.CRLNumber(number), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(subject_key(issuer.certificate)),
            critical=False,
        )
    )
    for line in revoked:
        builder = builder.add_revoked_certificate(_entry(Revoked(*line)))
    return builder.sign(issuer.private_key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def _entry(line: Revoked) -> x509.RevokedCertificate:
    reason = x509.ReasonFlags[line.reason]
    if reason in FORBIDDEN_REASONS:
        raise ValueError(f"{line.reason} has no place in a revocation list here")
    builder = (
        x509.RevokedCertificateBuilder()
        .serial_number(line.serial)
        .revocation_date(line.revoked_at.replace(microsecond=0))
    )
    if reason is not x509.ReasonFlags.unspecified:  # RFC 5280, 5.3.1: leave out rather than write it
        builder = builder.add_extension(x509.CRLReason(reason), critical=False)
    return builder.build()


def _certificate(folder: Path, role: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / f"{role}.pem").read_bytes())


def _private_key(folder: Path, role: str, kek: bytes) -> ec.EllipticCurvePrivateKey:
    return unseal_file((folder / f"{role}.key").read_bytes(), kek, purpose=role)


def _write(path: Path, content: bytes, *, mode: int) -> None:
    """A new file, its content on disk when this returns."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
