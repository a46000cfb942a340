"""Sheets of assignments for a draft: sent, looked at, then added whole or discarded.

What a sheet says is checked against the programme whenever it is shown, and once more when it is added.
"""

import datetime as dt

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import ngettext

from portal.audit.events import record
from portal.files import tables
from portal.files.refusals import FileRefused
from portal.files.uploads import received
from portal.files.worker.findings import Kind, Reason
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError
from portal.lib.states import move
from portal.users.models import User
from tasks import assignment_drafts, citations, draft_access, import_checks
from tasks.models import AssignmentImport, Programme
from tasks.states import IMPORT, ImportState

MOST_NAMED = 20
"""Problems in one refusal; the page shows them all."""


def upload(programme: Programme, *, by: User, at: dt.datetime, sent: UploadedFile) -> AssignmentImport:
    """Look at a workbook and keep what stands in it.

    No action: the look takes seconds. Raises PermissionDenied, RuleError (FileRefused for the file).
    """
    if not draft_access.may_draft(by, programme):
        raise PermissionDenied
    with received(sent, title="", about=programme, by=by, at=at) as file:
        if file.kind is not Kind.XLSX:
            raise FileRefused(Reason.WRONG_EXTENSION)
        table = tables.read(file.file)
    return put(programme, by=by, at=at, table=table, file_name=file.name, file_sha256=file.sha256)


@action
def put(
    programme: Programme, *, by: User, at: dt.datetime, table: tables.Rows, file_name: str, file_sha256: str
) -> AssignmentImport:
    """Keep the rows of a sheet, to be looked at and added; one that waits until now is discarded."""
    held = assignment_drafts.hold(programme, by=by)
    for waiting in AssignmentImport.objects.filter(programme=held, state=ImportState.WAITING):
        move(waiting, ImportState.DISCARDED, IMPORT, decided_by=by, decided_at=at)
    sheet = AssignmentImport.objects.create(
        programme=held,
        file_name=file_name,
        file_sha256=file_sha256,
        rows=table,
        sent_by=by,
        sent_at=at,
    )
    _record("assignments.sheet_sent", sheet, by=by, at=at, rows=len(table))
    return sheet


@action
def load(sheet: AssignmentImport, *, by: User, at: dt.datetime) -> int:
    """Add every row of a sheet to the draft, or none; return how many.

    Raises RuleError naming what is wrong, also when it became so after the sheet was shown.
    """
    held = assignment_drafts.hold(sheet.programme, by=by)
    checked = import_checks.check(sheet.table, held, today=local_day(at))
    if checked.problems:
        raise RuleError(_refusal(checked.problems))
    count = len(checked.duties)
    move(sheet, ImportState.LOADED, IMPORT, decided_by=by, decided_at=at, loaded_count=count)
    rows = assignment_drafts.insert(held, checked.duties, by=by, at=at)
    citations.cite_new(zip(rows, checked.sources, strict=True), by=by, at=at)
    _record("assignments.sheet_loaded", sheet, by=by, at=at, assignments=count)
    return count


@action
def discard(sheet: AssignmentImport, *, by: User, at: dt.datetime) -> None:
    """Give a sheet up; nothing of it was added."""
    if not draft_access.may_draft(by, sheet.programme):
        raise PermissionDenied
    move(sheet, ImportState.DISCARDED, IMPORT, decided_by=by, decided_at=at)
    _record("assignments.sheet_discarded", sheet, by=by, at=at)


def _refusal(problems: list[import_checks.Problem]) -> str:
    words = ngettext(
        "Nothing was added: the sheet has %(count)s error.",
        "Nothing was added: the sheet has %(count)s errors.",
        len(problems),
    )
    return " ".join([words % {"count": len(problems)}, *map(str, problems[:MOST_NAMED])])


def _record(verb: str, sheet: AssignmentImport, *, by: User, at: dt.datetime, **more: int) -> None:
    payload = {"year": sheet.programme.year, "sha256": sheet.file_sha256, **more}
    record(verb, sheet, by=by, at=at, agency_code=sheet.programme.host.code, payload=payload)
