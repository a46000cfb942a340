"""Verify a PDF: every signature, and whether this portal knows the file."""

import json
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from agreements import findings, inspections, keys, verification
from agreements.verification import Exit


class Command(BaseCommand):
    help = "Verification report of a PDF. Exit 0 all good, 1 something is wrong, 2 cannot tell."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        path, as_json = options["file"], options["json"]
        try:
            with path.open("rb") as file:
                self._verify(path, file, as_json)
        except OSError as error:
            self._end(Exit.CANNOT_TELL, {"reason": f"cannot read the file: {error.strerror}"}, as_json)
        except (DatabaseError, keys.KeysError) as error:  # the portal's own records or authority are away
            self._end(Exit.CANNOT_TELL, {"reason": str(error)}, as_json)

    def _verify(self, path: Path, file: BinaryIO, as_json: bool) -> None:
        known = verification.recognise(file.read())
        file.seek(0)
        found = findings.read(inspections.examine(file, at=timezone.now()), begins_with=known.begins_with)
        facts: dict[str, Any] = {
            "file": path.name,
            "sha256": known.sha256,
            "known": known.revision is not None,
            "document": str(known.begins_with.document) if known.begins_with else None,
            "revision": known.revision.seq if known.revision else None,
            "counterpart": known.counterpart is not None,
        }
        if found.unreadable:
            facts["reason"] = f"{found.unreadable}: {found.unreadable_text}"
        else:
            document = known.begins_with.document if known.begins_with else None
            methods = verification.methods_of(document) if document else {}
            facts |= {"level": found.level, "pages": found.pages}
            facts["signatures"] = [
                row.told() | {"method": methods.get(row.field)} for row in found.signatures
            ]
            facts["on_paper"] = [
                f"{paper.field.agency_name}: {paper.signer_name}, {paper.signed_on}"
                for paper in (verification.papers_of(document) if document else ())
            ]
        self._end(found.outcome, facts, as_json)

    def _end(self, outcome: Exit, facts: dict[str, Any], as_json: bool) -> None:
        facts = {"outcome": outcome.name.lower(), **facts}
        if as_json:
            self.stdout.write(json.dumps(facts, ensure_ascii=False, indent=2))
        else:
            for name, value in facts.items():
                if name != "signatures":
                    self.stdout.write(f"{name}: {value}")
            for row in facts.get("signatures", []):
                self.stdout.write(
                    f"  {row['field']}: {row['verdict']} ({row['reason']}) {row['signer']}, "
                    f"{row['organization']}, {row['signed_at']}, {row['method']}, issued by {row['issuer']} "
                    f"(rests on {row['rests_on']}), revocation {row['revocation']}, "
                    f"level {row['level']}"
                )
                self.stdout.write(f"    {row['words']}")
        raise SystemExit(outcome)
