"""The portal's own authority: where its keys are, and the rows that the world is shown of it."""

import contextlib
import datetime as dt
import functools
import logging
from collections.abc import Iterator
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.x509.oid import NameOID
from django.conf import settings

from agreements import keys
from agreements.models import CertificateAuthority

log = logging.getLogger(__name__)

CERTIFIER_RENEWED = dt.timedelta(days=60)
"""Before its end."""

AUTHORITY_NAME = "Cổng phối hợp QS-QP"


def authority(*, at: dt.datetime) -> keys.Authority:
    """Return the authority under DATA_DIR, made there on first use."""
    folder = Path(settings.PKI_DIR)
    if not is_set_up():
        with contextlib.suppress(keys.AuthorityError):  # another process was first: loaded below
            keys.create_authority(
                folder,
                kek(),
                common_name=AUTHORITY_NAME,
                at=at,
                demo=settings.DEMO,
                certifier_days=life_days(),
                published_at=published_at(),
                token=token(),
            )
        _load.cache_clear()
    here = (keys.current_folder(folder), keys.certifying_folder(folder))
    return _load(folder, here, kek(), published_at(), token())


def is_set_up() -> bool:
    """Return whether there is an authority yet."""
    return (Path(settings.PKI_DIR) / "issuing.pem").exists()


@functools.lru_cache(maxsize=2)
def _load(
    folder: Path, here: tuple[Path, Path], kek: bytes, published_at: str, token: keys.KeyStore | None
) -> keys.Authority:
    """Keep it open in memory; `here` is another when another process has made a successor."""
    return keys.Authority.load(folder, kek, published_at=published_at, token=token)


def renew_certifier(*, at: dt.datetime) -> bool:
    """Make the next certifier when the one of today ends soon; nobody has to do anything for it."""
    if not is_set_up():
        return False
    own = authority(at=at)
    if own.certifies_until > at + CERTIFIER_RENEWED:
        return False
    try:
        own.renew_certifier(kek(), at=at, days=life_days(), token=token())
    except keys.AuthorityError as error:
        log.error("the certifier is not renewed: %s", error)
        return False
    return True


def token() -> keys.KeyStore | None:
    """Return where keys of issuing CA and certifier are made, None for files."""
    if not settings.PKCS11_MODULE:
        return None
    files = keys.FileKeys(kek())
    return keys.TokenKeys(settings.PKCS11_MODULE, settings.PKCS11_TOKEN, settings.PKCS11_PIN, files)


def life_days() -> int:
    """How long certificates live: two years, and four in the demonstration, whose first lies in the past."""
    return (4 if settings.DEMO else 2) * 365


def kek() -> bytes:
    return str(settings.KEY_ENCRYPTION_KEY).encode()


def published_at() -> str:
    """Return the address below which certificates of CAs and their revocation lists are served."""
    return f"{settings.PUBLIC_URL}/pki"


def issuing_rows(own: keys.Authority) -> Iterator[tuple[CertificateAuthority, keys.Issuer]]:
    """Yield each issuing CA, today's first, with its row, which is written on first sight."""
    for issuer in own.issuers:
        yield _row(CertificateAuthority.Kind.ISSUING, issuer.certificate), issuer


def root_row(own: keys.Authority) -> CertificateAuthority:
    """Return the root's row, written on first sight."""
    return _row(CertificateAuthority.Kind.ROOT, own.root_certificate)


def _row(kind: CertificateAuthority.Kind, certificate: x509.Certificate) -> CertificateAuthority:
    key_id = keys.key_id(certificate)
    known = CertificateAuthority.objects.filter(key_id=key_id).first()
    if known:
        return known
    made, _is_new = CertificateAuthority.objects.get_or_create(
        key_id=key_id,
        defaults={
            "kind": kind,
            "common_name": name_of(certificate),
            "der": certificate.public_bytes(serialization.Encoding.DER),
            "sha256": certificate.fingerprint(hashes.SHA256()).hex(),
            "not_before": certificate.not_valid_before_utc,
            "not_after": certificate.not_valid_after_utc,
        },
    )
    return made


def name_of(certificate: x509.Certificate) -> str:
    """Return what a CA is called: its common name, and the unit that tells root and issuing CA apart."""
    oids = (NameOID.COMMON_NAME, NameOID.ORGANIZATIONAL_UNIT_NAME)
    parts = [str(a.value) for oid in oids for a in certificate.subject.get_attributes_for_oid(oid)]
    return ", ".join(parts)
