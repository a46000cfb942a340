"""Write and read the content-addressed store.

Order of a write: temporary file, fsync, rename, fsync of the folder, and only then the row, so
that a committed row always has its bytes. A crash leaves at most an orphan, never a missing file.
"""

import datetime as dt
import hashlib
import os
import tempfile
from pathlib import Path

from django.conf import settings

from portal.files.models import StoredFile


class FileDamaged(Exception):
    """The bytes under a name are missing or do not have that SHA-256."""


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 of the bytes in hex."""
    return hashlib.sha256(content).hexdigest()


def put(content: bytes, *, media_type: str, at: dt.datetime) -> StoredFile:
    """Store the bytes durably and return their row; storing the same bytes again is harmless."""
    sha256 = sha256_of(content)
    target = path_of(sha256)
    if not target.exists():
        _write(target, content)
    row, _created = StoredFile.objects.get_or_create(
        sha256=sha256, defaults={"size": len(content), "media_type": media_type, "stored_at": at}
    )
    return row


def read(sha256: str) -> bytes:
    """Return the bytes; raises FileDamaged when they are not what their name says."""
    try:
        content = path_of(sha256).read_bytes()
    except FileNotFoundError as error:
        raise FileDamaged(f"{sha256} is missing") from error
    if sha256_of(content) != sha256:
        raise FileDamaged(f"{sha256} was changed on disk")
    return content


def path_of(sha256: str) -> Path:
    """Return where a file lies: two folders deep, so that no folder grows large."""
    return Path(settings.FILES_DIR) / sha256[:2] / sha256[2:4] / sha256


def _write(target: Path, content: bytes) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.rename(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    folder = os.open(target.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
