"""Celery jobs: a few lines each, safe to run twice, side by side and after a crash."""

from celery import shared_task
from django.utils import timezone

from portal.files import sweeping


@shared_task
def sweep_files() -> None:
    """Take leftovers out of the store."""
    sweeping.sweep(at=timezone.now())
