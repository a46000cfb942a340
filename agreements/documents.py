"""Freeze a programme into a document, run its signing round, issue it.

The paper is drawn outside the transaction (it takes a second) from the programme's canonical
content; under the lock that content is read again and must be the same.
"""

import datetime as dt
import logging
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from agreements import access, authorities, keys, pades, reminders
from agreements.models import Document, Revision, Signature, SignatureField
from agreements.paper import printed_texts, programme_paper
from agreements.states import DOCUMENT, DocumentState
from portal.audit.events import canonical, record
from portal.files import store
from portal.lib.actions import action
from portal.lib.dates import local_day
from portal.lib.errors import RuleError, StaleError
from portal.lib.states import move
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


def freeze(programme: Programme, *, by: User, at: dt.datetime) -> Document:
    """Freeze the settled text: render, place every field, certify, store.

    Raises RuleError when the text cannot be printed or the state forbids it, StaleError when someone
    changed the text meanwhile.
    """
    if not tasks_access.may_freeze(by, programme):
        raise PermissionDenied
    _check_ready(programme, at)
    return _freeze(programme, _draw(programme, at), by=by, at=at)


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


def _draw(programme: Programme, at: dt.datetime) -> Drawn:
    snapshot = content(programme)
    attachment = canonical(snapshot).encode()
    paper = programme_paper(snapshot, at=at)
    rendered = coordination.render_coordination(paper, attachment)
    _check_says_what_rows_say(paper, rendered.pdf)
    parties = {party.field_id: party.agency for party in paper.parties}
    fields = [
        pades.FieldSpec(
            name=field_name(box.field_id),
            page=box.page,
            x=box.x,
            y=box.y,
            width=box.width,
            height=box.height,
            label=parties[box.field_id],
        )
        for box in rendered.boxes
    ]
    frozen = pades.freeze(
        rendered.pdf,
        fields,
        font=FONT_DIR / "Appearance.ttf",
        small_font=FONT_DIR / "AppearanceRegular.ttf",
    )
    try:
        certified = pades.certify(frozen, authorities.authority(at=at).certifier(), at=at)
    except keys.KeysError as error:
        log.exception("programme %s: not certified", programme.year)
        raise RuleError(
            _("The portal cannot certify papers now. Nothing was frozen. Tell the administrator.")
        ) from error
    if pades.attachment(certified, ATTACHMENT) != attachment:
        raise RuleError(_("The frozen file does not carry the programme as it stands. Nothing was frozen."))
    return Drawn(attachment, certified, len(rendered.page_heights), rendered.boxes)


def field_name(field_id: str) -> str:
    """Return the name of a party's signature field: fixed width, for fields are matched by prefix."""
    return f"KY_{field_id}"


def _check_says_what_rows_say(paper: coordination.CoordinationPaper, pdf: bytes) -> None:
    """Refuse a paper on which a text of the rows cannot be read back."""
    missing = reading.missing_texts(pdf, printed_texts(paper))
    if missing:
        raise RuleError(
            _("The paper does not say what the rows say: “%(text)s”.") % {"text": missing[0][:80]}
        )


@action
def _freeze(programme: Programme, drawn: Drawn, *, by: User, at: dt.datetime) -> Document:
    programmes.freeze(programme, by=by, at=at)
    if canonical(content(programme)).encode() != drawn.content:
        raise StaleError(_("Someone changed the text meanwhile. Nothing was frozen; try again."))
    file = store.put(drawn.pdf, media_type="application/pdf", at=at)
    document = Document.objects.create(
        programme=programme,
        state=DocumentState.FROZEN,
        title=programme.title_vi,
        symbol=programme.symbol,
        page_count=drawn.page_count,
        frozen_at=at,
        frozen=file,
        head=file,
        closes_on=programme.signing_closes_on,
    )
    Revision.objects.create(document=document, seq=0, file=file, created_at=at)
    _make_fields(document, programme, drawn)
    record(
        "document.frozen",
        document,
        by=by,
        at=at,
        agency_code=programme.host.code,
        payload={
            "sha256": file.sha256,
            "programme": programme.year,
            "content_sha256": store.sha256_of(drawn.content),
        },
    )
    return document


