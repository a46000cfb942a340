"""The portal's own certificate authority: a folder of certificates and encrypted keys.

`root.*` stand in the folder itself, with the first issuing CA and certifier. A successor of these two has a
folder of its own inside, and the file `current` names it; whoever came before goes on signing its list. A
certifier that was renewed alone has a folder too, which the file `certifying` names.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from agreements.keys import folders
from agreements.keys.carried import check_key, sign_root_list
from agreements.keys.certificates import (
    END_DAYS,
    Issuer,
    der,
    is_issuer,
    issue_ca,
    issue_end,
    key_id,
    pem,
    subject,
)
from agreements.keys.errors import AuthorityError
from agreements.keys.lists import CRL_DAYS, Revoked, sign_list
from agreements.keys.sealing import SigningKey, unseal_file
from agreements.keys.stores import FileKeys, KeyStore

ROOT, ISSUING, CERTIFIER = "root", "issuing", "certifier"
MARK = "mark"
CURRENT, CERTIFYING = "current", "certifying"
DEMO = "DEMO"
UNITS = {ROOT: "CA gốc", ISSUING: "CA cấp phát", CERTIFIER: "Chứng thực tài liệu"}
ISSUES_FOR = timedelta(days=3 * 365)
"""How long an issuing CA makes certificates; then a successor does. What it made stays checkable."""

Lines = Iterable[Revoked | tuple[int, datetime, str]]
Made = dict[str, tuple[Issuer, bytes]]


def create_authority(
    folder: Path,
    kek: bytes,
    *,
    common_name: str,
    at: datetime,
    demo: bool,
    certifier_days: int = END_DAYS,
    published_at: str = "",
    token: KeyStore | None = None,
) -> None:
    """Make root, issuing CA and the portal's certifier, all or nothing.

    `published_at`: the address below which revocation lists are served; without it certificates name none.
    `token`: where the keys of issuing CA and certifier are made; the root's is always a file, to be taken
    away. Raises AuthorityError if there is an authority already; ValueError when the common name is longer
    than 64 bytes of UTF-8.
    """
    organization = f"{common_name} (TRÌNH DIỄN)" if demo else common_name
    names = {r: subject(common_name, organization=organization, unit=unit) for r, unit in UNITS.items()}
    with folders.appearing(Path(folder)) as draft:
        key, kept = FileKeys(kek).make(ROOT)
        root = Issuer(issue_ca(names[ROOT], key, None, at=at), key, published_at)
        made = _make_below(root, names, at=at, days=certifier_days, keys=token or FileKeys(kek))
        _write(draft, {ROOT: (root, kept), **made})
        if demo:
            folders.write(draft / MARK, DEMO.encode() + b"\n", mode=0o644)


def is_demonstration(folder: Path) -> bool:
    """Return whether the authority in a folder says of itself that it is made up."""
    mark = Path(folder) / MARK
    return mark.exists() and mark.read_text(encoding="ascii").strip() == DEMO


def _make_below(
    root: Issuer, names: dict[str, x509.Name], *, at: datetime, days: int, keys: KeyStore
) -> Made:
    key, kept = keys.make(ISSUING)
    issuing = Issuer(issue_ca(names[ISSUING], key, root, at=at), key, root.published_at)
    own_key, own_kept = keys.make(CERTIFIER)
    certifier = issue_end(names[CERTIFIER], own_key.public_key(), issuing, at=at, days=days)
    return {ISSUING: (issuing, kept), CERTIFIER: (Issuer(certifier, own_key), own_kept)}


def _write(folder: Path, made: Made) -> None:
    for role, (one, kept) in made.items():
        folders.write(folder / f"{role}.key", kept, mode=0o600)
        folders.write(folder / f"{role}.pem", pem(one.certificate), mode=0o644)


@dataclass(frozen=True)
class Authority:
    """An opened authority. It holds the issuing keys; the root's key only while it is used."""

    folder: Path
    root_certificate: x509.Certificate
    issuer: Issuer
    certifying: SigningKey
    is_demo: bool
    retired: tuple[Issuer, ...] = ()

    @classmethod
    def load(
        cls, folder: Path, kek: bytes, *, published_at: str = "", token: KeyStore | None = None
    ) -> "Authority":
        """Raises AuthorityError when files are missing, KeyDamaged for a wrong key-encryption key."""
        folder, keys = Path(folder), token or FileKeys(kek)
        try:
            current = current_folder(folder)
            issuer = _open(current, ISSUING, keys, published_at)
            retired = tuple(
                _open(one, ISSUING, keys, published_at) for one in _all_folders(folder) if one != current
            )
            certifier = _open(certifying_folder(folder), CERTIFIER, keys)
            above = next(
                one for one in (issuer, *retired) if is_issuer(one.certificate, certifier.certificate)
            )
            return cls(
                folder=folder,
                root_certificate=_certificate(folder, ROOT),
                issuer=issuer,
                certifying=SigningKey(certifier.der, certifier.private_key, (above.der,)),
                is_demo=is_demonstration(folder),
                retired=retired,
            )
        except (OSError, ValueError, StopIteration) as error:
            raise AuthorityError(f"{folder}: {error}") from error

    @cached_property
    def root(self) -> bytes:
        """DER of the root: what a verifier is told to trust."""
        return der(self.root_certificate)

    @cached_property
    def issuing(self) -> bytes:
        """DER of the issuing CA of today."""
        return der(self.issuer.certificate)

    @property
    def issuers(self) -> tuple[Issuer, ...]:
        """Every issuing CA, today's first."""
        return (self.issuer, *self.retired)

    def issuer_of(self, issuer_key_id: str) -> Issuer:
        """The issuing CA that made a certificate: what stands beside it in a signature."""
        known = {key_id(one.certificate): one for one in self.issuers}
        return known.get(issuer_key_id, self.issuer)

    @property
    def issues_until(self) -> datetime:
        return self.issuer.certificate.not_valid_before_utc + ISSUES_FOR

    @property
    def has_root_key(self) -> bool:
        """Whether the root's key is here; away it is safer, and then somebody brings its lists."""
        return (self.folder / f"{ROOT}.key").exists()

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

        Raises AuthorityError when a successor of the issuing CA is overdue; ValueError when the common name
        is longer than 64 bytes of UTF-8.
        """
        if at >= self.issues_until:
            raise AuthorityError(f"the issuing CA made certificates until {self.issues_until:%d/%m/%Y}")
        name = subject(common_name, organization=organization, label=serial_label)
        return der(issue_end(name, public_key, self.issuer, at=at, days=days, serial=serial))

    def crl(self, revoked: Lines, *, number: int, at: datetime, issuer: Issuer | None = None) -> bytes:
        """An issuing CA's full revocation list, DER, good for 7 days. `number` only ever grows.

        Entries stay after their certificate has expired.
        """
        return sign_list(issuer or self.issuer, revoked, number=number, at=at, days=CRL_DAYS)

    def root_crl(self, kek: bytes, revoked: Lines = (), *, number: int, at: datetime) -> bytes:
        """The root's list (of issuing CAs), DER, good for 180 days, by the key that is here.

        Raises AuthorityError when that key is away.
        """
        return self.root_crl_by(self.root_key(kek), revoked, number=number, at=at)

    def root_crl_by(
        self, key: ec.EllipticCurvePrivateKey, revoked: Lines = (), *, number: int, at: datetime
    ) -> bytes:
        """The root's list by a key that was brought. Raises AuthorityError when it is another's."""
        return sign_root_list(self.root, key, revoked, number=number, at=at)

    def root_key(self, kek: bytes) -> ec.EllipticCurvePrivateKey:
        """Raises AuthorityError when the root's key is away."""
        try:
            kept = (self.folder / f"{ROOT}.key").read_bytes()
        except OSError as error:
            raise AuthorityError("the root's key is not here: bring it, or a list that it signed") from error
        return unseal_file(kept, kek, purpose=ROOT)

    def check_root_key(self, key: ec.EllipticCurvePrivateKey) -> None:
        """Raises AuthorityError when it is another's."""
        check_key(self.root_certificate, key)

    def succeed(
        self,
        root_key: ec.EllipticCurvePrivateKey,
        kek: bytes,
        *,
        at: datetime,
        certifier_days: int = END_DAYS,
        token: KeyStore | None = None,
    ) -> None:
        """Make another issuing CA and certifier; the ones before go on signing lists, and nothing else.

        1. A folder of their own appears whole. 2. `current` names it. Load the authority again afterwards.
        """
        self.check_root_key(root_key)
        root = Issuer(self.root_certificate, root_key, self.issuer.published_at)
        count = len(self.issuers) + 1
        names = {CERTIFIER: x509.load_der_x509_certificate(self.certifying.certificate).subject}
        names[ISSUING] = _numbered(self.root_certificate.subject, f"{UNITS[ISSUING]} {count}")
        place = self.folder / f"{ISSUING}-{count}"
        with folders.appearing(place) as draft:
            made = _make_below(root, names, at=at, days=certifier_days, keys=token or FileKeys(kek))
            _write(draft, made)
        for name in (CURRENT, CERTIFYING):
            folders.replace(self.folder / name, place.name.encode() + b"\n", mode=0o644)

    @property
    def certifies_until(self) -> datetime:
        return x509.load_der_x509_certificate(self.certifying.certificate).not_valid_after_utc

    def renew_certifier(
        self, kek: bytes, *, at: datetime, days: int = END_DAYS, token: KeyStore | None = None
    ) -> None:
        """Make another certifier, under the issuing CA of today; papers certified before stay good.

        Raises AuthorityError when another process does the same. Load the authority again afterwards.
        """
        key, kept = (token or FileKeys(kek)).make(CERTIFIER)
        name = x509.load_der_x509_certificate(self.certifying.certificate).subject
        certificate = issue_end(name, key.public_key(), self.issuer, at=at, days=days)
        place = self.folder / f"{CERTIFIER}-{certificate.not_valid_after_utc:%Y%m%d}"
        with folders.appearing(place) as draft:
            _write(draft, {CERTIFIER: (Issuer(certificate, key), kept)})
        folders.replace(self.folder / CERTIFYING, place.name.encode() + b"\n", mode=0o644)


