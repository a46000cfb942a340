"""What happens to evidence: added, withdrawn by its agency, recalled by the command."""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from portal.audit.events import record
from portal.files import recalls
from portal.files.models import StoredFile
from portal.files.uploads import Upload, received
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.errors import RuleError
from portal.lib.states import move
from portal.users.models import User
from tasks import access, paper_reminders, reminders
from tasks.models import Assignment, Evidence, PaperEntry
from tasks.models.evidence import DECLARATION
from tasks.states import EVIDENCE, OPEN_ASSIGNMENT, EvidenceState, ProgrammeState

MOST = 20
"""Files in use of one agency in one assignment: evidence, not an archive."""


def upload(
    assignment: Assignment, *, by: User, at: dt.datetime, sent: UploadedFile, title: str, declared: bool
) -> Evidence:
    """Look at a file that was sent, and add it.

    No action: the look takes seconds and holds no transaction. What would refuse it anyway is asked
    first, and again when it is added. Raises PermissionDenied, RuleError (FileRefused for the file).
    """
    _check_may_add(assignment, by)
    if not declared:
        raise RuleError(_("Without the declaration no file is accepted."))
    with received(sent, title=title, about=assignment, by=by, at=at) as upload:
        return add(assignment, by=by, at=at, upload=upload, title=title)


@action
def add(assignment: Assignment, *, by: User, at: dt.datetime, upload: Upload, title: str) -> Evidence:
    """Add an accepted upload; who adds it has declared that it holds no state secret."""
    locked = Assignment.objects.select_for_update(of=("self",)).select_related("programme", "lead")
    assignment.refresh_from_db(from_queryset=locked)
    agency_id = _check_may_add(assignment, by)
    own = Evidence.objects.filter(assignment=assignment, agency_id=agency_id, state=EvidenceState.CURRENT)
    if own.count() >= MOST:
        raise RuleError(
            _("Your agency has %(most)d files here already. Withdraw one that is not needed.")
            % {"most": MOST}
        )
    if own.filter(file_id=upload.sha256).exists():
        raise RuleError(_("Your agency has added this very file already."))
    evidence = Evidence.objects.create(
        assignment=assignment,
        agency_id=agency_id,
        file=upload.keep(at=at),
        name=upload.name,
        title=title.strip(),
        uploaded_by=by,
        uploaded_at=at,
        declaration=DECLARATION,
    )
    _record("evidence.added", evidence, by=by, at=at, declaration=DECLARATION, size=upload.size)
    return evidence


@action
def withdraw(evidence: Evidence, *, by: User, at: dt.datetime, reason: str) -> None:
    """Take one's own agency's file out of use, while the result has not been sent. Its trace stays."""
    if not access.may_withdraw_evidence(by, evidence):
        raise PermissionDenied
    reason = reasons.given(reason)
    locked = Assignment.objects.select_for_update(of=("self",)).select_related("programme")
    _check_is_open(locked.get(pk=evidence.assignment_id))
    move(
        evidence,
        EvidenceState.WITHDRAWN,
        EVIDENCE,
        withdrawn_by=by,
        withdrawn_at=at,
        withdrawal_reason=reason,
    )
    _record("evidence.withdrawn", evidence, by=by, at=at, reason=reason)


@action
def recall(evidence: Evidence, *, by: User, at: dt.datetime, reason: str) -> None:
    """Recall the file, wherever its bytes are in use; tell who uploaded it, their head and the officers."""
    recalls.recall(evidence.file, by=by, at=at, reason=reason)
    tell_recalled(evidence.file, by=by, at=at)


def tell_recalled(file: StoredFile, *, by: User, at: dt.datetime) -> None:
    """Tell those who added a file as evidence, and who rely on it as a scan. Within the action that did."""
    for row in Evidence.objects.filter(file=file).select_related("assignment__programme"):
        reminders.tell_recalled(row, by=by, at=at)
    for entry in PaperEntry.objects.filter(file=file):
        paper_reminders.tell_recalled(entry, by=by, at=at)


def _check_may_add(assignment: Assignment, by: User) -> int:
    """Return the agency in whose name the file is added."""
    if by.agency_id is None or not access.may_add_evidence(by, assignment):
        raise PermissionDenied
    _check_is_open(assignment)
    return by.agency_id


def _check_is_open(assignment: Assignment) -> None:
    if not is_open(assignment):
        raise RuleError(_("The result was sent, or the programme is not in force: evidence stays as it is."))


def is_open(assignment: Assignment) -> bool:
    """Return whether evidence may still be added and withdrawn."""
    return assignment.programme.state == ProgrammeState.IN_FORCE and assignment.status in OPEN_ASSIGNMENT


def _record(verb: str, evidence: Evidence, *, by: User, at: dt.datetime, **more: object) -> None:
    payload = {"assignment": evidence.assignment_id, "sha256": evidence.file_id, **more}
    record(verb, evidence, by=by, at=at, agency_code=evidence.agency.code, payload=payload)
