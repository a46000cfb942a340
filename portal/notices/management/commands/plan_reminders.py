"""Plan the reminders that fell due; what the Celery job does, without Celery."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from portal.lib.dates import parse_moment
from portal.notices import planning


class Command(BaseCommand):
    help = "Plan the reminders that fell due by now, or by the moment given."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--at", type=parse_moment, help="ISO 8601; without a zone it is local time")

    def handle(self, *args: Any, at: dt.datetime | None, **options: Any) -> None:
        count = planning.plan(at=at or timezone.now())
        self.stdout.write(f"{count} notices planned")
