"""Load a programme: load_programme FILE [--year N] [--as-of DATE] (docs/programme-file.md)."""

import argparse
import datetime as dt
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from portal.lib.errors import RuleError
from tasks.loading.errors import FileRefused
from tasks.loading.writing import Outcome, load, open_file

FIRST_YEAR, LAST_YEAR = 2000, 2100


def year(text: str) -> int:
    """Read --year."""
    if not (text.isdecimal() and FIRST_YEAR <= int(text) <= LAST_YEAR):
        raise argparse.ArgumentTypeError(_("Give a year between 2000 and 2100."))
    return int(text)


def day(text: str) -> dt.date:
    """Read --as-of."""
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        message = _("“%(value)s” is not a date; write it as 2023-12-31.") % {"value": text}
        raise argparse.ArgumentTypeError(message) from error


class Command(BaseCommand):
    help = "Load a programme (agencies, tasks, solutions, assignments, periods) from a YAML file."

    def add_arguments(self, parser: argparse.ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the YAML file; see docs/programme-file.md")
        parser.add_argument("--year", type=year, help="move every date of the file to this year")
        parser.add_argument(
            "--as-of",
            type=day,
            dest="as_of",
            help="take the programme over as running, with the file's figures as they stood on this day",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            content = open_file(options["file"], year=options["year"])
            outcome = load(content, by=None, at=timezone.now(), as_of=options["as_of"])
        except FileRefused as error:
            raise CommandError(f"{options['file']}:\n{error.text()}") from error
        except RuleError as error:
            raise CommandError(str(error)) from error
        self._tell(outcome)
        if options["as_of"] and not outcome.taken_over:
            self.stdout.write(_("The programme runs already; how its assignments stand was left alone."))

    def _tell(self, outcome: Outcome) -> None:
        names = {"programme": outcome.programme, "count": outcome.changed}
        if outcome.changed:
            text = ngettext(
                "%(programme)s: %(count)d row written.",
                "%(programme)s: %(count)d rows written.",
                outcome.changed,
            )
            self.stdout.write(text % names)
        else:
            self.stdout.write(_("%(programme)s: nothing to change.") % names)
        if outcome.differing:
            text = _(
                "The register has these agencies otherwise than the file, and was left as it is: %(codes)s."
            )
            self.stdout.write(text % {"codes": ", ".join(outcome.differing)})
