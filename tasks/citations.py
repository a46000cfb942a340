"""What happens to the papers an assignment cites: its source document, and the products its lead names.

Both are kept beside the signed text. A product may be named and taken out while evidence may be added;
what was sent with the result stays as it is. Lock order: assignment first.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from portal.audit import pictures
from portal.audit.events import record
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.users.models import User
from tasks import citation_access, evidence
from tasks.models import Assignment, Evidence, ProductDocument, SourceDocument, YearPaper
from tasks.states import ENDED_PROGRAMME, YearPaperState

_NAMES = ("number", "issued_on", "subject", "clause")
MOST = 20
"""Products of one assignment: papers that show the result, not a register."""


@dataclass(frozen=True)
class Source:
    """What the source document is cited with; `clause` is its clause or section."""

    number: str
    issued_on: dt.date
    subject: str
    clause: str = ""
    paper_id: int | None = None  # of the register of its year, where it stands there


def version_of(assignment: Assignment) -> str:
    """Name the source document that a page shows, to be compared when its form comes back."""
    return pictures.version(_picture(SourceDocument.objects.filter(assignment=assignment).first()))


@action
def cite(
    assignment: Assignment, *, by: User, at: dt.datetime, source: Source | None, version: str = ""
) -> None:
    """Say which document gives the assignment out; None: none but the programme itself.

    Raises RuleError when the programme has ended, and StaleError when the source is no longer as shown.
    """
    _hold(assignment, citation_access.may_cite(by, assignment))
    if assignment.programme.state in ENDED_PROGRAMME:
        raise RuleError(_("The programme has ended; its assignments stay as they are."))
    row = SourceDocument.objects.filter(assignment=assignment).first()
    before = _picture(row)
    if version and version != pictures.version(before):
        raise StaleError(_("Someone changed this assignment after you opened the page."))
    if source is None:
        if row:
            row.delete()
        after: pictures.Picture = {}
    else:
        if source.issued_on > local_day(at):
            raise RuleError(_("The document is dated in the future."))
        if source.paper_id and not _hold_paper(assignment, source.paper_id):
            raise RuleError(_("Choose a document that is in the register of the year."))
        values = {name: v.strip() if isinstance(v, str) else v for name, v in asdict(source).items()}
        row, _made = SourceDocument.objects.update_or_create(assignment=assignment, defaults=values)
        after = _picture(row)
    changed = pictures.difference(before, after)
    if changed["before"] or changed["after"]:
        _record("assignment.source_cited", assignment, by=by, at=at, **_as_part(changed))


def cite_new(
    cited: Iterable[tuple[Assignment, Source | None]], *, by: User, at: dt.datetime
) -> list[SourceDocument]:
    """Cite the sources of assignments that are new; only within the action that adds them to a draft."""
    rows = [SourceDocument(assignment=row, **asdict(source)) for row, source in cited if source is not None]
    for row in SourceDocument.objects.bulk_create(rows):
        changed = pictures.difference({}, _picture(row))
        _record("assignment.source_cited", row.assignment, by=by, at=at, **_as_part(changed))
    return rows


@action
def name(
    assignment: Assignment,
    *,
    by: User,
    at: dt.datetime,
    number: str,
    issued_on: dt.date,
    subject: str,
    file: Evidence | None = None,
) -> ProductDocument:
    """Name a paper that shows the result; `file` is a file of evidence of the lead's own."""
    _hold(assignment, citation_access.may_name(by, assignment))
    _check_is_open(assignment)
    if issued_on > local_day(at):
        raise RuleError(_("The document is dated in the future."))
    if file is not None:
        _check_file(assignment, file)
    named = ProductDocument.objects.filter(assignment=assignment)
    if named.count() >= MOST:
        raise RuleError(_("There are %(most)d documents here already.") % {"most": MOST})
    if named.filter(number=number.strip(), issued_on=issued_on).exists():
        raise RuleError(_("This document is named here already."))
    product = ProductDocument.objects.create(
        assignment=assignment,
        number=number.strip(),
        issued_on=issued_on,
        subject=subject.strip(),
        evidence=file,
        named_by=by,
        named_at=at,
    )
    _tell("assignment.product_named", product, by=by, at=at, side="after")
    return product


@action
def drop(product: ProductDocument, *, by: User, at: dt.datetime) -> None:
    """Take a product out while the result has not been sent; what it said stays in the trail."""
    assignment = product.assignment
    _hold(assignment, citation_access.may_name(by, assignment))
    _check_is_open(assignment)
    held = ProductDocument.objects.filter(pk=product.pk).first()  # the assignment is held
    if held is None:
        raise RuleError(_("The document was taken out already."))
    _tell("assignment.product_dropped", product, by=by, at=at, side="before")
    held.delete()


def is_open(assignment: Assignment) -> bool:
    """Return whether products may still be named and taken out."""
    return evidence.is_open(assignment)


# --- What each does ----------------------------------------------------------------------------------
def _hold(assignment: Assignment, allowed: bool) -> None:
    if not allowed:
        raise PermissionDenied
    rows = Assignment.objects.select_for_update(of=("self",)).select_related("programme__host", "lead")
    assignment.refresh_from_db(from_queryset=rows)


def _hold_paper(assignment: Assignment, key: int) -> YearPaper | None:
    """Lock the paper, if it stands in the register of the year: nobody strikes it out meanwhile."""
    rows = YearPaper.objects.select_for_update(of=("self",)).filter(pk=key, state=YearPaperState.ENTERED)
    return rows.filter(programme=assignment.programme_id).first()


def _check_is_open(assignment: Assignment) -> None:
    if not is_open(assignment):
        raise RuleError(_("The result was sent, or the programme is not in force: its documents stay."))


def _check_file(assignment: Assignment, file: Evidence) -> None:
    """The file is read anew: it may have been withdrawn while the form was open."""
    if not citation_access.files_of(assignment).filter(pk=file.pk).exists():
        raise RuleError(_("Choose a file of evidence of your agency that is in use."))


def _picture(row: SourceDocument | None) -> pictures.Picture:
    return pictures.take(row, _NAMES) if row else {}


def _as_part(changed: dict[str, pictures.Picture]) -> dict[str, pictures.Picture]:
    """Tell it as a part of the assignment, in the words of its own fields."""
    return {side: {"sourcedocument.0": values} if values else {} for side, values in changed.items()}


def _tell(verb: str, product: ProductDocument, *, by: User, at: dt.datetime, side: str) -> None:
    """Tell it as a part of the assignment; its file by key alone, for not everybody sees that."""
    said = pictures.take(product, ("number", "issued_on", "subject"))
    told = {"before": {}, "after": {}, side: {f"productdocument.{product.pk}": said}}
    _record(verb, product.assignment, by=by, at=at, file=product.evidence_id, **told)


def _record(verb: str, assignment: Assignment, *, by: User, at: dt.datetime, **more: object) -> None:
    payload = {"code": assignment.code, "year": assignment.programme.year, **more}
    record(verb, assignment, by=by, at=at, agency_code=assignment.lead.code, payload=payload)
