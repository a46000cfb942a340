"""What the portal tells about cooperation: to the agency that is asked, to its head, to the lead."""

import datetime as dt

from django.db.models import F, QuerySet
from django.urls import reverse

from portal.notices import outbox, planning
from portal.notices.kinds import FOCAL_POINTS, FOCAL_POINTS_AND_HEAD, HEADS, Group, Kind, among, owed
from portal.users.models import User
from tasks.models import Cooperation
from tasks.states import DELIVERED_COOPERATION, OPEN_ASSIGNMENT, CooperationState, ProgrammeState

DAYS_BEFORE, DAYS_AFTER = (3, 1, 0), (1, 7)


def _path(cooperation_id: int) -> str:
    share = Cooperation.objects.filter(pk=cooperation_id).values_list("share_id", flat=True).first()
    return reverse("cooperations:detail", args=[share]) if share else reverse("home")  # an amendment ended it


def _owed() -> QuerySet[Cooperation]:
    return Cooperation.objects.filter(
        share__assignment__programme__state=ProgrammeState.IN_FORCE,
        share__assignment__status__in=OPEN_ASSIGNMENT,
        due_on__isnull=False,
    ).exclude(state__in=DELIVERED_COOPERATION)


def _in(*states: CooperationState) -> QuerySet[Cooperation]:
    return Cooperation.objects.filter(state__in=states)


ASKED = Kind(
    code="cooperation.asked",
    text_vi="Cơ quan chủ trì đề nghị phối hợp, hạn $due: nhiệm vụ $code $title",
    text_en="The lead asks for your cooperation by $due: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    still_due=among(lambda: _in(CooperationState.ASKED)),
)
DUE = Kind(
    code="cooperation.due",
    text_vi="Nhắc việc phối hợp, hạn $due: nhiệm vụ $code $title",
    text_en="Reminder, your cooperation is wanted by $due: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS,
    group=Group.DUTY,
    still_due=owed(_owed, "due_on", until_due=True),
    days=tuple(-days for days in DAYS_BEFORE),
)
OVERDUE = Kind(
    code="cooperation.overdue",
    text_vi="Quá hạn phối hợp, hạn $due: nhiệm vụ $code $title",
    text_en="Your cooperation is overdue since $due: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    cannot_be_off=True,
    still_due=owed(_owed, "due_on"),
    days=DAYS_AFTER,
)
AWAITING_HEAD = Kind(
    code="cooperation.awaiting_head",
    text_vi="Chờ thủ trưởng duyệt nội dung phối hợp: nhiệm vụ $code $title",
    text_en="Your cooperation waits for your approval: assignment $code $title",
    path=_path,
    audience=HEADS,
    group=Group.DECIDE,
    still_due=among(lambda: _in(CooperationState.AWAITING_HEAD)),
)
SENT_BACK = Kind(
    code="cooperation.sent_back",
    text_vi="Thủ trưởng trả lại nội dung phối hợp để sửa: nhiệm vụ $code $title",
    text_en="Your head sent the cooperation back: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS,
    group=Group.DUTY,
    urgent=True,
    still_due=among(lambda: _in(CooperationState.ASKED)),
)
DELIVERED = Kind(
    code="cooperation.delivered",
    text_vi="Cơ quan phối hợp đã gửi nội dung: nhiệm vụ $code $title",
    text_en="A coordinating agency has delivered: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS,
    group=Group.KNOW,
)
RATED = Kind(
    code="cooperation.rated",
    text_vi="Cơ quan chủ trì đã nhận xét việc phối hợp: nhiệm vụ $code $title",
    text_en="The lead has rated your cooperation: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.KNOW,
)
CALENDAR = (DUE, OVERDUE)
KINDS = (ASKED, *CALENDAR, AWAITING_HEAD, SENT_BACK, DELIVERED, RATED)


def plan(at: dt.datetime) -> int:
    """Plan the reminders of all cooperation that is wanted by a day; return how many are new."""
    rows = _owed().values(
        "due_on",
        subject_id=F("pk"),
        agency_id=F("share__agency_id"),
        code=F("share__assignment__code"),
        title_vi=F("share__assignment__title_vi"),
        title_en=F("share__assignment__title_en"),
    )
    return planning.sweep(rows, CALENDAR, at=at)


def tell(kind: Kind, row: Cooperation, *, by: User, at: dt.datetime) -> None:
    """Tell the people of the agency that coordinates, or those of the lead what it delivered."""
    share, assignment = row.share, row.share.assignment
    about = outbox.About(
        row,
        assignment.lead_id if kind is DELIVERED else share.agency_id,
        code=assignment.code,
        title_vi=assignment.title_vi,
        title_en=assignment.title_en,
        due_on=row.due_on or assignment.due_on or assignment.present_deadline_on,
    )
    outbox.tell(kind, about, by=by, at=at)


def settle(row: Cooperation, *, at: dt.datetime) -> None:
    """Take back what the step just taken answers."""
    outbox.cancel(row, kinds=(ASKED, *CALENDAR, AWAITING_HEAD, SENT_BACK), at=at)
