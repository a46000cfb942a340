"""Revocation lists: issued, numbered, kept, and the same for everybody.

Full lists whose entries stay, also after a certificate has expired; the date of an entry is the moment of
the report. Suspending a signer never makes an entry.
"""

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from django.db.models import Exists, OuterRef, QuerySet

from agreements import access, authorities, keys
from agreements.models import AuthorityRevocation, Certificate, CertificateAuthority, RevocationList
from portal.audit.events import record
from portal.lib.actions import action

log = logging.getLogger(__name__)

Kind = CertificateAuthority.Kind
ISSUED_AGAIN_AFTER = {Kind.ISSUING: dt.timedelta(days=1), Kind.ROOT: dt.timedelta(days=120)}
"""A list is made anew at this age, long before it ends: after 7 and after 180 days."""

ROOT_WARNING = dt.timedelta(days=30)
"""While the root's key is away nothing is wrong until its list is about to end; then it is said."""

Sign = Callable[[Sequence[keys.Revoked], int, dt.datetime], bytes]
"""Makes the list with these entries, this number, of this moment: DER."""


@dataclass(frozen=True)
class Source:
    """A CA, what it has revoked, and what signs its list."""

    row: CertificateAuthority
    sign: Sign

    def revoked(self) -> QuerySet[Any]:
        """Issuing CAs that the root revoked; of an issuing CA, certificates of signers."""
        if self.row.kind == Kind.ROOT:
            return AuthorityRevocation.objects.filter(kind=AuthorityRevocation.Kind.ISSUING)
        return Certificate.objects.filter(issuer_key_id=self.row.key_id).exclude(revoked_at=None)

    def newest(self) -> RevocationList | None:
        return self.row.lists.order_by("-number").first()

    def is_missing(self, found: RevocationList | None, *, at: dt.datetime) -> bool:
        """Whether there is no list, it has ended, or somebody was revoked since."""
        return found is None or found.next_update <= at or found.entries != self.revoked().count()


@dataclass(frozen=True)
class Published:
    """A CA as the public page shows it."""

    row: CertificateAuthority
    newest: RevocationList | None
    is_overdue: bool
    revoked: AuthorityRevocation | None = None


def published(*, at: dt.datetime) -> list[Published]:
    """Return every CA with its newest list, roots first. Three queries."""
    newest = {one.authority_id: one for one in newest_lists()}
    revoked = {one.serial: one for one in AuthorityRevocation.objects.all()}
    return [
        Published(
            row,
            found,
            found is None or found.next_update <= at,
            revoked.get(f"{keys.serial_of(bytes(row.der)):x}") if revoked else None,
        )
        for row in access.visible_authorities()
        for found in (newest.get(row.pk),)
    ]


def newest_lists() -> QuerySet[RevocationList]:
    """Return the newest list of each CA, for the whole world."""
    later = RevocationList.objects.filter(authority=OuterRef("authority"), number__gt=OuterRef("number"))
    return RevocationList.objects.filter(~Exists(later))


def current(*, at: dt.datetime) -> tuple[bytes, ...]:
    """Return each CA's list of today, DER, the issuing CAs' first; made now where there is none."""
    found = []
    for source in _sources(at=at):
        newest = source.newest()
        if source.is_missing(newest, at=at):
            newest = _try(source, at=at) or newest
        if newest:
            found.append(bytes(newest.der))
    return tuple(found)


def issue_fresh(*, at: dt.datetime) -> tuple[bytes, ...]:
    """Return each CA's list, DER, the issuing CAs' made anew: for the moment before a seal.

    `thisUpdate` is never before `at`, in whole seconds. The root's is the one that is kept, since its key may
    be away. Raises keys.AuthorityError when an issuing CA cannot sign.
    """
    for source in _sources(at=at):
        if source.row.kind == Kind.ISSUING:
            _issue(source, at=at)
    return current(at=at)


def issue_due(*, at: dt.datetime) -> int:
    """Issue what is missing or a day old; return how many. A portal that has no authority yet has none."""
    if not authorities.is_set_up():
        return 0
    try:
        sources = _sources(at=at)
    except keys.KeysError as error:  # whoever was revoked stays so; the next look comes in ten minutes
        log.error("no revocation list: %s", error)
        return 0
    return sum(_try(source, at=at) is not None for source in sources if _is_due(source, at=at))


