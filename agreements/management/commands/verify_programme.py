"""Compare what is tracked with what was signed."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from agreements import drifts, keys
from agreements.verification import Exit
from tasks.models import Programme


class Command(BaseCommand):
    help = "Compares what is tracked with what was signed. Exit 0 equal, 1 drift, 2 cannot tell."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("year", type=int)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = _report(options["year"])
        except (DatabaseError, keys.KeysError) as error:  # the portal's own records or authority are away
            report = drifts.ProgrammeReport(options["year"], Exit.CANNOT_TELL, str(error))
        if options["json"]:
            facts = asdict(report) | {"outcome": report.outcome.name.lower()}
            self.stdout.write(json.dumps(facts, ensure_ascii=False, indent=2, default=str))
        else:
            self.stdout.write(f"{report.year}: {report.outcome.name.lower()}: {report.reason}")
            for drift in report.drifts:
                self.stdout.write(f"  {drift.path}: signed {drift.signed!r}, tracked {drift.tracked!r}")
            for name in report.renamed:
                self.stdout.write(
                    f"  register changed since: {name.path}: {name.signed!r} → {name.tracked!r}"
                )
        raise SystemExit(report.outcome)


def _report(year: int) -> drifts.ProgrammeReport:
    programme = Programme.objects.filter(year=year).first()
    if programme is None:
        return drifts.ProgrammeReport(year, Exit.CANNOT_TELL, "no programme of this year")
    return drifts.verify_programme(programme, at=timezone.now())
