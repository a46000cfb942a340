"""Load the demonstration: two years of an invented programme with its accounts, papers and signatures."""

from typing import Any

from django.conf import settings
from django.core.management import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from portal.operations import marks
from portal.operations.demo.building import build


class Command(BaseCommand):
    help = "Load the demonstration into an empty portal (DEMO=1). A second time it does nothing."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError(_("The demonstration is loaded with DEMO=1 only."))
        marks.refuse_wrong_mode()
        if not build(at=timezone.now(), say=self._say):
            self.stdout.write("The demonstration is loaded already.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
