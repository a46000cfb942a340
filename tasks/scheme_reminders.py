"""What the portal tells about milestones: to the lead of the scheme before and after their day, to officers.

While a duty of the year carries a milestone and is owed, the reminders of that duty speak, and these do not.
"""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat
from django.urls import reverse

from portal.notices import outbox, planning
from portal.notices.kinds import (
    FOCAL_POINTS,
    FOCAL_POINTS_AND_HEAD,
    OFFICERS,
    Group,
    Kind,
    among,
    owed,
)
from portal.users.models import User
from tasks.models import Milestone, MilestoneDuty
from tasks.states import OPEN_ASSIGNMENT, MilestoneState, ProgrammeState, SchemeState

DAYS_BEFORE, DAYS_AFTER = (30, 7, 1), (1, 14)
REMINDING = Q(
    assignment__status__in=OPEN_ASSIGNMENT,
    assignment__programme__state=ProgrammeState.IN_FORCE,
    assignment__due_on__isnull=False,
)
"""Of a tie: the duty's own reminders speak."""


def _path(milestone_id: int) -> str:
    return reverse("schemes:milestone", args=[milestone_id])


def _owed() -> QuerySet[Milestone]:
    """Milestones that nobody has reported, and of which no duty reminds."""
    reminding = MilestoneDuty.objects.filter(REMINDING, milestone=OuterRef("pk"))
    return Milestone.objects.filter(
        ~Exists(reminding), state=MilestoneState.OPEN, scheme__state=SchemeState.RUNNING
    )


DUE = Kind(
    code="milestone.due",
    text_vi="Nhắc mốc đến hạn $due: $title",
    text_en="Reminder, a milestone is due on $due: $title",
    path=_path,
    audience=FOCAL_POINTS,
    group=Group.DUTY,
    still_due=owed(_owed, "due_on", until_due=True),
    days=tuple(-days for days in DAYS_BEFORE),
)
OVERDUE = Kind(
    code="milestone.overdue",
    text_vi="Mốc quá hạn từ $due: $title",
    text_en="A milestone is overdue since $due: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    cannot_be_off=True,
    still_due=owed(_owed, "due_on"),
    days=DAYS_AFTER,
)
REPORTED = Kind(
    code="milestone.reported",
    text_vi="Báo cáo đạt mốc, chờ xác nhận: $title",
    text_en="A milestone was reported and waits for confirmation: $title",
    path=_path,
    audience=OFFICERS,
    group=Group.DECIDE,
    still_due=among(lambda: Milestone.objects.filter(state=MilestoneState.REPORTED)),
)
SENT_BACK = Kind(
    code="milestone.sent_back",
    text_vi="Trả lại báo cáo đạt mốc: $title",
    text_en="The report of a milestone was sent back: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    urgent=True,
    still_due=among(lambda: Milestone.objects.filter(state=MilestoneState.OPEN)),
)
CONFIRMED = Kind(
    code="milestone.confirmed",
    text_vi="Đã xác nhận đạt mốc: $title",
    text_en="A milestone was confirmed: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.KNOW,
)
DROPPED = Kind(
    code="milestone.dropped",
    text_vi="Không thực hiện tiếp mốc: $title",
    text_en="A milestone was dropped: $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.KNOW,
)
CALENDAR = (DUE, OVERDUE)
KINDS = (*CALENDAR, REPORTED, SENT_BACK, CONFIRMED, DROPPED)


def plan(at: dt.datetime) -> int:
    """Plan the reminders of all milestones that no duty carries; return how many are new."""
    rows = _owed().values(
        "due_on",
        subject_id=F("pk"),
        agency_id=F("scheme__lead_id"),
        code=Value(""),
        title_vi=Concat("title", Value(" ("), "scheme__title_vi", Value(")")),
        title_en=Value(""),
    )
    return planning.sweep(rows, CALENDAR, at=at)


def tell(kind: Kind, milestone: Milestone, *, by: User, at: dt.datetime) -> None:
    """Tell the people of the scheme's lead, or the officers what it reported."""
    title = f"{milestone.title} ({milestone.scheme.title_vi})"  # as the sweep says it
    about = outbox.About(milestone, milestone.scheme.lead_id, title_vi=title)
    outbox.tell(kind, about, by=by, at=at)


def follow_lead(milestones: Iterable[Milestone], *, at: dt.datetime) -> None:
    """Take back what the former lead was told; the sweep tells the new one."""
    rows = list(milestones)
    outbox.forget(*rows, kinds=CALENDAR)
    outbox.cancel(*rows, kinds=(*CALENDAR, SENT_BACK), at=at)


def settle(milestone: Milestone, *, at: dt.datetime) -> None:
    """Take back what the step just taken answers."""
    outbox.cancel(milestone, kinds=(*CALENDAR, REPORTED, SENT_BACK), at=at)
