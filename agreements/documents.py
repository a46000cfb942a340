"""Freeze a programme into a document, run its signing round, issue it.

The paper is drawn outside the transaction (it takes a second) from the programme's canonical
content; under the lock that content is read again and must be the same.
"""

import datetime as dt
import logging
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from agreements import access, authorities, keys, pades, registers, reminders, timestamps
from agreements.models import Document, Ending, Revision, Signature, SignatureField
from agreements.paper import printed_texts, programme_paper
from agreements.states import DOCUMENT, DocumentState, PaperState
from portal.agencies.models import Agency
from portal.audit.events import canonical, record
from portal.files import store
from portal.lib import reasons
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.lib.states import move
from portal.notices.kinds import Kind
from portal.papers import coordination, reading
from portal.papers.letters import FONT_DIR
from portal.users.models import User
from tasks import access as tasks_access
from tasks import programmes
from tasks.content import content
from tasks.models import Clause, Programme, Signatory
from tasks.states import ProgrammeState

log = logging.getLogger(__name__)

ATTACHMENT = "programme.json"


@dataclass(frozen=True)
class Drawn:
    """A paper ready to be frozen: the certified file and where its fields lie."""

    content: bytes
    pdf: bytes
    page_count: int
    boxes: tuple[coordination.Box, ...]


def freeze(programme: Programme, *, by: User, at: dt.datetime, agency_marks: bool = False) -> Document:
    """Freeze the settled text: render, place every field, certify, store.

    `agency_marks`: each agency signs with its own key, too, after its head.

    Raises RuleError when the text cannot be printed or the state forbids it, StaleError when someone
    changed the text meanwhile.
    """
    if not tasks_access.may_freeze(by, programme):
        raise PermissionDenied
    _check_ready(programme, at)
    drawn = _draw(programme, at, agency_marks=agency_marks)
    return _freeze(programme, drawn, by=by, at=at, agency_marks=agency_marks)


def _check_ready(programme: Programme, at: dt.datetime) -> None:
    if programme.state != ProgrammeState.SETTLED:
        raise RuleError(_("Settle the text first; only a settled text is frozen."))
    _check_closes_later(programme.signing_closes_on, at)
    if programme.signatories.count() < 2:
        raise RuleError(_("A coordination programme needs at least two signatories."))
    if not programme.clauses.filter(section=Clause.Section.ORGANISATION).exists():
        raise RuleError(_("Section V, organisation, is empty: the paper needs a closing paragraph."))


def _check_closes_later(closes_on: dt.date, at: dt.datetime) -> None:
    if closes_on < local_day(at):
        raise RuleError(_("The closing date of signing lies in the past. Set a later one first."))


def _draw(programme: Programme, at: dt.datetime, *, agency_marks: bool = False) -> Drawn:
    snapshot = content(programme)
    paper = programme_paper(snapshot, at=at)
    return draw(paper, canonical(snapshot).encode(), at=at, agency_marks=agency_marks)


def draw(
    paper: coordination.CoordinationPaper, attachment: bytes, *, at: dt.datetime, agency_marks: bool = False
) -> Drawn:
    """Draw a paper with its fields, certify it, and look whether it says what it should.

    Raises RuleError.
    """
    rendered = coordination.render_coordination(paper, attachment)
    _check_says_what_rows_say(paper, rendered.pdf)
    parties = {party.field_id: party.agency for party in paper.parties}
    fields = [_spec(field_name(box.field_id), box, parties[box.field_id]) for box in rendered.boxes]
    if agency_marks:
        fields += [
            _spec(
                agency_field_name(box.field_id),
                agency_box(box),
                f"Chữ ký số của cơ quan: {parties[box.field_id]}",
            )
            for box in rendered.boxes
        ]
    frozen = pades.freeze(
        rendered.pdf,
        fields,
        font=FONT_DIR / "Appearance.ttf",
        small_font=FONT_DIR / "AppearanceRegular.ttf",
    )
    stamp = timestamps.stamp(at=at)
    try:
        certified = pades.certify(frozen, authorities.authority(at=at).certifier(), at=at, stamp=stamp)
    except keys.KeysError as error:
        log.exception("%s: not certified", paper.attachment_name)
        raise RuleError(
            _("The portal cannot certify papers now. Nothing was frozen. Tell the administrator.")
        ) from error
    if pades.attachment(certified, paper.attachment_name) != attachment:
        raise RuleError(_("The frozen file does not carry the programme as it stands. Nothing was frozen."))
    return Drawn(attachment, certified, len(rendered.page_heights), rendered.boxes)


def field_name(field_id: str) -> str:
    """Return the name of a party's signature field: fixed width, for fields are matched by prefix."""
    return f"KY_{field_id}"


def agency_field_name(field_id: str) -> str:
    """Return the name of the field of a party's own signature, beside its head's."""
    return f"DAU_{field_id}"


