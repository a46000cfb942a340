"""Walk the audit chain."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from portal.audit import events
from portal.audit.models import Head


class Command(BaseCommand):
    help = "Walks the audit chain. Exit 0 all good, 1 something is wrong (named), 2 cannot tell."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            report = events.verify()
        except (DatabaseError, Head.DoesNotExist) as error:
            self._end(2, {"outcome": "cannot_tell", "reason": str(error)}, options["json"])
        facts = {"outcome": "good" if report.ok else "bad", **asdict(report)}
        self._end(0 if report.ok else 1, facts, options["json"])

    def _end(self, code: int, facts: dict[str, Any], as_json: bool) -> None:
        if as_json:
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
        else:
            self.stdout.write(
                ", ".join(f"{name}: {value}" for name, value in facts.items() if value not in (None, ""))
            )
        raise SystemExit(code)
