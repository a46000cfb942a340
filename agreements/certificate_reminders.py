"""What the portal tells about certificates, and about papers by which somebody signs."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import TruncDate
from django.urls import reverse

from agreements.models import Authorisation, Certificate, CertificateRequest, ExternalCertificate
from agreements.states import EnrolmentState, RequestState
from portal.lib.dates import LOCAL, local_day
from portal.notices import outbox, planning
from portal.notices.kinds import EVERYBODY, HEADS_AND_DEPUTIES, Group, Kind, among
from portal.users.models import Membership, Role, User

COMMAND = (frozenset({Role.PROGRAMME_OFFICER, Role.COMMANDER}),)


def _at(name: str) -> Callable[[int], str]:
    """Lead to a page about the subject."""
    return lambda pk: reverse(f"agreements:{name}", args=[pk])


def _own(name: str) -> Callable[[int], str]:
    """Lead to the reader's own page."""
    return lambda _pk: reverse(f"agreements:{name}")


def _page_of_request(request_id: int) -> str:
    """The page of whose key it is; of a request that the reader does not see, the reader's own."""
    return _page_of(CertificateRequest.objects.filter(pk=request_id))


def _page_of_certificate(certificate_id: int) -> str:
    return _page_of(Certificate.objects.filter(pk=certificate_id))


def _page_of(rows: QuerySet[Any]) -> str:
    is_agencys = rows.filter(for_agency=True).exists()
    return reverse("agreements:agency_key" if is_agencys else "agreements:certificate")


def _told(code: str, text_vi: str, text_en: str, *, path: Callable[[int], str]) -> Kind:
    """What became of a certificate or a paper: for head and deputies, and for its holder."""
    return Kind(
        code=code,
        text_vi=text_vi,
        text_en=text_en,
        path=path,
        audience=HEADS_AND_DEPUTIES,
        group=Group.KEYS,
    )


def _requests() -> QuerySet[CertificateRequest]:
    return CertificateRequest.objects.filter(state=RequestState.REQUESTED)


def _registered() -> QuerySet[ExternalCertificate]:
    return ExternalCertificate.objects.filter(state=EnrolmentState.REQUESTED)


def _expiring() -> QuerySet[Certificate]:
    """Certificates that sign: what was renewed or whose post ended has no key any more."""
    return Certificate.objects.filter(revoked_at=None, credential__isnull=False)


def _expiring_tokens() -> QuerySet[ExternalCertificate]:
    return ExternalCertificate.objects.filter(state=EnrolmentState.RELEASED)


CERTIFICATE_REQUESTED = Kind(
    code="certificate.requested",
    text_vi="Đề nghị cấp chứng thư ký số: $title",
    text_en="A signing certificate is asked for: $title",
    path=_at("certificate_request"),
    audience=COMMAND,
    group=Group.DECIDE,
    still_due=among(_requests),
)
TOKEN_REGISTERED = Kind(
    code="token.registered",
    text_vi="Đề nghị đối chiếu chứng thư trên USB token: $title",
    text_en="A certificate on a USB token waits to be compared: $title",
    path=_at("token_request"),
    audience=COMMAND,
    group=Group.DECIDE,
    still_due=among(_registered),
)
CERTIFICATE_RELEASED = _told(
    "certificate.released",
    "Chứng thư ký số đã được cấp: $title",
    "The signing certificate was released: $title",
    path=_page_of_request,
)
CERTIFICATE_REFUSED = _told(
    "certificate.refused",
    "Đề nghị cấp chứng thư ký số không được chấp nhận: $title",
    "The request for a signing certificate was refused: $title",
    path=_page_of_request,
)
CERTIFICATE_REVOKED = _told(
    "certificate.revoked",
    "Chứng thư ký số đã bị thu hồi: $title",
    "The signing certificate was revoked: $title",
    path=_page_of_certificate,
)
CERTIFICATE_SUSPENDED = _told(
    "certificate.suspended",
    "Chứng thư ký số bị tạm khóa: $title",
    "The signing certificate was suspended: $title",
    path=_page_of_certificate,
)
CERTIFICATE_RESTORED = _told(
    "certificate.restored",
    "Chứng thư ký số được mở khóa: $title",
    "The suspension of the signing certificate was lifted: $title",
    path=_page_of_certificate,
)
TOKEN_DECIDED = _told(
    "token.decided",
    "Chứng thư trên USB token đã được xử lý: $title",
    "The certificate on a USB token was dealt with: $title",
    path=_own("token"),
)
AUTHORISED = _told(
    "authorisation.granted",
    "Cơ quan lưu giấy giao đồng chí ký ($code), hiệu lực từ $due. Hãy đề nghị cấp chứng thư ký số",
    "Your agency put a paper on file by which you sign ($code), from $due. Request your certificate",
    path=_own("certificate"),
)
UNAUTHORISED = _told(
    "authorisation.revoked",
    "Giấy giao đồng chí ký đã bị thu hồi: $code",
    "The paper by which you signed was revoked: $code",
    path=_own("authorisations"),
)
CERTIFICATE_EXPIRES = Kind(
    code="certificate.expires",
    text_vi="Chứng thư ký số hết hạn ngày $due, cần gia hạn: $title",
    text_en="The signing certificate ends on $due, please renew it: $title",
    path=_page_of_certificate,
    audience=EVERYBODY,
    group=Group.KEYS,
    cannot_be_off=True,
    still_due=among(_expiring),
    days=(-60, -30, -14, -7),
)
TOKEN_EXPIRES = Kind(
    code="token.expires",
    text_vi="Chứng thư trên USB token hết hạn ngày $due, cần đăng ký chứng thư mới: $title",
    text_en="The certificate on your USB token ends on $due, please register the next one: $title",
    path=_own("token"),
    audience=EVERYBODY,
    group=Group.KEYS,
    cannot_be_off=True,
    still_due=among(_expiring_tokens),
    days=CERTIFICATE_EXPIRES.days,
)
KINDS = (
    *(AUTHORISED, UNAUTHORISED),
    *(CERTIFICATE_REQUESTED, CERTIFICATE_RELEASED, CERTIFICATE_REFUSED, CERTIFICATE_REVOKED),
    *(CERTIFICATE_SUSPENDED, CERTIFICATE_RESTORED, CERTIFICATE_EXPIRES),
    *(TOKEN_REGISTERED, TOKEN_DECIDED, TOKEN_EXPIRES),
)


