"""Bring database, static files, demonstration and broker to where the processes need them.

Each step does nothing when it was done before, so that a second start takes seconds.
"""

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections

from portal.celery import app as celery
from portal.operations import health, marks
from portal.operations.serving.checks import Address, CannotStart


def demonstration_stays_here(address: Address) -> None:
    """Refuse to show the demonstration, whose password is printed, to the network."""
    if not settings.DEMO or settings.DEMO_PUBLIC:
        return
    if not address.is_loopback:
        raise CannotStart(
            f"The demonstration listens on this machine only, not on HOST={address.host}; leave HOST out."
        )


def database() -> None:
    """Reach the database, refuse the wrong one, apply what is new."""
    try:
        connection.ensure_connection()
    except DatabaseError as error:
        reason = str(error).strip().splitlines()[0]
        raise CannotStart(f"The database does not answer ({reason}); check DATABASE_URL.") from error
    problem = marks.wrong_mode()
    if problem:
        raise CannotStart(problem)
    if health.pending_migrations():
        with step("Preparing the database"):
            call_command("migrate", verbosity=0, interactive=False)


def static_files() -> None:
    """Collect the static files when one of them, or the set of them, changed."""
    stamp = settings.DATA_DIR / "static.stamp"
    present = _fingerprint()
    if stamp.is_file() and stamp.read_text() == present and settings.STATIC_ROOT.is_dir():
        return
    with step("Collecting static files"):
        call_command("collectstatic", verbosity=0, interactive=False)
    stamp.write_text(present)


def _fingerprint() -> str:
    """Return a SHA-256 over name, size and time of change of every static file."""
    found = hashlib.sha256()
    for finder in get_finders():
        for name, storage in finder.list([]):
            facts = (name, storage.size(name), storage.get_modified_time(name).timestamp())
            found.update(repr(facts).encode())
    return found.hexdigest()


def demonstration() -> None:
    """Load the demonstration's accounts and programmes into an empty portal, once."""
    if settings.DEMO:
        try:
            call_command("load_demo")
        except CommandError as error:
            raise CannotStart(f"the demonstration was not loaded: {error}") from error


def broker() -> None:
    """Declare the queue of the embedded broker: worker and beat would race to create its tables."""
    if settings.REDIS_URL:
        if not health.broker_answers():
            print("Redis does not answer; the portal runs on, notices wait until it does.", flush=True)
        return
    with celery.connection_for_write() as link:
        celery.amqp.queues[celery.conf.task_default_queue].bind(link.default_channel).declare()


def let_go() -> None:
    """Close this process's own connections; it only watches from here on."""
    connections.close_all()


@contextmanager
def step(name: str) -> Iterator[None]:
    """Print what goes on and how many seconds it took."""
    print(f"{name} …", end=" ", flush=True)
    began = time.monotonic()
    yield
    print(f"{time.monotonic() - began:.0f} s", flush=True)
