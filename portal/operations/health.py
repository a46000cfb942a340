"""What a monitor asks: can the portal serve, and what works less well than it should.

A fault takes the portal out of service, so only what every page needs is one: the database, its
migrations, the files. All else is degraded: pages and signatures go on without a broker.
"""

import datetime as dt
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from email.utils import parseaddr
from functools import cache

import redis
from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from portal.audit import backups as proofs
from portal.files.models import StoredFile
from portal.lib import walls
from portal.notices import mails
from portal.operations import backups, clocks

BROKER_TIMEOUT = 1  # seconds
LATE_NOTICE = 300  # seconds that a due notice may wait


@dataclass(frozen=True)
class Readiness:
    """What is broken and what is degraded, how long the oldest due notice waits, how the clock stands.

    `backup_of` is when the newest backup was taken that is known to be good.
    """

    faults: tuple[str, ...] = ()
    degraded: tuple[str, ...] = ()
    oldest_due_notice_seconds: int = 0
    backup_of: dt.datetime | None = None
    clock: str = clocks.Clock.CANNOT_TELL.value

    @property
    def ok(self) -> bool:
        return not self.faults


def readiness(*, at: dt.datetime) -> Readiness:
    """Look at everything once: some milliseconds, or seconds when a server is away."""
    degraded = [] if broker_answers() else ["broker"]
    clock = clocks.synchronised()
    if clock is clocks.Clock.NO:
        degraded.append("clock")
    if not _mail_reaches_people():
        degraded.append("mail")
    try:
        if pending_migrations():
            return Readiness(("migrations",), tuple(degraded), clock=clock.value)
        faults = () if _files_are_readable() else ("files",)
        waiting = _oldest_due_notice_seconds(at)
        proof, is_unproven = proofs.newest(), backups.is_overdue(at=at)
    except (DatabaseError, InterfaceError):
        connection.close_if_unusable_or_obsolete()
        return Readiness(("database",), tuple(degraded), clock=clock.value)
    if waiting > LATE_NOTICE:
        degraded.append("notices")
    if is_unproven:
        degraded.append("backup")
    return Readiness(faults, tuple(degraded), waiting, proof.taken_at if proof else None, clock.value)


def pending_migrations() -> frozenset[tuple[str, str]]:
    """Return (app, name) of each migration that the database still lacks; one or two queries."""
    return _known_migrations() - set(MigrationRecorder(connection).applied_migrations())


@cache
def _known_migrations() -> frozenset[tuple[str, str]]:
    """The files of this release; they do not change while a process runs."""
    return frozenset(MigrationLoader(None).disk_migrations)


def broker_answers() -> bool:
    """Return whether Redis answers within a second, or the embedded broker's file is there."""
    try:
        if settings.REDIS_URL:
            with redis.Redis.from_url(
                settings.REDIS_URL, socket_timeout=BROKER_TIMEOUT, socket_connect_timeout=BROKER_TIMEOUT
            ) as client:
                return bool(client.ping())
        file = f"file:{settings.DATA_DIR / 'broker.sqlite3'}?mode=ro"
        with closing(sqlite3.connect(file, uri=True, timeout=BROKER_TIMEOUT)) as broker:
            broker.execute("SELECT count(*) FROM kombu_queue")
        return True
    except (redis.RedisError, sqlite3.Error):
        return False


def _mail_reaches_people() -> bool:
    """Return whether mails go to a server, to whom they are for, from where answers find the portal.

    In a demonstration a folder is what is meant.
    """
    if settings.MAIL_ALL_TO:
        return False
    sender = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].lower()
    return settings.DEMO or (bool(settings.EMAIL_URL) and not sender.endswith("@localhost"))


def _oldest_due_notice_seconds(at: dt.datetime) -> int:
    with walls.everything():  # a monitor is nobody, and hears one age
        oldest = mails.oldest_due(at=at)
    return int((at - oldest).total_seconds()) if oldest else 0


def _files_are_readable() -> bool:
    """Return whether the store's folder can be listed; one that is missing is fine while it is empty."""
    try:
        with os.scandir(settings.FILES_DIR):
            return True
    except FileNotFoundError:
        return not StoredFile.objects.exists()
    except OSError:
        return False
