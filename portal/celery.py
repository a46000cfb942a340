"""Celery: the portal's clock. Jobs live in each app's jobs.py ("task" always means nhiệm vụ)."""

import os

from celery import Celery
from kombu.transport import sqlalchemy as embedded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

# Set on the class: in the transport options it reaches create_engine(), which refuses it.
embedded.Transport.polling_interval = 0.5  # seconds

app = Celery("portal")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="jobs")
