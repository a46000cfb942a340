"""Write and read the content-addressed store.

Order of a write: temporary file, fsync, rename, fsync of the folder, and only then the row, so
that a committed row always has its bytes. A crash leaves at most an orphan, never a missing file:
portal.files.sweeping finds those, and takes the lock of the store as writers do.
"""

import contextlib
import datetime as dt
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from django.conf import settings

from portal.files.models import StoredFile

CHUNK = 256 * 1024  # bytes


class FileDamaged(Exception):
    """The bytes under a name are missing or do not have that SHA-256."""


def sha256_of(content: bytes) -> str:
    """Return the SHA-256 of the bytes in hex."""
    return hashlib.sha256(content).hexdigest()


def put(content: bytes, *, media_type: str, at: dt.datetime) -> StoredFile:
    """Store the bytes durably and return their row; storing the same bytes again is harmless."""
    with tempfile.SpooledTemporaryFile(max_size=len(content) + 1) as file:
        file.write(content)
        return put_file(file, sha256=sha256_of(content), size=len(content), media_type=media_type, at=at)


def put_file(file: IO[bytes], *, sha256: str, size: int, media_type: str, at: dt.datetime) -> StoredFile:
    """As put(), from an open file whose SHA-256 and size are known: a chunk of it in memory at a time."""
    target = path_of(sha256)
    with lock(shared=True):
        if target.exists():
            os.utime(target)  # young again: the sweeper leaves it until the row stands
        else:
            _write(target, file)
    row, _created = StoredFile.objects.get_or_create(
        sha256=sha256, defaults={"size": size, "media_type": media_type, "stored_at": at}
    )
    return row


def read(sha256: str) -> bytes:
    """Return the bytes; raises FileDamaged when they are not what their name says."""
    with open_checked(sha256) as file:
        return file.read()


def open_checked(sha256: str) -> IO[bytes]:
    """Open a file for reading after every byte was compared with its name; raises FileDamaged.

    What is read afterwards is the same open file, whatever happens to the name meanwhile.
    """
    try:
        file = path_of(sha256).open("rb")
    except FileNotFoundError as error:
        raise FileDamaged(f"{sha256} is missing") from error
    try:
        if hashlib.file_digest(file, "sha256").hexdigest() != sha256:
            raise FileDamaged(f"{sha256} was changed on disk")
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def path_of(sha256: str) -> Path:
    """Return where a file lies: two folders deep, so that no folder grows large."""
    return Path(settings.FILES_DIR) / relative_path(sha256)


def relative_path(sha256: str) -> str:
    """Return where a file lies under settings.FILES_DIR."""
    return f"{sha256[:2]}/{sha256[2:4]}/{sha256}"


def seal(sha256: str) -> None:
    """Move the bytes out of the store into quarantine, readable by the service alone; safe to repeat."""
    target = Path(settings.QUARANTINE_DIR) / sha256
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with lock(shared=False), contextlib.suppress(FileNotFoundError):
        path_of(sha256).rename(target)
        target.chmod(0o600)
        _sync_folder(target.parent)
        _sync_folder(path_of(sha256).parent)


@contextlib.contextmanager
def lock(*, shared: bool) -> Iterator[None]:
    """Hold the store: shared to add, alone to take away. Held for the time of a write, never for a request.

    A transaction comes before this lock, so that two who have both never wait for each other.
    """
    folder = Path(settings.FILES_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "store.lock").open("wb") as file:
        fcntl.flock(file, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield


def _write(target: Path, source: IO[bytes]) -> None:
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    source.seek(0)
    handle, temporary = tempfile.mkstemp(dir=target.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            shutil.copyfileobj(source, file, CHUNK)
            file.flush()
            os.fsync(file.fileno())
        os.rename(temporary, target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
