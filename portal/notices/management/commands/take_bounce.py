"""Take a mail that came back; what the mail server's alias of the sender's address calls."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from portal.notices import bounces

LARGEST = 10 * 1024 * 1024  # bytes


class Command(BaseCommand):
    help = "Read one message from standard input; mark the addresses that it says are no good (RFC 3464)."

    def handle(self, *args: Any, **options: Any) -> None:
        count = bounces.take(sys.stdin.buffer.read(LARGEST), at=timezone.now())
        self.stdout.write(f"{count} addresses marked")
