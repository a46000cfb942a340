"""What the portal tells about signing: documents that are open, their last days, and seals."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import TruncDate
from django.urls import reverse

from agreements import access, certificate_reminders, consultation_reminders
from agreements.access import KEEPER_ROLES
from agreements.models import Authorisation, Document, Seal, Signature, SignatureField
from agreements.states import DocumentState
from portal.lib import walls
from portal.lib.dates import local_day
from portal.notices import outbox, planning
from portal.notices.kinds import EVERYBODY, HEADS_AND_DEPUTIES, OFFICERS, Audience, Group, Kind, among
from portal.notices.models import Notice
from portal.users.models import HEAD_ROLES, Membership, Role, User
from tasks.deadlines import REMIND_DAYS_BEFORE


def _path(field_id: int) -> str:
    document_id = SignatureField.objects.values_list("document_id", flat=True).get(pk=field_id)
    return reverse("agreements:detail", args=[document_id])


def _document_path(document_id: int) -> str:
    return reverse("agreements:detail", args=[document_id])


def _is_unsigned(notices: Sequence[Notice], today: dt.date) -> set[int]:
    """Those whose field is still empty while the document is open."""
    fields = {notice.subject_id for notice in notices}
    closes_on = dict(_unsigned().filter(pk__in=fields).values_list("pk", "document__closes_on"))
    return {one.pk for one in notices if today <= closes_on.get(one.subject_id, dt.date.min)}


PARTIES = (HEAD_ROLES | {Role.DEPUTY_HEAD, Role.PROGRAMME_OFFICER},)
"""Heads and deputies of a party; of the host's, the programme officers too."""

CONCERNED = (PARTIES[0] | {Role.FOCAL_POINT},)
"""And those who work by what was signed."""

KEEPERS = (KEEPER_ROLES,)
"""Those of a party who keep the key of its own signature."""


def _asking(
    code: str,
    text_vi: str,
    text_en: str,
    *,
    audience: Audience = HEADS_AND_DEPUTIES,
    days: tuple[int, ...] = (),
) -> Kind:
    """What asks an agency to sign, while it has not."""
    return Kind(
        code=code,
        text_vi=text_vi,
        text_en=text_en,
        path=_path,
        audience=audience,
        group=Group.SIGN,
        still_due=_is_unsigned,
        days=days,
        urgent=not days,
    )


OPEN = _asking(
    "signature.open", "Văn bản đã mở để ký, hạn $due: $title", "Open for signing until $due: $title"
)
DUE = _asking(
    "signature.due",
    "Nhắc ký, hạn $due: $title",
    "Please sign by $due: $title",
    days=tuple(-days for days in REMIND_DAYS_BEFORE),
)
TURN = _asking(
    "signature.turn",
    "Đến lượt cơ quan ký, hạn $due: $title",
    "It is your agency's turn to sign, until $due: $title",
)
URGED = _asking(
    "signature.urged",
    "Đôn đốc ký, hạn $due: $title",
    "The programme officer asks you to sign by $due: $title",
)
DELEGATED = _asking(
    "signature.delegated",
    "Thủ trưởng giao ký thay (KT.), hạn $due: $title",
    "Your head hands you this document to sign (KT.), until $due: $title",
)
AGENCY_TURN = _asking(
    "signature.agency_turn",
    "Thủ trưởng đã ký, cần ký số của cơ quan, hạn $due: $title",
    "Your head has signed; the agency's own signature is due by $due: $title",
    audience=KEEPERS,
)
AGENCY_URGED = _asking(
    "signature.agency_urged",
    "Đôn đốc ký số của cơ quan, hạn $due: $title",
    "The programme officer asks for the agency's own signature by $due: $title",
    audience=KEEPERS,
)
AGENCY_DUE = _asking(
    "signature.agency_due",
    "Nhắc ký số của cơ quan, hạn $due: $title",
    "The agency's own signature is due by $due: $title",
    audience=KEEPERS,
    days=DUE.days,
)
DECLINED = Kind(
    code="signature.declined",
    text_vi="$code từ chối ký: $title",
    text_en="$code declined to sign: $title",
    path=_path,
    audience=PARTIES,
    group=Group.KNOW,
)
RECONSIDERED = Kind(
    code="signature.reconsidered",
    text_vi="$code rút lại việc từ chối ký: $title",
    text_en="$code took back that it declined to sign: $title",
    path=_path,
    audience=PARTIES,
    group=Group.KNOW,
)
WENT_ON = Kind(
    code="signature.went_on",
    text_vi="Chỉ huy trưởng quyết định tiếp tục đợt ký, không có cơ quan đã từ chối: $title",
    text_en="The commander decided to go on without whoever declined: $title",
    path=_path,
    audience=PARTIES,
    group=Group.KNOW,
)
WITHDRAWN = Kind(
    code="document.withdrawn",
    text_vi="Văn bản đã được thu hồi, chữ ký đã có không còn hiệu lực: $title",
    text_en="The document was taken back; signatures on it no longer count: $title",
    path=_document_path,
    audience=PARTIES,
    group=Group.KNOW,
)
ENDED = Kind(
    code="document.ended",
    text_vi="Chỉ huy trưởng quyết định kết thúc đợt ký, văn bản không có hiệu lực: $title",
    text_en="The commander ended the round; the document does not come into force: $title",
    path=_document_path,
    audience=PARTIES,
    group=Group.KNOW,
)
SUPERSEDED = Kind(
    code="document.superseded",
    text_vi="Văn bản đã được thay thế theo $code: $title",
    text_en="Another document has taken its place, by decision $code: $title",
    path=_document_path,
    audience=CONCERNED,
    group=Group.KNOW,
)
TERMINATED = Kind(
    code="document.terminated",
    text_vi="Văn bản chấm dứt hiệu lực theo $code: $title",
    text_en="The document is no longer in force, by decision $code: $title",
    path=_document_path,
    audience=CONCERNED,
    group=Group.KNOW,
)
FAILED = Kind(
    code="signature.failed",
    text_vi="Chữ ký kiểm tra không đạt, đợt ký dừng lại: $title",
    text_en="A signature failed its check, the round is stopped: $title",
    path=_path,
    audience=OFFICERS,
    group=Group.SIGN,
    urgent=True,
)


