"""Say that a backup was restored elsewhere and its trail found good; called by the script that did so."""

import datetime as dt
import json
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from portal.audit import backups
from portal.lib.dates import parse_moment
from portal.lib.errors import RuleError


class Command(BaseCommand):
    help = "Reads from standard input what `verify_audit --json` said of the restored copy, and keeps it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--taken", type=parse_moment, required=True, help="when the backup was taken, ISO 8601"
        )

    def handle(self, *args: Any, taken: dt.datetime, **options: Any) -> None:
        try:
            said = json.load(sys.stdin)
            outcome, seq, sha256 = said["outcome"], int(said["head_seq"]), str(said["head_sha256"])
        except (ValueError, KeyError, TypeError) as error:
            raise CommandError("Standard input is not what `verify_audit --json` prints.") from error
        if outcome != "good":
            raise CommandError(f"The restored trail is not good: {outcome}.")
        try:
            backups.prove(taken_at=taken, head_seq=seq, head_sha256=sha256, at=timezone.now())
        except RuleError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Kept: the backup of {taken:%Y-%m-%d %H:%M} holds {seq} events and is good.")
