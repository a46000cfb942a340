"""Celery jobs: a few lines each, safe to run twice, side by side and after a crash."""

from celery import shared_task
from django.utils import timezone

from portal.notices import delivery, phone_delivery, planning


@shared_task
def plan_reminders() -> None:
    """Plan whatever fell due."""
    planning.plan(at=timezone.now())


@shared_task
def deliver_notices() -> None:
    """Send the mails that wait."""
    delivery.deliver(at=timezone.now())


@shared_task
def nudge_phones() -> None:
    """Send what cannot wait to confirmed telephones, where there is a gateway."""
    phone_delivery.deliver(at=timezone.now())
