"""Change signed duties: propose, freeze into a paper of its own, and bring into force when it is issued.

An amendment (phụ lục) is signed by the parties it touches, the command and the Front, in a round as any
other. Its attachment `amendment.json` holds every changed duty before and after; docs/amendment-json.md.
"""

import datetime as dt
import json
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from agreements import access, documents, pades, reminders
from agreements.amendment_paper import ATTACHMENT, SCHEMA, AmendmentContent, amendment_paper, differences
from agreements.models import Amendment, AmendmentChange, Document
from agreements.states import DOCUMENT, DocumentState
from portal.agencies.models import Agency
from portal.audit import pictures
from portal.audit.events import canonical, record
from portal.files import store
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.lib.states import Transitions, move
from portal.users.models import User
from tasks import amending, parties
from tasks.amending import ChangeContent
from tasks.content import AgencyContent, AssignmentContent, ProgrammeContent, content
from tasks.models import Programme
from tasks.states import ProgrammeState


# --- The draft ---------------------------------------------------------------------------------
@action
def propose(programme: Programme, *, by: User, at: dt.datetime, reason: str, closes_on: dt.date) -> Amendment:
    """Begin an amendment of a programme whose paper is issued and in force; one at a time."""
    if not access.may_amend(by, programme):
        raise PermissionDenied
    amended_document(programme)
    if any(row.document is None or _is_under_way(row.document) for row in _of(programme)):
        raise RuleError(
            _("Another amendment of this programme is being written or signed. Finish that first.")
        )
    reason = reasons.given(reason, least=reasons.SENTENCE)
    amendment = Amendment(
        programme=programme,
        ordinal=_of(programme).count() + 1,
        reason=reason,
        closes_on=closes_on,
        proposed_by=by,
        proposed_at=at,
    )
    try:
        with transaction.atomic():
            amendment.save()
    except IntegrityError as error:  # somebody else proposed one at the same moment
        raise StaleError(_("Someone has just begun an amendment of this programme. Open it.")) from error
    record("amendment.proposed", amendment, by=by, at=at, payload={"reason": reason})
    return amendment


def version_of(amendment: Amendment, code: str) -> str:
    """Name how a duty shall read on a page, to be compared when its form comes back."""
    return versions_of(amendment, [code])[code]


def versions_of(amendment: Amendment, codes: Iterable[str]) -> dict[str, str]:
    """Return version_of() each duty by its code. One query."""
    rows = dict(amendment.changes.values_list("code", "after"))
    return {code: pictures.version({"after": rows.get(code)}) for code in codes}


@action
def put(
    amendment: Amendment,
    *,
    by: User,
    at: dt.datetime,
    code: str,
    after: AssignmentContent | None,
    version: str = "",
) -> None:
    """Write how a duty shall read; `after` None withdraws it. Raises RuleError, StaleError.

    `version` is what the page showed of it; an empty one is not compared.
    """
    locked = _lock_draft(amendment, by)
    _compare(locked, code, version)
    before = duties_of(locked.programme).get(code)
    if before is None and after is None:
        raise RuleError(_("There is no duty %(code)s to withdraw.") % {"code": code})
    if before == after:
        raise RuleError(_("Nothing of this duty is changed."))
    if after is not None:
        _check_agencies(locked.programme, before, after)
    AmendmentChange.objects.update_or_create(
        amendment=locked, code=code, defaults={"after": canonical(after) if after else ""}
    )
    record("amendment.written", amendment, by=by, at=at, payload={"code": code, "shall_read": after})


def _compare(amendment: Amendment, code: str, version: str) -> None:
    if version and version != version_of(amendment, code):
        raise StaleError(_("Someone wrote this duty anew after you opened the page."))


def _check_agencies(programme: Programme, before: AssignmentContent | None, after: AssignmentContent) -> None:
    """Refuse a duty for somebody who cannot agree to it: only signatories sign."""
    there = {agency.code for agency in parties.in_order(programme)}
    kept = {part["code"] for part in before["coordinating"]} if before else set()
    named = {after["lead"], *(part["code"] for part in after["coordinating"])} - kept
    if outside := sorted(named - there):
        raise RuleError(_("No signatory of the programme: %(codes)s.") % {"codes": ", ".join(outside)})


@action
def leave(amendment: Amendment, *, by: User, at: dt.datetime, code: str, version: str = "") -> None:
    """Take a change out of the draft: the duty stays as signed. `version` as for put()."""
    locked = _lock_draft(amendment, by)
    _compare(locked, code, version)
    changes = {row.code: row for row in AmendmentChange.objects.filter(amendment=locked)}
    if code not in changes:
        raise RuleError(_("The amendment does not change %(code)s.") % {"code": code})
    changes[code].delete()
    record("amendment.written", amendment, by=by, at=at, payload={"code": code, "shall_read": "as signed"})


