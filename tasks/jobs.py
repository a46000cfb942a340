"""Celery jobs: a few lines each, safe to run twice, side by side and after a crash."""

from celery import shared_task

from tasks import shells


@shared_task
def make_report_shells() -> None:
    """Make the reports of periods and parties that came after the programme was brought into force."""
    shells.make_all()
