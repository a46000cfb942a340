"""What agencies are told at the turn of the year: a duty of theirs goes on, or is over."""

import datetime as dt

from django.urls import reverse

from portal.notices.kinds import FOCAL_POINTS_AND_HEAD, Group, Kind
from portal.users.models import User
from tasks import reminders
from tasks.models import Assignment


def _path(assignment_id: int) -> str:
    return reverse("assignments:detail", args=[assignment_id])


CARRIED_OVER = Kind(
    code="assignment.carried_over",
    text_vi="Chưa hoàn thành, chuyển tiếp sang năm sau: nhiệm vụ $code $title",
    text_en="Unfinished, carried over to next year: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.KNOW,
)
ENDED = Kind(
    code="assignment.ended_with_year",
    text_vi="Kết thúc năm, không thực hiện tiếp: nhiệm vụ $code $title",
    text_en="Ended with the year, not continued: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.KNOW,
)
KINDS = (CARRIED_OVER, ENDED)


def tell(kind: Kind, assignment: Assignment, *, by: User, at: dt.datetime) -> None:
    reminders.tell(kind, assignment, by=by, at=at)