@action
def drop(amendment: Amendment, *, by: User, at: dt.datetime) -> None:
    """Delete a draft that was never frozen; its trace stays in the trail."""
    locked = _lock_draft(amendment, by)
    if locked.document is not None:
        raise RuleError(_("A paper of it was frozen once; the draft stays on record."))
    record("amendment.dropped", amendment, by=by, at=at, payload={"reason": amendment.reason})
    locked.delete()


def changes_of(amendment: Amendment) -> list[ChangeContent]:
    """Return the changes, each duty as it stands now and as it shall read, in the order of their codes."""
    duties = duties_of(amendment.programme)
    return [
        ChangeContent(code=row.code, before=duties.get(row.code), after=json.loads(row.after or "null"))
        for row in amendment.changes.order_by("code")
    ]


def shown_changes(amendment: Amendment) -> list[ChangeContent]:
    """Return the draft's changes; once it is frozen those of its paper, which stay when duties change later.

    Raises RuleError when the paper cannot be read.
    """
    if amendment.is_draft or amendment.document is None:
        return changes_of(amendment)
    return signed_content(amendment.document)["changes"]


def parties_of(amendment: Amendment, changes: Iterable[ChangeContent]) -> list[Agency]:
    """Return who signs, in protocol order: host, Front, and each party that a change touches."""
    programme = amendment.programme
    touched: set[str] = set()
    for change in changes:
        for duty in (change["before"], change["after"]):
            if duty:
                touched |= {duty["lead"], *(part["code"] for part in duty["coordinating"])}
    hosts = {programme.host_id, programme.co_host_id}
    rows = parties.in_order(programme)
    return [agency for agency in rows if agency.pk in hosts or agency.code in touched]


# --- The paper ---------------------------------------------------------------------------------
def freeze(amendment: Amendment, *, by: User, at: dt.datetime) -> Document:
    """Freeze the draft into a paper, ready to be opened for signing.

    The paper is drawn outside the transaction; under the lock its content is read again and must be the
    same. Raises RuleError, StaleError.
    """
    if not access.may_amend(by, amendment.programme):
        raise PermissionDenied
    snapshot = amendment_content(amendment)
    if not snapshot["changes"]:
        raise RuleError(_("The amendment changes nothing yet."))
    if amendment.closes_on < local_day(at):
        raise RuleError(_("The closing date of signing lies in the past. Set a later one first."))
    drawn = documents.draw(
        amendment_paper(snapshot, at=at),
        canonical(snapshot).encode(),
        at=at,
        agency_marks=amended_document(amendment.programme).agency_marks,
    )
    return _freeze(amendment, drawn, by=by, at=at)


@action
def _freeze(amendment: Amendment, drawn: documents.Drawn, *, by: User, at: dt.datetime) -> Document:
    locked = _lock_draft(amendment, by)
    Programme.objects.select_for_update(of=("self",)).get(
        pk=locked.programme_id
    )  # no agency changes meanwhile
    snapshot = amendment_content(locked)
    if canonical(snapshot).encode() != drawn.content:
        raise StaleError(_("Someone changed the text meanwhile. Nothing was frozen; try again."))
    document = Document(
        programme=locked.programme,
        kind=Document.Kind.AMENDMENT,
        state=DocumentState.FROZEN,
        title=snapshot["title"],
        symbol=locked.programme.symbol.replace("CTr", "PL", 1),
        closes_on=locked.closes_on,
        agency_marks=amended_document(locked.programme).agency_marks,
    )
    documents.keep(document, drawn, parties_of(locked, snapshot["changes"]), at=at)
    Amendment.objects.filter(pk=locked.pk).update(document=document)
    amendment.document = document
    payload = {"sha256": document.frozen_id, "changes": [change["code"] for change in snapshot["changes"]]}
    record("document.frozen", document, by=by, at=at, payload=payload)
    return document


def amendment_content(amendment: Amendment) -> AmendmentContent:
    """Return the amendment as it is attached to its paper."""
    programme = amendment.programme
    amended = amended_document(programme)
    whole, changes = content(programme), changes_of(amendment)
    signing = parties_of(amendment, changes)
    return AmendmentContent(
        schema=SCHEMA,
        year=programme.year,
        ordinal=amendment.ordinal,
        amends={
            "number": amended.full_number,
            "issued_on": f"{amended.issued_on:%Y-%m-%d}",
            "frozen_sha256": amended.frozen_id,
        },
        title=_title(amendment),
        programme_title=amended.title,
        reason=amendment.reason,
        host=whole["host"],
        co_host=whole["co_host"],
        place=whole["place"],
        symbol=programme.symbol.replace("CTr", "PL", 1),
        page_profile=whole["page_profile"],
        recipients=whole["recipients"],
        signing_closes_on=amendment.closes_on.isoformat(),
        agencies=_agencies(whole, changes, signing),
        signatories=[party.code for party in signing],
        changes=changes,
    )


def _title(amendment: Amendment) -> str:
    return f"Phụ lục số {amendment.ordinal:02} sửa đổi, bổ sung {amendment.programme.title_vi}"[:300]