def plan(at: dt.datetime) -> int:
    """Remind whoever holds a certificate that ends soon, whatever the post; return how many are new."""
    return _plan(_expiring(), CERTIFICATE_EXPIRES, at) + _plan(_expiring_tokens(), TOKEN_EXPIRES, at)


def _plan(certificates: QuerySet[Any], kind: Kind, at: dt.datetime) -> int:
    subjects = certificates.values(
        "agency_id",
        subject_id=F("pk"),
        recipient_id=F("user_id"),
        due_on=TruncDate("not_after", tzinfo=LOCAL),
        code=Value(""),
        title_vi=F("common_name"),
        title_en=Value(""),
    )
    return planning.sweep(subjects, (kind,), at=at, to_owner=True)


def tell_command(
    kind: Kind, asked: CertificateRequest | ExternalCertificate, *, by: User, at: dt.datetime
) -> None:
    """Tell officers and commanders that a key waits to be compared; inside the action that asks."""
    posts = Membership.objects.held_on(local_day(at)).filter(role__in=COMMAND[0])
    agency_ids = set(posts.values_list("agency_id", flat=True))
    title = f"{asked.common_name}, {asked.agency.name_vi}"
    outbox.tell(
        kind, *(outbox.About(asked, agency_id, title_vi=title) for agency_id in agency_ids), by=by, at=at
    )


def settle(asked: CertificateRequest | ExternalCertificate, *, at: dt.datetime) -> None:
    """Take back what asked to compare it; inside the action that decides."""
    outbox.cancel(asked, kinds=[CERTIFICATE_REQUESTED, TOKEN_REGISTERED], at=at)


def tell_holder(
    kind: Kind,
    held: CertificateRequest | Certificate | ExternalCertificate,
    *,
    by: User | None,
    at: dt.datetime,
) -> None:
    """Tell the holder, head and deputies what became of a certificate; inside the action that does it.

    The holder wherever their post is now, since it is their own. Of the key of an agency who keeps it, and
    nobody else.
    """
    holder, nobody = frozenset({held.user_id}), frozenset[int]()
    is_agencys = not isinstance(held, ExternalCertificate) and held.for_agency
    abouts = [
        outbox.About(held, held.agency_id, title_vi=held.common_name, only=only)
        for only in ([holder] if is_agencys else [holder, nobody])
    ]
    outbox.tell(kind, *abouts, by=by, at=at)


def tell_authorised(kind: Kind, row: Authorisation, *, by: User, at: dt.datetime) -> None:
    """Tell the person of a paper, and nobody else; inside the action that puts it on file or revokes it."""
    about = outbox.About(
        row,
        row.agency_id,
        title_vi="",
        code=row.reference,
        due_on=row.valid_from,
        only=frozenset({row.person_id}),
    )
    outbox.tell(kind, about, by=by, at=at)
