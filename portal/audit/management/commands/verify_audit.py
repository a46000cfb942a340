"""Walk the audit chain and its checkpoints."""

import json
from dataclasses import asdict
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from portal.audit import verification, verifier
from portal.audit.models import Head

EXIT = {name: code for code, name in verifier.OUTCOMES.items()}


class Command(BaseCommand):
    help = (
        "Walks the audit chain and its signed checkpoints. "
        "Exit 0 all good, 1 something is wrong (named), 2 cannot tell."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            facts = asdict(verification.verify())
        except (DatabaseError, Head.DoesNotExist, OSError, ValueError) as error:
            facts = {"outcome": "cannot_tell", "reason": str(error)}
        if options["json"]:
            self.stdout.write(json.dumps(facts, ensure_ascii=False))
        else:
            findings = facts.pop("findings", [])
            shown = (f"{name}: {value}" for name, value in facts.items() if value not in (None, ""))
            self.stdout.write(", ".join(shown))
            for finding in findings:
                self.stdout.write(f"- {verifier.Finding(**finding)}")
        raise SystemExit(EXIT[facts["outcome"]])
