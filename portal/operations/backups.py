"""By when a backup has to be proven again: while a programme is in force, and not before."""

import datetime as dt

from django.conf import settings

from portal.audit import backups as proofs
from portal.audit.backups import Proof
from portal.lib.dates import local_day
from tasks.models import Programme
from tasks.states import ProgrammeState


def running() -> Programme | None:
    """Return the programme in force: while there is none, nothing would be lost yet."""
    return Programme.objects.filter(state=ProgrammeState.IN_FORCE).order_by("-year").first()


def due_on(programme: Programme, proof: Proof | None) -> dt.date:
    """Return the day by which a backup has to be proven again, or for the first time."""
    since = proof.taken_at if proof else programme.in_force_at
    begun = local_day(since) if since else dt.date(programme.year, 1, 1)
    return begun + dt.timedelta(days=settings.BACKUP_PROVEN_DAYS)


def is_overdue(*, at: dt.datetime) -> bool:
    """Whether no backup was proven for too long."""
    programme = running()
    return programme is not None and due_on(programme, proofs.newest()) < local_day(at)
