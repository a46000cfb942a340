"""Examine PDFs that the portal does not know: queued, one at a time, in the sandbox, then forgotten.

A file lies under INCOMING_DIR until its report is written, for a quarter of an hour at most; the report
is kept a day, under a token that nobody guesses.
"""

import contextlib
import datetime as dt
import logging
import secrets
import shutil
import tempfile
from pathlib import Path
from typing import IO

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _

from agreements import findings, verification
from agreements.models import Inspection
from agreements.pades import examiner
from agreements.states import INSPECTION, InspectionState
from agreements.verification import Recognition
from portal.audit.events import record
from portal.files import sandbox
from portal.lib.actions import action
from portal.lib.errors import BusyError, RuleError
from portal.lib.states import move
from portal.lib.web import current_request
from portal.users import throttle

log = logging.getLogger(__name__)

OF_ADDRESS, OF_ADDRESS_WITHIN = 5, dt.timedelta(hours=1)
QUEUE_LIMIT = 30
FILE_LIFE = dt.timedelta(minutes=15)
REPORT_LIFE = dt.timedelta(days=1)
RUN_MOST = dt.timedelta(minutes=3)
"""After that the worker that took it is dead: Celery ends a job after two."""

CPU_SECONDS = 90
WALL_SECONDS = 100
MEMORY = 1 << 30  # bytes of address space
ANSWER = 1 << 20  # bytes

COMMAND = sandbox.command_of(
    Path(__file__).resolve().parent,
    "agreements.pades.examiner",
    cpu_seconds=CPU_SECONDS,
    memory=MEMORY,
    answer=ANSWER,
)


class TooManyFiles(RuleError):
    """This address has sent its files of the hour."""


def ask(known: Recognition, file: IO[bytes], *, at: dt.datetime) -> Inspection:
    """Put a file that is not known into the queue.

    1. Let go of what is over. 2. The file, then its row, so that a row always has its file. 3. Count, the
    own row among them: of those that an address sends side by side no more than five pass.

    Raises TooManyFiles, BusyError.
    """
    sweep(at=at)
    if Inspection.objects.filter(state=InspectionState.WAITING).count() >= QUEUE_LIMIT:
        raise BusyError(_("Too many files are waiting to be examined. Please send it again in some minutes."))
    inspection = Inspection(
        token=secrets.token_urlsafe(32),
        address=_address(),
        sha256=known.sha256,
        size=known.size,
        begins_with=known.begins_with,
        asked_at=at,
    )
    _keep(inspection, file)
    inspection.save()
    since = at - OF_ADDRESS_WITHIN
    sent = Inspection.objects.filter(address=inspection.address, asked_at__gt=since, pk__lte=inspection.pk)
    if sent.count() > OF_ADDRESS:
        _forget_file(inspection)
        inspection.delete()
        raise TooManyFiles(
            _("Your address has sent %(count)s files within an hour. Nothing was kept. Try again later.")
            % {"count": OF_ADDRESS}
        )
    return inspection


def _address() -> str:
    facts = current_request()
    household = throttle.household(facts.address) if facts else ""
    return salted_hmac("agreements.inspections", household, algorithm="sha256").hexdigest()


def waiting_before(inspection: Inspection) -> int:
    """Return how many files are examined before this one."""
    return Inspection.objects.exclude(state=InspectionState.DONE).filter(pk__lt=inspection.pk).count()


def found(inspection: Inspection, *, at: dt.datetime) -> findings.Found | None:
    """Return what was found; None while it is not examined yet."""
    if inspection.state == InspectionState.DONE:
        return findings.read(inspection.found, begins_with=inspection.begins_with)
    if at - inspection.asked_at >= FILE_LIFE:
        return findings.read(findings.unreadable(findings.NOT_IN_TIME))
    return None


# --- The job -----------------------------------------------------------------------------------
def run_next(*, at: dt.datetime) -> bool:
    """Examine the file that waits longest; return whether there was one and no other is being examined."""
    sweep(at=at)
    inspection = _claim(at=at)
    if inspection is None:
        return False
    try:
        with _file_of(inspection).open("rb") as file:
            text = examine(file, at=at)
    except FileNotFoundError:
        text = findings.unreadable(findings.NOT_IN_TIME)
    _finish(inspection, text, at=at)
    return True


def _claim(*, at: dt.datetime) -> Inspection | None:
    """Take the first in the queue; None when it is empty, or when a file is being examined."""
    waiting = Inspection.objects.filter(state=InspectionState.WAITING).order_by("pk").first()
    if waiting is None:
        return None
    try:
        with transaction.atomic():
            move(waiting, InspectionState.RUNNING, INSPECTION, started_at=at)
    except (IntegrityError, RuleError):  # another worker examines one
        return None
    return waiting


@action
def _finish(inspection: Inspection, text: str, *, at: dt.datetime) -> None:
    """Write the report; the file goes before the row says so, and nobody finds it again."""
    _forget_file(inspection)
    try:
        move(inspection, InspectionState.DONE, INSPECTION, found=text, finished_at=at)
    except RuleError:
        return  # it took so long that the sweep had given it up
    payload = {"sha256": inspection.sha256, "outcome": findings.read(text).outcome.name.lower()}
    record("inspection.finished", inspection, by=None, at=at, payload=payload)


def sweep(*, at: dt.datetime) -> None:
    """Give up what waits or runs too long, delete reports of yesterday and files that nobody examines."""
    late = Inspection.objects.filter(state=InspectionState.WAITING, asked_at__lte=at - FILE_LIFE)
    dead = Inspection.objects.filter(state=InspectionState.RUNNING, started_at__lte=at - RUN_MOST)
    for rows, code in ((late, findings.NOT_IN_TIME), (dead, findings.CRASHED)):
        for inspection in rows:
            _finish(inspection, findings.unreadable(code), at=at)
    Inspection.objects.filter(state=InspectionState.DONE, asked_at__lte=at - REPORT_LIFE).delete()
    oldest = (at - FILE_LIFE).timestamp()
    for path in _folder().iterdir():
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_mtime < oldest:
                path.unlink()


def examine(file: IO[bytes], *, at: dt.datetime) -> str:
    """Judge a file in the sandbox; return the text of the finding, for findings.read()."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as answer:
        given.write(examiner.question(verification.everyone_believed(at=at), at=at))
        shutil.copyfileobj(file, given)
        given.flush()
        given.seek(0)
        command = (*sandbox.without_network(), *COMMAND)
        status = sandbox.run(command, given, answer, wall_seconds=WALL_SECONDS)
        if status != 0:
            log.warning("the examination of a file ended with %s", status)
            return findings.unreadable(findings.CRASHED)
        answer.seek(0)
        return answer.read(ANSWER + 1).decode(errors="replace")


# --- Where a file waits ----------------------------------------------------------------------------
def _folder() -> Path:
    folder = Path(settings.INCOMING_DIR) / "to-verify"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _file_of(inspection: Inspection) -> Path:
    return _folder() / f"{inspection.token}.pdf"


def _keep(inspection: Inspection, file: IO[bytes]) -> None:
    file.seek(0)
    with _file_of(inspection).open("xb") as kept:
        shutil.copyfileobj(file, kept)


def _forget_file(inspection: Inspection) -> None:
    _file_of(inspection).unlink(missing_ok=True)