def agency_box(box: coordination.Box) -> coordination.Box:
    """Return where an agency's own signature stands: the place of its seal in the box of its head.

    Source: Decree 30/2020/NĐ-CP, Appendix I, II.8a (over the left third of the signature).
    """
    return replace(box, width=pades.agency_width(box.width))


def _spec(name: str, box: coordination.Box, label: str) -> pades.FieldSpec:
    return pades.FieldSpec(
        name=name, page=box.page, x=box.x, y=box.y, width=box.width, height=box.height, label=label
    )


def _check_says_what_rows_say(paper: coordination.CoordinationPaper, pdf: bytes) -> None:
    """Refuse a paper on which a text of the rows cannot be read back."""
    missing = reading.missing_texts(pdf, printed_texts(paper))
    if missing:
        raise RuleError(
            _("The paper does not say what the rows say: “%(text)s”.") % {"text": missing[0][:80]}
        )


@action
def _freeze(
    programme: Programme, drawn: Drawn, *, by: User, at: dt.datetime, agency_marks: bool = False
) -> Document:
    programmes.freeze(programme, by=by, at=at)
    if canonical(content(programme)).encode() != drawn.content:
        raise StaleError(_("Someone changed the text meanwhile. Nothing was frozen; try again."))
    document = Document(
        programme=programme,
        state=DocumentState.FROZEN,
        title=programme.title_vi,
        symbol=programme.symbol,
        closes_on=programme.signing_closes_on,
        agency_marks=agency_marks,
    )
    signatories = Signatory.objects.filter(programme=programme).select_related("agency").order_by("order")
    keep(document, drawn, [row.agency for row in signatories], at=at)
    record(
        "document.frozen",
        document,
        by=by,
        at=at,
        agency_code=programme.host.code,
        payload={
            "sha256": document.frozen_id,
            "programme": programme.year,
            "content_sha256": store.sha256_of(drawn.content),
            "agency_marks": agency_marks,
        },
    )
    return document


def keep(document: Document, drawn: Drawn, parties: Sequence[Agency], *, at: dt.datetime) -> None:
    """Store a drawn paper as a frozen document, with the fields of each party in protocol order."""
    file = store.put(drawn.pdf, media_type="application/pdf", at=at)
    document.page_count, document.frozen_at = drawn.page_count, at
    document.frozen = document.head = file
    document.save()
    Revision.objects.create(document=document, seq=0, kind=Revision.Kind.FROZEN, file=file, created_at=at)
    boxes = {box.field_id: box for box in drawn.boxes}
    heads = SignatureField.objects.bulk_create(
        _field(document, agency, order, boxes[f"{order:03}"]) for order, agency in enumerate(parties, 1)
    )
    if document.agency_marks:
        SignatureField.objects.bulk_create(_agency_field(head, boxes[f"{head.order:03}"]) for head in heads)


def _agency_field(head: SignatureField, box: coordination.Box) -> SignatureField:
    field = _field(head.document, head.agency, head.order, agency_box(box))
    field.name, field.after = agency_field_name(box.field_id), head
    return field


def _field(document: Document, agency: Agency, order: int, box: coordination.Box) -> SignatureField:
    return SignatureField(
        document=document,
        agency=agency,
        name=field_name(box.field_id),
        order=order,
        page=box.page,
        x=box.x,
        y=box.y,
        width=box.width,
        height=box.height,
        agency_name=agency.name_vi,
        signature_block=agency.signature_block,
    )


@action
def open_round(document: Document, *, by: User, at: dt.datetime) -> None:
    """Open the document for signing and tell every head."""
    if not access.may_run_round(by, document):
        raise PermissionDenied
    _check_closes_later(document.closes_on, at)
    move(document, DocumentState.SIGNING, DOCUMENT)
    reminders.tell_open(document, by=by, at=at)
    record("document.opened", document, by=by, at=at, payload={"closes_on": document.closes_on})


@action
def withdraw(document: Document, *, by: User, at: dt.datetime, reason: str) -> None:
    """Take a document back before everybody has signed, so that the text can be changed.

    While nobody has signed whoever froze it may; after that the commander, until the closing date and
    until the programme is in force. The signed bytes stay on record; the parties are told.
    """
    document.refresh_from_db(from_queryset=Document.objects.select_for_update(of=("self",)))
    if not access.may_withdraw(by, document):
        raise PermissionDenied
    _check_can_withdraw(document, at)
    reason = reasons.given(reason, least=reasons.SENTENCE)
    end_document(document, reminders.WITHDRAWN, by=by, at=at, reason=reason)
    payload = {"reason": reason, "signed": len(signed_agencies(document))}
    record("document.withdrawn", document, by=by, at=at, payload=payload)


