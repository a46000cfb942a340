"""Let a new key of the portal's time-stamp authority follow, and renew what the old one has stamped."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from agreements import keys, sealing, timestamps


class Command(BaseCommand):
    help = (
        "Makes a new time-stamping key and destroys the old one; by itself this happens every two years."
        " --renew stamps every sealed document anew with it: when the old key may be known to somebody else."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--renew", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        try:
            timestamps.rotate(at=at)
        except keys.KeysError as error:
            raise CommandError(str(error)) from error
        ends_at = timestamps.authority(at=at).certificate.not_valid_after_utc
        self.stdout.write(f"New time-stamps are checkable until {ends_at:%Y-%m-%d}.")
        if options["renew"]:
            renewed, asked = sealing.renew_all(at=timezone.now())
            self.stdout.write(f"{renewed} of {asked} sealed documents were stamped anew.")
            if renewed < asked:
                raise CommandError(
                    "What kept the others stands in the log; mend it and run the command again."
                )