def _document_path_of_seal(seal_id: int) -> str:
    return _document_path(Seal.objects.values_list("revision__document_id", flat=True).get(pk=seal_id))


def _newest_seals() -> QuerySet[Seal]:
    """Archive time-stamps that nothing has followed."""
    return Seal.objects.filter(revision__seq=F("revision__document__head_seq"))


WATCHES = (frozenset({Role.PROGRAMME_OFFICER, Role.ADMINISTRATOR}),)

SEAL_FAILED = Kind(
    code="seal.failed",
    text_vi="Văn bản đã đóng dấu thời gian lưu trữ, nhưng có chữ ký không kiểm tra được lâu dài: $title",
    text_en="The document is sealed, but a signature would not last: $title",
    path=_document_path,
    audience=WATCHES,
    group=Group.KEYS,
    urgent=True,
)
SEAL_ENDS = Kind(
    code="seal.ends",
    text_vi="Dấu thời gian lưu trữ hết hạn $due mà chưa gia hạn được: $title",
    text_en="The archive time-stamp ends on $due and could not be renewed yet: $title",
    path=_document_path_of_seal,
    audience=WATCHES,
    group=Group.KEYS,
    cannot_be_off=True,
    still_due=among(_newest_seals),
    days=(-182, -91, -30, -7),
)
SEAL_LOST = Kind(
    code="seal.lost",
    text_vi="Dấu thời gian lưu trữ đã hết hạn $due, không gia hạn được nữa: $title",
    text_en="The archive time-stamp ended on $due and can no longer be renewed: $title",
    path=_document_path_of_seal,
    audience=WATCHES,
    group=Group.KEYS,
    cannot_be_off=True,
    still_due=among(_newest_seals),
    days=(1,),
)
SEALS = (SEAL_ENDS, SEAL_LOST)

ASKS = (OPEN, TURN, DUE, URGED, DELEGATED, AGENCY_TURN, AGENCY_URGED, AGENCY_DUE)
OF_ROUNDS = (DECLINED, RECONSIDERED, WENT_ON, WITHDRAWN, ENDED, SUPERSEDED, TERMINATED)
KINDS = (
    *ASKS,
    *OF_ROUNDS,
    FAILED,
    SEAL_FAILED,
    *SEALS,
    *certificate_reminders.KINDS,
    *consultation_reminders.KINDS,
)


def plan(at: dt.datetime) -> int:
    """Remind of fields without a signature, of archive time-stamps, certificates that end, and comments owed.

    Returns how many notices are new.
    """
    ours = _plan_signatures(at) + _plan_seals(at)
    return ours + certificate_reminders.plan(at) + consultation_reminders.plan(at)


def _plan_signatures(at: dt.datetime) -> int:
    facts = {
        "subject_id": F("pk"),
        "due_on": F("document__closes_on"),
        "code": Value(""),
        "title_vi": F("document__title"),
        "title_en": Value(""),
    }
    fields = _unsigned().values("agency_id", **facts)
    by_paper = _by_paper(at).values("agency_id", "recipient_id", **facts)
    return (
        planning.sweep(fields.filter(after=None), (DUE,), at=at)
        + planning.sweep(by_paper, (replace(DUE, audience=EVERYBODY),), at=at, to_owner=True)
        + planning.sweep(fields.filter(after__isnull=False), (AGENCY_DUE,), at=at)
    )


def _plan_seals(at: dt.datetime) -> int:
    seals = _newest_seals().values(
        agency_id=F("revision__document__programme__host_id"),
        subject_id=F("pk"),
        due_on=TruncDate("ends_at"),
        code=Value(""),
        title_vi=F("revision__document__title"),
        title_en=Value(""),
    )
    return planning.sweep(seals, SEALS, at=at)


