"""The portal's Celery app with a watchdog that waits some seconds only: `celery -A … worker`."""

import django

from portal.celery import app  # noqa: F401 - Celery looks for it

django.setup()

from portal.operations import watchdog  # noqa: E402 - reads models

watchdog.SILENCE, watchdog.TICK = 6.0, 0.5
