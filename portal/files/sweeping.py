"""Sweep the store: leftovers of crashes and of withdrawn work go, recalled bytes are sealed.

What any row uses is never touched, nor anything younger than a day. Safe to run at any time, twice and
side by side with uploads: a file goes under the store's lock, after one more look.
"""

import datetime as dt
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import ProtectedError
from django.db.utils import IntegrityError

from portal.audit.events import record
from portal.files import references, store
from portal.files.models import Recall, StoredFile
from portal.lib.actions import action

YOUNG = 24 * 3600  # seconds


@dataclass(frozen=True)
class Swept:
    """How many files of the store were deleted, recalled ones sealed, and leftovers of uploads removed."""

    deleted: int = 0
    sealed: int = 0
    leftovers: int = 0


def sweep(*, at: dt.datetime) -> Swept:
    """Do all of it; return what was done. One audit event when any file of the store was deleted."""
    recalled = Recall.objects.filter(destroyed_at=None).values_list("file_id", flat=True)
    in_store = [sha256 for sha256 in recalled if store.path_of(sha256).exists()]
    for sha256 in in_store:
        store.seal(sha256)
    leftovers = list(_leftovers())
    for path in leftovers:
        path.unlink(missing_ok=True)
    deleted = [sha256 for sha256 in list(_candidates()) if _delete(sha256)]
    if deleted:
        _record(deleted, at=at)
    return Swept(len(deleted), len(in_store), len(leftovers))


def _candidates() -> Iterator[str]:
    """Yield the names in the store that no row uses."""
    unused = set(references.unreferenced().values_list("pk", flat=True))
    yield from unused
    for folder in Path(settings.FILES_DIR).glob("??/??"):
        names = {path.name for path in folder.iterdir() if len(path.name) == 64}
        yield from names - set(StoredFile.objects.filter(pk__in=names).values_list("pk", flat=True)) - unused


@action
def _delete(sha256: str) -> bool:
    """Delete one file with its row, unless it is young or in use after all."""
    path = store.path_of(sha256)
    rows = StoredFile.objects.filter(pk=sha256)
    row = rows.select_for_update().first()
    with store.lock(shared=False):
        if _is_young(path) or (row and not references.unreferenced().filter(pk=sha256).exists()):
            return False
        if row:
            try:
                row.delete()
            except (ProtectedError, IntegrityError):  # someone began to use it this moment
                return False
        path.unlink(missing_ok=True)
    return True


@action
def _record(deleted: list[str], *, at: dt.datetime) -> None:
    record("file.swept", None, by=None, at=at, payload={"count": len(deleted), "sha256": deleted[:100]})


def _leftovers() -> Iterator[Path]:
    """Yield what a crashed upload left: half-written files, in the store and before it."""
    for folder in (Path(settings.INCOMING_DIR), *Path(settings.FILES_DIR).glob("??/??")):
        if folder.is_dir():
            yield from (
                path
                for path in folder.iterdir()
                if path.is_file() and path.name.startswith("tmp") and not _is_young(path)
            )


def _is_young(path: Path) -> bool:
    try:
        return time.time() - path.stat().st_mtime < YOUNG
    except FileNotFoundError:
        return False
