"""What the portal tells about the rating of agencies: to who is rated, to who verifies, to who approves."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import F, QuerySet, Value
from django.urls import reverse

from portal.notices import outbox, planning
from portal.notices.kinds import (
    FOCAL_POINTS,
    FOCAL_POINTS_AND_HEAD,
    HEADS,
    HEADS_AND_DEPUTIES,
    OFFICERS,
    Group,
    Kind,
    StillDue,
    among,
    owed,
)
from portal.users.models import User
from tasks.models import RatingRound, RatingSheet
from tasks.states import OWED_SHEET, RatingState, ReexaminationState, SheetState

DAYS_BEFORE = (7, 3, 1, 0)
"""Days before the last day on which an agency that has not sent its self-score is reminded."""

DAYS_AFTER = (1, 3)
REVIEW_DAYS_BEFORE = (2, 0)


def _path(sheet_id: int) -> str:
    return reverse("ratings:sheet", args=[sheet_id])


def _round_path(round_id: int) -> str:
    return reverse(
        "ratings:detail", args=[RatingRound.objects.values_list("programme__year").get(pk=round_id)[0]]
    )


def _owed() -> QuerySet[RatingSheet]:
    """Sheets that an open rating still waits for."""
    return RatingSheet.objects.filter(round__state=RatingState.SCORING, state__in=OWED_SHEET)


def _in_review() -> QuerySet[RatingSheet]:
    return RatingSheet.objects.filter(round__state=RatingState.REVIEW)


def _while(state: SheetState) -> StillDue:
    return among(lambda: RatingSheet.objects.filter(round__state=RatingState.SCORING, state=state))


def _while_round(state: RatingState) -> StillDue:
    return among(lambda: RatingRound.objects.filter(state=state))


def _asked() -> QuerySet[RatingSheet]:
    return _in_review().filter(points__reexamination__state=ReexaminationState.ASKED)


OPENED = Kind(
    code="rating.opened",
    text_vi="Đã công bố tiêu chí xếp loại; đề nghị tự chấm điểm, hạn $due: $title",
    text_en="The criteria of the rating are published; score your agency by $due: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    urgent=True,
    still_due=among(_owed),
)
DUE = Kind(
    code="rating.due",
    text_vi="Nhắc gửi bảng tự chấm điểm, hạn $due: $title",
    text_en="Reminder to send your self-score, by $due: $title",
    path=_path,
    audience=FOCAL_POINTS,
    group=Group.DUTY,
    still_due=owed(_owed, "round__self_due_on", until_due=True),
    days=tuple(-days for days in DAYS_BEFORE),
)
OVERDUE = Kind(
    code="rating.overdue",
    text_vi="Quá hạn gửi bảng tự chấm điểm, hạn $due: $title",
    text_en="Your self-score is overdue since $due: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    cannot_be_off=True,
    still_due=owed(_owed, "round__self_due_on"),
    days=DAYS_AFTER,
)
REVIEW_ENDS = Kind(
    code="rating.review_ends",
    text_vi="Sắp hết hạn đề nghị phúc tra điểm xếp loại, hạn $due: $title",
    text_en="Re-examination of points may be asked for until $due: $title",
    path=_path,
    audience=HEADS_AND_DEPUTIES,
    group=Group.KNOW,
    still_due=owed(_in_review, "round__review_until", until_due=True),
    days=tuple(-days for days in REVIEW_DAYS_BEFORE),
)
AWAITING_HEAD = Kind(
    code="rating.awaiting_head",
    text_vi="Bảng tự chấm điểm chờ thủ trưởng duyệt, hạn $due: $title",
    text_en="The self-score waits for your approval, by $due: $title",
    path=_path,
    audience=HEADS_AND_DEPUTIES,
    group=Group.DECIDE,
    still_due=_while(SheetState.AWAITING_HEAD),
)
SENT_BACK = Kind(
    code="rating.sent_back",
    text_vi="Thủ trưởng trả lại bảng tự chấm điểm để sửa: $title",
    text_en="Your head sent the self-score back: $title",
    path=_path,
    audience=FOCAL_POINTS,
    group=Group.DUTY,
    urgent=True,
    still_due=_while(SheetState.DRAFT),
)
SENT = Kind(
    code="rating.sent",
    text_vi="Bảng tự chấm điểm chờ thẩm định: $code",
    text_en="A self-score waits to be verified: $code",
    path=_path,
    audience=OFFICERS,
    group=Group.DECIDE,
    still_due=_while(SheetState.SENT),
)
TOLD = Kind(
    code="rating.told",
    text_vi="Đã có điểm thẩm định; được đề nghị phúc tra đến hết ngày $due: $title",
    text_en="Your points are verified; you may ask for re-examination until $due: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    urgent=True,
)
ASKED = Kind(
    code="rating.reexamination_asked",
    text_vi="Đề nghị phúc tra điểm xếp loại: $code",
    text_en="Re-examination of points is asked for: $code",
    path=_path,
    audience=OFFICERS,
    group=Group.DECIDE,
    still_due=among(_asked),
)
ANSWERED = Kind(
    code="rating.reexamined",
    text_vi="Đã trả lời đề nghị phúc tra: $title",
    text_en="Your request for re-examination is answered: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
)
PROPOSED = Kind(
    code="rating.proposed",
    text_vi="Đề nghị xếp loại các cơ quan, chờ phê duyệt: $title",
    text_en="Grades of the agencies wait for your approval: $title",
    path=_round_path,
    audience=HEADS,
    group=Group.DECIDE,
    still_due=_while_round(RatingState.PROPOSED),
)
GIVEN_BACK = Kind(
    code="rating.given_back",
    text_vi="Chỉ huy trưởng trả lại đề nghị xếp loại: $title",
    text_en="The commander gave the proposed grades back: $title",
    path=_round_path,
    audience=OFFICERS,
    group=Group.DUTY,
    urgent=True,
    still_due=_while_round(RatingState.REVIEW),
)
APPROVED = Kind(
    code="rating.approved",
    text_vi="Đã phê duyệt kết quả xếp loại: $title",
    text_en="The grades are approved: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.KNOW,
)
CALENDAR = (DUE, OVERDUE)
KINDS = (
    *(OPENED, *CALENDAR, REVIEW_ENDS, AWAITING_HEAD, SENT_BACK, SENT, TOLD, ASKED, ANSWERED),
    *(PROPOSED, GIVEN_BACK, APPROVED),
)


def plan(at: dt.datetime) -> int:
    """Plan the reminders of every self-score that is owed and every review; return how many are new."""
    return planning.sweep(_subjects(_owed(), "round__self_due_on"), CALENDAR, at=at) + planning.sweep(
        _subjects(_in_review(), "round__review_until"), [REVIEW_ENDS], at=at
    )


def _subjects(rows: QuerySet[RatingSheet], day: str) -> QuerySet[RatingSheet, Any]:
    return rows.values(
        "agency_id",
        code=Value(""),
        due_on=F(day),
        title_vi=F("round__programme__title_vi"),
        title_en=F("round__programme__title_en"),
        subject_id=F("pk"),
    )


def tell_all(
    kind: Kind, sheets: Iterable[RatingSheet], *, by: User, at: dt.datetime, due_on: dt.date | None = None
) -> None:
    """Tell every agency about its sheet; inside the action."""
    outbox.tell(kind, *(_about(sheet, due_on) for sheet in sheets), by=by, at=at)


def tell(kind: Kind, sheet: RatingSheet, *, by: User, at: dt.datetime) -> None:
    """Tell the people of the agency about a step; inside its action."""
    outbox.tell(kind, _about(sheet, sheet.round.self_due_on), by=by, at=at)


def tell_officers_of(kind: Kind, sheet: RatingSheet, *, by: User, at: dt.datetime) -> None:
    """Tell the officers what an agency did; inside its action."""
    outbox.tell(kind, _about(sheet, None), by=by, at=at)


def _about(sheet: RatingSheet, due_on: dt.date | None) -> outbox.About:
    programme = sheet.round.programme
    return outbox.About(
        sheet,
        sheet.agency_id,
        code=sheet.agency.name_vi,
        title_vi=programme.title_vi,
        title_en=programme.title_en,
        due_on=due_on,
    )


def tell_commander(round_: RatingRound, *, by: User, at: dt.datetime) -> None:
    outbox.tell(PROPOSED, _about_round(round_), by=by, at=at)


def tell_officers(kind: Kind, round_: RatingRound, *, by: User, at: dt.datetime) -> None:
    outbox.tell(kind, _about_round(round_), by=by, at=at)


def _about_round(round_: RatingRound) -> outbox.About:
    programme = round_.programme
    return outbox.About(round_, programme.host_id, title_vi=programme.title_vi, title_en=programme.title_en)


def settle_owed(sheet: RatingSheet, *, at: dt.datetime) -> None:
    """Take back what asked for a self-score that has come, or is waited for no more."""
    outbox.cancel(sheet, kinds=(OPENED, *CALENDAR, AWAITING_HEAD, SENT_BACK), at=at)


def settle_step(sheet: RatingSheet, *, at: dt.datetime) -> None:
    """Take back what the step just taken inside the agency answers."""
    outbox.cancel(sheet, kinds=(AWAITING_HEAD, SENT_BACK), at=at)


def settle_asked(sheet: RatingSheet, *, at: dt.datetime) -> None:
    """Take back what asked the officers to look again."""
    outbox.cancel(sheet, kinds=(ASKED,), at=at)


def settle_scoring(sheets: Sequence[RatingSheet], *, at: dt.datetime) -> None:
    """Take back what asked for self-scores and their verification."""
    if sheets:
        outbox.cancel(*sheets, kinds=(OPENED, *CALENDAR, AWAITING_HEAD, SENT_BACK, SENT), at=at)


def settle_round(round_: RatingRound, *, at: dt.datetime) -> None:
    """Take back what asked for the decision, or for another proposal."""
    outbox.cancel(round_, kinds=(PROPOSED, GIVEN_BACK), at=at)
