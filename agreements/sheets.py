"""The evidence sheet of a document, and the cover sheet of its download. Vietnamese, as papers are.

The evidence sheet says who was asked, read it, signed, how, from where and when. Not everybody reads all
of it: see access.sees_all_evidence and docs/access.md.
"""

import datetime as dt
import json
from collections.abc import Iterable

from django.conf import settings
from django.utils import timezone, translation

from agreements import access, documents
from agreements.boards import Board, Place, board
from agreements.models import Document, Signature
from agreements.states import DocumentState
from portal.audit import verbs
from portal.audit.models import Event
from portal.lib import walls
from portal.notices.models import Notice
from portal.papers.sheets import Sheet, Table
from portal.users.models import User

ASKED = "signature.open"
KEPT_BACK = "(không hiển thị)"
NO_MARK = "chưa có chữ ký số của cơ quan"
METHOD = "Chứng thư do Cổng cấp; mã PIN ký và mã dùng một lần"
NOTE = (
    "Phiếu do Cổng phối hợp lập từ nhật ký và hồ sơ ký; không thay cho chữ ký số trong tệp. "
    "Chứng thư do Cổng tự cấp, không phải chứng thư của Chính phủ."
)
AGENCY_KEYS = (
    "Mỗi cơ quan có hai chữ ký số: của người có thẩm quyền và của cơ quan, tổ chức "
    "(Nghị định 30/2020/NĐ-CP, Điều 5). Chữ ký trên giấy đã có dấu của cơ quan."
)
NO_AGENCY_KEY = (
    "Văn bản có chữ ký số của người có thẩm quyền, chưa có chữ ký số của cơ quan, tổ chức; "
    "con dấu trong chữ ký là hình ảnh."
)


def evidence_sheet(document: Document, *, reader: User, at: dt.datetime) -> Sheet:
    """Return the sheet as the reader may have it: all of it, or the own agency's lines in full."""
    with translation.override("vi"):
        sees_all = access.sees_all_evidence(reader, document)
        places = board(document)
        return Sheet(
            author=document.programme.host.name_vi,
            title="Phiếu bằng chứng ký số",
            subject=document.title,
            made_at=at,
            facts=(*_facts(document, places), ("Lập lúc", moment(at)), ("Lập cho", reader.get_full_name())),
            sections=(
                _parties(document, places, reader, sees_all=sees_all),
                _signatures(places),
                _history(document, sees_all=sees_all),
            ),
            notes=(
                NOTE,
                _agency_keys(document),
                *(
                    ()
                    if sees_all
                    else ("Người nhận tin, giờ đọc và địa chỉ mạng của cơ quan khác không hiển thị.",)
                ),
            ),
            warning=unfinished(document, places),
            demo=settings.DEMO,
            landscape=True,
        )


def cover_sheet(document: Document, *, at: dt.datetime) -> Sheet:
    """Return the cover of the download: number and date, and whether everybody has signed."""
    with translation.override("vi"):
        places = board(document)
        rows = tuple(
            (
                str(place.field.order),
                place.field.agency_name,
                *_signer(place),
                _capitalised(place.signature.rests_on) if place.signature else "–",
            )
            for place in places.places
        )
        return Sheet(
            author=document.programme.host.name_vi,
            title="Tờ bìa văn bản ký số",
            subject=document.title,
            made_at=at,
            facts=(*_facts(document, places), ("Tải lúc", moment(at))),
            sections=(
                Table(
                    "Các bên ký",
                    ("TT", "Cơ quan", "Người ký", "Thời gian", "Chữ ký dựa trên"),
                    (1, 6, 4, 3, 5),
                    rows,
                    "Không có",
                ),
            ),
            notes=(
                "Số và ngày được cấp sau khi ký nên không in trong trang đã ký; tờ bìa này không được ký.",
                "Cách kiểm tra chữ ký: xem README.txt trong gói tải về.",
                _agency_keys(document),
            ),
            warning=unfinished(document, places),
            demo=settings.DEMO,
        )


def _agency_keys(document: Document) -> str:
    return AGENCY_KEYS if document.agency_marks else NO_AGENCY_KEY


def unfinished(document: Document, places: Board) -> str:
    """Say that a copy is not whole: not everybody has signed, or the paper is no longer good."""
    if document.state in {DocumentState.TERMINATED, DocumentState.SUPERSEDED}:
        ending = documents.ending_of(document)
        why = (
            f" Quyết định {ending.decision_number}, {ending.decided_on:%d/%m/%Y}: {ending.reason}"
            if ending
            else ""
        )
        return f"VĂN BẢN NÀY KHÔNG CÒN HIỆU LỰC: {document.get_state_display()}.{why}"
    if places.waiting:
        return f"BẢN CHƯA ĐỦ CHỮ KÝ: {places.signed}/{places.total} cơ quan đã ký."
    return ""


def _facts(document: Document, places: Board) -> tuple[tuple[str, str], ...]:
    number = (
        f"{document.full_number}, ngày {document.issued_on:%d/%m/%Y}" if document.issued_on else "Chưa cấp"
    )
    return (
        ("Số, ký hiệu, ngày", number),
        ("Trạng thái", str(document.get_state_display())),
        ("Đã ký", f"{places.signed}/{places.total} cơ quan"),
        ("Đóng băng lúc", moment(document.frozen_at)),
        ("Số trang", str(document.page_count)),
        ("SHA-256 của bản đóng băng", document.frozen_id),
        ("SHA-256 của tệp mới nhất", document.head_id),
    )


