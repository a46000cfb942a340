"""Celery jobs: a few lines each, safe to run twice, side by side and after a crash."""

from celery import shared_task
from django.utils import timezone

from agreements import verification


@shared_task
def check_signatures() -> None:
    """Check signatures that were made since the last run."""
    verification.check_next(at=timezone.now())