def current_folder(folder: Path) -> Path:
    """Return where the issuing CA of today is."""
    return _named(folder, CURRENT) or folder


def certifying_folder(folder: Path) -> Path:
    """Return where the certifier of today is."""
    return _named(folder, CERTIFYING) or current_folder(folder)


def _named(folder: Path, name: str) -> Path | None:
    try:
        return folder / (folder / name).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return None


def _all_folders(folder: Path) -> Iterator[Path]:
    yield folder
    yield from sorted(path for path in folder.glob(f"{ISSUING}-*") if path.is_dir())


def _open(folder: Path, role: str, keys: KeyStore, published_at: str = "") -> Issuer:
    certificate = _certificate(folder, role)
    public = certificate.public_key()
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise AuthorityError(f"{role}: not an elliptic-curve key")
    key = keys.open((folder / f"{role}.key").read_bytes(), role=role, public=public)
    return Issuer(certificate, key, published_at)


def _numbered(root: x509.Name, unit: str) -> x509.Name:
    common, organization = (
        str(root.get_attributes_for_oid(oid)[0].value)
        for oid in (NameOID.COMMON_NAME, NameOID.ORGANIZATION_NAME)
    )
    return subject(common, organization=organization, unit=unit)


def _certificate(folder: Path, role: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / f"{role}.pem").read_bytes())