def _by_paper(at: dt.datetime) -> QuerySet[Any]:
    """Heads' fields that wait, once for each person of the agency who may sign by a paper: `recipient_id`."""
    day, its = local_day(at), {"agency": OuterRef("agency")}
    posts = Membership.objects.held_on(day).filter(user=OuterRef("recipient_id"), user__is_active=True, **its)
    papers = Authorisation.objects.usable_on(day).filter(
        Q(programme=None) | Q(programme=OuterRef("document__programme")),
        person=OuterRef("recipient_id"),
        **its,
    )
    rows: QuerySet[Any] = _unsigned().filter(after=None).annotate(recipient_id=F("agency__memberships__user"))
    return rows.filter(Exists(posts), Exists(papers)).distinct()


def tell_open(document: Document, *, by: User, at: dt.datetime) -> None:
    """Tell who may sign in the first wave that the document is open; inside the action that opens it."""
    first = list(document.parties.filter(wave__lte=document.wave))
    outbox.tell(OPEN, *_asks(first, document, at), by=by, at=at)


def tell_turn(document: Document, fields: Iterable[SignatureField], *, at: dt.datetime) -> None:
    """Tell who may sign in a wave that it is their turn; inside the action that opens it."""
    outbox.tell(TURN, *_asks(list(fields), document, at), by=None, at=at)


def tell_agency_turn(field: SignatureField, *, by: User, at: dt.datetime) -> None:
    """Tell who keeps the agency's key that its head has signed; inside the action that signs."""
    outbox.tell(AGENCY_TURN, *_asks([field.agency_field], field.document, at), by=by, at=at)


def tell_delegated(field: SignatureField, *, by: User, at: dt.datetime) -> None:
    """Tell the deputy to whom a document was handed, and nobody else; inside the action that hands it."""
    outbox.tell(DELEGATED, *_asks([field], field.document, at), by=by, at=at)


def tell_urged(field: SignatureField, *, by: User, at: dt.datetime) -> None:
    """Tell the deputy who is to sign, else everybody who may; inside the action that urges.

    When the head has signed, those who keep the agency's key.
    """
    has_signed = Signature.objects.filter(field=field).exists()
    kind, owed = (AGENCY_URGED, field.agency_field) if has_signed else (URGED, field)
    outbox.tell(kind, *_asks([owed], field.document, at), by=by, at=at)


def tell_parties(
    kind: Kind,
    document: Document,
    about: SignatureField | None = None,
    *,
    code: str = "",
    by: User,
    at: dt.datetime,
) -> None:
    """Tell every party of a decision on the round or the document, whose number is `code`.

    `about` is the field of the agency that took it.
    """
    code = about.agency_name if about else code
    abouts = [
        outbox.About(about or document, agency_id, title_vi=document.title, code=code)
        for agency_id in document.parties.values_list("agency_id", flat=True)
    ]
    outbox.tell(kind, *abouts, by=by, at=at)


def _asks(fields: Sequence[SignatureField], document: Document, at: dt.datetime) -> list[outbox.About]:
    """Ask the deputy to whom a field was handed, while she is one; else all who may sign it."""
    posts = Membership.objects.held_on(local_day(at)).filter(role=Role.DEPUTY_HEAD, user__is_active=True)
    handed = posts.filter(user__in=[field.delegate_id for field in fields if field.delegate_id])
    present = set(handed.values_list("agency_id", "user_id"))
    with walls.everything():  # papers of other agencies
        rows = _by_paper(at).filter(pk__in=[field.pk for field in fields])
        by_paper = set(rows.values_list("pk", "recipient_id"))
    return [
        outbox.About(
            field,
            field.agency_id,
            title_vi=document.title,
            due_on=document.closes_on,
            only=frozenset(pk for pk in [field.delegate_id] if pk and (field.agency_id, pk) in present),
            also=frozenset(person_id for field_id, person_id in by_paper if field_id == field.pk),
        )
        for field in fields
    ]


def tell_failed(field: SignatureField, *, at: dt.datetime) -> None:
    """Tell the programme officers that a signature failed its check; inside the action that says so."""
    document = field.document
    about = outbox.About(field, document.programme.host_id, title_vi=document.title)
    outbox.tell(FAILED, about, by=None, at=at)


def tell_seal_failed(document: Document, *, at: dt.datetime) -> None:
    """Tell officers and administrators that a signature would not last; inside the action that says so."""
    about = outbox.About(document, document.programme.host_id, title_vi=document.title)
    outbox.tell(SEAL_FAILED, about, by=None, at=at)


def settle(fields: Iterable[SignatureField], *, at: dt.datetime) -> None:
    """Take back what asked for these signatures; inside the action that signs, closes or withdraws."""
    outbox.cancel(*fields, kinds=ASKS, at=at)


def settle_delegation(field: SignatureField, *, at: dt.datetime) -> None:
    """Take back what a deputy was told; inside the action that takes the document back from her."""
    outbox.cancel(field, kinds=[DELEGATED], at=at)


def _unsigned() -> QuerySet[SignatureField]:
    """Fields of open documents that are to be signed now: their party is on turn and has not declined.

    An agency's own only after its head's.
    """
    return access.unsigned_fields().filter(
        Q(after=None) | Q(after__signature__isnull=False),
        document__state=DocumentState.SIGNING,
        declined_at=None,
        wave__lte=F("document__wave"),
    )
