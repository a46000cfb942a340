"""What happens to papers of the year: entered, amended, their file put in, struck out, recalled.

They stand beside the signed text, and are for whoever reads the programme.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Case, Model, QuerySet, Value, When
from django.utils.translation import gettext as _

from portal.audit import pictures
from portal.audit.events import record
from portal.files import recalls
from portal.files.refusals import check_words
from portal.files.uploads import Upload, received
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.lib.states import move
from portal.users.models import User
from tasks import evidence, year_paper_access
from tasks.models import Clause, Programme, YearPaper
from tasks.models.evidence import DECLARATION
from tasks.states import ENDED_PROGRAMME, YEAR_PAPER, YearPaperState

COLUMNS = ("kind", "number", "issued_on", "subject", "issuer")
LINKS = ("tasks", "solutions", "clauses", "assignments")


def clauses(programme: Programme) -> QuerySet[Clause]:
    """Return the clauses of a programme in the order of its text, which is not that of their codes."""
    place = Case(*(When(section=section, then=Value(n)) for n, section in enumerate(Clause.Section)))
    return programme.clauses.order_by(place, "number")


@dataclass(frozen=True)
class Facts:
    """What a paper is, by its columns, and the rows of its programme that it is about, by LINKS."""

    columns: Mapping[str, Any]
    links: Mapping[str, tuple[Model, ...]]


def version_of(paper: YearPaper) -> str:
    """Name what a page shows of it, to be compared when its form comes back."""
    return pictures.version(_picture(paper))


@action
def enter(programme: Programme, *, by: User, at: dt.datetime, facts: Facts) -> YearPaper:
    """Enter a paper in the register. Raises RuleError when it stands there, or the programme has ended."""
    _hold(programme, by)
    paper = YearPaper(programme=programme, entered_by=by, entered_at=at)
    _write(paper, facts, at=at)
    _record("paper.entered", paper, by=by, at=at, before={}, after=_picture(paper))
    return paper


@action
def amend(paper: YearPaper, *, by: User, at: dt.datetime, facts: Facts, version: str) -> None:
    """Write its row anew. Raises StaleError when it is no longer as it was shown."""
    _hold_paper(paper, by)
    before = _picture(paper)
    if version != pictures.version(before):
        raise StaleError(_("Someone changed the document after you opened the page."))
    _write(paper, facts, at=at)
    changed = pictures.difference(before, _picture(paper))
    if changed["before"] or changed["after"]:
        _record("paper.amended", paper, by=by, at=at, **changed)


def upload(paper: YearPaper, *, by: User, at: dt.datetime, sent: UploadedFile, declared: bool) -> None:
    """Look at a file that was sent, and put it in.

    No action: the look takes seconds and holds no transaction. What would refuse it anyway is asked
    first, and again when it is put in. Raises PermissionDenied, RuleError (FileRefused for the file).
    """
    _check_may_put(paper, by)
    if not declared:
        raise RuleError(_("Without the declaration no file is accepted."))
    with received(sent, title=paper.subject, about=paper, by=by, at=at) as looked_at:
        put(paper, by=by, at=at, looked_at=looked_at)


@action
def put(paper: YearPaper, *, by: User, at: dt.datetime, looked_at: Upload) -> None:
    """Put an accepted upload in; who does has declared that it holds no state secret."""
    _hold_paper(paper, by)
    _check_may_put(paper, by)
    paper.file, paper.file_name, paper.declaration = looked_at.keep(at=at), looked_at.name, DECLARATION
    paper.save(update_fields=["file", "file_name", "declaration"])
    facts = {"sha256": looked_at.sha256, "size": looked_at.size, "declaration": DECLARATION}
    _record("paper.file_put", paper, by=by, at=at, **facts)


@action
def strike(paper: YearPaper, *, by: User, at: dt.datetime, reason: str) -> None:
    """Strike a row out that is wrong; it stays in sight with the reason, and gives out no assignment."""
    _hold_paper(paper, by)
    words = reasons.given(reason)
    if paper.sources.exists():
        raise RuleError(_("Assignments name it as their source document; change that first."))
    move(paper, YearPaperState.STRUCK, YEAR_PAPER, struck_reason=words)
    _record("paper.struck", paper, by=by, at=at, reason=words)


@action
def recall(paper: YearPaper, *, by: User, at: dt.datetime, reason: str) -> None:
    """Recall its file, wherever its bytes are in use; who put the same into evidence is told."""
    if not year_paper_access.may_recall(by):
        raise PermissionDenied
    if paper.file is None:
        raise RuleError(_("The document has no file."))
    recalls.recall(paper.file, by=by, at=at, reason=reason)
    evidence.tell_recalled(paper.file, by=by, at=at)


# --- What each does ---------------------------------------------------------------------------------
def is_open(programme: Programme) -> bool:
    """Return whether its register may still be written in."""
    return programme.state not in ENDED_PROGRAMME


def _hold(programme: Programme, by: User) -> None:
    if not year_paper_access.may_register(by, programme):
        raise PermissionDenied
    rows = Programme.objects.select_for_update(of=("self",)).select_related("host")
    programme.refresh_from_db(from_queryset=rows)
    if not is_open(programme):
        raise RuleError(_("The programme has ended; its register stays as it is."))


def _hold_paper(paper: YearPaper, by: User) -> None:
    _hold(paper.programme, by)
    rows = YearPaper.objects.select_for_update(of=("self",)).select_related("programme__host", "file__recall")
    paper.refresh_from_db(from_queryset=rows)
    if paper.is_struck:
        raise RuleError(_("The document is struck out."))


def _check_may_put(paper: YearPaper, by: User) -> None:
    if not year_paper_access.may_register(by, paper.programme):
        raise PermissionDenied
    if paper.is_struck or not is_open(paper.programme):
        raise RuleError(_("The register is closed, or the document struck out: no file is put in."))
    if paper.has_content:
        raise RuleError(_("The document has its file already. Strike it out and enter it anew."))


def _write(paper: YearPaper, facts: Facts, *, at: dt.datetime) -> None:
    for name, value in facts.columns.items():
        setattr(paper, name, value.strip() if isinstance(value, str) else value)
    check_words(paper.subject, paper.issuer)
    if paper.issued_on > local_day(at):
        raise RuleError(_("The document is dated in the future."))
    rows = YearPaper.objects.filter(programme=paper.programme, state=YearPaperState.ENTERED)
    if rows.filter(number=paper.number, issued_on=paper.issued_on).exclude(pk=paper.pk).exists():
        raise RuleError(_("This document is in the register already."))
    linked: Any = [row for rows in facts.links.values() for row in rows]
    if any(row.programme_id != paper.programme_id for row in linked):
        raise RuleError(_("A document is linked to its own programme."))
    paper.save()
    for name, rows_of in facts.links.items():
        getattr(paper, name).set(rows_of)


def _picture(paper: YearPaper) -> pictures.Picture:
    return pictures.take(paper, (*COLUMNS, *LINKS))


def _record(verb: str, paper: YearPaper, *, by: User, at: dt.datetime, **more: Any) -> None:
    payload = {"year": paper.programme.year, "paper": paper.number, **more}
    record(verb, paper, by=by, at=at, agency_code=paper.programme.host.code, payload=payload)
