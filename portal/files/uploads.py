"""Receive an upload: stream it to disk, clean its name, look at it in the sandbox. Nothing is kept here.

Not inside a transaction: the look takes up to half a minute. What is accepted is handed to the action
that stores it; a refusal is audited, without name or content, and leaves neither file nor row.
"""

import datetime as dt
import hashlib
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.utils.translation import gettext as _

from portal.audit.events import record
from portal.audit.models import Event
from portal.files import names, sandbox, secrecy, store
from portal.files.models import Recall, StoredFile
from portal.files.refusals import FileRefused
from portal.files.worker.findings import Kind, Reason
from portal.lib.actions import action
from portal.lib.errors import RuleError
from portal.users.models import User

MOST_REFUSED, REFUSED_WITHIN = 20, dt.timedelta(minutes=15)
"""Of one person; then nothing of theirs is looked at for a while."""

REFUSALS = ("file.refused", "signed_file.refused")
"""Verbs of the events that count: here, and of the gate for signed files."""

EXTENSIONS = {
    "pdf": Kind.PDF,
    "jpg": Kind.JPEG,
    "jpeg": Kind.JPEG,
    "png": Kind.PNG,
    "xlsx": Kind.XLSX,
    "docx": Kind.DOCX,
    "txt": Kind.TEXT,
    "csv": Kind.TEXT,
}
MEDIA_TYPES = {
    Kind.PDF: "application/pdf",
    Kind.JPEG: "image/jpeg",
    Kind.PNG: "image/png",
    Kind.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Kind.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Kind.TEXT: "text/plain; charset=utf-8",
}


@dataclass(frozen=True)
class Upload:
    """An accepted upload, in a temporary file that is gone when received() ends."""

    file: IO[bytes]
    name: str
    sha256: str
    size: int
    kind: Kind

    def keep(self, *, at: dt.datetime) -> StoredFile:
        """Put the bytes into the store; inside the action that refers to them. Raises FileRefused."""
        if Recall.objects.filter(file_id=self.sha256).exists():
            raise FileRefused(Reason.RECALLED)
        return store.put_file(
            self.file, sha256=self.sha256, size=self.size, media_type=MEDIA_TYPES[self.kind], at=at
        )


@contextmanager
def received(
    sent: UploadedFile, *, title: str, about: models.Model, by: User, at: dt.datetime
) -> Iterator[Upload]:
    """Yield the upload when it is accepted; raises FileRefused, or BusyError when too many are checked.

    RuleError, before anything is looked at, for who had too many refused just now.

    `title` is looked at by the guard along with the name; `about` is what the file was meant for.
    """
    check_not_too_many(by, at=at)
    folder = Path(settings.INCOMING_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        size, sha256 = 0, ""
        try:
            size, sha256 = _stream(sent, file)
            upload = _checked(file, sent.name or "", title, sha256, size)
        except FileRefused as refusal:
            _record_refusal(refusal.reason, about, size=size, sha256=sha256, by=by, at=at)
            raise
        yield upload


def _stream(sent: UploadedFile, file: IO[bytes]) -> tuple[int, str]:
    running, size = hashlib.sha256(), 0
    for chunk in sent.chunks(store.CHUNK):
        size += len(chunk)
        if size > settings.UPLOAD_LIMIT:
            raise FileRefused(Reason.TOO_LARGE)
        running.update(chunk)
        file.write(chunk)
    file.flush()
    if size == 0:
        raise FileRefused(Reason.EMPTY)
    return size, running.hexdigest()


def _checked(file: IO[bytes], given: str, title: str, sha256: str, size: int) -> Upload:
    """Refuse what can be refused without parsing first."""
    name = names.clean(given)
    declared = EXTENSIONS.get(names.extension_of(name))
    if declared is None:
        raise FileRefused(Reason.NAME)
    if secrecy.name_marking(name) or secrecy.first_marking([title]):
        raise FileRefused(Reason.MARKING)
    if Recall.objects.filter(file_id=sha256).exists():
        raise FileRefused(Reason.RECALLED)
    seen = sandbox.look(file)
    if seen.refused:
        raise FileRefused(seen.refused)
    if seen.kind != declared:
        raise FileRefused(Reason.WRONG_EXTENSION)
    return Upload(file, name, sha256, size, declared)


def check_not_too_many(by: User, *, at: dt.datetime) -> None:
    """Slow down who sends one bad file after the other: each look takes a place in the sandbox.

    The trail holds every refusal. One person's do not count against the address that others share.
    """
    refused = Event.objects.filter(verb__in=REFUSALS, actor_id=by.pk, at__gt=at - REFUSED_WITHIN)
    if refused.count() >= MOST_REFUSED:
        raise RuleError(_("Too many of your files were refused. Nothing was kept. Try again in 15 minutes."))


@action
def _record_refusal(
    reason: Reason, about: models.Model, *, size: int, sha256: str, by: User, at: dt.datetime
) -> None:
    payload = {"reason": reason.value, "size": size, "sha256": sha256}
    agency_code = by.post.agency.code if by.post else ""
    record("file.refused", about, by=by, at=at, agency_code=agency_code, payload=payload)
