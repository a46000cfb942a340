"""The ground and the roof of the coordination portal: see docs/architecture.md."""

from portal.celery import app as celery_app

__all__ = ["celery_app"]
