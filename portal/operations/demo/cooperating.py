"""Cooperation for the demonstration: one delivered and rated, one waiting for its head, one asked for."""

import datetime as dt
from collections.abc import Iterator

from portal.lib.dates import local_day
from portal.operations.demo.people import Cast
from portal.operations.demo.scenes import HOST
from portal.users.models import User
from tasks import cooperations
from tasks.models import Cooperation, Coordination, Programme
from tasks.states import OPEN_ASSIGNMENT

ASKED_BY = "SNV"
"""Its focal point (snv.daumoi) is asked, where it coordinates something that goes on."""

REQUESTS = (
    "Đề nghị gửi số liệu quý gần nhất của ngành theo biểu kèm theo.",
    "Đề nghị cho ý kiến bằng văn bản về dự thảo kế hoạch.",
    "Đề nghị cử một cán bộ tham gia tổ công tác và gửi danh sách.",
)
DELIVERED = "Đã gửi số liệu theo biểu; số liệu tính đến hết tháng trước."
DRAFTED = "Thống nhất với dự thảo; đề nghị bổ sung trách nhiệm của cấp xã ở mục III."
NOTE = "Gửi đúng hạn, số liệu đầy đủ."
WANTED_IN = dt.timedelta(days=10)


def write(programme: Programme, cast: Cast, *, until: dt.datetime) -> None:
    """Ask three agencies some days ago; one has delivered and is rated, of one the head has to look at it."""
    focal = {**cast.focal_points, HOST: cast.officer}
    day = dt.timedelta(days=1)
    found = list(_shares(programme, until))
    for place, share in enumerate(found):
        lead = focal[share.assignment.lead.code]
        _ask(share, REQUESTS[place], by=lead, at=until - 4 * day)
    if found[1:]:
        text, by = DRAFTED, focal[found[1].agency.code]
        cooperations.report(found[1], by=by, at=until - 2 * day, text=text)
    if found[2:]:
        head, lead = cast.heads[found[2].agency.code], focal[found[2].assignment.lead.code]
        cooperations.report(found[2], by=head, at=until - 2 * day, text=DELIVERED)
        good = Cooperation.Rating.GOOD
        cooperations.rate(found[2], by=lead, at=until - day, rating=good, note=NOTE)


def _ask(share: Coordination, request: str, *, by: User, at: dt.datetime) -> None:
    """By ten days later, or by the deadline when that is sooner."""
    latest = share.assignment.due_on
    wanted = local_day(at) + WANTED_IN
    due_on = min(wanted, latest) if latest else wanted
    cooperations.ask(share, by=by, at=at, due_on=due_on, request=request)


def _shares(programme: Programme, until: dt.datetime) -> Iterator[Coordination]:
    """One of ASKED_BY where there is one, then of others: three duties that go on and are not overdue."""
    rows = Coordination.objects.filter(
        assignment__programme=programme,
        assignment__status__in=OPEN_ASSIGNMENT,
        assignment__due_on__gte=local_day(until),
    ).exclude(agency__code=HOST)
    rows = rows.select_related("agency", "assignment__programme__host", "assignment__lead")
    rows = rows.order_by("assignment__code", "agency__protocol_order", "agency__code")
    ordered = sorted(rows, key=lambda share: share.agency.code != ASKED_BY)
    duties: set[int] = set()
    for share in ordered:
        wanted = share.agency.code == ASKED_BY
        if share.assignment_id in duties or (wanted and duties) or len(duties) == len(REQUESTS):
            continue
        duties.add(share.assignment_id)
        yield share
