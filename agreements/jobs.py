"""Celery jobs: a few lines each, safe to run twice, side by side and after a crash."""

import logging
import threading

from celery import Task, shared_task
from django.utils import timezone

from agreements import agents, authorities, crls, inspections, pki, sealing, verification

log = logging.getLogger(__name__)


@shared_task
def check_signatures() -> None:
    """Check signatures that were made since the last run."""
    verification.check_next(at=timezone.now())


@shared_task
def destroy_keys_without_post() -> None:
    """Destroy the signing keys of people whose post ended since the last run."""
    pki.destroy_keys_without_post(by=None, at=timezone.now())


@shared_task
def sweep_preparations() -> None:
    """Let go of what was prepared for signing programs that did not come back."""
    agents.sweep(at=timezone.now())


@shared_task(time_limit=900)
def seal_documents() -> None:
    """Seal documents whose round has closed, and judge what was sealed: seconds for each."""
    sealing.go_on(at=timezone.now())


@shared_task(time_limit=900)
def renew_seals() -> None:
    """Renew archive time-stamps that end within a year."""
    sealing.renew_due(at=timezone.now())


@shared_task
def examine_files() -> None:
    """Examine one file that a visitor sent, and ask for the next: two at a time never fit into one job."""
    if inspections.run_next(at=timezone.now()):
        _ask(examine_files)


@shared_task
def issue_revocation_lists() -> None:
    """Issue the revocation lists that are a day old or lack somebody; renew a certifier that ends soon."""
    crls.issue_due(at=timezone.now())
    authorities.renew_certifier(at=timezone.now())


def check_soon() -> None:
    """Ask for a check now instead of at the next minute; a courtesy, after the signature is committed."""
    _ask_aside(check_signatures)


def examine_soon() -> None:
    """Ask for the examination of a file now, instead of at the next minute."""
    _ask_aside(examine_files)


def _ask_aside(job: Task) -> None:
    """In a thread of its own: without its broker Celery tries for six seconds, and nobody waits for that."""
    threading.Thread(target=_ask, args=(job,), name="ask soon", daemon=True).start()


def _ask(job: Task) -> None:
    try:
        job.apply_async(retry=False)
    except Exception as error:  # whatever the broker's library raises: the sweep each minute comes anyway
        log.warning("%s waits for the next minute: %s", job.name, error)
