from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from portal.files import sweeping


class Command(BaseCommand):
    help = "Delete stored files that no record uses and that are older than a day; seal recalled ones."

    def handle(self, *args: Any, **options: Any) -> None:
        done = sweeping.sweep(at=timezone.now())
        self.stdout.write(
            f"{done.deleted} unused files deleted, {done.sealed} recalled files sealed, "
            f"{done.leftovers} leftovers removed"
        )
