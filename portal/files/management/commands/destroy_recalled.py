from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portal.files import recalls
from portal.files.models import Recall
from portal.lib.errors import RuleError


class Command(BaseCommand):
    help = "Destroy the sealed bytes of a recalled file, by the record that orders it. See ADR 0019."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("sha256", help="SHA-256 of the recalled file, whole")
        parser.add_argument("--record", required=True, help="number and date of the record of destruction")

    def handle(self, *args: Any, sha256: str, record: str, **options: Any) -> None:
        recalled = Recall.objects.filter(pk=sha256.lower()).first()
        if recalled is None:
            raise CommandError("No file with this SHA-256 was recalled.")
        try:
            recalls.destroy(recalled, at=timezone.now(), on_record=record)
        except RuleError as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(
            "The bytes are destroyed; who had the file, and why it was recalled, stays on record."
        )
