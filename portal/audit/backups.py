"""Backups that are known to be good: one that nobody has restored proves nothing.

The portal cannot see backups. The script that takes them restores one elsewhere, has its trail verified
there, and then says so with `manage.py backup_proven`. The trail itself keeps that it did.
"""

import datetime as dt
import json
from dataclasses import dataclass

from django.utils.translation import gettext as _

from portal.audit.events import record
from portal.audit.models import Event
from portal.lib.actions import action
from portal.lib.errors import RuleError


@dataclass(frozen=True)
class Proof:
    """A backup taken then was restored and found good."""

    taken_at: dt.datetime
    proven_at: dt.datetime


@action
def prove(*, taken_at: dt.datetime, head_seq: int, head_sha256: str, at: dt.datetime) -> None:
    """Keep that a backup was restored and its trail found good. A command on the server.

    Number and hash of the last event in the restored trail show that it is one of this portal. Raises
    RuleError for any other, and for one taken in the future.
    """
    if taken_at > at:
        raise RuleError(_("A backup is restored after it was taken."))
    if not Event.objects.filter(seq=head_seq, sha256=head_sha256, at__lte=taken_at).exists():
        raise RuleError(_("The restored trail does not end with an event that this portal had by then."))
    payload = {"taken_at": taken_at.isoformat(timespec="seconds"), "events": head_seq}
    record("backup.proven", None, by=None, at=at, payload=payload)


def newest() -> Proof | None:
    """Return the last proof, None when no backup was ever proven. One query."""
    event = Event.objects.filter(verb="backup.proven").order_by("-seq").values_list("payload", "at").first()
    if event is None:
        return None
    payload, at = event
    return Proof(dt.datetime.fromisoformat(json.loads(payload)["taken_at"]), at)
