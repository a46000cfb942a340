"""Mail in a folder, one file a message: what the demonstration has in place of a mail server."""

import datetime as dt
import hashlib
import os
import re
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage as Parsed
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

NEWEST = 100
"""Mails shown."""
LOOKED_AT = 2000
"""Files opened to find them."""

_KEY = re.compile(r"[0-9a-f]{64}")


class FolderBackend(BaseEmailBackend):
    """Write each message to settings.MAIL_DIR, under the SHA-256 of its Message-ID.

    A message sent twice is one file, as in the mailbox of a careful reader.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        settings.MAIL_DIR.mkdir(mode=0o700, parents=True, exist_ok=True)
        for message in email_messages:
            parsed = message.message()
            _write(hashlib.sha256(str(parsed["Message-ID"]).encode()).hexdigest(), parsed.as_bytes())
        return len(email_messages)


def _write(key: str, content: bytes) -> None:
    with tempfile.NamedTemporaryFile(dir=settings.MAIL_DIR, suffix=".part", delete=False) as file:
        file.write(content)
    os.replace(file.name, settings.MAIL_DIR / f"{key}.eml")


@dataclass(frozen=True)
class Letter:
    """A mail as the demonstration shows it."""

    key: str
    sent_at: dt.datetime | None
    to: tuple[str, ...]
    subject: str
    message_id: str
    text: str


def letters(is_mine: Callable[[list[str]], bool]) -> list[Letter]:
    """Return the newest mails whose addresses satisfy `is_mine`, newest first."""
    mine: list[Letter] = []
    for path in _newest_files():
        letter = _read(path)
        if letter and is_mine(list(letter.to)):
            mine.append(letter)
        if len(mine) == NEWEST:
            break
    return mine


def find(key: str) -> Letter | None:
    """Return one mail by its key; anything but 64 hex digits finds nothing."""
    if not _KEY.fullmatch(key):
        return None
    return _read(settings.MAIL_DIR / f"{key}.eml")


def _newest_files() -> Iterator[Path]:
    try:
        entries = [(entry.stat().st_mtime, entry.path) for entry in os.scandir(settings.MAIL_DIR)]
    except FileNotFoundError:
        return
    for _mtime, path in sorted(entries, reverse=True)[:LOOKED_AT]:
        if path.endswith(".eml"):
            yield Path(path)


def _read(path: Path) -> Letter | None:
    try:
        content = path.read_bytes()
    except FileNotFoundError:
        return None
    message: Parsed = BytesParser(policy=policy.default).parsebytes(content)
    body = message.get_body(("plain",))
    return Letter(
        key=path.stem,
        sent_at=parsedate_to_datetime(message["Date"]) if message["Date"] else None,
        to=tuple(address for _name, address in getaddresses(message.get_all("To", []))),
        subject=str(message["Subject"] or ""),
        message_id=str(message["Message-ID"] or ""),
        text=str(body.get_content()) if body else "",
    )
