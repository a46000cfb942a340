"""Let a new key of the portal's time-stamp authority follow, and renew what the old one has stamped."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from agreements import keys, revocations, sealing, timestamps


class Command(BaseCommand):
    help = (
        "Makes a new time-stamping key and destroys the old one; by itself this happens every two years."
        " --renew stamps every sealed document anew with it. --compromised does so with every document that"
        " counts, and then revokes the old key: when it may be known to somebody else."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--renew", action="store_true")
        parser.add_argument(
            "--compromised",
            nargs="?",
            const="",
            metavar="SERIAL",
            help="the key that is at work, or an earlier one by its serial number",
        )
        parser.add_argument(
            "--anyway", action="store_true", help="revoke also when documents could not be stamped before"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        at = timezone.now()
        try:
            if options["compromised"] is not None:
                self._revoke(options["compromised"], anyway=options["anyway"])
            else:
                timestamps.rotate(at=at)
        except keys.KeysError as error:
            raise CommandError(str(error)) from error
        ends_at = timestamps.authority(at=at).certificate.not_valid_after_utc
        self.stdout.write(f"New time-stamps are checkable until {ends_at:%Y-%m-%d}.")
        if options["renew"] and options["compromised"] is None:
            renewed, asked = sealing.renew_all(at=timezone.now())
            self.stdout.write(f"{renewed} of {asked} sealed documents were stamped anew.")
            if renewed < asked:
                raise CommandError(
                    "What kept the others stands in the log; mend it and run the command again."
                )

    def _revoke(self, serial: str, *, anyway: bool) -> None:
        try:
            number = int(serial, 16) if serial else None
        except ValueError as error:
            raise CommandError(f"{serial}: a serial number is hex") from error
        revoked = revocations.revoke_stamp_key(number, anyway=anyway, at=timezone.now())
        self.stdout.write(f"Revoked {revoked.common_name} as of {revoked.revoked_at.isoformat()}.")
