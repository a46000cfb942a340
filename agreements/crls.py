"""Revocation lists: issued, numbered, kept, and the same for everybody.

Full lists whose entries stay, also after a certificate has expired; the date of an entry is the moment of
the report. Suspending a signer never makes an entry.
"""

import datetime as dt
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from cryptography import x509
from django.db.models import Exists, OuterRef, QuerySet

from agreements import access, authorities, keys
from agreements.models import Certificate, CertificateAuthority, RevocationList
from portal.audit.events import record
from portal.lib.actions import action

log = logging.getLogger(__name__)

Kind = CertificateAuthority.Kind
ISSUED_AGAIN_AFTER = {Kind.ISSUING: dt.timedelta(days=1), Kind.ROOT: dt.timedelta(days=120)}
"""A list is made anew at this age, long before it ends: after 7 and after 180 days."""

Sign = Callable[[Sequence[keys.Revoked], int, dt.datetime], bytes]
"""Makes the list with these entries, this number, of this moment: DER."""


@dataclass(frozen=True)
class Source:
    """A CA, whom it has revoked, and what signs its list."""

    row: CertificateAuthority
    sign: Sign

    def revoked(self) -> QuerySet[Certificate]:
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


def published(*, at: dt.datetime) -> list[Published]:
    """Return every CA with its newest list, roots first. Two queries."""
    newest = {one.authority_id: one for one in newest_lists()}
    return [
        Published(row, found, found is None or found.next_update <= at)
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
    return sum(_try(source, at=at) is not None for source in _sources(at=at) if _is_due(source, at=at))


def _is_due(source: Source, *, at: dt.datetime) -> bool:
    newest = source.newest()
    again = ISSUED_AGAIN_AFTER[Kind(source.row.kind)]
    return newest is None or source.is_missing(newest, at=at) or newest.this_update <= at - again


def _try(source: Source, *, at: dt.datetime) -> RevocationList | None:
    try:
        return _issue(source, at=at)
    except keys.KeysError as error:
        log.error("no revocation list of %s: %s", source.row, error)
        return None


def _issue(source: Source, *, at: dt.datetime) -> RevocationList:
    return keep(source.row, sign=source.sign, revoked=source.revoked, at=at)


@action
def keep(
    row: CertificateAuthority, *, sign: Sign, revoked: Callable[[], QuerySet[Certificate]], at: dt.datetime
) -> RevocationList:
    """Make the next list of a CA and keep it. Numbers only grow, and no list is older than the one before.

    1. Lock the CA: of two at once each gets a number of its own. 2. Read whom it has revoked. 3. Sign.
    """
    CertificateAuthority.objects.select_for_update().get(pk=row.pk)
    last = row.lists.order_by("-number").first()
    number, moment = (last.number + 1, max(at, last.this_update)) if last else (1, at)
    lines = [
        keys.Revoked(int(one.serial, 16), one.revoked_at, one.revocation_reason or "unspecified")
        for one in revoked().order_by("revoked_at", "pk")
        if one.revoked_at
    ]
    der = sign(lines, number, moment)
    made = x509.load_der_x509_crl(der)
    kept = RevocationList.objects.create(
        authority=row,
        number=number,
        der=der,
        entries=len(lines),
        this_update=made.last_update_utc,
        next_update=made.next_update_utc or moment,  # ours always have one
    )
    payload = {"number": number, "entries": len(lines), "authority": row.common_name}
    record("revocation_list.issued", kept, by=None, at=at, payload=payload)
    return kept


def _sources(*, at: dt.datetime) -> list[Source]:
    found = []
    for row, own in authorities.rows(at=at):
        sign = _by_root(own) if row.kind == Kind.ROOT else _by_issuing(own)
        found.append(Source(row, sign))
    return found


def _by_issuing(own: keys.Authority) -> Sign:
    return lambda lines, number, at: own.crl(lines, number=number, at=at)


def _by_root(own: keys.Authority) -> Sign:
    return lambda lines, number, at: own.root_crl(authorities.kek(), lines, number=number, at=at)