def _check_can_withdraw(document: Document, at: dt.datetime) -> None:
    signed = len(signed_agencies(document))
    if not signed:
        return
    if document.programme.state != ProgrammeState.FROZEN or signed >= document.parties.count():
        raise RuleError(_("The text is signed and in force; it is changed by an amendment only."))
    if local_day(at) > document.closes_on:
        raise RuleError(_("The closing date has passed: the commander ends the round, or it is in force."))


def end_document(document: Document, told: Kind, *, by: User, at: dt.datetime, reason: str) -> None:
    """Terminate an unfinished document and give its text back, settled. Inside the action that decides it."""
    was_open = document.state == DocumentState.SIGNING
    move(document, DocumentState.TERMINATED, DOCUMENT, ended_at=at, ended_reason=reason.strip())
    reminders.settle(document.fields.all(), at=at)
    if was_open:
        reminders.tell_parties(told, document, by=by, at=at)
    if document.kind == Document.Kind.PROGRAMME:  # an amendment is a draft again by itself
        programmes.unfreeze(document.programme, by=by, at=at)


@action
def bring_into_force(document: Document, *, by: User, at: dt.datetime) -> None:
    """Record the commander's decision: host and Front have signed, the programme is in force."""
    document.refresh_from_db(from_queryset=Document.objects.select_for_update(of=("self",)))
    programme = document.programme
    if not tasks_access.may_bring_into_force(by, programme):
        raise PermissionDenied
    if document.state != DocumentState.SIGNING:  # one that was taken back speaks for no later text
        raise RuleError(_("This document is not open for signing."))
    if not hosts_have_signed(document):
        raise RuleError(_("The command and the Front have to sign first."))
    check_not_stopped(document)
    if document.fields.filter(declined_at__isnull=False, left_out_at=None).exists():
        raise RuleError(_("A party refused to sign. Decide first whether the round goes on without it."))
    programmes.bring_into_force(programme, by=by, at=at)
    record("document.in_force", document, by=by, at=at, payload={"signed": len(signed_agencies(document))})


def ending_of(document: Document) -> Ending | None:
    """Return by which decision an issued document ended, None for one that did not."""
    return Ending.objects.filter(document=document).first()


def hosts_have_signed(document: Document) -> bool:
    """Return whether the host and, where there is one, the co-host have signed."""
    needed = {document.programme.host_id, document.programme.co_host_id} - {None}
    return needed <= signed_agencies(document)


def signed_agencies(document: Document) -> set[int]:
    """Return who has signed, in the file or on paper: the agency itself, where that is asked for."""
    confirmed = document.paper_signatures.filter(state=PaperState.CONFIRMED)
    on_paper = confirmed.values_list("field__agency_id", flat=True)
    last = document.signatures.filter(field__after__isnull=not document.agency_marks)
    return {*last.values_list("field__agency_id", flat=True), *on_paper}


def check_not_stopped(document: Document) -> None:
    """Refuse to go on with a round in which a signature failed its check. Raises RuleError."""
    if document.signatures.filter(check_state=Signature.Check.BAD).exists():
        raise RuleError(_("A signature failed its check; the round is stopped until it is cleared up."))


@action
def close_round(document: Document, *, by: User, at: dt.datetime) -> None:
    """End the round: after this nobody signs."""
    if not access.may_run_round(by, document):
        raise PermissionDenied
    if document.programme.state == ProgrammeState.FROZEN:
        raise RuleError(_("The programme is not in force yet; the commander decides that first."))
    move(document, DocumentState.CLOSED, DOCUMENT)
    reminders.settle(document.fields.all(), at=at)
    counts = {"signed": len(signed_agencies(document)), "parties": document.parties.count()}
    record("document.closed", document, by=by, at=at, payload=counts)


@action
def issue(document: Document, *, by: User, at: dt.datetime, number: int, issued_on: dt.date) -> None:
    """Give number and date, after signature. They stand in the record, never in the frozen pages.

    The number is the next one of the year: see agreements.registers.
    """
    if access.may_issue(by, document) and document.kind != Document.Kind.PROGRAMME:
        raise RuleError(_("An amendment is issued together with its changes."))
    give_number(document, by=by, at=at, number=number, issued_on=issued_on)


def give_number(document: Document, *, by: User, at: dt.datetime, number: int, issued_on: dt.date) -> None:
    """Issue any kind of document; within the action that says what follows from it."""
    if not access.may_issue(by, document):
        raise PermissionDenied
    if not local_day(document.frozen_at) <= issued_on <= local_day(at):
        raise RuleError(_("The date of issue lies between the freezing and today."))
    registers.check_next(number, issued_on)
    given: dict[str, Any] = {"number": number, "number_year": issued_on.year, "issued_on": issued_on}
    try:
        with transaction.atomic():
            move(document, DocumentState.ISSUED, DOCUMENT, **given)
    except IntegrityError as error:  # someone gave the same number to another document meanwhile
        raise registers.taken(number) from error
    record("document.issued", document, by=by, at=at, payload={"number": number, "issued_on": issued_on})
