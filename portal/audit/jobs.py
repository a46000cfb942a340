"""Celery jobs: a few lines each, safe to run twice, side by side and after a crash."""

import logging

from celery import shared_task
from django.utils import timezone

from portal.audit import checkpoints, verification

log = logging.getLogger(__name__)


@shared_task
def write_checkpoint() -> None:
    """Sign where the chain stands, when it moved."""
    try:
        checkpoints.write(at=timezone.now())
    except checkpoints.CheckpointRefused as refused:
        log.error("no checkpoint: %s", refused)


@shared_task
def verify_audit() -> None:
    """Walk on along the chain."""
    verification.go_on(at=timezone.now(), today=timezone.localdate())
