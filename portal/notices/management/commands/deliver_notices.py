"""Send the mails that wait; what the Celery job does, without Celery."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from portal.lib.dates import parse_moment
from portal.notices import delivery


class Command(BaseCommand):
    help = "Send the mails that wait now, or that waited at the moment given."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--at", type=parse_moment, help="ISO 8601; without a zone it is local time")

    def handle(self, *args: Any, at: dt.datetime | None, **options: Any) -> None:
        outcome = delivery.deliver(at=at or timezone.now())
        self.stdout.write(
            f"{outcome.sent} sent, {outcome.skipped} skipped,"
            f" {outcome.put_back} put back, {outcome.failed} given up"
        )
