"""Send the mails that wait; what the Celery job does, without Celery."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.core.management.base import BaseCommand, CommandParser
from django.db import transaction
from django.utils import timezone

from portal.lib.dates import parse_moment
from portal.notices import delivery, mails, planning


class Command(BaseCommand):
    help = "Send the mails that wait now, or that waited at the moment given."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--at", type=parse_moment, help="ISO 8601; without a zone it is local time")
        parser.add_argument(
            "--dry-run", action="store_true", help="print what would be planned and sent; change nothing"
        )

    def handle(self, *args: Any, at: dt.datetime | None, dry_run: bool, **options: Any) -> None:
        at = at or timezone.now()
        outcome = self._rehearse(at) if dry_run else delivery.deliver(at=at)
        self.stdout.write(
            f"{outcome.sent} sent, {outcome.skipped} skipped,"
            f" {outcome.put_back} put back, {outcome.failed} given up"
        )

    def _rehearse(self, at: dt.datetime) -> delivery.Outcome:
        """Plan and deliver in a transaction that is taken back, then print.

        Not inside it: a reader who stands still (`| less`) would hold every writer up.
        """
        server = _Keeper()
        with transaction.atomic():
            planned = planning.plan(at=at)
            outcome = delivery.deliver(at=at, server=server)
            transaction.set_rollback(True)
        self.stdout.write(f"{planned} notices planned")
        for message in server.messages:
            recipients = ", ".join(message.recipients())
            self.stdout.write(f"--- {recipients}: {message.subject}\n{message.body}\n")
        if not mails.is_mail_time(at):
            self.stdout.write(
                f"Mails of the day leave between {mails.FIRST_HOUR} and {mails.LAST_HOUR} o'clock"
                " of a working day: none at this moment. --at shows another."
            )
        self.stdout.write("A dry run: nothing was kept, nothing has left. It would have been:")
        return outcome


class _Keeper(BaseEmailBackend):
    """Keeps what a mail server would have been given."""

    def __init__(self) -> None:
        super().__init__()
        self.messages: list[EmailMessage] = []

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        self.messages += email_messages
        return len(email_messages)
