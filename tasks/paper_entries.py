"""Entries from paper: what an agency sent on paper, signed by its head, and the command enters for it.

Periodic reports are entered in tasks.reports, acceptance and result of an assignment in
tasks.paper_results; what is common to them stands here. Decision 0041.
"""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db import models
from django.utils.translation import gettext as _

from portal.agencies.models import Agency
from portal.files import recalls
from portal.files.refusals import FileRefused
from portal.files.uploads import Upload, received
from portal.files.worker.findings import Kind, Reason
from portal.lib.actions import action
from portal.lib.dates import local_day, start_of_day
from portal.lib.errors import RuleError
from portal.users.models import User
from tasks import evidence, paper_access
from tasks.models import PaperEntry
from tasks.models.evidence import DECLARATION

SCANS = frozenset({Kind.PDF, Kind.JPEG, Kind.PNG})


@dataclass(frozen=True)
class Paper:
    """The paper as its clerk reads it, and the day it was received."""

    number: str
    issued_on: dt.date
    subject: str
    signer_name: str
    signer_title: str
    received_on: dt.date


@contextmanager
def scanned(
    sent: UploadedFile, paper: Paper, *, about: models.Model, by: User, at: dt.datetime, declared: bool
) -> Iterator[Upload]:
    """Look at a scan that was sent; yield it when it is accepted. Raises RuleError, also FileRefused."""
    if not declared:
        raise RuleError(_("Without the declaration no file is accepted."))
    with received(sent, title=paper.subject, about=about, by=by, at=at) as scan:
        if scan.kind not in SCANS:
            raise FileRefused(Reason.UNKNOWN_KIND)
        yield scan


def keep(
    paper: Paper, *, agency: Agency, scan: Upload, not_before: dt.date, by: User, at: dt.datetime
) -> PaperEntry:
    """Keep the paper with its scan; only within the action that enters what it says.

    `not_before` is the first day on which it can have been received. Raises RuleError, FileRefused.
    """
    if paper.received_on > local_day(at):
        raise RuleError(_("The paper cannot have been received later than today."))
    if paper.received_on < not_before:
        raise RuleError(
            _("The paper cannot have been received before %(day)s.") % {"day": f"{not_before:%d/%m/%Y}"}
        )
    if paper.issued_on > paper.received_on:
        raise RuleError(_("The paper was received before it was issued."))
    return PaperEntry.objects.create(
        agency=agency,
        number=paper.number.strip(),
        issued_on=paper.issued_on,
        subject=paper.subject.strip(),
        signer_name=paper.signer_name.strip(),
        signer_title=paper.signer_title.strip(),
        received_on=paper.received_on,
        file=scan.keep(at=at),
        name=scan.name,
        entered_by=by,
        entered_at=at,
        declaration=DECLARATION,
    )


@action
def recall(entry: PaperEntry, *, by: User, at: dt.datetime, reason: str) -> None:
    """Recall the scan, wherever its bytes are; what was entered stays, and who relies on it is told."""
    if not paper_access.may_recall(by):
        raise PermissionDenied
    recalls.recall(entry.file, by=by, at=at, reason=reason)
    evidence.tell_recalled(entry.file, by=by, at=at)


def received_at(paper: PaperEntry) -> dt.datetime:
    """Return the moment that counts as its sending: of a paper only the day is known."""
    if paper.received_on == local_day(paper.entered_at):
        return paper.entered_at
    return start_of_day(paper.received_on)


def facts(paper: PaperEntry) -> dict[str, Any]:
    """Return what an audit event says of the paper."""
    return {
        "paper": paper.number,
        "paper_issued_on": paper.issued_on,
        "paper_signed_by": f"{paper.signer_name}, {paper.signer_title}",
        "paper_received_on": paper.received_on,
        "paper_subject": paper.subject,
        "sha256": paper.file_id,
    }
