"""Celery jobs: a few lines each, safe to run twice, side by side and after a crash."""

import logging
import threading

from celery import shared_task
from django.utils import timezone

from agreements import authorities, crls, pki, verification

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
def issue_revocation_lists() -> None:
    """Issue the revocation lists that are a day old or lack somebody; renew a certifier that ends soon."""
    crls.issue_due(at=timezone.now())
    authorities.renew_certifier(at=timezone.now())


def check_soon() -> None:
    """Ask for a check now instead of at the next minute; a courtesy, after the signature is committed.

    In a thread of its own: without its broker Celery tries for six seconds, and nobody waits for that.
    """
    threading.Thread(target=_ask, name="check soon", daemon=True).start()


def _ask() -> None:
    try:
        check_signatures.apply_async(retry=False)
    except Exception as error:  # whatever the broker's library raises: the sweep each minute comes anyway
        log.warning("the check of signatures waits for the next minute: %s", error)
