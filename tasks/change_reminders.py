"""What the portal tells about changes of agencies: to whoever confirms, and to who takes over."""

import datetime as dt
from collections.abc import Collection

from django.db.models import QuerySet
from django.urls import reverse

from portal.notices import outbox
from portal.notices.kinds import FOCAL_POINTS_AND_HEAD, HEADS, OFFICERS, Group, Kind, among
from portal.users.models import User
from tasks.models import ChangePlan
from tasks.states import PlanState


def _path(plan_id: int) -> str:
    return reverse("agency_changes:detail", args=[plan_id])


def _proposed() -> QuerySet[ChangePlan]:
    return ChangePlan.objects.filter(state=PlanState.PROPOSED)


def _refused() -> QuerySet[ChangePlan]:
    return ChangePlan.objects.filter(state=PlanState.CONFIRMED).exclude(refusal="")


PROPOSED = Kind(
    code="agency_change.proposed",
    text_vi="Thay đổi cơ quan chờ xác nhận: $title",
    text_en="A change of agencies waits for confirmation: $title",
    path=_path,
    audience=HEADS,
    group=Group.DECIDE,
    still_due=among(_proposed),
)
REFUSED = Kind(
    code="agency_change.refused",
    text_vi="Thay đổi cơ quan chưa thực hiện được, cần xử lý: $title",
    text_en="A change of agencies could not be carried out, see why: $title",
    path=_path,
    audience=OFFICERS,
    group=Group.DECIDE,
    urgent=True,
    still_due=among(_refused),
)
CARRIED_OUT = Kind(
    code="agency_change.carried_out",
    text_vi="Cơ quan tiếp nhận nhiệm vụ theo thay đổi cơ quan: $title",
    text_en="Your agency takes over by a change of agencies: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
)
KINDS = (PROPOSED, REFUSED, CARRIED_OUT)


def tell(
    kind: Kind, change: ChangePlan, agency_ids: Collection[int], *, by: User | None, at: dt.datetime
) -> None:
    """Tell the people of these agencies; inside the action."""
    abouts = [
        outbox.About(change, key, title_vi=change.title_vi, title_en=change.title_en)
        for key in sorted(agency_ids)
    ]
    outbox.tell(kind, *abouts, by=by, at=at)


def settle(change: ChangePlan, *, at: dt.datetime) -> None:
    """Take back what asked for a step that was taken."""
    outbox.cancel(change, kinds=(PROPOSED, REFUSED), at=at)