def _agencies(
    whole: ProgrammeContent, changes: list[ChangeContent], signing: list[Agency]
) -> list[AgencyContent]:
    """Those that the amendment mentions, by code."""
    wanted = {whole["host"], whole["co_host"], *(party.code for party in signing)}
    for change in changes:
        for duty in (change["before"], change["after"]):
            if duty:
                wanted |= {duty["lead"], *(part["code"] for part in duty["coordinating"])}
    return [row for row in whole["agencies"] if row["code"] in wanted]


@dataclass(frozen=True)
class Told:
    """A change for the page: what is done to which duty, and each clause as signed and as it shall read."""

    code: str
    title: str
    is_new: bool
    is_withdrawn: bool
    rows: list[tuple[str, str, str]]


def told(change: ChangeContent, names: dict[str, str]) -> Told:
    """Put a change into the words of its paper."""
    before, after = change["before"], change["after"]
    duty = before or after
    return Told(
        change["code"],
        duty["title"] if duty else "",
        before is None,
        after is None,
        differences(before, after, names),
    )


def names_of(programme: Programme) -> dict[str, str]:
    """Return every agency's name by its code, as the programme mentions them."""
    return {row["code"]: row["name"] for row in content(programme)["agencies"]}


# --- In force ----------------------------------------------------------------------------------
@action
def issue(document: Document, *, by: User, at: dt.datetime, number: int, issued_on: dt.date) -> None:
    """Give number and date; the changes come into force with them, in the rows that are tracked.

    Every party that it touches has to have signed: a duty binds nobody who did not agree to it.
    """
    if not access.may_issue(by, document):
        raise PermissionDenied
    if access.unsigned_fields().filter(document=document).exists():
        raise RuleError(_("An amendment binds only when every party that it touches has signed."))
    documents.check_not_stopped(document)
    documents.give_number(document, by=by, at=at, number=number, issued_on=issued_on)
    amending.amend(document.programme, signed_content(document)["changes"], by=by, at=at)


@action
def take_back(document: Document, *, by: User, at: dt.datetime, reason: str) -> None:
    """Give up an amendment that not everybody will sign; its draft may be written and frozen again.

    The signed bytes stay on record. The commander decides it, for somebody has signed.
    """
    if not access.may_end(by, document):
        raise PermissionDenied
    if document.kind != Document.Kind.AMENDMENT:
        raise RuleError(_("Someone has signed already; a signed text is changed by an amendment only."))
    reason = reasons.given(reason, least=reasons.SENTENCE)
    move(document, DocumentState.TERMINATED, UNDER_WAY)
    reminders.settle(document.fields.all(), at=at)
    payload = {"reason": reason, "signed": len(documents.signed_agencies(document))}
    record("document.withdrawn", document, by=by, at=at, payload=payload)


UNDER_WAY: Transitions = {
    state: DOCUMENT[state] for state in (DocumentState.FROZEN, DocumentState.SIGNING, DocumentState.CLOSED)
}
"""What is issued is not taken back."""


def out_for_signing() -> QuerySet[Document, int]:
    """Return the keys of the programmes that have an amendment frozen or being signed."""
    rows = Document.objects.filter(kind=Document.Kind.AMENDMENT, state__in=UNDER_WAY)
    return rows.values_list("programme_id", flat=True)


def signed_content(document: Document) -> AmendmentContent:
    """Return what the signed bytes say, whatever stands in the rows. Raises RuleError."""
    try:
        attached: AmendmentContent = json.loads(
            pades.attachment(store.read(document.head_id), ATTACHMENT) or b""
        )
    except (store.FileDamaged, pades.PadesError, ValueError) as error:
        raise RuleError(_("The signed file cannot be read. Tell the administrator.")) from error
    return attached


# --- What is asked everywhere ---------------------------------------------------------------------
def amended_document(programme: Programme) -> Document:
    """Return the programme's own paper, which has to be issued. Raises RuleError."""
    if programme.state != ProgrammeState.IN_FORCE:
        raise RuleError(_("Only a programme in force is amended."))
    own = Document.objects.filter(
        programme=programme, kind=Document.Kind.PROGRAMME, state=DocumentState.ISSUED
    ).first()
    if own is None:
        raise RuleError(_("The programme's own paper is not issued yet: it is amended by number and date."))
    return own


def duties_of(programme: Programme) -> dict[str, AssignmentContent]:
    """Return the duties in force by code, spelled as in a signed file."""
    rows: list[AssignmentContent] = json.loads(canonical(content(programme)["assignments"]))
    return {row["code"]: row for row in rows}


def _of(programme: Programme) -> QuerySet[Amendment]:
    return Amendment.objects.filter(programme=programme).select_related("document")


def _is_under_way(document: Document) -> bool:
    return document.state not in {DocumentState.ISSUED, DocumentState.SUPERSEDED}


def _lock_draft(amendment: Amendment, by: User) -> Amendment:
    locked = Amendment.objects.select_for_update(of=("self",)).get(pk=amendment.pk)
    if not access.may_amend(by, locked.programme):
        raise PermissionDenied
    if not locked.is_draft:
        raise RuleError(_("The amendment is frozen; its text is what is being signed."))
    return locked