def _make_fields(document: Document, programme: Programme, drawn: Drawn) -> None:
    boxes = {box.field_id: box for box in drawn.boxes}
    signatories = Signatory.objects.filter(programme=programme).select_related("agency").order_by("order")
    rows = []
    for order, row in enumerate(signatories, 1):
        box = boxes[f"{order:03}"]
        rows.append(
            SignatureField(
                document=document,
                agency=row.agency,
                name=field_name(box.field_id),
                order=order,
                page=box.page,
                x=box.x,
                y=box.y,
                width=box.width,
                height=box.height,
                agency_name=row.agency.name_vi,
                signature_block=row.agency.signature_block,
            )
        )
    SignatureField.objects.bulk_create(rows)


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
    """Take back a document that nobody has signed, so that the text can be changed."""
    if not access.may_run_round(by, document):
        raise PermissionDenied
    Document.objects.select_for_update().get(pk=document.pk)  # a signature under way ends first
    if document.signatures.exists():
        raise RuleError(_("Someone has signed already; a signed text is changed by an amendment only."))
    _check_reason(reason)
    move(document, DocumentState.TERMINATED, DOCUMENT)
    reminders.settle(document.fields.all(), at=at)
    programmes.unfreeze(document.programme, by=by, at=at)
    record("document.withdrawn", document, by=by, at=at, payload={"reason": reason})


def _check_reason(reason: str) -> None:
    if len(reason.strip()) < 5:
        raise RuleError(_("Give a reason."))


@action
def bring_into_force(document: Document, *, by: User, at: dt.datetime) -> None:
    """Record the commander's decision: host and Front have signed, the programme is in force."""
    programme = document.programme
    if not tasks_access.may_bring_into_force(by, programme):
        raise PermissionDenied
    if not hosts_have_signed(document):
        raise RuleError(_("The command and the Front have to sign first."))
    check_not_stopped(document)
    programmes.bring_into_force(programme, by=by, at=at)
    record("document.in_force", document, by=by, at=at, payload={"signed": document.signatures.count()})


def hosts_have_signed(document: Document) -> bool:
    """Return whether the host and, where there is one, the co-host have signed."""
    needed = {document.programme.host_id, document.programme.co_host_id} - {None}
    return needed <= set(document.signatures.values_list("field__agency_id", flat=True))


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
    counts = {"signed": document.signatures.count(), "parties": document.fields.count()}
    record("document.closed", document, by=by, at=at, payload=counts)


@action
def issue(document: Document, *, by: User, at: dt.datetime, number: int, issued_on: dt.date) -> None:
    """Give number and date, after signature. They stand in the record, never in the frozen pages.

    Numbers are unique in a year, from 01 on. Source: Decree 30/2020/NĐ-CP, art. 15.
    """
    if not access.may_issue(by, document):
        raise PermissionDenied
    if not local_day(document.frozen_at) <= issued_on <= local_day(at):
        raise RuleError(_("The date of issue lies between the freezing and today."))
    year = issued_on.year
    if Document.objects.filter(number_year=year, number=number).exists():
        raise _number_taken(number)
    try:
        with transaction.atomic():
            move(
                document, DocumentState.ISSUED, DOCUMENT, number=number, number_year=year, issued_on=issued_on
            )
    except IntegrityError as error:  # someone gave the same number to another document meanwhile
        raise _number_taken(number) from error
    record("document.issued", document, by=by, at=at, payload={"number": number, "issued_on": issued_on})


def _number_taken(number: int) -> RuleError:
    return RuleError(_("The number %(number)s is taken in this year.") % {"number": number})


def next_number(year: int) -> int:
    """Return the first free number of a year."""
    newest = Document.objects.filter(number_year=year).aggregate(newest=Max("number"))["newest"]
    return (newest or 0) + 1
