"""What the portal tells about requests for extension: to those who decide, and to the agency that asked."""

import datetime as dt
from dataclasses import replace
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import TruncDate
from django.urls import reverse

from portal.notices import outbox, planning
from portal.notices.kinds import (
    FOCAL_POINTS_AND_HEAD,
    HEADS,
    HEADS_AND_DEPUTIES,
    Group,
    Kind,
    among,
)
from portal.users.models import User
from tasks.deadlines import UNDECIDED_DAYS
from tasks.models import ExtensionRequest
from tasks.states import ExtensionState


def _path(request_id: int) -> str:
    return reverse("extensions:detail", args=[request_id])


def _pending() -> QuerySet[Any]:
    rows = ExtensionRequest.objects.filter(state=ExtensionState.PENDING)
    return rows.annotate(asked_on=TruncDate("requested_at"))


ASKED = Kind(
    code="extension.asked",
    text_vi="Đề nghị gia hạn, chờ quyết định: nhiệm vụ $code $title",
    text_en="Extension asked for, waiting for your decision: assignment $code $title",
    path=_path,
    audience=HEADS,
    group=Group.DECIDE,
    still_due=among(_pending),
)
ASKED_OF_DEPUTIES = Kind(
    code="extension.asked_of_deputies",
    text_vi=ASKED.text_vi,
    text_en=ASKED.text_en,
    path=_path,
    audience=HEADS_AND_DEPUTIES,
    group=Group.DECIDE,
    still_due=among(_pending),
)
UNDECIDED = replace(
    ASKED,
    code="extension.undecided",
    text_vi="Đề nghị gia hạn ngày $due vẫn chờ quyết định: nhiệm vụ $code $title",
    text_en="More time was asked for on $due and waits for your decision: assignment $code $title",
    days=UNDECIDED_DAYS,
    counts_waiting=True,
)
UNDECIDED_BY_DEPUTIES = replace(
    UNDECIDED, code="extension.undecided_by_deputies", audience=ASKED_OF_DEPUTIES.audience
)
APPROVED = Kind(
    code="extension.approved",
    text_vi="Được gia hạn đến ngày $due: nhiệm vụ $code $title",
    text_en="Extended to $due: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.KNOW,
)
REFUSED = Kind(
    code="extension.refused",
    text_vi="Không được gia hạn, hạn giữ nguyên ngày $due: nhiệm vụ $code $title",
    text_en="Extension refused, still due on $due: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
    urgent=True,
)
LAPSED = Kind(
    code="extension.lapsed",
    text_vi="Đề nghị gia hạn không còn giá trị vì nhiệm vụ đã thay đổi: nhiệm vụ $code $title",
    text_en="The request for extension lapsed, for the assignment changed: assignment $code $title",
    path=_path,
    audience=FOCAL_POINTS_AND_HEAD,
    group=Group.DUTY,
)
ASKS = (ASKED, ASKED_OF_DEPUTIES, UNDECIDED, UNDECIDED_BY_DEPUTIES)
KINDS = (*ASKS, APPROVED, REFUSED, LAPSED)


def plan(at: dt.datetime) -> int:
    """Remind whoever decides of requests that wait; return how many notices are new."""
    waiting = _pending().values(
        "asked_on",
        subject_id=F("pk"),
        told_id=F("assignment__programme__host_id"),
        code=F("assignment__code"),
        title_vi=F("assignment__title_vi"),
        title_en=F("assignment__title_en"),
    )
    by_deputies = "assignment__programme__deputies_decide_extensions"
    return sum(
        planning.sweep(
            waiting.filter(**{by_deputies: decide}), (kind,), at=at, due_on="asked_on", agency_id="told_id"
        )
        for decide, kind in ((False, UNDECIDED), (True, UNDECIDED_BY_DEPUTIES))
    )


def tell_who_decides(request: ExtensionRequest, *, by: User, at: dt.datetime) -> None:
    """Tell the commander, and the deputies where they decide too; inside the action."""
    programme = request.assignment.programme
    kind = ASKED_OF_DEPUTIES if programme.deputies_decide_extensions else ASKED
    outbox.tell(kind, _about(request, programme.host_id, None), by=by, at=at)


def tell(
    kind: Kind, request: ExtensionRequest, *, by: User, at: dt.datetime, due_on: dt.date | None = None
) -> None:
    """Tell the people of the agency that asked; inside the action."""
    outbox.tell(kind, _about(request, request.agency_id, due_on), by=by, at=at)


def _about(request: ExtensionRequest, agency_id: int, due_on: dt.date | None) -> outbox.About:
    row = request.assignment
    return outbox.About(
        request, agency_id, code=row.code, title_vi=row.title_vi, title_en=row.title_en, due_on=due_on
    )


def settle(request: ExtensionRequest, *, at: dt.datetime) -> None:
    """Take back what asked for a decision that has been taken, or is no longer wanted."""
    outbox.cancel(request, kinds=ASKS, at=at)