def _is_due(source: Source, *, at: dt.datetime) -> bool:
    newest = source.newest()
    if _waits_for_its_key(source, newest, at=at):
        return False
    again = ISSUED_AGAIN_AFTER[Kind(source.row.kind)]
    return newest is None or source.is_missing(newest, at=at) or newest.this_update <= at - again


def _try(source: Source, *, at: dt.datetime) -> RevocationList | None:
    try:
        return _issue(source, at=at)
    except keys.KeysError as error:
        log.error("no revocation list of %s: %s", source.row, error)
        return None


def _waits_for_its_key(source: Source, newest: RevocationList | None, *, at: dt.datetime) -> bool:
    is_away = source.row.kind == Kind.ROOT and not authorities.authority(at=at).has_root_key
    return is_away and newest is not None and newest.next_update > at + ROOT_WARNING


def _issue(source: Source, *, at: dt.datetime) -> RevocationList:
    return keep(source.row, sign=source.sign, revoked=source.revoked, at=at)


@action
def keep(
    row: CertificateAuthority, *, sign: Sign, revoked: Callable[[], QuerySet[Any]], at: dt.datetime
) -> RevocationList:
    """Make the next list of a CA and keep it. Numbers only grow, and no list is older than the one before.

    1. Lock the CA: of two at once each gets a number of its own. 2. Read whom it has revoked. 3. Sign.
    """
    CertificateAuthority.objects.select_for_update().get(pk=row.pk)
    last = row.lists.order_by("-number").first()
    number, moment = (last.number + 1, max(at, last.this_update)) if last else (1, at)
    lines = _lines(revoked())
    return _keep(row, sign(lines, number, moment), number=number, entries=len(lines), at=at)


def _lines(revoked: QuerySet[Any]) -> list[keys.Revoked]:
    return [
        keys.Revoked(int(one.serial, 16), one.revoked_at, one.revocation_reason or "unspecified")
        for one in revoked.order_by("revoked_at", "pk")
    ]


def root_lines() -> list[keys.Revoked]:
    """Return what every list of the root has to name: the issuing CAs that were revoked."""
    return _lines(AuthorityRevocation.objects.filter(kind=AuthorityRevocation.Kind.ISSUING))


def _keep(
    row: CertificateAuthority, der: bytes, *, number: int, entries: int, at: dt.datetime
) -> RevocationList:
    made = x509.load_der_x509_crl(der)
    kept = RevocationList.objects.create(
        authority=row,
        number=number,
        der=der,
        entries=entries,
        this_update=made.last_update_utc,
        next_update=made.next_update_utc or made.last_update_utc,  # ours always have one
    )
    payload = {"number": number, "entries": entries, "authority": row.common_name}
    record("revocation_list.issued", kept, by=None, at=at, payload=payload)
    return kept


@action
def take(der: bytes, *, at: dt.datetime) -> RevocationList:
    """Keep a root list that was signed elsewhere, where the root's key is.

    Raises keys.AuthorityError when it is not the root's, not of today, not newer than the one here, or
    does not name what was revoked.
    """
    own = authorities.authority(at=at)
    row = authorities.root_row(own)
    CertificateAuthority.objects.select_for_update().get(pk=row.pk)
    last = row.lists.order_by("-number").first()
    number = keys.check_root_list(
        own.root_certificate,
        der,
        [line.serial for line in root_lines()],
        newer_than=last.number if last else 0,
        at=at,
    )
    return _keep(row, der, number=number, entries=len(keys.lines_of(der)), at=at)


def next_root_number(*, at: dt.datetime) -> int:
    """Return the number that the root's next list has to have."""
    last = authorities.root_row(authorities.authority(at=at)).lists.order_by("-number").first()
    return last.number + 1 if last else 1


def _sources(*, at: dt.datetime) -> list[Source]:
    own = authorities.authority(at=at)
    issuing = [Source(row, _by_issuing(own, issuer)) for row, issuer in authorities.issuing_rows(own)]
    return [*issuing, Source(authorities.root_row(own), _by_root(own))]


def _by_issuing(own: keys.Authority, issuer: keys.Issuer) -> Sign:
    return lambda lines, number, at: own.crl(lines, number=number, at=at, issuer=issuer)


def _by_root(own: keys.Authority) -> Sign:
    return lambda lines, number, at: own.root_crl(authorities.kek(), lines, number=number, at=at)
