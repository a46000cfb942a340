"""What the portal tells about lights set by hand: to the lead agency, once."""

import datetime as dt
from collections.abc import Sequence

from django.urls import reverse

from portal.notices import outbox
from portal.notices.kinds import FOCAL_POINTS_AND_HEAD, Group, Kind
from portal.notices.models import Notice
from portal.users.models import User
from tasks.models import Assignment, LightOverride


def _path(override_id: int) -> str:
    assignment_id = LightOverride.objects.values_list("assignment_id", flat=True).get(pk=override_id)
    return reverse("assignments:detail", args=[assignment_id]) + "#light"


def _while_it_stands(notices: Sequence[Notice], today: dt.date) -> set[int]:
    subjects = [notice.subject_id for notice in notices]
    rows = LightOverride.objects.counting_on(today).filter(pk__in=subjects)
    found = set(rows.values_list("pk", flat=True))
    return {notice.pk for notice in notices if notice.subject_id in found}


SET = Kind(
    code="light.set",
    text_vi="Bộ Chỉ huy đặt đèn tiến độ đến hết ngày $due: nhiệm vụ $code $title",
    text_en="The command set the light by hand until $due: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.KNOW,
    still_due=_while_it_stands,
)
KINDS = (SET,)


def tell(row: LightOverride, assignment: Assignment, *, by: User, at: dt.datetime) -> None:
    """Tell the people of the lead agency; inside the action."""
    about = outbox.About(
        row,
        assignment.lead_id,
        code=assignment.code,
        title_vi=assignment.title_vi,
        title_en=assignment.title_en,
        due_on=row.until_on,
    )
    outbox.tell(SET, about, by=by, at=at)


def settle(row: LightOverride, *, at: dt.datetime) -> None:
    """Take it back once the light no longer stands."""
    outbox.cancel(row, kinds=(SET,), at=at)
