"""What the portal tells about the plans of standing groups: to the member in charge alone."""

import datetime as dt

from django.db.models import F, QuerySet, Value
from django.urls import reverse

from portal.notices import outbox, planning
from portal.notices.kinds import FOCAL_POINTS, FOCAL_POINTS_AND_HEAD, Group, Kind, owed
from portal.users.models import User
from tasks.models import GroupPlanItem
from tasks.states import OPEN_PLAN_ITEM


def _path(item_id: int) -> str:
    return reverse("groups:item", args=GroupPlanItem.objects.values_list("group_id", "pk").get(pk=item_id))


def _owed() -> QuerySet[GroupPlanItem]:
    return GroupPlanItem.objects.filter(state__in=OPEN_PLAN_ITEM, group__ended_on=None)


GIVEN = Kind(
    code="group_item.given",
    text_vi="Cơ quan chủ trì một nội dung của kế hoạch nhóm phối hợp, hạn $due: $title",
    text_en="Your agency is in charge of an item of a group's plan, due on $due: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    still_due=owed(_owed, "due_on"),
)
DUE = Kind(
    code="group_item.due",
    text_vi="Nhắc nội dung kế hoạch nhóm phối hợp, hạn $due: $title",
    text_en="Reminder, an item of a group's plan is due on $due: $title",
    path=_path,
    audience=FOCAL_POINTS,
    group=Group.DUTY,
    still_due=owed(_owed, "due_on", until_due=True),
    days=(-7, -1, 0),
)
OVERDUE = Kind(
    code="group_item.overdue",
    text_vi="Quá hạn nội dung kế hoạch nhóm phối hợp, hạn $due: $title",
    text_en="An item of a group's plan is overdue since $due: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    cannot_be_off=True,
    still_due=owed(_owed, "due_on"),
    days=(1, 7),
)
KINDS = (GIVEN, DUE, OVERDUE)


def plan(at: dt.datetime) -> int:
    """Plan the reminders of all open items; return how many notices are new."""
    rows = _owed().values(
        "due_on",
        subject_id=F("pk"),
        agency_id=F("lead_id"),
        code=Value(""),
        title_vi=F("title"),
        title_en=Value(""),
    )
    return planning.sweep(rows, (DUE, OVERDUE), at=at)


def tell(kind: Kind, row: GroupPlanItem, *, by: User, at: dt.datetime) -> None:
    """Tell the member in charge; inside the action."""
    outbox.tell(kind, outbox.About(row, row.lead_id, title_vi=row.title, due_on=row.due_on), by=by, at=at)


def settle(row: GroupPlanItem, *, at: dt.datetime) -> None:
    """Take back what was told of an item that is over, or has another day or member in charge."""
    outbox.cancel(row, kinds=KINDS, at=at)
