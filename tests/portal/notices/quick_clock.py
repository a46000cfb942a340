"""The portal's Celery app with a clock that ticks each half second: `celery -A … beat`."""

from portal.celery import app

for entry in app.conf.beat_schedule.values():
    entry["schedule"] = 0.5
