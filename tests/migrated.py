"""An empty portal's database, migrated once and copied: migrating takes longer than most of what needs it.

The SQLite file is kept in build/ from run to run, under a name that changes with whatever migrations are
made of; on PostgreSQL it is a database of that name, once a server. What migrates in earnest is asked by
tests of its own: the one command, the roles of the database.
"""

import fcntl
import hashlib
import os
import secrets
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path

import psycopg2

from tests.source import BASE

FOLDER = BASE / "build/migrated"
MADE_OF = ("**/migrations/*.py", "portal/lib/walls.py", "portal/audit/guards.py", "requirements.txt")
"""What a migration says, and what it imports."""


@cache
def name() -> str:
    """Return a name for the database that today's migrations make."""
    found = hashlib.sha256()
    for package in ("portal", "tasks", "agreements"):
        for path in sorted((BASE / package).glob(MADE_OF[0])):
            found.update(path.read_bytes())
    for path in MADE_OF[1:]:
        found.update((BASE / path).read_bytes())
    return f"migrated_{found.hexdigest()[:16]}"


def sqlite() -> Path:
    """Return the migrated SQLite file, to be copied."""
    file = FOLDER / f"{name()}.sqlite3"
    with _one_at_a_time():
        if not file.exists():
            with tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
                made = Path(scratch) / "portal.sqlite3"
                _migrate(f"sqlite:///{made}", scratch)
                with closing(sqlite3.connect(made)) as database:
                    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                for old in FOLDER.glob("*.sqlite3"):
                    old.unlink()
                made.rename(file)
    return file


def postgres(server_url: str) -> str:
    """Return the name of a migrated database on the server of this address, to be a template."""
    with _one_at_a_time(), closing(psycopg2.connect(f"{server_url.rpartition('/')[0]}/postgres")) as link:
        link.autocommit = True
        cursor = link.cursor()
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name()])
        if not cursor.fetchone():
            made = f"migrating_{secrets.token_hex(6)}"
            cursor.execute(f"CREATE DATABASE {made}")
            with tempfile.TemporaryDirectory() as scratch:
                _migrate(f"{server_url.rpartition('/')[0]}/{made}", scratch)
            cursor.execute(f"ALTER DATABASE {made} RENAME TO {name()}")
    return name()


def _migrate(database_url: str, folder: str) -> None:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    given = {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "DATA_DIR": folder,
        "DATABASE_URL": database_url,
        "SECRET_KEY": secrets.token_urlsafe(60),
        "KEY_ENCRYPTION_KEY": secrets.token_urlsafe(60),
        "PUBLIC_URL": "http://localhost",
        "ALLOWED_HOSTS": "localhost",
    }
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
    subprocess.run(command, cwd=BASE, env=kept | given, check=True, timeout=300)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
