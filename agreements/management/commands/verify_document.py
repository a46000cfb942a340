"""Verify a PDF: every signature, and whether this portal knows the file."""

import json
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from agreements import keys, pades, verification
from agreements.verification import VERDICT_EXIT, Exit


class Command(BaseCommand):
    help = "Verification report of a PDF. Exit 0 all good, 1 something is wrong, 2 cannot tell."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        file, as_json = options["file"], options["json"]
        try:
            content = file.read_bytes()
        except OSError as error:
            self._end(Exit.CANNOT_TELL, {"reason": f"cannot read the file: {error.strerror}"}, as_json)
        try:
            self._verify(file, content, as_json)
        except (DatabaseError, keys.KeysError) as error:  # the portal's own records or authority are away
            self._end(Exit.CANNOT_TELL, {"reason": str(error)}, as_json)

    def _verify(self, file: Path, content: bytes, as_json: bool) -> None:
        known = verification.recognise(content)
        facts: dict[str, Any] = {
            "file": file.name,
            "sha256": known.sha256,
            "known": known.revision is not None,
            "document": str(known.begins_with.document) if known.begins_with else None,
            "revision": known.revision.seq if known.revision else None,
        }
        try:
            report = verification.report(content, at=timezone.now())
        except pades.UnreadablePdf as error:
            # A file that begins as one of ours and cannot be read was broken afterwards.
            outcome = Exit.BAD if known.begins_with else Exit.CANNOT_TELL
            self._end(outcome, facts | {"reason": f"not a readable PDF: {error}"}, as_json)
        facts["pages"] = report.page_count
        facts["signatures"] = [_row(signature) for signature in report.signatures]
        self._end(VERDICT_EXIT[report.verdict], facts, as_json)

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
                    f"{row['organization']}, {row['signed_at']}, issued by {row['issuer']} "
                    f"({row['kind'] or 'no trusted root'}), "
                    f"revocation {row['revocation']}"
                )
        raise SystemExit(outcome)


def _row(signature: pades.SignatureReport) -> dict[str, Any]:
    return {
        "field": signature.field,
        "verdict": signature.verdict.value,
        "reason": signature.reason.value,
        "signer": signature.signer,
        "organization": signature.organization,
        "issuer": signature.issuer,
        "kind": signature.kind.value if signature.kind else None,
        "serial": f"{signature.serial:x}",
        "signed_at": signature.signed_at.isoformat() if signature.signed_at else None,
        "certification": signature.is_certification,
        "intact": signature.intact,
        "valid": signature.valid,
        "trusted": signature.trusted,
        "revocation": signature.revocation.value,
        "modification": signature.modification.value,
        "revision": signature.revision,
    }
