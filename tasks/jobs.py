"""Celery jobs: a few lines each, safe to run twice, side by side and after a crash."""

from celery import shared_task
from django.utils import timezone

from tasks import changes, shells


@shared_task
def make_report_shells() -> None:
    """Make the reports of periods and parties that came after the programme was brought into force."""
    shells.make_all()


@shared_task
def carry_out_changes() -> None:
    """Carry out the changes of agencies whose day has come since the last run."""
    changes.carry_out_due(at=timezone.now())