def _parties(document: Document, places: Board, reader: User, *, sees_all: bool) -> Table:
    """Who was asked and who has read it; from where each signature came."""
    asked: dict[int, list[Notice]] = {}
    with walls.everything():  # whoever was told
        notices = Notice.objects.filter(
            kind=ASKED,
            subject_type="agreements.signaturefield",
            subject_id__in=[place.field.pk for place in places.places],
        ).select_related("recipient")
        for notice in notices.order_by("pk"):
            asked.setdefault(notice.subject_id, []).append(notice)
    came_from = _addresses(places)
    rows = []
    for place in places.places:
        is_open = sees_all or place.field.agency_id == reader.agency_id
        told = asked.get(place.field.pk, [])
        rows.append(
            (
                str(place.field.order),
                place.field.agency_name,
                _told(told) if is_open else KEPT_BACK,
                _read(told, place) if is_open else KEPT_BACK,
                _signed(place),
                _from(place, came_from) if is_open or not place.signature else KEPT_BACK,
            )
        )
    columns = ("TT", "Cơ quan", "Đã báo cho", "Đọc tin lúc", "Ký", "Địa chỉ mạng")
    return Table("Các bên", columns, (1, 5, 6, 4, 6, 4), tuple(rows), "Không có bên ký.")


def _from(place: Place, came_from: dict[int, str]) -> str:
    return "; ".join(came_from.get(one.pk, "–") for one in place.signatures) or "–"


def _told(notices: Iterable[Notice]) -> str:
    return "; ".join(f"{n.recipient.get_full_name()}, {moment(n.created_at)}" for n in notices) or "–"


def _read(notices: Iterable[Notice], place: Place) -> str:
    """When the notice was opened; what a signature closed by itself was not."""
    signed_at = place.signature.signed_at if place.signature else None
    opened = [n for n in notices if n.read_at and (signed_at is None or n.read_at < signed_at)]
    return "; ".join(f"{n.recipient.get_full_name()}, {moment(n.read_at)}" for n in opened) or "–"


def _signer(place: Place) -> tuple[str, str]:
    """Who signed, and when."""
    if place.signature and place.agency_field and not place.agency_signature:
        return f"{place.signature.signer_name} ({NO_MARK})", moment(place.signature.signed_at)
    if place.signature:
        return place.signature.signer_name, moment(place.signatures[-1].signed_at)
    if place.paper:
        return f"{place.paper.signer_name} (ký trên giấy)", f"{place.paper.signed_on:%d/%m/%Y}"
    return "Chưa ký", "–"


def _signed(place: Place) -> str:
    if place.signature is None:
        return ", ".join(_signer(place)) if place.paper else "Chưa ký"
    told = "; ".join(
        f"{_signed_by(one)} ({one.get_capacity_display()}), {moment(one.signed_at)}"
        for one in place.signatures
    )
    return told if place.is_signed else f"{told}; {NO_MARK}"


def _signed_by(signature: Signature) -> str:
    """The name as signed; beside an agency's who set it with the key that she keeps."""
    if not signature.is_agencys:
        return signature.signer_name
    return f"{signature.signer_name}, người giữ khóa: {signature.signer.get_full_name()}"


def _addresses(places: Board) -> dict[int, str]:
    keys = [str(signature.pk) for place in places.places for signature in place.signatures]
    rows = Event.objects.filter(
        subject_type="agreements.signature", subject_id__in=keys, verb="signature.added"
    ).values_list("subject_id", "address")
    return {int(pk): address or "–" for pk, address in rows}


def _signatures(places: Board) -> Table:
    signed = sorted(
        (signature for place in places.places for signature in place.signatures),
        key=lambda signature: signature.seq,
    )
    rows = tuple(
        (
            str(signature.seq),
            _signed_by(signature),
            METHOD if signature.kind == Signature.Kind.PORTAL else str(signature.get_kind_display()),
            _capitalised(signature.rests_on),
            signature.any_certificate.serial,
            str(signature.get_check_state_display()),
            signature.file_id,
        )
        for signature in signed
    )
    columns = (
        *("Bản", "Người ký", "Cách ký", "Dựa trên", "Số chứng thư", "Kiểm tra"),
        "SHA-256 của bản có chữ ký này",
    )
    return Table("Chữ ký và các bản của tệp", columns, (1, 4, 4, 4, 4, 3, 7), rows, "Chưa có chữ ký.")


def _history(document: Document, *, sees_all: bool) -> Table:
    """What happened to the document, its fields and signatures, from the audit trail."""
    signatures = map(str, document.signatures.values_list("pk", flat=True))
    fields = map(str, document.fields.values_list("pk", flat=True))
    events = [
        *Event.objects.filter(subject_type="agreements.document", subject_id=str(document.pk)),
        *Event.objects.filter(subject_type="agreements.signature", subject_id__in=list(signatures)),
        *Event.objects.filter(subject_type="agreements.signaturefield", subject_id__in=list(fields)),
    ]
    rows = tuple(
        (
            str(event.seq),
            moment(event.at),
            event.actor_label or "Cổng phối hợp",
            str(verbs.find(event.verb).label),
            str(json.loads(event.payload).get("reason", "")),
            (event.address or "–") if sees_all else KEPT_BACK,
        )
        for event in sorted(events, key=lambda event: event.seq)
    )
    columns = ("Số nhật ký", "Thời gian", "Người thực hiện", "Nội dung", "Lý do", "Địa chỉ mạng")
    return Table("Diễn biến theo nhật ký", columns, (2, 3, 5, 6, 6, 3), rows, "Chưa có sự kiện.")


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def moment(at: dt.datetime | None) -> str:
    return f"{timezone.localtime(at):%d/%m/%Y %H:%M:%S}" if at else "–"
