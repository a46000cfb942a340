"""What the portal tells about signing: documents that are open, their last days, and certificates."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db.models import F, QuerySet, Value
from django.db.models.functions import TruncDate
from django.urls import reverse

from agreements.models import Certificate, CertificateRequest, Document, SignatureField
from agreements.states import DocumentState, RequestState
from portal.lib.dates import LOCAL, local_day
from portal.notices import outbox, planning
from portal.notices.kinds import HEADS_AND_DEPUTIES, OFFICERS, Kind
from portal.notices.models import Notice
from portal.users.models import Membership, Role, User
from tasks.deadlines import REMIND_DAYS_BEFORE


def _path(field_id: int) -> str:
    document_id = SignatureField.objects.values_list("document_id", flat=True).get(pk=field_id)
    return reverse("agreements:detail", args=[document_id])


def _is_unsigned(notices: Sequence[Notice], today: dt.date) -> set[int]:
    """Those whose field is still empty while the document is open."""
    fields = {notice.subject_id for notice in notices}
    closes_on = dict(_unsigned().filter(pk__in=fields).values_list("pk", "document__closes_on"))
    return {
        notice.pk
        for notice in notices
        if notice.subject_id in closes_on and today <= closes_on[notice.subject_id]
    }


OPEN = Kind(
    code="signature.open",
    text_vi="Văn bản đã mở để ký, hạn $due: $title",
    text_en="Open for signing until $due: $title",
    path=_path,
    audience=HEADS_AND_DEPUTIES,
    still_due=_is_unsigned,
)
DUE = Kind(
    code="signature.due",
    text_vi="Nhắc ký, hạn $due: $title",
    text_en="Please sign by $due: $title",
    path=_path,
    audience=HEADS_AND_DEPUTIES,
    still_due=_is_unsigned,
    days=tuple(-days for days in REMIND_DAYS_BEFORE),
)
FAILED = Kind(
    code="signature.failed",
    text_vi="Chữ ký kiểm tra không đạt, đợt ký dừng lại: $title",
    text_en="A signature failed its check, the round is stopped: $title",
    path=_path,
    audience=OFFICERS,
)


def _request_path(request_id: int) -> str:
    return reverse("agreements:certificate_request", args=[request_id])


def _own_certificate_path(_id: int) -> str:
    return reverse("agreements:certificate")


def _is_requested(notices: Sequence[Notice], today: dt.date) -> set[int]:
    """Those whose request still waits."""
    waiting = CertificateRequest.objects.filter(
        pk__in=[notice.subject_id for notice in notices], state=RequestState.REQUESTED
    )
    open_ids = set(waiting.values_list("pk", flat=True))
    return {notice.pk for notice in notices if notice.subject_id in open_ids}


def _expiring() -> QuerySet[Certificate]:
    """Certificates that sign: what was renewed or whose post ended has no key any more."""
    return Certificate.objects.filter(revoked_at=None, credential__isnull=False)


def _still_expires(notices: Sequence[Notice], today: dt.date) -> set[int]:
    """Those whose certificate has not been renewed, revoked, or left to somebody else."""
    known = set(_expiring().filter(pk__in=[n.subject_id for n in notices]).values_list("pk", flat=True))
    return {notice.pk for notice in notices if notice.subject_id in known}


COMMAND = (frozenset({Role.PROGRAMME_OFFICER, Role.COMMANDER}),)

CERTIFICATE_REQUESTED = Kind(
    code="certificate.requested",
    text_vi="Đề nghị cấp chứng thư ký số: $title",
    text_en="A signing certificate is asked for: $title",
    path=_request_path,
    audience=COMMAND,
    still_due=_is_requested,
)
CERTIFICATE_RELEASED = Kind(
    code="certificate.released",
    text_vi="Chứng thư ký số đã được cấp: $title",
    text_en="The signing certificate was released: $title",
    path=_own_certificate_path,
    audience=HEADS_AND_DEPUTIES,
)
CERTIFICATE_REFUSED = Kind(
    code="certificate.refused",
    text_vi="Đề nghị cấp chứng thư ký số không được chấp nhận: $title",
    text_en="The request for a signing certificate was refused: $title",
    path=_own_certificate_path,
    audience=HEADS_AND_DEPUTIES,
)
CERTIFICATE_REVOKED = Kind(
    code="certificate.revoked",
    text_vi="Chứng thư ký số đã bị thu hồi: $title",
    text_en="The signing certificate was revoked: $title",
    path=_own_certificate_path,
    audience=HEADS_AND_DEPUTIES,
)
CERTIFICATE_SUSPENDED = Kind(
    code="certificate.suspended",
    text_vi="Chứng thư ký số bị tạm khóa: $title",
    text_en="The signing certificate was suspended: $title",
    path=_own_certificate_path,
    audience=HEADS_AND_DEPUTIES,
)
CERTIFICATE_RESTORED = Kind(
    code="certificate.restored",
    text_vi="Chứng thư ký số được mở khóa: $title",
    text_en="The suspension of the signing certificate was lifted: $title",
    path=_own_certificate_path,
    audience=HEADS_AND_DEPUTIES,
)
CERTIFICATE_EXPIRES = Kind(
    code="certificate.expires",
    text_vi="Chứng thư ký số hết hạn ngày $due, cần gia hạn: $title",
    text_en="The signing certificate ends on $due, please renew it: $title",
    path=_own_certificate_path,
    audience=HEADS_AND_DEPUTIES,
    still_due=_still_expires,
    days=(-60, -30, -14, -7),
)
ASKS = (OPEN, DUE)
OF_CERTIFICATES = (
    CERTIFICATE_REQUESTED,
    CERTIFICATE_RELEASED,
    CERTIFICATE_REFUSED,
    CERTIFICATE_REVOKED,
    CERTIFICATE_SUSPENDED,
    CERTIFICATE_RESTORED,
    CERTIFICATE_EXPIRES,
)
KINDS = (*ASKS, FAILED, *OF_CERTIFICATES)


def plan(at: dt.datetime) -> int:
    """Remind the heads whose agency has not signed an open document, and whose certificate ends soon.

    Returns how many notices are new.
    """
    subjects = _unsigned().values(
        "agency_id",
        subject_id=F("pk"),
        due_on=F("document__closes_on"),
        code=Value(""),
        title_vi=F("document__title"),
        title_en=Value(""),
    )
    return planning.sweep(subjects, (DUE,), at=at) + _plan_renewals(at)


def _plan_renewals(at: dt.datetime) -> int:
    certificates = _expiring().values(
        "agency_id",
        subject_id=F("pk"),
        recipient_id=F("user_id"),
        due_on=TruncDate("not_after", tzinfo=LOCAL),
        code=Value(""),
        title_vi=F("common_name"),
        title_en=Value(""),
    )
    return planning.sweep(certificates, (CERTIFICATE_EXPIRES,), at=at, to_owner=True)


def tell_open(document: Document, *, by: User, at: dt.datetime) -> None:
    """Tell every head that the document is open for signing; inside the action that opens it."""
    abouts = [
        outbox.About(field, field.agency_id, title_vi=document.title, due_on=document.closes_on)
        for field in document.fields.all()
    ]
    outbox.tell(OPEN, *abouts, by=by, at=at)


def tell_failed(field: SignatureField, *, at: dt.datetime) -> None:
    """Tell the programme officers that a signature failed its check; inside the action that says so."""
    document = field.document
    about = outbox.About(field, document.programme.host_id, title_vi=document.title)
    outbox.tell(FAILED, about, by=None, at=at)


def tell_requested(request: CertificateRequest, *, by: User, at: dt.datetime) -> None:
    """Tell the officers and the commanders that a key waits to be compared; inside the action that asks."""
    posts = Membership.objects.valid_on(local_day(at)).filter(role__in=COMMAND[0])
    agency_ids = set(posts.values_list("agency_id", flat=True))
    title = f"{request.common_name}, {request.agency.name_vi}"
    outbox.tell(
        CERTIFICATE_REQUESTED,
        *(outbox.About(request, agency_id, title_vi=title) for agency_id in agency_ids),
        by=by,
        at=at,
    )


def tell_decided(kind: Kind, request: CertificateRequest, *, by: User, at: dt.datetime) -> None:
    """Tell head and deputies of the agency what became of a request; inside the action that decides."""
    outbox.tell(kind, outbox.About(request, request.agency_id, title_vi=request.common_name), by=by, at=at)


def tell_certificate(kind: Kind, certificate: Certificate, *, by: User, at: dt.datetime) -> None:
    """Tell head and deputies what became of one of their certificates; inside the action that does it."""
    about = outbox.About(certificate, certificate.agency_id, title_vi=certificate.common_name)
    outbox.tell(kind, about, by=by, at=at)


def settle_request(request: CertificateRequest, *, at: dt.datetime) -> None:
    """Take back what asked for a release; inside the action that decides it."""
    outbox.cancel(request, kinds=[CERTIFICATE_REQUESTED], at=at)


def settle(fields: Iterable[SignatureField], *, at: dt.datetime) -> None:
    """Take back what asked for these signatures; inside the action that signs, closes or withdraws."""
    outbox.cancel(*fields, kinds=ASKS, at=at)


def _unsigned() -> QuerySet[SignatureField]:
    return SignatureField.objects.filter(document__state=DocumentState.SIGNING, signature=None)
