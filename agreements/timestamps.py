"""Who says when: the portal's own time-stamp authority at work, and another one where there is one."""

import contextlib
import datetime as dt
import functools
import itertools
import logging
import secrets
import time
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import requests
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from django.conf import settings
from django.utils.translation import gettext as _

from agreements import keys, pades
from agreements.models import AuthorityRevocation, Timestamp
from portal.lib.errors import RuleError

log = logging.getLogger(__name__)

AUTHORITY_NAME = "Cổng phối hợp QS-QP"
SET_BACK = dt.timedelta(minutes=5)
"""How far a clock may lie behind the newest time-stamp: those who wait for a lock read it before."""

TAIL = 64  # random bits at the end of a serial number: a database set back to a copy repeats none
PATIENCE = 10  # seconds for a list of another authority


def authority(*, at: dt.datetime) -> keys.StampAuthority:
    """Return the authority beside PKI_DIR, made there on first use."""
    folder = Path(settings.PKI_DIR).with_name(f"{Path(settings.PKI_DIR).name}-tsa")
    if not keys.newest_stamp(folder):
        with contextlib.suppress(keys.AuthorityError):  # another process was first: loaded below
            keys.create_stamp_authority(folder, _kek(), common_name=AUTHORITY_NAME, at=at, demo=settings.DEMO)
    return _load(folder, _kek(), keys.newest_stamp(folder))


@functools.lru_cache(maxsize=2)
def _load(folder: Path, kek: bytes, newest: int) -> keys.StampAuthority:
    return keys.StampAuthority.load(folder, kek)


def _kek() -> bytes:
    return str(settings.KEY_ENCRYPTION_KEY).encode()


def crl(*, at: dt.datetime) -> bytes:
    """Return the list of today of the authority's root."""
    rows = AuthorityRevocation.objects.filter(kind=AuthorityRevocation.Kind.STAMP).order_by("pk")
    return authority(at=at).crl(_kek(), _lines(rows), number=int(at.timestamp()), at=at)


def _lines(rows: Iterable[AuthorityRevocation]) -> list[keys.Revoked]:
    return [keys.Revoked(int(one.serial, 16), one.revoked_at, one.revocation_reason) for one in rows]


def with_own(trust: pades.Trust, *, at: dt.datetime) -> pades.Trust:
    """Return whom to believe, and the portal's own authority of time-stamps with its list of today."""
    return replace(
        trust,
        stamp_roots=(*trust.stamp_roots, authority(at=at).root),
        stamp_kinds=(*trust.stamp_kinds, pades.RootKind.PORTAL),
        crls=(*trust.crls, crl(at=at)),
    )


def key_of(serial: int, *, at: dt.datetime) -> tuple[x509.Certificate, x509.Certificate]:
    """Return the certificate of an earlier key, and of the key that followed. Raises keys.AuthorityError."""
    known = [x509.load_der_x509_certificate(one) for one in authority(at=at).certificates()]
    for older, newer in itertools.pairwise(known):
        if older.serial_number == serial:
            return older, newer
    raise keys.AuthorityError(f"no earlier time-stamping key has the serial number {serial:x}")


def rotate(*, at: dt.datetime) -> None:
    """Let a new key follow. Raises keys.AuthorityError when another process is doing the same."""
    keys.add_stamp_key(authority(at=at).folder, _kek(), at=at)


def rotate_if_due(*, at: dt.datetime) -> bool:
    """Let a new key follow one that has stamped for two years; return whether it was so."""
    if at < authority(at=at).rotates_at:
        return False
    with contextlib.suppress(keys.AuthorityError):  # another process was first
        rotate(at=at)
    return True


def next_second(*, at: dt.datetime) -> dt.datetime:
    """Return a moment, in whole seconds, that no time-stamp given until now reaches."""
    newest = Timestamp.objects.order_by("-pk").first()
    begins = at.replace(microsecond=0)
    return max(begins, newest.stamped_at + dt.timedelta(seconds=1)) if newest else begins


def check_ready(*, at: dt.datetime) -> None:
    """Raise RuleError where nothing would be stamped; asked before a one-time code is spent."""
    try:
        authority(at=at).check_may_stamp(at)
    except keys.StampRefused as refusal:
        raise _in_doubt(str(refusal)) from refusal
    newest = Timestamp.objects.order_by("-pk").first()
    if newest is not None and at < newest.stamped_at - SET_BACK:
        raise _in_doubt(f"{at} lies before the newest time-stamp of {newest.stamped_at}")


def _in_doubt(why: str) -> RuleError:
    log.error("no time-stamp: %s", why)
    return RuleError(_("The portal's clock is in doubt, so nothing was signed. Tell the administrator."))


@dataclass(frozen=True)
class Stamp:
    """One time-stamp to come: call it with a request."""

    number: int
    stamped_at: dt.datetime

    def __call__(self, request: bytes) -> bytes:
        serial = self.number << TAIL | secrets.randbits(TAIL)
        return authority(at=self.stamped_at).answer(request, serial=serial, at=self.stamped_at)


def stamp(*, at: dt.datetime, since: float | None = None) -> Stamp:
    """Take a number and the time for a stamp that is made at once.

    The clock showed `at` at the moment `since` of time.monotonic(), now if none is given: between a
    request and its signature lies the waiting for the lock. Raises RuleError when the clock is in doubt.
    """
    waited = 0.0 if since is None else time.monotonic() - since
    now = (at + dt.timedelta(seconds=waited)).replace(microsecond=0)
    check_ready(at=now)
    return Stamp(Timestamp.objects.create(stamped_at=now).pk, now)


# --- Another authority (TSA_URL) --------------------------------------------------------------------
class ListAway(Exception):
    """A revocation list of the other authority cannot be had now."""


def address() -> str:
    """Return where another authority stamps what the portal has sealed; empty without one."""
    return str(settings.TSA_URL)


def with_outside(trust: pades.Trust) -> pades.Trust:
    """Return whom to believe, with the other authority and its lists of today; over the network.

    Also when it stamps no longer: what it stamped has to be judged and renewed. Raises ListAway.
    """
    if not settings.TSA_CA_FILE:
        return trust
    certificates = x509.load_pem_x509_certificates(Path(settings.TSA_CA_FILE).read_bytes())
    return replace(
        trust,
        stamp_roots=(*trust.stamp_roots, *(one.public_bytes(Encoding.DER) for one in certificates)),
        stamp_kinds=(*trust.stamp_kinds, *(pades.RootKind.OTHER for _one in certificates)),
        crls=(*trust.crls, *(_fetched(one) for one in settings.TSA_CRL_URLS)),
    )


def _fetched(url: str) -> bytes:
    """Return a revocation list, DER."""
    try:
        answer = requests.get(url, timeout=PATIENCE)
        answer.raise_for_status()
        x509.load_der_x509_crl(answer.content)
    except (requests.RequestException, ValueError) as error:
        raise ListAway(f"{url}: {error}") from error
    return answer.content
