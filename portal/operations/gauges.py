"""What a monitor draws: the state of the portal in figures, in the text format of Prometheus.

Ages and counts alone: nobody is named, and nothing that anybody wrote.
"""

import datetime as dt

from django.db import DatabaseError, InterfaceError

from portal.lib import walls
from portal.notices.models import Mail
from portal.operations import health
from portal.operations.health import Readiness

DEGRADED = ("broker", "clock", "notices", "backup", "mail")


def text(*, at: dt.datetime) -> str:
    """Return the figures of this moment, each with what it means; those that cannot be told are left out."""
    found = health.readiness(at=at)
    lines = _gauge("portal_ready", "Whether requests may be sent here.", {"": int(found.ok)})
    marks = {f'{{what="{name}"}}': int(name in found.degraded) for name in DEGRADED}
    lines += _gauge("portal_degraded", "Whether an operator should look at it.", marks)
    if found.ok:
        lines += _of_database(found, at)
    return "\n".join([*lines, ""])


def _of_database(found: Readiness, at: dt.datetime) -> list[str]:
    seconds = found.oldest_due_notice_seconds
    lines = _gauge("portal_oldest_due_notice_seconds", "Age of the oldest mail that is late.", {"": seconds})
    if found.backup_of:
        age = int((at - found.backup_of).total_seconds())
        lines += _gauge("portal_proven_backup_seconds", "Age of the newest proven backup.", {"": age})
    try:
        with walls.everything():  # a monitor is nobody, and hears counts
            waiting, given_up = Mail.objects.claimable(at).count(), Mail.objects.undelivered().count()
    except (DatabaseError, InterfaceError):
        return lines
    lines += _gauge("portal_mails_waiting", "Mails that may leave now.", {"": waiting})
    return lines + _gauge("portal_mails_undelivered", "Mails that were given up.", {"": given_up})


def _gauge(name: str, meaning: str, values: dict[str, int]) -> list[str]:
    rows = [f"{name}{labels} {value}" for labels, value in values.items()]
    return [f"# HELP {name} {meaning}", f"# TYPE {name} gauge", *rows]
