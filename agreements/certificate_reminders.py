"""What the portal tells about certificates, and about papers by which somebody signs."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import F, QuerySet, Value
from django.db.models.functions import TruncDate
from django.urls import reverse

from agreements.models import Authorisation, Certificate, CertificateRequest, ExternalCertificate
from agreements.states import EnrolmentState, RequestState
from portal.lib.dates import LOCAL, local_day
from portal.notices import outbox, planning
from portal.notices.kinds import HEADS_AND_DEPUTIES, Kind
from portal.notices.models import Notice
from portal.users.models import Membership, Role, User


def _request_path(request_id: int) -> str:
    return reverse("agreements:certificate_request", args=[request_id])


def _own_page(_id: int) -> str:
    return reverse("agreements:certificate")


def _page_of_request(request_id: int) -> str:
    """The page of whose key it is; of a request that the reader does not see, the reader's own."""
    return _page_of(CertificateRequest.objects.filter(pk=request_id))


def _page_of_certificate(certificate_id: int) -> str:
    return _page_of(Certificate.objects.filter(pk=certificate_id))


def _page_of(rows: QuerySet[Any]) -> str:
    is_agencys = rows.filter(for_agency=True).exists()
    return reverse("agreements:agency_key" if is_agencys else "agreements:certificate")


def _authorisations_path(_id: int) -> str:
    return reverse("agreements:authorisations")


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
    path=_page_of_request,
    audience=HEADS_AND_DEPUTIES,
)
CERTIFICATE_REFUSED = Kind(
    code="certificate.refused",
    text_vi="Đề nghị cấp chứng thư ký số không được chấp nhận: $title",
    text_en="The request for a signing certificate was refused: $title",
    path=_page_of_request,
    audience=HEADS_AND_DEPUTIES,
)
CERTIFICATE_REVOKED = Kind(
    code="certificate.revoked",
    text_vi="Chứng thư ký số đã bị thu hồi: $title",
    text_en="The signing certificate was revoked: $title",
    path=_page_of_certificate,
    audience=HEADS_AND_DEPUTIES,
)
AUTHORISED = Kind(
    code="authorisation.granted",
    text_vi="Cơ quan lưu giấy giao đồng chí ký ($code), hiệu lực từ $due. Hãy đề nghị cấp chứng thư ký số",
    text_en="Your agency put a paper on file by which you sign ($code), from $due. Request your certificate",
    path=_own_page,
    audience=HEADS_AND_DEPUTIES,
)
UNAUTHORISED = Kind(
    code="authorisation.revoked",
    text_vi="Giấy giao đồng chí ký đã bị thu hồi: $code",
    text_en="The paper by which you signed was revoked: $code",
    path=_authorisations_path,
    audience=HEADS_AND_DEPUTIES,
)
CERTIFICATE_SUSPENDED = Kind(
    code="certificate.suspended",
    text_vi="Chứng thư ký số bị tạm khóa: $title",
    text_en="The signing certificate was suspended: $title",
    path=_page_of_certificate,
    audience=HEADS_AND_DEPUTIES,
)
CERTIFICATE_RESTORED = Kind(
    code="certificate.restored",
    text_vi="Chứng thư ký số được mở khóa: $title",
    text_en="The suspension of the signing certificate was lifted: $title",
    path=_page_of_certificate,
    audience=HEADS_AND_DEPUTIES,
)
CERTIFICATE_EXPIRES = Kind(
    code="certificate.expires",
    text_vi="Chứng thư ký số hết hạn ngày $due, cần gia hạn: $title",
    text_en="The signing certificate ends on $due, please renew it: $title",
    path=_page_of_certificate,
    audience=HEADS_AND_DEPUTIES,
    still_due=_still_expires,
    days=(-60, -30, -14, -7),
)


def _token_path(certificate_id: int) -> str:
    return reverse("agreements:token_request", args=[certificate_id])


def _own_token_path(_id: int) -> str:
    return reverse("agreements:token")


