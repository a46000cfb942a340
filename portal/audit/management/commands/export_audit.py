"""Write the audit trail as files that can be checked without the portal."""

import json
import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from portal.audit import checkpoints, verification, verifier


class Command(BaseCommand):
    help = (
        "Writes events.jsonl, every checkpoint file, the public key and verify_audit.py into a new folder. "
        "There: python verify_audit.py --key audit-key.pem --checkpoints checkpoints-1.jsonl events.jsonl"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("folder", type=Path, help="a folder that does not exist yet")

    def handle(self, *args: Any, **options: Any) -> None:
        folder: Path = options["folder"]
        try:
            folder.mkdir(mode=0o700)
        except OSError as error:
            raise CommandError(
                f"{folder}: {error.strerror}. Name a folder that does not exist yet."
            ) from error
        # Before the events: a checkpoint must never vouch for more than the file holds.
        for number, path in enumerate(checkpoints.files(), 1):
            if path.exists():
                shutil.copyfile(path, folder / f"checkpoints-{number}.jsonl")
        pem = checkpoints.public_key()
        if pem:
            (folder / checkpoints.PUBLIC_KEY).write_text(pem)
        shutil.copyfile(verifier.__file__, folder / "verify_audit.py")
        count = self._write_events(folder / "events.jsonl")
        self.stdout.write(f"{count} events in {folder}")
        if not pem:
            self.stderr.write("There is no checkpoint yet: nothing shows that the end was not cut off.")

    def _write_events(self, path: Path) -> int:
        count = 0
        with path.open("w", encoding="utf-8") as file:
            for row, sha256 in verification.rows():
                file.write(
                    json.dumps(row | {"sha256": sha256}, ensure_ascii=False, separators=(",", ":")) + "\n"
                )
                count += 1
        return count
