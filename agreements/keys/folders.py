"""Folders that are there whole or not at all, and files whose content is on disk when a call returns."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agreements.keys.errors import AuthorityError


@contextmanager
def appearing(folder: Path) -> Iterator[Path]:
    """Yield a draft that becomes `folder` at the end; a crash in between leaves nothing of that name.

    Raises AuthorityError if something is there already.
    """
    if folder.exists() and any(folder.iterdir()):
        raise AuthorityError(f"{folder} is not empty")
    folder.parent.mkdir(parents=True, exist_ok=True)
    draft = folder.with_name(f".{folder.name}.{os.urandom(6).hex()}")
    draft.mkdir(mode=0o700)
    try:
        yield draft
        flush(draft)
        try:
            draft.rename(folder)
        except OSError as error:
            raise AuthorityError(f"{folder} is not empty") from error
        flush(folder.parent)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def write(path: Path, content: bytes, *, mode: int) -> None:
    """A new file, its content on disk when this returns."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def replace(path: Path, content: bytes, *, mode: int) -> None:
    """The file with its new content, or as it was."""
    draft = path.with_name(f".{path.name}.{os.urandom(6).hex()}")
    write(draft, content, mode=mode)
    draft.replace(path)
    flush(path.parent)


def flush(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
