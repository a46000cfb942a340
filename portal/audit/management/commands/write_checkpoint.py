"""Sign where the audit chain stands, now."""

import datetime as dt
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from portal.audit import checkpoints


class Command(BaseCommand):
    help = "Writes a signed checkpoint of the audit chain into every place of CHECKPOINT_DIRS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--restored",
            metavar="REASON",
            default="",
            help="sign an older copy of the database, restored on purpose, all the same; with the reason",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            checkpoint = checkpoints.write(
                at=timezone.now(), set_back=options["restored"].strip(), gap=dt.timedelta(0)
            )
        except (checkpoints.CheckpointRefused, OSError) as error:
            raise CommandError(str(error)) from error
        if checkpoint is None:
            self.stdout.write("Nothing new to sign.")
        else:
            self.stdout.write(f"Checkpoint {checkpoint['number']} vouches for event {checkpoint['seq']}.")
