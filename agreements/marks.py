"""Pictures of signatures and seals: given, replaced, withdrawn, and shown in the signatures to come.

A picture proves nothing: the signature's value does. It is there because a paper of Decree 30/2020/NĐ-CP
shows one (Appendix I, II.7d and 8a). What was signed with a picture keeps it: its bytes stand in the file.
"""

import datetime as dt
import json
import zlib
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from agreements import access
from agreements.models import MarkPicture
from agreements.pades import SealPicture
from agreements.pades.pictures import BLUE, RED, coloured
from portal.agencies.models import Agency
from portal.audit.events import record
from portal.files import sandbox, store
from portal.files.models import StoredFile
from portal.files.uploads import Upload, received
from portal.files.worker.findings import MARK_ANSWER, MARK_LONGEST
from portal.files.worker.findings import Kind as FileKind
from portal.lib.actions import action
from portal.lib.errors import RuleError
from portal.users.models import User

Kind = MarkPicture.Kind

POINTS = 72 / 25.4  # a millimetre
COLOURS = {Kind.SIGNATURE: BLUE, Kind.SEAL: RED}
ROUND = 0.8, 1.25  # width by height of a seal
CHILD = sandbox.command(
    "from files.worker.marks import main\nmain()\n",
    cpu_seconds=sandbox.CPU_SECONDS,
    memory=sandbox.MEMORY,
    answer=MARK_ANSWER,
)
WORDS: dict[str, str | Promise] = {
    "no_ink": gettext_lazy("Nothing is to be seen on this picture."),
    "too_small": gettext_lazy("The picture is too small. Scan at 300 dpi."),
    "ground": gettext_lazy(
        "The ground of the picture is neither transparent nor white. Cut it out and save it as PNG."
    ),
    "not_round": gettext_lazy("This does not look like a seal: it is much wider than high, or the reverse."),
}


@dataclass(frozen=True)
class Ink:
    """Where the ink of a mark is, one byte a pixel."""

    width: int
    height: int
    pixels: bytes


@dataclass(frozen=True)
class Shown:
    """What a signature shows: PNG of the handwriting, and the agency's seal; None where none was given."""

    signature: bytes | None = None
    seal: SealPicture | None = None


def provide(
    kind: Kind, *, by: User, at: dt.datetime, sent: UploadedFile, width_mm: int | None = None
) -> MarkPicture:
    """Look at a picture and use it for the signatures to come, in place of the one before.

    No action: the look takes seconds. Raises PermissionDenied, RuleError (FileRefused for the file).
    """
    _check_may(kind, by)
    with received(sent, title="", about=by, by=by, at=at) as upload:
        ink = _ink(upload, kind)
        return keep(kind, ink, by=by, at=at, width_mm=width_mm)


@action
def keep(kind: Kind, ink: Ink, *, by: User, at: dt.datetime, width_mm: int | None = None) -> MarkPicture:
    """Store a mark in its colour; the one before it ends."""
    by = User.objects.select_for_update().get(pk=by.pk)
    _check_may(kind, by)
    if by.post is None:
        raise PermissionDenied
    is_seal = kind == Kind.SEAL
    if is_seal:  # two who keep it at once: one after the other
        Agency.objects.select_for_update().get(pk=by.post.agency_id)
    mark = MarkPicture(
        kind=kind,
        agency=by.post.agency,
        person=None if is_seal else by,
        width_mm=width_mm if is_seal else None,
        provided_by=by,
        provided_at=at,
    )
    before = access.own_marks(by).filter(kind=kind, withdrawn_at=None).select_for_update(of=("self",))
    for older in before:
        _end(older, by=by, at=at)
    mark.file = store.put(
        coloured(ink.pixels, ink.width, ink.height, COLOURS[kind]), media_type="image/png", at=at
    )
    try:
        mark.validate_constraints(exclude=["file"])
    except ValidationError as refusal:
        raise RuleError(" ".join(refusal.messages)) from refusal
    mark.save()
    _record("mark.provided", mark, by=by, at=at)
    return mark


@action
def withdraw(mark: MarkPicture, *, by: User, at: dt.datetime) -> None:
    """Show it in no signature any more; what was signed keeps it."""
    if not access.may_withdraw_mark(by, mark):
        raise PermissionDenied
    locked = MarkPicture.objects.select_for_update(of=("self",)).get(pk=mark.pk)
    if locked.withdrawn_at:
        raise RuleError(_("This picture is not used any more already."))
    _end(locked, by=by, at=at)
    _record("mark.withdrawn", locked, by=by, at=at)


def shown(signer: User) -> Shown:
    """Return the pictures that a signature of this person for her agency shows."""
    rows = {row.kind: row for row in access.own_marks(signer).filter(withdrawn_at=None, file__recall=None)}
    signature, seal = rows.get(Kind.SIGNATURE), rows.get(Kind.SEAL)
    return Shown(
        signature=_bytes(signature.file) if signature else None,
        seal=SealPicture(_bytes(seal.file), (seal.width_mm or 0) * POINTS) if seal else None,
    )


def _bytes(file: StoredFile) -> bytes:
    return store.read(file.sha256)


def _check_may(kind: Kind, by: User) -> None:
    allowed = access.may_give_seal(by) if kind == Kind.SEAL else access.may_hold_certificate(by)
    if not allowed:
        raise PermissionDenied


def _ink(upload: Upload, kind: Kind) -> Ink:
    """Ask the sandbox where the ink is; believe nothing of its answer but the shape."""
    if upload.kind != FileKind.PNG:
        raise RuleError(_("Save the picture as PNG."))
    answer = sandbox.ask(upload.file, command=CHILD, most=MARK_ANSWER)
    try:
        head, _line, packed = (answer or b"").partition(b"\n")
        told = json.loads(head)
        refused, width, height = str(told["refused"]), int(told["width"]), int(told["height"])
        pixels = zlib.decompressobj().decompress(packed, MARK_LONGEST**2)
        is_whole = len(pixels) == width * height and 0 < width <= MARK_LONGEST >= height > 0
    except (ValueError, KeyError, TypeError, zlib.error):
        refused, width, height, pixels, is_whole = "", 0, 0, b"", False
    if refused in WORDS:
        raise RuleError(str(WORDS[refused]))
    if refused or not is_whole:
        raise RuleError(_("The picture could not be read. Save it anew as PNG."))
    if kind == Kind.SEAL and not ROUND[0] <= width / height <= ROUND[1]:
        raise RuleError(str(WORDS["not_round"]))
    return Ink(width, height, pixels)


def _end(mark: MarkPicture, *, by: User, at: dt.datetime) -> None:
    mark.withdrawn_at, mark.withdrawn_by = at, by
    mark.save(update_fields=["withdrawn_at", "withdrawn_by"])


def _record(verb: str, mark: MarkPicture, *, by: User, at: dt.datetime) -> None:
    payload = {"mark": mark.kind, "sha256": mark.file_id}
    record(verb, mark, by=by, at=at, agency_code=mark.agency.code, payload=payload)