def _is_registered(notices: Sequence[Notice], today: dt.date) -> set[int]:
    """Those whose certificate still waits."""
    subjects = [notice.subject_id for notice in notices]
    waiting = ExternalCertificate.objects.filter(pk__in=subjects, state=EnrolmentState.REQUESTED)
    open_ids = set(waiting.values_list("pk", flat=True))
    return {notice.pk for notice in notices if notice.subject_id in open_ids}


TOKEN_REGISTERED = Kind(
    code="token.registered",
    text_vi="Đề nghị đối chiếu chứng thư trên USB token: $title",
    text_en="A certificate on a USB token waits to be compared: $title",
    path=_token_path,
    audience=COMMAND,
    still_due=_is_registered,
)
TOKEN_DECIDED = Kind(
    code="token.decided",
    text_vi="Chứng thư trên USB token đã được xử lý: $title",
    text_en="The certificate on a USB token was dealt with: $title",
    path=_own_token_path,
    audience=HEADS_AND_DEPUTIES,
)
KINDS = (
    *(AUTHORISED, UNAUTHORISED),
    *(CERTIFICATE_REQUESTED, CERTIFICATE_RELEASED, CERTIFICATE_REFUSED, CERTIFICATE_REVOKED),
    *(CERTIFICATE_SUSPENDED, CERTIFICATE_RESTORED, CERTIFICATE_EXPIRES),
    *(TOKEN_REGISTERED, TOKEN_DECIDED),
)


def plan(at: dt.datetime) -> int:
    """Remind signers whose certificate ends soon; return how many notices are new."""
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


def tell_requested(request: CertificateRequest, *, by: User, at: dt.datetime) -> None:
    """Tell the officers and the commanders that a key waits to be compared; inside the action that asks."""
    _tell_command(CERTIFICATE_REQUESTED, request, by=by, at=at)


def tell_token_registered(certificate: ExternalCertificate, *, by: User, at: dt.datetime) -> None:
    """Tell the same of a certificate on a token; inside the action that registers it."""
    _tell_command(TOKEN_REGISTERED, certificate, by=by, at=at)


def tell_token_decided(certificate: ExternalCertificate, *, by: User, at: dt.datetime) -> None:
    """Tell head and deputies what became of it; inside the action that decides."""
    about = outbox.About(certificate, certificate.agency_id, title_vi=certificate.common_name)
    outbox.tell(TOKEN_DECIDED, about, by=by, at=at)


def settle_token(certificate: ExternalCertificate, *, at: dt.datetime) -> None:
    """Take back what asked to compare it; inside the action that decides."""
    outbox.cancel(certificate, kinds=[TOKEN_REGISTERED], at=at)


def _tell_command(
    kind: Kind, asked: CertificateRequest | ExternalCertificate, *, by: User, at: dt.datetime
) -> None:
    posts = Membership.objects.valid_on(local_day(at)).filter(role__in=COMMAND[0])
    agency_ids = set(posts.values_list("agency_id", flat=True))
    title = f"{asked.common_name}, {asked.agency.name_vi}"
    outbox.tell(
        kind, *(outbox.About(asked, agency_id, title_vi=title) for agency_id in agency_ids), by=by, at=at
    )


def tell_decided(kind: Kind, request: CertificateRequest, *, by: User, at: dt.datetime) -> None:
    """Tell head and deputies of the agency what became of a request; inside the action that decides.

    Of the key of an agency who keeps it, and nobody else.
    """
    outbox.tell(kind, _about(request), by=by, at=at)


def tell_certificate(kind: Kind, certificate: Certificate, *, by: User, at: dt.datetime) -> None:
    """Tell head and deputies what became of one of their certificates; inside the action that does it."""
    outbox.tell(kind, _about(certificate), by=by, at=at)


def _about(row: CertificateRequest | Certificate) -> outbox.About:
    only = frozenset({row.user_id} if row.for_agency else ())
    return outbox.About(row, row.agency_id, title_vi=row.common_name, only=only)


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


def settle_request(request: CertificateRequest, *, at: dt.datetime) -> None:
    """Take back what asked for a release; inside the action that decides it."""
    outbox.cancel(request, kinds=[CERTIFICATE_REQUESTED], at=at)
