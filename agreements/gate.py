"""The gate: whether a file that was signed elsewhere is the document plus one signature, and nothing else.

Three outcomes: accepted, refused with a reason of its own, or genuine on an older state. Nothing of the
file is parsed in this process; the sandbox's child answers (agreements.pades.child).
"""

import datetime as dt
import hashlib
import json
import logging
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile

from agreements.gate_words import WORDS, words_of
from agreements.models import Document, ExternalCertificate, Revision, SignatureField
from agreements.pades import Trust, child
from portal.files import sandbox, store
from portal.lib.errors import RuleError

log = logging.getLogger(__name__)

CHILD = sandbox.command_of(Path(__file__).resolve().parent, "agreements.pades.child")
PDF_MARK = b"%PDF-"


class UploadRefused(RuleError):
    """The file is not the document plus this signer's signature; nothing of it is kept."""

    def __init__(self, code: str, detail: str = "", *, sha256: str = "", size: int = 0) -> None:
        self.code, self.detail, self.sha256, self.size = code, detail, sha256, size
        super().__init__(words_of(code))


@dataclass(frozen=True)
class Signed:
    """An upload on disk, gone when received() ends."""

    file: IO[bytes]
    sha256: str
    size: int

    def begins_with(self, revision: Revision) -> bool:
        """Whether the file continues that revision, byte for byte."""
        return self._beginning(revision.file.size) == revision.file_id

    def _beginning(self, size: int) -> str:
        if size > self.size:
            return ""
        self.file.seek(0)
        running, left = hashlib.sha256(), size
        while left and (chunk := self.file.read(min(left, store.CHUNK))):
            running.update(chunk)
            left -= len(chunk)
        return running.hexdigest()


@contextmanager
def received(sent: UploadedFile) -> Iterator[Signed]:
    """Yield the upload, streamed to a temporary file. Raises UploadRefused for what is no PDF at all."""
    folder = Path(settings.INCOMING_DIR)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as file:
        running, size, first = hashlib.sha256(), 0, b""
        for chunk in sent.chunks(store.CHUNK):
            size += len(chunk)
            if size > settings.UPLOAD_LIMIT:
                raise UploadRefused("too_large", size=size)
            first = first or chunk[: len(PDF_MARK)]
            running.update(chunk)
            file.write(chunk)
        file.flush()
        sha256 = running.hexdigest()
        if size == 0:
            raise UploadRefused("empty", sha256=sha256)
        if first != PDF_MARK:
            raise UploadRefused("not_a_pdf", sha256=sha256, size=size)
        yield Signed(file, sha256, size)


def base_of(document: Document, signed: Signed) -> Revision:
    """Return the newest state of the document that the file continues. Raises UploadRefused."""
    revisions = document.revisions.select_related("file").order_by("-seq")
    if any(row.file_id == signed.sha256 for row in revisions):
        raise UploadRefused("nothing_added", sha256=signed.sha256, size=signed.size)
    base = next((row for row in revisions if signed.begins_with(row)), None)
    if base is None:
        others = Revision.objects.exclude(document=document).filter(seq=0).select_related("file")
        code = "other_document" if any(signed.begins_with(row) for row in others) else "not_on_head"
        raise UploadRefused(code, sha256=signed.sha256, size=signed.size)
    return base


def judge(
    signed: Signed,
    base: Revision,
    field: SignatureField,
    certificate: ExternalCertificate,
    trust: Trust,
    *,
    at: dt.datetime,
) -> dt.datetime | None:
    """Refuse unless the file is `base` plus one good signature in that field with that certificate.

    Return what a time-stamp on the signature says, as the child tells it: the check after it asks again.
    Not inside a transaction: it takes half a second, or ten for a hostile file. Raises UploadRefused,
    BusyError when too many files are looked at.
    """
    question = child.question(base.file.size, field.name, bytes(certificate.der), trust, at=at)
    with tempfile.TemporaryFile(dir=settings.INCOMING_DIR) as file:
        file.write(question)
        signed.file.seek(0)
        while chunk := signed.file.read(store.CHUNK):
            file.write(chunk)
        file.flush()
        code, detail, stamped_at = _read(sandbox.ask(file, command=CHILD))
    if code:
        log.info("a signed file was refused: %s %s", code, detail)
        raise UploadRefused(code, detail, sha256=signed.sha256, size=signed.size)
    return stamped_at


def _read(answer: bytes | None) -> tuple[str, str, dt.datetime | None]:
    """Believe nothing of an answer but the shape that the child writes."""
    try:
        told = json.loads(answer or b"")
        code, detail, stamped_at = told["refused"], told["detail"], _moment(told["stamped_at"])
    except (ValueError, KeyError, TypeError):
        return "crashed", "", None
    if not isinstance(code, str) or not isinstance(detail, str) or (code and code not in WORDS):
        return "crashed", "", None
    return code, detail, stamped_at


def _moment(text: str | None) -> dt.datetime | None:
    if text is None:
        return None
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("a time without a zone")
    return moment
