"""What the portal tells about signing: that a document is open, and the days before it closes."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db.models import F, QuerySet, Value
from django.urls import reverse

from agreements.models import Document, SignatureField
from agreements.states import DocumentState
from portal.notices import outbox, planning
from portal.notices.kinds import HEADS_AND_DEPUTIES, OFFICERS, Kind
from portal.notices.models import Notice
from portal.users.models import User
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
ASKS = (OPEN, DUE)
KINDS = (*ASKS, FAILED)


def plan(at: dt.datetime) -> int:
    """Remind the heads whose agency has not signed an open document; return how many are new."""
    subjects = _unsigned().values(
        "agency_id",
        subject_id=F("pk"),
        due_on=F("document__closes_on"),
        code=Value(""),
        title_vi=F("document__title"),
        title_en=Value(""),
    )
    return planning.sweep(subjects, (DUE,), at=at)


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


def settle(fields: Iterable[SignatureField], *, at: dt.datetime) -> None:
    """Take back what asked for these signatures; inside the action that signs, closes or withdraws."""
    outbox.cancel(*fields, kinds=ASKS, at=at)


def _unsigned() -> QuerySet[SignatureField]:
    return SignatureField.objects.filter(document__state=DocumentState.SIGNING, signature=None)
