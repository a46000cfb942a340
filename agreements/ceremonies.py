"""What is done with the root's key, seldom and by hand: taken away, brought back, a successor made.

Without it the portal signs, issues and revokes as ever. A list of the root and another issuing CA need it.
"""

import datetime as dt
from pathlib import Path

from django.db.models import Max

from agreements import authorities, crls, keys
from agreements.models import CertificateAuthority, RevocationList
from portal.audit.events import record
from portal.lib.actions import action


def export(path: Path, *, passphrase: str, at: dt.datetime) -> None:
    """Write the root's key under a passphrase. Raises keys.AuthorityError: it is away, or a file is there."""
    own = authorities.authority(at=at)
    keys.write_key(own.root_key(authorities.kek()), path, passphrase=passphrase)
    _record("authority.key_exported", at=at)


def remove(exported: Path, *, passphrase: str, at: dt.datetime) -> None:
    """Delete the root's key from this machine, once the exported file opens and holds the same.

    1. A list of the root that lasts its 180 days. 2. The file is opened. 3. The key here is deleted.
    Raises keys.AuthorityError.
    """
    own = authorities.authority(at=at)
    own.check_root_key(keys.read_key(exported, passphrase=passphrase))
    issue_list(None, at=at)
    (own.folder / "root.key").unlink()
    _record("authority.key_removed", at=at)


def issue_list(brought: keys.RootKey | None, *, at: dt.datetime) -> RevocationList:
    """Issue the root's next list, by the key that was brought or the one that is here."""
    own = authorities.authority(at=at)
    key = brought or own.root_key(authorities.kek())
    der = own.root_crl_by(key, crls.root_lines(), number=crls.next_root_number(at=at), at=at)
    return crls.take(der, at=at)


def succeed(brought: keys.RootKey | None, *, at: dt.datetime) -> CertificateAuthority:
    """Make the next issuing CA and certifier; the ones before stay for what they made."""
    own = authorities.authority(at=at)
    key = brought or own.root_key(authorities.kek())
    own.succeed(
        key,
        authorities.kek(),
        at=at,
        certifier_days=authorities.life_days(),
        token=authorities.token(),
    )
    crls.issue_due(at=at)
    _record("authority.succeeded", at=at)
    return next(row for row, _issuer in authorities.issuing_rows(authorities.authority(at=at)))


def root_list_ends_at() -> dt.datetime | None:
    """Return until when the root's newest list is good."""
    rows = RevocationList.objects.filter(authority__kind=CertificateAuthority.Kind.ROOT)
    found: dt.datetime | None = rows.aggregate(ends=Max("next_update"))["ends"]
    return found


@action
def _record(verb: str, *, at: dt.datetime) -> None:
    own = authorities.authority(at=at)
    issuing = next(row for row, _issuer in authorities.issuing_rows(own))
    payload = {"root": authorities.root_row(own).sha256, "issuing": issuing.sha256}
    record(verb, authorities.root_row(own), by=None, at=at, payload=payload)
