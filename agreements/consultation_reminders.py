"""What the portal tells about consultations: to who is asked, to who answers what they say."""

import datetime as dt
from collections.abc import Iterable, Sequence

from django.db.models import F, QuerySet, Value
from django.urls import reverse

from agreements.models import Consultation, ConsultationAnswer
from agreements.states import AnswerState, ConsultationState
from portal.notices import outbox, planning
from portal.notices.kinds import (
    FOCAL_POINTS,
    FOCAL_POINTS_AND_HEAD,
    HEADS_AND_DEPUTIES,
    OFFICERS,
    Group,
    Kind,
    StillDue,
    among,
    owed,
)
from portal.users.models import User

DAYS_BEFORE = (3, 1, 0)
"""Days before the last day on which who has not answered is reminded."""

DAYS_AFTER = (1, 3)


def _path(answer_id: int) -> str:
    consultation_id = ConsultationAnswer.objects.values_list("consultation_id", flat=True).get(pk=answer_id)
    return reverse("consultations:detail", args=[consultation_id])


def _owed() -> QuerySet[ConsultationAnswer]:
    """Answers that an open consultation still waits for."""
    rows = ConsultationAnswer.objects.filter(consultation__state=ConsultationState.OPEN)
    return rows.exclude(state=AnswerState.ANSWERED)


def _while(state: AnswerState) -> StillDue:
    rows = ConsultationAnswer.objects.filter(consultation__state=ConsultationState.OPEN)
    return among(lambda: rows.filter(state=state))


ASKED = Kind(
    code="consultation.asked",
    text_vi="Đề nghị cho ý kiến, hạn $due: $title",
    text_en="Your comments are asked for by $due: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    urgent=True,
    still_due=among(_owed),
)
EXTENDED = Kind(
    code="consultation.extended",
    text_vi="Gia hạn cho ý kiến đến $due: $title",
    text_en="You may send your comments until $due: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    urgent=True,
    still_due=among(_owed),
)
DUE = Kind(
    code="consultation.due",
    text_vi="Nhắc cho ý kiến, hạn $due: $title",
    text_en="Reminder to comment, by $due: $title",
    path=_path,
    audience=FOCAL_POINTS,
    group=Group.DUTY,
    still_due=owed(_owed, "consultation__closes_on", until_due=True),
    days=tuple(-days for days in DAYS_BEFORE),
)
OVERDUE = Kind(
    code="consultation.overdue",
    text_vi="Quá hạn cho ý kiến, hạn $due: $title",
    text_en="Your comments are overdue since $due: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    cannot_be_off=True,
    still_due=owed(_owed, "consultation__closes_on"),
    days=DAYS_AFTER,
)
AWAITING_HEAD = Kind(
    code="consultation.awaiting_head",
    text_vi="Ý kiến góp ý chờ thủ trưởng duyệt, hạn $due: $title",
    text_en="Comments wait for your approval, by $due: $title",
    path=_path,
    audience=HEADS_AND_DEPUTIES,
    group=Group.DECIDE,
    still_due=_while(AnswerState.AWAITING_HEAD),
)
SENT_BACK = Kind(
    code="consultation.sent_back",
    text_vi="Thủ trưởng trả lại ý kiến góp ý để sửa: $title",
    text_en="Your head sent the comments back: $title",
    path=_path,
    audience=FOCAL_POINTS,
    group=Group.DUTY,
    urgent=True,
    still_due=_while(AnswerState.DRAFT),
)
COMMENTED = Kind(
    code="consultation.answered",
    text_vi="Có ý kiến cần tiếp thu, giải trình: $code, $title",
    text_en="Comments to be decided: $code, $title",
    path=_path,
    audience=OFFICERS,
    group=Group.DECIDE,
    still_due=_while(AnswerState.ANSWERED),
)
CLOSED = Kind(
    code="consultation.closed",
    text_vi="Đã có bảng tổng hợp tiếp thu, giải trình: $title",
    text_en="The table of comments and decisions is published: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.KNOW,
)
CALENDAR = (DUE, OVERDUE)
STEPS = (AWAITING_HEAD, SENT_BACK)
KINDS = (ASKED, EXTENDED, *CALENDAR, *STEPS, COMMENTED, CLOSED)


def plan(at: dt.datetime) -> int:
    """Plan the reminders of every answer that is owed; return how many are new."""
    subjects = _owed().values(
        "agency_id",
        code=Value(""),
        due_on=F("consultation__closes_on"),
        title_vi=F("consultation__programme__title_vi"),
        title_en=F("consultation__programme__title_en"),
        subject_id=F("pk"),
    )
    return planning.sweep(subjects, CALENDAR, at=at)


def tell_asked(
    answers: Iterable[ConsultationAnswer], consultation: Consultation, *, by: User, at: dt.datetime
) -> None:
    """Tell every agency that its comments are asked for; inside the action that opens."""
    outbox.tell(ASKED, *(_about(row, consultation) for row in answers), by=by, at=at)


def tell_extended(
    answers: Iterable[ConsultationAnswer], consultation: Consultation, *, by: User, at: dt.datetime
) -> None:
    """Tell every agency that still owes an answer of its new last day; inside the action that extends."""
    outbox.tell(EXTENDED, *(_about(row, consultation) for row in answers), by=by, at=at)


def tell_closed(
    answers: Iterable[ConsultationAnswer], consultation: Consultation, *, by: User, at: dt.datetime
) -> None:
    """Tell every agency that was asked that the table is there; inside the action that closes."""
    outbox.tell(CLOSED, *(_about(row, consultation) for row in answers), by=by, at=at)


def tell(kind: Kind, answer: ConsultationAnswer, *, by: User, at: dt.datetime) -> None:
    """Tell the people of the agency, or the officers, about a step; inside its action."""
    outbox.tell(kind, _about(answer, answer.consultation), by=by, at=at)


def _about(answer: ConsultationAnswer, consultation: Consultation) -> outbox.About:
    programme = consultation.programme
    return outbox.About(
        answer,
        answer.agency_id,
        code=answer.agency.name_vi,
        title_vi=programme.title_vi,
        title_en=programme.title_en,
        due_on=consultation.closes_on,
    )


def settle(answers: Sequence[ConsultationAnswer], *, at: dt.datetime) -> None:
    """Take back what asked for these answers; inside the action that answers, or closes."""
    outbox.cancel(*answers, kinds=(ASKED, EXTENDED, *CALENDAR, *STEPS, COMMENTED), at=at)


def settle_calendar(answers: Sequence[ConsultationAnswer], *, at: dt.datetime) -> None:
    """Take back what named the former last day; inside the action that extends."""
    outbox.cancel(*answers, kinds=(ASKED, EXTENDED, *CALENDAR), at=at)


def settle_steps(answer: ConsultationAnswer, *, at: dt.datetime) -> None:
    """Take back what the step just taken inside the agency answers."""
    outbox.cancel(answer, kinds=STEPS, at=at)


def settle_comments(answer: ConsultationAnswer, *, at: dt.datetime) -> None:
    """Take back what asked the officers to decide the comments of this answer."""
    outbox.cancel(answer, kinds=[COMMENTED], at=at)
