"""What agencies are told at the turn of the year: a duty of theirs goes on, or is over."""

from django.urls import reverse

from portal.notices.kinds import FOCAL_POINTS_AND_HEAD, Group, Kind


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
